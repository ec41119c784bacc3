package activity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// followInterval is how often the Shops are read while the command waits.
const followInterval = time.Second

// refreshRounds are the rounds of waiting after which the kubelet is asked again to refresh the files: the operator may have written its
// ConfigMap only now, and the kubelet may not have seen it the first time.
var refreshRounds = []int{2, 6, 15}

// follow waits until the activity of every changed Shop is in force, and prints each Shop when it is.
func (o *options) follow(ctx context.Context, c client.Client, r *reporter) {
	limit, stop := context.WithTimeout(ctx, o.timeout)
	defer stop()
	reported := make([]bool, len(r.Shops))
	for round := 1; ; round++ {
		waiting, err := o.look(limit, c, r, reported, slices.Contains(refreshRounds, round))
		switch {
		case ctx.Err() != nil:
			r.Waited, r.unknown = Unknown, ctx.Err()
			return
		case limit.Err() != nil:
			r.Waited = TimedOut
			r.progress.Printf("%s\n", notInTime(waiting, o.timeout))
			return
		case err != nil:
			r.Waited, r.unknown = Unknown, err
			return
		case len(waiting) == 0:
			r.Waited = InForce
			return
		}
		select {
		case <-limit.Done():
		case <-time.After(followInterval):
		}
	}
}

// look reads the Shops that are not in force yet, and returns those that still are not.
func (o *options) look(ctx context.Context, c client.Client, r *reporter, reported []bool, refresh bool) (waiting []string, err error) {
	for i := range r.Shops {
		s := &r.Shops[i]
		if reported[i] || s.Result == Refused || s.Result == Failed {
			continue
		}
		var shop v1alpha1.Shop
		if err := c.Get(ctx, client.ObjectKey{Namespace: s.Namespace, Name: s.Name}, &shop); err != nil {
			return append(waiting, s.Namespace+"/"+s.Name), fmt.Errorf("reading the Shop %s/%s: %w", s.Namespace, s.Name, err)
		}
		s.InForce, s.hasPods = inForce(&shop), hasPods(&shop)
		switch {
		case !s.hasPods:
			r.progress.Printf("%s/%s: it has no pods yet\n", s.Namespace, s.Name)
		case s.InForce == s.Activity:
			r.progress.Printf("%s/%s: in force in every notifier: %s\n", s.Namespace, s.Name, s.InForce)
		default:
			waiting = append(waiting, s.Namespace+"/"+s.Name)
			if refresh {
				_ = o.refresh(ctx, c, &shop) // the kubelet refreshes the files anyway, only later
			}
			continue
		}
		reported[i] = true
	}
	return waiting, nil
}

func notInTime(waiting []string, timeout time.Duration) string {
	if len(waiting) == 0 {
		return fmt.Sprintf("the activity was not in force within %s", timeout)
	}
	return fmt.Sprintf("the activity was not in force within %s at %s, the first is %s: check that the operator runs (kubectl wismo doctor) and that the pods of the Shop answer (kubectl wismo status)",
		timeout, cmdutil.Count(len(waiting), "Shop"), waiting[0])
}
