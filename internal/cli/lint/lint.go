package lint

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
)

// Options complete what the documents leave open.
type Options struct {
	Namespace        string // of documents that name none
	LibraryNamespace string // of references with source Library
}

// Check returns everything that can be found out about the documents without a cluster.
func Check(documents []*Document, o Options) (Report, error) {
	s, findings, err := setOf(documents, o)
	if err != nil {
		return Report{}, err
	}
	findings = append(findings, s.duplicates...)
	findings = append(findings, s.hostnames()...)
	findings = append(findings, s.lostNamespaces()...)
	for _, found := range inParallel(s.jobs()) {
		findings = append(findings, found...)
	}
	return report(findings, s.count), nil
}

// setOf adds each document to a set, and returns what is wrong with each by itself.
func setOf(documents []*Document, o Options) (*set, []Finding, error) {
	s := newSet(o)
	var findings []Finding
	for _, d := range documents {
		if d.GetNamespace() == "" {
			d.SetNamespace(o.Namespace)
		}
		found, err := s.add(d)
		if err != nil {
			return nil, nil, err
		}
		findings = append(findings, found...)
	}
	return s, findings, nil
}

// inParallel runs the jobs on all processors and returns their results in order.
func inParallel(jobs []func() []Finding) [][]Finding {
	results := make([][]Finding, len(jobs))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				results[i] = jobs[i]()
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

// key names an object of the set.
type key struct{ kind, namespace, name string }

// typed is a document with its decoded object.
type typed[T any] struct {
	*Document
	object T
}

// set holds the documents by kind.
type set struct {
	o            Options
	count        int
	seen         map[key]*Document
	duplicates   []Finding
	shops        []typed[*v1alpha1.Shop]
	integrations []typed[*v1alpha1.CarrierIntegration]
	policies     map[key]typed[*v1alpha1.NotificationPolicy]
	content      map[key]typed[*corev1.ConfigMap]
	secrets      map[key]typed[held]
	namespaces   []*Document
}

func newSet(o Options) *set {
	return &set{
		o: o, seen: map[key]*Document{},
		policies: map[key]typed[*v1alpha1.NotificationPolicy]{}, content: map[key]typed[*corev1.ConfigMap]{}, secrets: map[key]typed[held]{},
	}
}

// add validates a document and adds it to the set. It ignores documents of other kinds.
func (s *set) add(d *Document) ([]Finding, error) {
	switch {
	case d.GroupVersionKind().Group == v1alpha1.GroupName:
		return s.addOurs(d)
	case isSecret(d):
		s.addSecret(d)
	case d.GetKind() == "Namespace" && d.GetAPIVersion() == "v1":
		s.namespaces = append(s.namespaces, d)
	case d.GetKind() == "ConfigMap" && d.GetAPIVersion() == "v1":
		return s.addContent(d), nil
	}
	return nil, nil
}

func (s *set) addOurs(d *Document) ([]Finding, error) {
	s.remember(d)
	findings, err := Validate(d)
	if err != nil || slices.ContainsFunc(findings, func(f Finding) bool { return f.Level == Error }) {
		return findings, err // it cannot be decoded reliably
	}
	switch d.GetKind() {
	case "Shop":
		err = decode(d, &v1alpha1.Shop{}, func(o *v1alpha1.Shop) { s.shops = append(s.shops, typed[*v1alpha1.Shop]{d, o}) })
	case "CarrierIntegration":
		err = decode(d, &v1alpha1.CarrierIntegration{}, func(o *v1alpha1.CarrierIntegration) {
			s.integrations = append(s.integrations, typed[*v1alpha1.CarrierIntegration]{d, o})
		})
	case "NotificationPolicy":
		err = decode(d, &v1alpha1.NotificationPolicy{}, func(o *v1alpha1.NotificationPolicy) {
			s.policies[keyOf(d)] = typed[*v1alpha1.NotificationPolicy]{d, o}
		})
	}
	if err != nil {
		findings = append(findings, d.finding(Error, "", "%v", err))
	}
	return findings, nil
}

func (s *set) addContent(d *Document) []Finding {
	s.remember(d)
	err := decode(d, &corev1.ConfigMap{}, func(o *corev1.ConfigMap) { s.content[keyOf(d)] = typed[*corev1.ConfigMap]{d, o} })
	if err != nil {
		return []Finding{d.finding(Error, "data", "%v", err)}
	}
	return configuration(d)
}

// decode converts the document to its type and hands it to keep.
func decode[T any](d *Document, into T, keep func(T)) error {
	if err := kruntime.DefaultUnstructuredConverter.FromUnstructured(d.Object, into); err != nil {
		return fmt.Errorf("cannot be decoded: %w", err)
	}
	keep(into)
	return nil
}

func keyOf(o *Document) key { return key{o.GetKind(), o.GetNamespace(), o.GetName()} }

// remember counts the document, and adds a finding if its name is taken: the one applied last would win.
func (s *set) remember(d *Document) {
	s.count++
	k := keyOf(d)
	if first := s.seen[k]; first != nil {
		s.duplicates = append(s.duplicates, d.finding(Warning, "metadata.name", "is also defined in %s:%d: the one that is applied last wins", first.File, first.line))
		return
	}
	s.seen[k] = d
}

// hostnames finds Shops that want the same hostname. The cluster gives it to the Shop that was created first.
func (s *set) hostnames() []Finding {
	first := map[v1alpha1.Hostname]typed[*v1alpha1.Shop]{}
	var findings []Finding
	for _, shop := range s.shops {
		for path, hostname := range hostnamesOf(shop.object) {
			other, taken := first[hostname]
			if taken && keyOf(other.Document) != keyOf(shop.Document) {
				findings = append(findings, shop.finding(Error, path, "%s is also wanted by %s (%s:%d): the Shop that is created second becomes Stalled with HostnameConflict",
					hostname, other.Title(), other.File, other.lineOf("spec.hostname")))
				continue
			}
			first[hostname] = shop
		}
	}
	return findings
}

// hostnamesOf returns the hostnames that the Shop claims, by their paths.
func hostnamesOf(shop *v1alpha1.Shop) map[string]v1alpha1.Hostname {
	all := map[string]v1alpha1.Hostname{"spec.hostname": shop.Spec.Hostname}
	for i, alias := range shop.Spec.Aliases {
		all[fmt.Sprintf("spec.aliases[%d].hostname", i)] = alias.Hostname
	}
	if e := shop.Spec.Exposure; e != nil && e.WebhookHostname != "" {
		all["spec.exposure.webhookHostname"] = e.WebhookHostname
	}
	return all
}

// jobs returns the checks that can run in parallel: one for each Shop, and one for each document that no Shop uses.
func (s *set) jobs() []func() []Finding {
	var jobs []func() []Finding
	used := map[key]bool{}
	for _, shop := range s.shops {
		in, own := s.input(shop)
		s.use(used, in)
		jobs = append(jobs, func() []Finding { return s.shop(in, own) })
	}
	for _, synthetic := range s.syntheticShops(used) {
		in, own := s.input(synthetic.shop)
		jobs = append(jobs, func() []Finding { return s.checkUnused(synthetic, in, own) })
	}
	return jobs
}

// use marks the documents that are checked with a Shop.
func (s *set) use(used map[key]bool, in compile.Input) {
	for _, ci := range in.Integrations {
		used[key{"CarrierIntegration", ci.Namespace, ci.Name}] = true
	}
	for _, p := range []*v1alpha1.NotificationPolicy{in.Policy, in.BasePolicy} {
		if p != nil {
			used[key{compile.PolicyKind, p.Namespace, p.Name}] = true
		}
	}
	for ref := range in.Content {
		used[key{compile.ConfigMapKind, ref.Namespace, ref.Name}] = true
	}
}

// input returns what the operator would gather for the Shop, from the documents; own maps each object of that input to its
// document.
func (s *set) input(shop typed[*v1alpha1.Shop]) (compile.Input, map[string]*Document) {
	in := compile.Input{Shop: shop.object, Content: map[compile.Ref]compile.Content{}, Platform: s.platform()}
	own := map[string]*Document{compile.ShopObject: shop.Document}
	for _, ci := range s.integrations {
		if ci.object.Namespace == shop.object.Namespace && ci.object.Spec.ShopRef.Name == shop.object.Name {
			in.Integrations = append(in.Integrations, *ci.object)
			own[compile.IntegrationObject(ci.object.Name)] = ci.Document
		}
	}
	slices.SortFunc(in.Integrations, func(a, b v1alpha1.CarrierIntegration) int { return cmp.Compare(a.Name, b.Name) })
	in.Policy = s.policy(own, shop.object.Namespace, shop.object.Spec.NotificationPolicyRef)
	if in.Policy != nil {
		in.BasePolicy = s.policy(own, in.Policy.Namespace, in.Policy.Spec.BasePolicyRef)
	}
	for _, ref := range compile.Refs(in.Shop, in.Integrations, s.o.LibraryNamespace) {
		cm, ok := s.content[key{compile.ConfigMapKind, ref.Namespace, ref.Name}]
		if ok && (ref.Namespace != s.o.LibraryNamespace || isLibrary(cm.object)) {
			in.Content[ref] = compile.Content{Data: cm.object.Data, BinaryData: cm.object.BinaryData}
		}
	}
	return in, own
}

func isLibrary(cm *corev1.ConfigMap) bool {
	_, ok := cm.Labels[v1alpha1.LabelLibrary]
	return ok
}

func (s *set) policy(own map[string]*Document, namespace string, ref *v1alpha1.PolicyReference) *v1alpha1.NotificationPolicy {
	if ref == nil {
		return nil
	}
	if ref.Source == v1alpha1.SourceLibrary {
		namespace = s.o.LibraryNamespace
	}
	p, ok := s.policies[key{compile.PolicyKind, namespace, string(ref.Name)}]
	if !ok {
		return nil
	}
	own[compile.PolicyObject(p.object)] = p.Document
	return p.object
}

// platform returns a made-up installation. No check depends on its values.
func (s *set) platform() compile.Platform {
	return compile.Platform{
		InstallationID: "lint", LibraryNamespace: s.o.LibraryNamespace, LinkScheme: "https", Policy: bundle.BuiltinPolicy(),
		HouseRelay: compile.HouseRelay{Host: "relay.platform.example", Port: 587, TLS: "StartTLS", Domain: "platform.example"},
	}
}

// isSecret reports whether a document is a Secret, or becomes one in the cluster.
func isSecret(d *Document) bool {
	kind, group := d.GetKind(), d.GroupVersionKind().Group
	return kind == "Secret" && group == "" || kind == "ExternalSecret" && strings.HasPrefix(group, "external-secrets.io") || kind == "SealedSecret" && group == "bitnami.com"
}

// nested returns a map inside the document; nil where there is none.
func nested(d *Document, path ...string) map[string]any {
	m, _, _ := unstructured.NestedMap(d.Object, path...)
	return m
}
