package shop

import (
	"context"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/release"
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
			m.FailedTemplate = hashes[component]
		}
		desired.Mark(d, m, back[component])
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
func (s *scope) marks(component bundle.Component, hash string) release.Marks {
	m := release.Marks{Release: s.edition.Name, Failed: s.assignment.Step.Failed, Unwell: s.assignment.Step.Unwell}
	live := s.deployments[component]
	if live == nil {
		m.Since = s.now
		return m
	}
	there := release.MarksOf(live)
	m.Before, m.Since = there.Before, there.Since
	m.Failed, m.Unwell = s.kept(m.Failed, there.Failed, there), s.kept(m.Unwell, there.Unwell, there)
	if there.Release != m.Release {
		if there.Release != "" && (s.serves() || s.halfway(there.Release)) {
			m.Before = there.Release
		}
		if there.Template != hash {
			m.Since = s.now
		} else {
			s.relabelled = true
		}
	}
	m.Clash = s.clashMark(there)
	return m
}

// clashMark says with which attempt of the latest release the Shop clashes. What stands there of another one says nothing
// any more, and stays until the Shop moves: to take it away would be a write for nothing.
func (s *scope) clashMark(there release.Marks) release.Mark {
	if s.clash != (release.Mark{}) || there.Release != s.edition.Name || there.Clash == s.attempt() {
		return s.clash
	}
	return there.Clash
}

// kept is a mark as told, or else the one that stands there, unless it speaks of another release than the latest and the
// Shop moves anyway.
func (s *scope) kept(told, mark release.Mark, there release.Marks) release.Mark {
	moves := there.Release != s.edition.Name
	if told != (release.Mark{}) || (moves && mark.Release != s.assignment.Latest) {
		return told
	}
	return mark
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
	for _, d := range s.deployments {
		if m := release.MarksOf(d); m.Release == s.edition.Name && m.Before == before {
			return true
		}
	}
	return false
}
