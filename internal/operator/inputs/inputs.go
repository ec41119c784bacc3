// Package inputs collects everything that one Shop's bundle depends on: its CarrierIntegrations, its policy and that
// policy's base, and the ConfigMaps with its content. What is of the library comes from a release and moves with it; the
// Shop's own is as it is now: custom resources come from the cache, and content is read from the API server, once a
// version where the ConfigMap is labelled to be watched, else every ten minutes. It compiles nothing.
package inputs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/lru"
	"github.com/wismo-dev/wismo/internal/operator/releases"
)

// How long content without a watch is cached, and how long its absence.
const (
	unwatchedAge = 10 * time.Minute
	absentAge    = 5 * time.Second
)

// ShopField is the cache index of CarrierIntegrations by the Shop they are for.
const ShopField = "spec.shopRef.name"

// Gatherer gathers. Its zero value with all exported fields set is ready to use.
type Gatherer struct {
	Cached   client.Reader           // Shops, CarrierIntegrations, NotificationPolicies
	Live     client.Reader           // the API server itself
	Watched  client.Reader           // the metadata of ConfigMaps labelled v1alpha1.LabelWatch
	Platform func() compile.Platform // what counts now, but for what is the release's

	memory lru.Cache[compile.Ref, entry]
}

// Gathered is the compiler's input, and what names its version.
type Gathered struct {
	Input compile.Input
	// Fingerprint is equal for equal inputs.
	Fingerprint string
	// LookAfter is when content without a watch has to be read again; 0 = there is none.
	LookAfter time.Duration
}

// Shop gathers for the Shop on the edition of a release.
func (g *Gatherer) Shop(ctx context.Context, shop *v1alpha1.Shop, edition *releases.Edition, now time.Time) (Gathered, error) {
	integrations, err := g.integrations(ctx, shop)
	if err != nil {
		return Gathered{}, err
	}
	return g.With(ctx, shop, integrations, edition, now)
}

// With gathers for the Shop and the given integrations.
func (g *Gatherer) With(ctx context.Context, shop *v1alpha1.Shop, integrations []v1alpha1.CarrierIntegration, edition *releases.Edition, now time.Time) (Gathered, error) {
	in := compile.Input{Shop: shop, Integrations: integrations, Platform: g.Platform()}
	in.Platform.Policy, in.Platform.Render = edition.Document.Policy, edition.Document.Render
	version := []string{fmt.Sprint(in.Platform), identity(shop)}
	for i := range integrations {
		version = append(version, identity(&integrations[i]))
	}
	policies, err := g.policies(ctx, shop, edition)
	if err != nil {
		return Gathered{}, err
	}
	in.Policy, in.BasePolicy = policies.own, policies.base
	out := Gathered{Input: in, Fingerprint: strings.Join(append(version, policies.versions...), "\n")}
	return out, g.addContent(ctx, &out, edition, now)
}

// addContent adds the ConfigMaps that the Shop and its integrations refer to.
func (g *Gatherer) addContent(ctx context.Context, out *Gathered, edition *releases.Edition, now time.Time) error {
	out.Input.Content = map[compile.Ref]compile.Content{}
	for _, ref := range compile.Refs(out.Input.Shop, out.Input.Integrations, out.Input.Platform.LibraryNamespace) {
		if ref.Namespace == v1alpha1.LibraryNamespace {
			out.addShared(ref, edition)
			continue
		}
		e, err := g.content(ctx, ref, now)
		if err != nil {
			return fmt.Errorf("reading %s: %w", ref, err)
		}
		out.Fingerprint += fmt.Sprintf("\n%s %s %s", ref, e.uid, e.version)
		if !e.found {
			continue // the compiler says that it is missing
		}
		out.Input.Content[ref] = e.content
		if age := lookAfter(e, now); age > 0 && (out.LookAfter == 0 || age < out.LookAfter) {
			out.LookAfter = age
		}
	}
	return nil
}

// identity names one version of an object's spec.
func identity(o client.Object) string {
	return fmt.Sprintf("%T %s/%s %s %d", o, o.GetNamespace(), o.GetName(), o.GetUID(), o.GetGeneration())
}

func (g *Gatherer) integrations(ctx context.Context, shop *v1alpha1.Shop) ([]v1alpha1.CarrierIntegration, error) {
	list := &v1alpha1.CarrierIntegrationList{}
	err := g.Cached.List(ctx, list, client.InNamespace(shop.Namespace), client.MatchingFields{ShopField: shop.Name})
	if err != nil {
		return nil, fmt.Errorf("listing the CarrierIntegrations of the Shop: %w", err)
	}
	alive := slices.DeleteFunc(list.Items, func(ci v1alpha1.CarrierIntegration) bool { return ci.DeletionTimestamp != nil })
	slices.SortFunc(alive, func(a, b v1alpha1.CarrierIntegration) int { return strings.Compare(a.Name, b.Name) })
	return alive, nil
}

// Refs returns the ConfigMaps that the Shop refers to, itself or through its CarrierIntegrations.
func (g *Gatherer) Refs(ctx context.Context, shop *v1alpha1.Shop) ([]compile.Ref, error) {
	integrations, err := g.integrations(ctx, shop)
	if err != nil {
		return nil, err
	}
	return compile.Refs(shop, integrations, v1alpha1.LibraryNamespace), nil
}

// Policies returns the keys of the policies that the Shop names now, directly or as a base, whether they exist or not.
func (g *Gatherer) Policies(ctx context.Context, shop *v1alpha1.Shop) ([]client.ObjectKey, error) {
	if shop.Spec.NotificationPolicyRef == nil {
		return nil, nil
	}
	keys := []client.ObjectKey{g.policyKey(shop.Namespace, shop.Spec.NotificationPolicyRef)}
	own, err := g.policy(ctx, shop.Namespace, shop.Spec.NotificationPolicyRef)
	if own != nil && own.Spec.BasePolicyRef != nil {
		keys = append(keys, g.BaseKey(own))
	}
	return keys, err
}

// Within returns where those live who may refer to the object: anywhere if it is of the library, else beside it.
func (g *Gatherer) Within(o client.Object) []client.ListOption {
	if o.GetNamespace() == v1alpha1.LibraryNamespace {
		return nil
	}
	return []client.ListOption{client.InNamespace(o.GetNamespace())}
}

func (g *Gatherer) policy(ctx context.Context, namespace string, ref *v1alpha1.PolicyReference) (*v1alpha1.NotificationPolicy, error) {
	if ref == nil {
		return nil, nil
	}
	policy := &v1alpha1.NotificationPolicy{}
	key := g.policyKey(namespace, ref)
	err := g.Cached.Get(ctx, key, policy)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the NotificationPolicy %s: %w", key, err)
	}
	return policy, nil
}

// BaseKey returns the key of the policy's base. The policy must name one.
func (g *Gatherer) BaseKey(policy *v1alpha1.NotificationPolicy) client.ObjectKey {
	return g.policyKey(policy.Namespace, policy.Spec.BasePolicyRef)
}

func (g *Gatherer) policyKey(namespace string, ref *v1alpha1.PolicyReference) client.ObjectKey {
	if ref.Source == v1alpha1.SourceLibrary {
		namespace = v1alpha1.LibraryNamespace
	}
	return client.ObjectKey{Namespace: namespace, Name: string(ref.Name)}
}

// content returns what is remembered of the ConfigMap as long as it can be trusted, and reads it anew else.
func (g *Gatherer) content(ctx context.Context, ref compile.Ref, now time.Time) (entry, error) {
	key := client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}
	meta := ConfigMapMetadata()
	watched := true
	if err := g.Watched.Get(ctx, key, meta); apierrors.IsNotFound(err) {
		watched = false
	} else if err != nil {
		return entry{}, err
	}
	if known, ok := g.memory.Get(ref); ok && known.watched == watched && known.fresh(meta, now) {
		return known, nil
	}
	cm := &corev1.ConfigMap{}
	err := g.Live.Get(ctx, key, cm)
	if client.IgnoreNotFound(err) != nil {
		return entry{}, err
	}
	e := entry{readAt: now, watched: watched}
	if err == nil {
		e = read(cm, e)
	}
	g.memory.Add(ref, e)
	return e, nil
}

// fresh reports whether the entry can be believed: a watched one if the cache knows the same version, another by its age.
func (e entry) fresh(meta *metav1.PartialObjectMetadata, now time.Time) bool {
	if e.watched {
		return e.uid == meta.UID && e.version == meta.ResourceVersion
	}
	return lookAfter(e, now) > 0
}

// read takes a ConfigMap's content.
func read(cm *corev1.ConfigMap, e entry) entry {
	e.uid, e.version, e.found = cm.UID, cm.ResourceVersion, true
	e.content = compile.Content{Data: cm.Data, BinaryData: cm.BinaryData}
	return e
}

// lookAfter returns for how long an entry without a watch stays valid; 0 for a watched one.
func lookAfter(e entry, now time.Time) time.Duration {
	switch {
	case e.watched && e.found:
		return 0
	case e.found:
		return e.readAt.Add(unwatchedAge).Sub(now)
	default:
		return e.readAt.Add(absentAge).Sub(now)
	}
}

// ConfigMapMetadata returns an empty ConfigMap of which only the metadata is asked for.
func ConfigMapMetadata() *metav1.PartialObjectMetadata {
	meta := &metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	return meta
}
