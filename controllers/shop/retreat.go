package shop

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/release"
)

// revision numbers the ReplicaSets of a Deployment; its controller writes it.
const revision = "deployment.kubernetes.io/revision"

// templates are the hashes of the pod templates as rendered, by component.
type templates map[bundle.Component]string

// retreat says which Deployments go back, or stay, on the pod template that served before, because the pods of the
// rendered one did not become ready in time; nil = none. What failed is not tried again until something else is rendered.
func (r *Reconciler) retreat(ctx context.Context, s *scope, rendered templates) (map[bundle.Component]*desired.Template, error) {
	switch {
	case s.failedBefore(rendered):
		s.retreated = s.lastWords()
		return r.stayed(ctx, s)
	case s.failsNow(rendered):
		return r.goBack(ctx, s)
	default:
		return nil, nil
	}
}

// hold keeps a Shop on the release that it runs whose own last change failed there: on another release it would fail as
// well, and be counted against that.
func (r *Reconciler) hold(ctx context.Context, s *scope, platform desired.Platform) error {
	running := r.Fleet.Edition(s.running)
	marked := slices.ContainsFunc(components, func(c bundle.Component) bool {
		return s.deployments[c] != nil && release.MarksOf(s.deployments[c]).FailedTemplate != ""
	})
	if !marked || running == nil || running == s.edition {
		return nil
	}
	_, output, err := r.compileOn(ctx, s, s.running)
	if err != nil || output.Document == nil {
		return err
	}
	if _, rendered := templatesOf(render(s, platform, running, output)); s.failedBefore(rendered) {
		s.edition, s.output = running, output
	}
	return nil
}

// failedBefore says that what is rendered failed before.
func (s *scope) failedBefore(rendered templates) bool {
	return every(components, func(c bundle.Component) bool {
		d := s.deployments[c]
		return d != nil && release.MarksOf(d).FailedTemplate == rendered[c]
	})
}

// failsNow says that what is rendered is what runs, and that its pods did not become ready in time. While a release is on
// its way, the platform's deadline counts instead, and the Shop goes back to the release before.
func (s *scope) failsNow(rendered templates) bool {
	if s.running != s.edition.Name || s.moving() {
		return false
	}
	same := every(components, func(c bundle.Component) bool {
		d := s.deployments[c]
		return d != nil && release.MarksOf(d).Template == rendered[c]
	})
	return same && !every(components, func(c bundle.Component) bool { return !s.expired(c) })
}

func (s *scope) expired(c bundle.Component) bool {
	d := s.deployments[c]
	return rollOf(d, wanted(d, s), false, false).expired
}

// goBack finds for each component the template that served before. Page and notifier go together: both run one bundle.
func (r *Reconciler) goBack(ctx context.Context, s *scope) (map[bundle.Component]*desired.Template, error) {
	found := map[bundle.Component]*desired.Template{}
	var bundleBefore string
	for _, c := range components {
		if !s.expired(c) {
			continue
		}
		sets, err := r.replicaSets(ctx, s.deployments[c])
		if err != nil {
			return nil, err
		}
		good := lastGood(sets)
		if good == nil {
			return nil, nil // it never served: there is nothing to go back to
		}
		found[c], err = templateOf(good.Spec.Template)
		if same, wrong := templateOf(sets[0].Spec.Template); err != nil || wrong != nil || same.Hash == found[c].Hash {
			return nil, errors.Join(err, wrong) // a restart by hand, and nothing of ours
		}
		bundleBefore = bundleOf(good.Spec.Template.Spec)
		s.retreated = cmp.Or(s.retreated, failed+r.complaint(ctx, s.deployments[c], sets[0]))
	}
	return found, r.follow(ctx, s, found, bundleBefore)
}

// follow takes those components back whose own pods are well, but run the bundle that the others leave.
func (r *Reconciler) follow(ctx context.Context, s *scope, found map[bundle.Component]*desired.Template, bundleBefore string) error {
	for _, c := range components {
		d := s.deployments[c]
		if found[c] != nil || bundleOf(d.Spec.Template.Spec) == bundleBefore {
			continue
		}
		sets, err := r.replicaSets(ctx, d)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(sets, func(set appsv1.ReplicaSet) bool { return bundleOf(set.Spec.Template.Spec) == bundleBefore })
		if i < 0 {
			continue
		}
		if found[c], err = templateOf(sets[i].Spec.Template); err != nil {
			return err
		}
	}
	return nil
}

// stayed are the templates to which the Shop went back, as they stand; one that somebody changed since is looked up again.
func (r *Reconciler) stayed(ctx context.Context, s *scope) (map[bundle.Component]*desired.Template, error) {
	found := map[bundle.Component]*desired.Template{}
	for _, c := range components {
		d := s.deployments[c]
		marks := release.MarksOf(d)
		hash := marks.Template
		if hash == marks.FailedTemplate {
			continue // it is as rendered: only the other one went back
		}
		template, err := templateOf(d.Spec.Template)
		if err == nil && template.Hash != hash {
			template, err = r.byHash(ctx, d, hash)
		}
		if err != nil {
			return nil, err
		}
		found[c] = template
	}
	return found, nil
}

// byHash finds a template among those that the Deployment had; nil = it is gone.
func (r *Reconciler) byHash(ctx context.Context, d *appsv1.Deployment, hash string) (*desired.Template, error) {
	sets, err := r.replicaSets(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, set := range sets {
		template, err := templateOf(set.Spec.Template)
		if err != nil || template.Hash == hash {
			return template, err
		}
	}
	return nil, nil
}

// replicaSets are those of the Deployment, the newest first. No cache holds them: they are asked for only when a roll failed.
func (r *Reconciler) replicaSets(ctx context.Context, d *appsv1.Deployment) ([]appsv1.ReplicaSet, error) {
	list := &appsv1.ReplicaSetList{}
	selector := client.MatchingLabelsSelector{Selector: labels.SelectorFromSet(d.Spec.Selector.MatchLabels)}
	if err := r.Live.List(ctx, list, client.InNamespace(d.Namespace), selector); err != nil {
		return nil, fmt.Errorf("listing the ReplicaSets of the Deployment %s/%s: %w", d.Namespace, d.Name, err)
	}
	ours := slices.DeleteFunc(list.Items, func(set appsv1.ReplicaSet) bool { return !metav1.IsControlledBy(&set, d) })
	slices.SortFunc(ours, func(a, b appsv1.ReplicaSet) int { return numberOf(b) - numberOf(a) })
	return ours, nil
}

func numberOf(set appsv1.ReplicaSet) int {
	number, _ := strconv.Atoi(set.Annotations[revision]) // 0 where its controller has not numbered it yet
	return number
}

// lastGood is the ReplicaSet that serves beside the newest one, or else the one before it; nil = there is none.
func lastGood(sets []appsv1.ReplicaSet) *appsv1.ReplicaSet {
	if len(sets) < 2 {
		return nil
	}
	older := sets[1:]
	return &older[max(0, slices.IndexFunc(older, func(set appsv1.ReplicaSet) bool { return set.Status.AvailableReplicas > 0 }))]
}

// templateOf is a pod template that stands, as it can be applied again. Annotations are other people's.
func templateOf(live corev1.PodTemplateSpec) (*desired.Template, error) {
	own := live.DeepCopy()
	own.Annotations = nil
	delete(own.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	raw, err := json.Marshal(own)
	if err != nil {
		return nil, fmt.Errorf("reading a pod template: %w", err)
	}
	spec := corev1ac.PodTemplateSpec()
	if err := json.Unmarshal(raw, spec); err != nil {
		return nil, fmt.Errorf("reading a pod template: %w", err)
	}
	hash := desired.TemplateHash(appsv1ac.Deployment("", "").WithSpec(appsv1ac.DeploymentSpec().WithTemplate(spec)))
	return &desired.Template{Hash: hash, Spec: spec}, nil
}

// bundleOf is the bundle that pods mount; "" = none.
func bundleOf(pod corev1.PodSpec) string {
	for _, v := range pod.Volumes {
		if v.Name == desired.BundleVolume && v.ConfigMap != nil {
			return v.ConfigMap.Name
		}
	}
	return ""
}

// failed is what is told of a Shop that went back.
const failed = "the pods of the last change did not become ready in time, so the Shop went back to what served before, and the same is not tried again: mend the change"

// lastWords are what was told when the Shop went back, as long as that still stands.
func (s *scope) lastWords() string {
	c := meta.FindStatusCondition(s.shop.Status.Conditions, v1alpha1.ConditionStalled)
	if c != nil && strings.HasPrefix(c.Message, failed) {
		return c.Message
	}
	return failed
}
