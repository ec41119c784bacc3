package workloads

import (
	"context"
	"slices"

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
		r := deploymentStateOf(now.settledHealth(component), now.wanted(component), change.Rolled)
		if r.Exists && !r.complete && !change.Rolled {
			pod, look, err := w.waitingPod(ctx, now, component, change.Capacity)
			if err != nil {
				return status.Finding{}, outcome.Retry(err)
			}
			r.unschedulable, out = pod, out.LookAfter(look)
		}
		deployments = append(deployments, r)
	}
	finding, verdict := judge(deployments, before, change)
	return finding, verdict.And(out)
}

// deploymentState is how far the rollout of one Deployment is.
type deploymentState struct {
	rollouthealth.Health

	complete      bool           // the wanted number of pods is available, and all run the current pod template
	unschedulable *unschedulable // a pod that cannot be scheduled; nil = none
}

func deploymentStateOf(health rollouthealth.Health, wanted int32, changed bool) deploymentState {
	health.Observed = health.Observed && !changed
	return deploymentState{Health: health, complete: health.Complete(wanted)}
}

func (r deploymentState) finished() bool { return r.Observed && r.RolledOut }
func (r deploymentState) expired() bool  { return r.Observed && r.Expired }

func judge(deployments []deploymentState, s State, change Change) (status.Finding, outcome.Outcome) {
	reason, message := obstacle(deployments, s.Shop.Namespace)
	available := !slices.ContainsFunc(deployments, func(d deploymentState) bool { return !d.Available })
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
		return finding, outcome.Wait(0, v1alpha1.ReasonProgressing, "the pods of tracking page and notifier are being replaced")
	default:
		return finding, outcome.Await(outcome.MissingTimeout, reason, message)
	}
}

// obstacle returns the reason and message of WorkloadsAvailable: the most severe problem of a Deployment, if there is one.
func obstacle(deployments []deploymentState, namespace string) (reason, message string) {
	any := func(is func(deploymentState) bool) bool { return slices.ContainsFunc(deployments, is) }
	first := func(is func(deploymentState) bool) *deploymentState {
		if i := slices.IndexFunc(deployments, is); i >= 0 {
			return &deployments[i]
		}
		return nil
	}
	refused := first(func(d deploymentState) bool { return !d.complete && d.Refusal != (rollouthealth.Refusal{}) })
	unschedulable := first(func(d deploymentState) bool { return d.unschedulable != nil && !d.Available })
	switch {
	case any(func(d deploymentState) bool { return !d.Exists }):
		return v1alpha1.ReasonProgressing, "tracking page and notifier have not been created yet"
	case refused != nil:
		return refused.Refusal.Reason, refused.Refusal.Message()
	case unschedulable != nil:
		return v1alpha1.ReasonPodsUnschedulable, "no node can run a pod: " + unschedulable.unschedulable.message
	case any(func(d deploymentState) bool { return d.expired() && !d.Available }):
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
