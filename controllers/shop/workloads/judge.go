package workloads

import (
	"context"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// Change is what this reconciliation did to the Deployments after it read them.
type Change struct {
	Rolled          bool     // a pod template was changed, so no Deployment is complete, even if its copy in the cache is
	RolledBack      string   // the message of a rollback to an earlier pod template; "" = none
	MovedByPlatform bool     // pods are replaced for a release, and not for an edit of the owner
	Capacity        Capacity // of the nodes, for pods that cannot be scheduled
}

const serving = "tracking page and notifier are available"

// Judge returns the condition WorkloadsAvailable and the outcome for Ready. While pods are replaced the Shop is not Ready, but its
// workloads may be available.
func (w Watcher) Judge(ctx context.Context, before State, change Change) (status.Finding, outcome.Outcome) {
	now, err := before.refresh(ctx, w.Client)
	if err != nil {
		return status.Finding{}, outcome.Retry(err)
	}
	deployments, out := make([]deploymentState, 0, len(Components)), outcome.Done()
	for _, component := range Components {
		r := deploymentStateOf(now.settledHealth(component), now.podsForCompleteRollout(component), change.Rolled)
		if r.Exists && !r.complete && !change.Rolled {
			pod, look, err := w.waitingPod(ctx, now, component, change.Capacity)
			if err != nil {
				return status.Finding{}, outcome.Retry(err)
			}
			r.blocked, out = pod, out.LookAfter(look)
		}
		if d := now.Deployments[component]; d != nil {
			r.name, r.zero = d.Namespace+" deployment/"+d.Name, d.Spec.Replicas != nil && *d.Spec.Replicas == 0
		}
		deployments = append(deployments, r)
	}
	finding, verdict := judge(deployments, before, change)
	return finding, verdict.And(out)
}

// deploymentState is how far the rollout of one Deployment is.
type deploymentState struct {
	rollouthealth.Health

	complete bool        // enough pods serve, and all of them run what was asked for
	blocked  *blockedPod // a pod that cannot start; nil = none is known
	name     string      // namespace and Deployment, as kubectl takes them
	zero     bool        // it is scaled to no pod
}

func deploymentStateOf(health rollouthealth.Health, wanted int32, changed bool) deploymentState {
	health.Observed = health.Observed && !changed
	return deploymentState{Health: health, complete: health.Complete(wanted)}
}

func (r deploymentState) finished() bool { return r.Observed && r.RolledOut }
func (r deploymentState) expired() bool  { return r.Observed && r.Expired }

func judge(deployments []deploymentState, s State, change Change) (status.Finding, outcome.Outcome) {
	reason, message := suspension(deployments)
	if reason == "" {
		reason, message = obstacle(deployments, s.Shop.Namespace)
	}
	available := !slices.ContainsFunc(deployments, func(r deploymentState) bool { return !r.Available })
	finding := status.Fails(reason, message)
	if available {
		finding = status.Holds(v1alpha1.ReasonAvailable, serving)
	}
	switch {
	case change.RolledBack != "":
		return finding, outcome.Stalled(v1alpha1.ReasonProgressDeadlineExceeded, change.RolledBack)
	case !slices.ContainsFunc(deployments, func(d deploymentState) bool { return !d.complete }):
		return finding, outcome.Done()
	case available && change.MovedByPlatform && s.Settled:
		return finding, outcome.Done() // pipelines wait for the owner's change, not for the platform's
	case slices.ContainsFunc(deployments, deploymentState.expired): // report it, whatever the cause
		return finding, outcome.Stalled(reason, message)
	case reason == v1alpha1.ReasonAvailable:
		return finding, replacement(deployments, s.Now)
	default:
		return finding, outcome.Await(outcome.MissingTimeout, reason, message)
	}
}

// suspension names a Deployment of which Kubernetes replaces no pod because it was told so: it sets no deadline then; "" = none.
func suspension(deployments []deploymentState) (reason, message string) {
	for _, r := range deployments {
		switch {
		case r.complete || !r.Exists:
		case r.Paused:
			return v1alpha1.ReasonRolloutPaused, "the rollout is paused, so the change does not reach the pods: kubectl rollout resume -n " + r.name
		case r.zero:
			return v1alpha1.ReasonScaledToZero, "the Deployment is scaled to zero, so no pod of it runs: check what scales it: kubectl get hpa,scaledobject -n " + r.name
		}
	}
	return "", ""
}

// replacement returns the wait for pods that are replaced while others serve, with what holds that up. Where the controller of
// Deployments is away, nothing else sets a deadline.
func replacement(deployments []deploymentState, now time.Time) outcome.Outcome {
	const message = "the pods of tracking page and notifier are being replaced"
	var last time.Time
	for _, r := range deployments {
		if r.complete {
			continue
		}
		if r.blocked != nil {
			return outcome.Await(outcome.MissingTimeout, r.blocked.reason, message+", and a new pod cannot start: "+r.blocked.message)
		}
		if r.LastProgress.After(last) {
			last = r.LastProgress
		}
	}
	if left := last.Add(outcome.MissingTimeout).Sub(now); left > 0 {
		return outcome.Wait(left, v1alpha1.ReasonProgressing, message)
	}
	return outcome.Await(outcome.MissingTimeout, v1alpha1.ReasonProgressing, message)
}

// obstacle names what holds the workloads up, the worst first.
func obstacle(deployments []deploymentState, namespace string) (reason, message string) {
	any := func(is func(deploymentState) bool) bool { return slices.ContainsFunc(deployments, is) }
	first := func(is func(deploymentState) bool) *deploymentState {
		if i := slices.IndexFunc(deployments, is); i >= 0 {
			return &deployments[i]
		}
		return nil
	}
	refused := first(func(r deploymentState) bool { return !r.complete && r.Refusal != (rollouthealth.Refusal{}) })
	blocked := first(func(r deploymentState) bool { return r.blocked != nil && !r.Available })
	switch {
	case any(func(d deploymentState) bool { return !d.Exists }):
		return v1alpha1.ReasonProgressing, "tracking page and notifier have not been created yet"
	case refused != nil:
		return refused.Refusal.Reason, refused.Refusal.Message()
	case blocked != nil:
		return blocked.blocked.reason, "a pod cannot start: " + blocked.blocked.message
	case any(func(r deploymentState) bool { return r.expired() && !r.Available }):
		return v1alpha1.ReasonPodsFailing, "pods do not become ready; see: kubectl get pods -n " + namespace
	case any(deploymentState.expired):
		return v1alpha1.ReasonProgressDeadlineExceeded, "the new pods do not become ready, and the old pods keep serving; see: kubectl get pods -n " + namespace
	case !any(func(d deploymentState) bool { return !d.Available }):
		return v1alpha1.ReasonAvailable, serving
	case any(func(d deploymentState) bool { return d.finished() && !d.Available }):
		return v1alpha1.ReasonPodsFailing, "pods are no longer ready; see: kubectl get pods -n " + namespace
	default:
		return v1alpha1.ReasonProgressing, "tracking page and notifier are starting"
	}
}
