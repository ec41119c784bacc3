package workloads

import (
	"context"
	"slices"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// Change is what has been done about the workloads since they were read.
type Change struct {
	Rolled          bool     // one was changed just now, so that none is complete, whatever an older copy of it says
	RolledBack      string   // why one runs what served before; "" = none does
	MovedByPlatform bool     // what goes on with the pods is the platform's doing
	Capacity        Capacity // what was seen of pods that no node takes
}

const serving = "tracking page and notifier are available"

// Judge says for WorkloadsAvailable what became of the workloads. A roll that goes on keeps the Shop from being Ready, not
// from being available.
func (w Watcher) Judge(ctx context.Context, before State, change Change) (status.Finding, outcome.Outcome) {
	now, err := before.refresh(ctx, w.Client)
	if err != nil {
		return status.Finding{}, outcome.Retry(err)
	}
	rolls, out := make([]deploymentState, 0, len(Components)), outcome.Done()
	for _, component := range Components {
		r := deploymentStateOf(now.settledHealth(component), now.wanted(component), change.Rolled)
		if r.Exists && !r.complete && !change.Rolled {
			pod, look, err := w.waitingPod(ctx, now, component, change.Capacity)
			if err != nil {
				return status.Finding{}, outcome.Retry(err)
			}
			r.unschedulable, out = pod, out.LookAfter(look)
		}
		rolls = append(rolls, r)
	}
	finding, verdict := judge(rolls, before, change)
	return finding, verdict.And(out)
}

// deploymentState is how far one Deployment is.
type deploymentState struct {
	rollouthealth.Health

	complete      bool           // enough pods serve, and all of them run what was asked for
	unschedulable *unschedulable // a pod that no node takes; nil = none
}

func deploymentStateOf(health rollouthealth.Health, wanted int32, changed bool) deploymentState {
	health.Observed = health.Observed && !changed
	return deploymentState{Health: health, complete: health.Complete(wanted)}
}

func (r deploymentState) finished() bool { return r.Observed && r.RolledOut }
func (r deploymentState) expired() bool  { return r.Observed && r.Expired }

func judge(rolls []deploymentState, s State, change Change) (status.Finding, outcome.Outcome) {
	reason, message := obstacle(rolls, s.Shop.Namespace)
	available := !slices.ContainsFunc(rolls, func(r deploymentState) bool { return !r.Available })
	finding := status.Fails(reason, message)
	if available {
		finding = status.Holds(v1alpha1.ReasonAvailable, serving)
	}
	switch {
	case change.RolledBack != "":
		return finding, outcome.Stalled(v1alpha1.ReasonProgressDeadlineExceeded, change.RolledBack)
	case !slices.ContainsFunc(rolls, func(r deploymentState) bool { return !r.complete }):
		return finding, outcome.Done()
	case available && change.MovedByPlatform && s.Settled:
		return finding, outcome.Done() // pipelines wait for the owner's change, not for the platform's
	case slices.ContainsFunc(rolls, deploymentState.expired): // report it, whatever the cause
		return finding, outcome.Stalled(reason, message)
	case reason == v1alpha1.ReasonAvailable:
		return finding, outcome.Wait(0, v1alpha1.ReasonProgressing, "the pods of tracking page and notifier are being replaced")
	default:
		return finding, outcome.Await(outcome.MissingTimeout, reason, message)
	}
}

// obstacle names what holds the workloads up, the worst first.
func obstacle(rolls []deploymentState, namespace string) (reason, message string) {
	any := func(is func(deploymentState) bool) bool { return slices.ContainsFunc(rolls, is) }
	first := func(is func(deploymentState) bool) *deploymentState {
		if i := slices.IndexFunc(rolls, is); i >= 0 {
			return &rolls[i]
		}
		return nil
	}
	refused := first(func(r deploymentState) bool { return !r.complete && r.Refusal != (rollouthealth.Refusal{}) })
	unschedulable := first(func(r deploymentState) bool { return r.unschedulable != nil && !r.Available })
	switch {
	case any(func(r deploymentState) bool { return !r.Exists }):
		return v1alpha1.ReasonProgressing, "tracking page and notifier have not been created yet"
	case refused != nil:
		return refused.Refusal.Reason, refused.Refusal.Message()
	case unschedulable != nil:
		return v1alpha1.ReasonPodsUnschedulable, "no node can run a pod: " + unschedulable.unschedulable.message
	case any(func(r deploymentState) bool { return r.expired() && !r.Available }):
		return v1alpha1.ReasonPodsFailing, "pods do not become ready; see: kubectl get pods -n " + namespace
	case any(deploymentState.expired):
		return v1alpha1.ReasonProgressDeadlineExceeded, "the new pods do not become ready, and the old pods keep serving; see: kubectl get pods -n " + namespace
	case !any(func(r deploymentState) bool { return !r.Available }):
		return v1alpha1.ReasonAvailable, serving
	case any(func(r deploymentState) bool { return r.finished() && !r.Available }):
		return v1alpha1.ReasonPodsFailing, "pods are no longer ready; see: kubectl get pods -n " + namespace
	default:
		return v1alpha1.ReasonProgressing, "tracking page and notifier are starting"
	}
}
