package placement

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

const was, is = "rel-0001", "rel-0002"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// servingOn returns workloads that serve on a release.
func servingOn(name string) workloads.State {
	live := workloads.State{Shop: &v1alpha1.Shop{}, Now: noon, Settled: true, Deployments: map[bundle.Component]*appsv1.Deployment{}}
	for _, c := range workloads.Components {
		d := inmemory.DeploymentSaying("NewReplicaSetAvailable", true)
		marks := release.Marks{Release: name, Since: noon.Add(-time.Hour)}
		d.Labels, d.Annotations = marks.Labels(), marks.Annotations()
		live.Deployments[c] = d
	}
	return live
}

// shopTold returns a Shop whose status says of Released what it says, and that it runs a release; "" = none.
func shopTold(state metav1.ConditionStatus, reason, message, current string) *v1alpha1.Shop {
	shop := &v1alpha1.Shop{}
	if reason != "" {
		shop.Status.Conditions = []metav1.Condition{{
			Type: v1alpha1.ConditionReleased, Status: state, Reason: reason, Message: message, LastTransitionTime: metav1.NewTime(noon.Add(-2 * time.Hour)),
		}}
	}
	if current != "" {
		shop.Status.Release = &v1alpha1.ShopRelease{Current: v1alpha1.ReleaseName(current), Target: is}
	}
	return shop
}

func TestWhatTheStatusSaysOfAReleaseFollowsFromThePlannersReasonAndFromWhatWasSaidAndDone(t *testing.T) {
	justNow := Changes{Rolled: true, Marked: Marked{Began: noon.Add(-time.Second)}}
	longAgo := Changes{Rolled: true, Marked: Marked{Began: noon.Add(-time.Minute)}}
	for name, tc := range map[string]struct {
		planned rollout.Reason
		on      string // the release that it runs
		to      string // and is to run
		shop    *v1alpha1.Shop
		about   string
		done    Changes
		want    string
		looks   bool // again, because it is to be told soon
	}{
		"nothing goes on":                    {planned: rollout.UpToDate, on: is, to: is, shop: shopTold("True", "UpToDate", "so", is), want: "UpToDate"},
		"it waits":                           {planned: rollout.WaitingForWave, on: was, to: was, shop: shopTold("True", "UpToDate", "so", was), want: "WaitingForWave"},
		"it waits in another way":            {planned: rollout.WaitingForTurn, on: was, to: was, shop: shopTold("False", "WaitingForWave", "so", was), want: "WaitingForWave"},
		"it begins to move":                  {planned: rollout.Updating, on: was, to: is, shop: shopTold("False", "WaitingForTurn", "so", was), done: justNow, want: "WaitingForTurn", looks: true},
		"it has moved for long":              {planned: rollout.Updating, on: was, to: is, shop: shopTold("False", "WaitingForTurn", "so", was), done: longAgo, want: "Updating"},
		"it has arrived":                     {planned: rollout.Updating, on: is, to: is, shop: shopTold("False", "WaitingForTurn", "so", was), want: "WaitingForTurn"},
		"it is new and has arrived":          {planned: rollout.Updating, on: is, to: is, shop: shopTold("", "", "", ""), want: "UpToDate"},
		"its own change rolls":               {planned: rollout.Updating, on: is, to: is, shop: shopTold("True", "UpToDate", "so", is), done: longAgo, want: "UpToDate"},
		"it bakes and waited before":         {planned: rollout.Baking, on: is, to: is, shop: shopTold("False", "WaitingForTurn", "so", was), want: "UpToDate"},
		"it bakes among the first":           {planned: rollout.Baking, on: is, to: is, shop: shopTold("True", "Baking", "so", is), want: "Baking"},
		"it does not fit":                    {planned: rollout.ReleaseFailed, on: was, to: was, shop: shopTold("True", "UpToDate", "so", was), done: Changes{Failure: "why"}, want: "ReleaseFailed"},
		"a pin leads nowhere":                {planned: rollout.PinUnknown, on: was, to: was, shop: shopTold("True", "UpToDate", "so", was), want: "ReleaseNotFound"},
		"somebody paused the release":        {planned: rollout.Paused, on: was, to: was, shop: shopTold("False", "WaitingForTurn", "so", was), want: "Paused"},
		"what was taken back is on its way":  {planned: rollout.RollingBack, on: is, to: was, shop: shopTold("True", "UpToDate", "so", is), done: longAgo, want: "RollingBack"},
		"the operator has just been started": {planned: rollout.ReleaseFailed, on: was, to: was, shop: shopTold("False", "ReleaseFailed", "why", was), want: "ReleaseFailed"},
	} {
		s := NewSituation(tc.shop, releases.Assignment{Latest: is, Step: rollout.Step{Release: tc.to, Reason: tc.planned}}, servingOn(tc.on), tc.about)
		told, out := Status(s, tc.done)
		if told.Released.Reason != tc.want {
			t.Errorf("%s: %s, want %s", name, told.Released.Reason, tc.want)
		}
		result, err := out.Result()
		if err != nil || (result.RequeueAfter > 0) != tc.looks || out.Stops() != (tc.planned == rollout.PinUnknown) {
			t.Errorf("%s: %+v %+v %v", name, out, result, err)
		}
	}
}

func TestWhyAReleaseFailedIsSaidUntilItIsAboutAnotherOne(t *testing.T) {
	for about, want := range map[string]string{
		"": "the pods said so", is: "the pods said so", was: findingOf(rollout.ReleaseFailed, is).Message,
	} {
		shop := shopTold("False", v1alpha1.ReasonReleaseFailed, "the pods said so", was)
		s := NewSituation(shop, releases.Assignment{Latest: is, Step: rollout.Step{Release: was, Reason: rollout.ReleaseFailed}}, servingOn(was), about)
		if told, _ := Status(s, Changes{}); told.Released.Message != want {
			t.Errorf("after %q was told about, it says %q, want %q", about, told.Released.Message, want)
		}
	}
}

func TestTheStatusNamesTheReleaseOnWhichAllServes(t *testing.T) {
	step := rollout.Step{Release: is, Reason: rollout.UpToDate, Wave: "canary"}
	s := NewSituation(shopTold("False", v1alpha1.ReasonWaitingForTurn, "so", was), releases.Assignment{Latest: is, Step: step}, servingOn(is), "")
	told, _ := Status(s, Changes{})
	if want := (v1alpha1.ShopRelease{Current: is, Target: is, Wave: "canary"}); told.Place != want {
		t.Errorf("%+v, want %+v", told.Place, want)
	}
	if told, _ = Status(s, Changes{Rolled: true}); told.Place.Current != was {
		t.Errorf("while it rolls: %+v", told.Place)
	}
}
