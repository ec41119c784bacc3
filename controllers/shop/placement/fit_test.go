package placement

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

// edition returns a release of this build, with or without the policy of the library that the Shop below uses.
func edition(name string, withPolicy bool) *releases.Edition {
	e := &releases.Edition{
		Name: name, Document: release.Document{Render: desired.RenderVersion, Policy: bundle.BuiltinPolicy()},
		Policies: map[string]*v1alpha1.NotificationPolicy{},
	}
	if withPolicy {
		e.Policies["house"] = &v1alpha1.NotificationPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.LibraryNamespace, Name: "house"}}
	}
	return e
}

func TestWhoseFaultItIsThatAShopCannotBeCompiled(t *testing.T) {
	clash := release.AttemptRef{Release: is, Attempt: 3}
	for name, tc := range map[string]struct {
		onWas, onIs bool               // whether the Shop can be compiled on either release
		to          string             // that it is to run; it runs the first
		mark        release.AttemptRef // on its Deployments
		want        Fit
	}{
		"it fits":                                {onWas: true, onIs: true, to: is, want: Fit{}},
		"it fits and clashed before":             {onWas: true, onIs: true, to: was, mark: clash, want: Fit{}},
		"it fits no release":                     {to: is, want: Fit{Invalid: is}},
		"it fits the one that it runs":           {onWas: true, to: is, want: Fit{IncompatibleWith: clash, Failure: "do not compile on release " + is}},
		"it stays and clashes as it did":         {onWas: true, to: was, mark: clash, want: Fit{IncompatibleWith: clash}},
		"it stays and nobody knows of any clash": {onWas: true, to: was, want: Fit{}},
		"it fits only the latest":                {onIs: true, to: was, want: Fit{}},
	} {
		t.Run(name, func(t *testing.T) {
			shop := &v1alpha1.Shop{
				ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden", UID: "linden", Generation: 1},
				Spec: v1alpha1.ShopSpec{
					DisplayName: "Linden", Hostname: "track.linden.example", HomeCountry: "NL",
					NotificationPolicyRef: &v1alpha1.PolicyReference{Name: "house", Source: v1alpha1.SourceLibrary},
				},
			}
			w := inmemory.NewFixture(t, shop, func(b *fake.ClientBuilder) {
				b.WithIndex(&v1alpha1.CarrierIntegration{}, inputs.ShopField, func(client.Object) []string { return nil })
			})
			editions := map[string]*releases.Edition{was: edition(was, tc.onWas), is: edition(is, tc.onIs)}
			w.Assignments.Publish(map[types.NamespacedName]releases.Assignment{}, editions)
			live := servingOn(was)
			live.Shop, live.Now = shop, w.Now()
			for _, d := range live.Deployments {
				remember(d, tc.mark)
			}
			s := NewSituation(shop, releases.Assignment{
				Edition: editions[tc.to], Latest: is, Attempt: 3, Step: rollout.Step{Release: tc.to, Reason: rollout.Updating},
			}, live, "")
			fit, err := New(w.Assignments, w.Gatherer, w.Kube).Fit(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if fit.IncompatibleWith != tc.want.IncompatibleWith || fit.Invalid != tc.want.Invalid || !strings.Contains(fit.Failure, tc.want.Failure) || (fit.Failure == "") != (tc.want.Failure == "") {
				t.Errorf("clash %v, invalid %q, failure %q", fit.IncompatibleWith, fit.Invalid, fit.Failure)
			}
			onTheOther := tc.to == is && !tc.onIs && tc.onWas
			if (fit.Edition.Name != tc.to) != onTheOther {
				t.Errorf("it is rendered on %s", fit.Edition.Name)
			}
		})
	}
}

// remember writes on a Deployment that the Shop clashed.
func remember(d *appsv1.Deployment, clash release.AttemptRef) {
	marks := release.MarksOf(d)
	marks.IncompatibleWith = clash
	d.Annotations = marks.Annotations()
}
