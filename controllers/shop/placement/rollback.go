package placement

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/release"
)

// revision is the annotation with which the Deployment controller numbers the ReplicaSets of a Deployment.
const revision = "deployment.kubernetes.io/revision"

// rolledBackMessage is the message of a Shop that was rolled back.
const rolledBackMessage = "the pods of the last change did not become ready in time, so the Shop was rolled back to the configuration that served before; the same change is not tried again: fix it and apply it"

// rollBack returns which Deployments go back, or stay, on the pod template that served before, and why, because the pods of the
// rendered one did not become ready in time; none = all stay as rendered. What failed is not tried again until something else is
// rendered.
func (p *Placer) rollBack(ctx context.Context, s Situation, fit Fit, rendered Templates) (why string, back map[bundle.Component]*desired.Template, err error) {
	switch {
	case s.failedBefore(rendered):
		back, err = p.keepRolledBack(ctx, s)
		return cmp.Or(s.rolledBack, rolledBackMessage), back, err
	case s.failsNow(fit, rendered):
		return p.rollBackNow(ctx, s)
	default:
		return "", nil, nil
	}
}

// Hold keeps a Shop on the release that it runs whose own last change failed there: on another release it would fail as
// well, and be counted against that. Templates renders.
func (p *Placer) Hold(ctx context.Context, s Situation, fit Fit, templates func(Fit) Templates) (Fit, error) {
	running := p.assignments.Edition(s.Running)
	marked := slices.ContainsFunc(workloads.Components, func(c bundle.Component) bool {
		d := s.Workloads.Deployments[c]
		return d != nil && release.MarksOf(d).FailedTemplate != ""
	})
	if !marked || running == nil || running == fit.Edition {
		return fit, nil
	}
	_, output, err := p.compiler.on(ctx, s, running)
	if err != nil || output.Document == nil {
		return fit, err
	}
	held := fit
	held.Edition, held.Output = running, output
	if s.failedBefore(templates(held)) {
		return held, nil
	}
	return fit, nil
}

// failedBefore reports whether what is rendered failed before.
func (s Situation) failedBefore(rendered Templates) bool {
	return s.allBear(rendered, func(m release.Marks) string { return m.FailedTemplate })
}

// failsNow reports whether what is rendered is what runs, and its pods did not become ready in time. While the Shop moves to
// a release, the platform's deadline counts instead, and the Shop moves back to the release before.
func (s Situation) failsNow(fit Fit, rendered Templates) bool {
	return s.Running == fit.Edition.Name && !s.moving(s.Before) &&
		s.allBear(rendered, func(m release.Marks) string { return m.Template }) &&
		slices.ContainsFunc(workloads.Components, s.Workloads.Expired)
}

// allBear reports whether every Deployment exists and has the hash of the rendered pod template.
func (s Situation) allBear(rendered Templates, hash func(release.Marks) string) bool {
	return !slices.ContainsFunc(workloads.Components, func(c bundle.Component) bool {
		d := s.Workloads.Deployments[c]
		return d == nil || hash(release.MarksOf(d)) != rendered[c]
	})
}

// rollBackNow finds for each component the template that served before. Page and notifier go together: both run one bundle.
func (p *Placer) rollBackNow(ctx context.Context, s Situation) (why string, found map[bundle.Component]*desired.Template, err error) {
	found = map[bundle.Component]*desired.Template{}
	var bundleBefore string
	for _, c := range workloads.Components {
		if !s.Workloads.Expired(c) {
			continue
		}
		sets, err := p.replicaSets(ctx, s.Workloads.Deployments[c])
		if err != nil {
			return why, nil, err
		}
		good := lastGood(sets)
		if good == nil {
			return why, nil, nil // no earlier ReplicaSet: there is nothing to roll back to
		}
		found[c], err = reapplicableTemplate(good.Spec.Template)
		if same, wrong := reapplicableTemplate(sets[0].Spec.Template); err != nil || wrong != nil || same.Hash == found[c].Hash {
			return why, nil, errors.Join(err, wrong) // only the annotations differ: a restart by another client
		}
		bundleBefore = BundleOf(good.Spec.Template.Spec)
		why = cmp.Or(why, rolledBackMessage+p.podError(ctx, s.Workloads.Deployments[c], sets[0]))
	}
	return why, found, p.rollBackOthers(ctx, s, found, bundleBefore)
}

// rollBackOthers rolls back the components whose own pods are ready, but run the bundle of the failed change.
func (p *Placer) rollBackOthers(ctx context.Context, s Situation, found map[bundle.Component]*desired.Template, bundleBefore string) error {
	for _, c := range workloads.Components {
		d := s.Workloads.Deployments[c]
		if found[c] != nil || BundleOf(d.Spec.Template.Spec) == bundleBefore {
			continue
		}
		sets, err := p.replicaSets(ctx, d)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(sets, func(set appsv1.ReplicaSet) bool { return BundleOf(set.Spec.Template.Spec) == bundleBefore })
		if i < 0 {
			continue
		}
		if found[c], err = reapplicableTemplate(sets[i].Spec.Template); err != nil {
			return err
		}
	}
	return nil
}

// keepRolledBack returns the templates to which the Shop went back, as they are now; one that was edited since is looked up again.
func (p *Placer) keepRolledBack(ctx context.Context, s Situation) (map[bundle.Component]*desired.Template, error) {
	found := map[bundle.Component]*desired.Template{}
	for _, c := range workloads.Components {
		d := s.Workloads.Deployments[c]
		marks := release.MarksOf(d)
		hash := marks.Template
		if hash == marks.FailedTemplate {
			continue // only the other Deployment was rolled back
		}
		template, err := reapplicableTemplate(d.Spec.Template)
		if err == nil && template.Hash != hash {
			template, err = p.byHash(ctx, d, hash)
		}
		if err != nil {
			return nil, err
		}
		found[c] = template
	}
	return found, nil
}

// byHash finds a template among those that the Deployment had; nil = it is gone.
func (p *Placer) byHash(ctx context.Context, d *appsv1.Deployment, hash string) (*desired.Template, error) {
	sets, err := p.replicaSets(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, set := range sets {
		template, err := reapplicableTemplate(set.Spec.Template)
		if err != nil || template.Hash == hash {
			return template, err
		}
	}
	return nil, nil
}

// replicaSets returns those of the Deployment, the newest first. No cache holds them: they are asked for only when a roll failed.
func (p *Placer) replicaSets(ctx context.Context, d *appsv1.Deployment) ([]appsv1.ReplicaSet, error) {
	list := &appsv1.ReplicaSetList{}
	selector := client.MatchingLabelsSelector{Selector: labels.SelectorFromSet(d.Spec.Selector.MatchLabels)}
	if err := p.live.List(ctx, list, client.InNamespace(d.Namespace), selector); err != nil {
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

// lastGood returns the ReplicaSet that serves beside the newest one, or else the one before it; nil = there is none.
func lastGood(sets []appsv1.ReplicaSet) *appsv1.ReplicaSet {
	if len(sets) < 2 {
		return nil
	}
	older := sets[1:]
	return &older[max(0, slices.IndexFunc(older, func(set appsv1.ReplicaSet) bool { return set.Status.AvailableReplicas > 0 }))]
}

// reapplicableTemplate returns a pod template from the cluster in the form in which it can be applied again: without the label of the
// Deployment controller, and without annotations, which other clients set.
func reapplicableTemplate(live corev1.PodTemplateSpec) (*desired.Template, error) {
	own := live.DeepCopy()
	own.Annotations = nil
	delete(own.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	raw, err := json.Marshal(own)
	if err != nil {
		return nil, fmt.Errorf("encoding a pod template: %w", err)
	}
	spec := corev1ac.PodTemplateSpec()
	if err := json.Unmarshal(raw, spec); err != nil {
		return nil, fmt.Errorf("decoding a pod template: %w", err)
	}
	hash := desired.TemplateHash(appsv1ac.Deployment("", "").WithSpec(appsv1ac.DeploymentSpec().WithTemplate(spec)))
	return &desired.Template{Hash: hash, Spec: spec}, nil
}

// BundleOf returns the bundle that pods mount; "" = none.
func BundleOf(pod corev1.PodSpec) string {
	for _, v := range pod.Volumes {
		if v.Name == desired.BundleVolume && v.ConfigMap != nil {
			return v.ConfigMap.Name
		}
	}
	return ""
}
