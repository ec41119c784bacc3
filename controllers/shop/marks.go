package shop

import (
	"context"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// mark writes on the rendered Deployments where the Shop stands with the releases, and lets those go back that failed.
func (r *Reconciler) mark(ctx context.Context, s *scope) error {
	deployments, hashes := templatesOf(s.objects)
	back, err := r.retreat(ctx, s, hashes)
	if err != nil {
		return err
	}
	if s.retreated != "" {
		s.invalid = s.assignment.Latest // with no release would it serve
	}
	for component, d := range deployments {
		m := s.marks(component, hashes[component])
		if s.retreated != "" {
			m.Template, m.FailedTemplate = back[component], hashes[component]
		}
		desired.Mark(d, m)
		if m.Since.After(s.began) {
			s.began = m.Since
		}
	}
	return nil
}

// templatesOf are the rendered Deployments, and the hashes of their pod templates.
func templatesOf(objects []desired.Object) (map[bundle.Component]*appsv1ac.DeploymentApplyConfiguration, templates) {
	deployments, hashes := map[bundle.Component]*appsv1ac.DeploymentApplyConfiguration{}, templates{}
	for _, object := range objects {
		if d, ok := object.(*appsv1ac.DeploymentApplyConfiguration); ok {
			component := componentOf(d)
			deployments[component], hashes[component] = d, desired.TemplateHash(d)
		}
	}
	return deployments, hashes
}

func componentOf(d *appsv1ac.DeploymentApplyConfiguration) bundle.Component {
	if d.Labels[v1alpha1.LabelComponent] == v1alpha1.ComponentPage {
		return bundle.PageComponent
	}
	return bundle.NotifierComponent
}

// marks are what is to stand on the Deployment of a component, of which hash is the pod template as rendered. At rest
// they are what stands there.
func (s *scope) marks(component bundle.Component, hash string) desired.Marks {
	m := desired.Marks{
		Release: s.edition.Name,
		Failed:  text(s.assignment.Step.Failed), Unwell: text(s.assignment.Step.Unwell),
	}
	live := s.deployments[component]
	if live == nil {
		m.Since = s.now
		return m
	}
	m.Before = live.Annotations[v1alpha1.AnnotationReleaseBefore]
	m.Since, _ = time.Parse(time.RFC3339, live.Annotations[v1alpha1.AnnotationReleaseSince]) // zero where it cannot be read
	m.Failed = s.kept(m.Failed, live.Annotations[v1alpha1.AnnotationReleaseFailed], live)
	m.Unwell = s.kept(m.Unwell, live.Annotations[v1alpha1.AnnotationReleaseUnwell], live)
	if before := live.Labels[v1alpha1.LabelRelease]; before != m.Release {
		if before != "" && (s.serves() || s.halfway(before)) {
			m.Before = before
		}
		if live.Annotations[v1alpha1.AnnotationTemplate] != hash {
			m.Since = s.now
		} else {
			s.relabelled = true
		}
	}
	m.Clash = s.clashMark(live)
	return m
}

// clashMark says with which attempt of the latest release the Shop clashes. What stands there of another one says nothing
// any more, and stays until the Shop moves: to take it away would be a write for nothing.
func (s *scope) clashMark(live *appsv1.Deployment) string {
	there := live.Annotations[v1alpha1.AnnotationReleaseClash]
	moves := live.Labels[v1alpha1.LabelRelease] != s.edition.Name
	if s.clash != (rollout.Mark{}) || moves || there == text(s.attempt()) {
		return text(s.clash)
	}
	return there
}

// kept is a mark as told, or else the one that stands there, unless it speaks of another release than the latest and the
// Shop moves anyway.
func (s *scope) kept(told, there string, live *appsv1.Deployment) string {
	name, _, _ := strings.Cut(there, ".")
	moves := live.Labels[v1alpha1.LabelRelease] != s.edition.Name
	if told != "" || (moves && name != s.assignment.Latest) {
		return told
	}
	return there
}

// serves says whether all that the Shop runs has come to its end and is there.
func (s *scope) serves() bool {
	for _, component := range components {
		d := s.deployments[component]
		if d == nil || !rollOf(d, wanted(d, s), false, s.status.Settled()).complete {
			return false
		}
	}
	return true
}

// halfway says whether the other Deployment has gone ahead from that release: whoever moved it saw the Shop serve there,
// and ended before this one followed.
func (s *scope) halfway(before string) bool {
	for _, component := range components {
		d := s.deployments[component]
		if d != nil && d.Labels[v1alpha1.LabelRelease] == s.edition.Name && d.Annotations[v1alpha1.AnnotationReleaseBefore] == before {
			return true
		}
	}
	return false
}

// text is how a mark stands in an annotation; "" = none.
func text(m rollout.Mark) string {
	if m.Release == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d", m.Release, m.Attempt)
}
