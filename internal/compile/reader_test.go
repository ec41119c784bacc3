package compile_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/bundle/frozen"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
)

// readByLastRelease fails unless a workload of the last release reads the bundle.
func readByLastRelease(t testing.TB, out compile.Output) {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(out.Data))
	if err != nil {
		t.Fatalf("there is no bundle: %v, missing %v", out.Problems, out.Missing)
	}
	plain, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := frozen.Decode(plain); err != nil {
		t.Errorf("a workload of the last release refuses its bundle: %v", err)
	}
}

func TestAShopOnTheLastReleaseKeepsABundleThatItsWorkloadsRead(t *testing.T) {
	out := compile.Compile(compiletest.LastRelease(t, compiletest.Linden(t)))
	readByLastRelease(t, out)
	if out.Document.MinReader != 0 || len(out.NotYetActive) > 0 {
		t.Errorf("it needs reader %d and is told %v", out.Document.MinReader, out.NotYetActive)
	}
}

func TestWhatAnOlderReleaseMayIgnoreIsLeftOutAndNamed(t *testing.T) {
	in := compiletest.LastRelease(t, compiletest.Linden(t))
	days := int32(1)
	in.Shop.Spec.Promise = &v1alpha1.Promise{HandlingBusinessDays: &days, ClosedDays: []v1alpha1.ClosedDay{"12-24"}}
	in.Shop.Spec.DeliveryMethods = []v1alpha1.DeliveryMethod{{Name: "letter", Titles: []v1alpha1.MethodTitle{"Brief"}, Method: v1alpha1.MethodLetter}}
	in.Shop.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: "own", Source: v1alpha1.SourceLocal}
	in.Policy = policyOf(v1alpha1.NotificationPolicySpec{
		Rules: []v1alpha1.Rule{{Occasion: v1alpha1.OccasionNoFirstScan, Level: v1alpha1.LevelCritical}, {Occasion: "Delivered", Level: v1alpha1.LevelImportant}},
		Watch: &v1alpha1.Watch{NoScanHours: 24},
	})
	out := compile.Compile(in)
	readByLastRelease(t, out)
	want := []string{"NotificationPolicy/linden/own spec.rules[NoFirstScan]", "NotificationPolicy/linden/own spec.watch", "spec.deliveryMethods", "spec.promise.closedDays"}
	if diff := cmp.Diff(want, out.NotYetActive); diff != "" {
		t.Error(diff)
	}
	in.Platform.Render = 0
	if out := compile.Compile(in); len(out.NotYetActive) > 0 || out.Document.Policy.Watch.NoScanHours != 24 {
		t.Errorf("this release does not act on it: %v, %v", out.Problems, out.NotYetActive)
	}
}

func policyOf(spec v1alpha1.NotificationPolicySpec) *v1alpha1.NotificationPolicy {
	p := &v1alpha1.NotificationPolicy{Spec: spec}
	p.Namespace, p.Name = "linden", "own"
	return p
}

func TestWhatAnOlderReleaseWouldMakeTooManyMessagesOfIsRefusedAndNeverLeftOut(t *testing.T) {
	three := int32(3)
	integration := func(responsible v1alpha1.Responsible) func(*compile.Input) {
		return func(in *compile.Input) {
			ci := compiletest.Fjallro(t).Integrations[1]
			ci.Name, ci.Namespace = "easypost", "linden"
			ci.Spec.Carriers = []v1alpha1.Carrier{{Name: "dpd", Notices: []v1alpha1.Notice{{Occasion: "Delivered", Responsible: responsible}}}}
			in.Integrations = []v1alpha1.CarrierIntegration{ci}
		}
	}
	policy := func(spec v1alpha1.NotificationPolicySpec) func(*compile.Input) {
		return func(in *compile.Input) {
			in.Shop.Spec.NotificationPolicyRef, in.Policy = &v1alpha1.PolicyReference{Name: "own", Source: v1alpha1.SourceLocal}, policyOf(spec)
		}
	}
	own := compile.PolicyObject(policyOf(v1alpha1.NotificationPolicySpec{}))
	for name, tc := range map[string]struct {
		edit         func(*compile.Input)
		object, path string // "" = it is not refused
	}{
		"quiet hours":           {policy(v1alpha1.NotificationPolicySpec{QuietHours: &v1alpha1.QuietHours{Start: "21:00", End: "08:00"}}), own, "spec.quietHours"},
		"segments":              {policy(v1alpha1.NotificationPolicySpec{Segments: []v1alpha1.Segment{{Name: "trade", CustomerTags: []v1alpha1.Tag{"b2b"}}}}), own, "spec.segments"},
		"daily limit":           {policy(v1alpha1.NotificationPolicySpec{Budget: &v1alpha1.Budget{PerRecipientPerDay: &three}}), own, "spec.budget.perRecipientPerDay"},
		"gap":                   {policy(v1alpha1.NotificationPolicySpec{Budget: &v1alpha1.Budget{MinimumGapSeconds: &three}}), own, "spec.budget.minimumGapSeconds"},
		"routine limit":         {policy(v1alpha1.NotificationPolicySpec{Budget: &v1alpha1.Budget{RoutinePerOrder: &three}}), "", ""},
		"carrier tells":         {integration(v1alpha1.ResponsibleCarrier), "CarrierIntegration/easypost", "spec.carriers[dpd].notices[Delivered]"},
		"shop tells":            {integration(v1alpha1.ResponsibleShop), "", ""},
		"policy of the release": {func(in *compile.Input) { in.Platform.Policy = bundle.BuiltinPolicy() }, compile.ShopObject, "spec"},
	} {
		t.Run(name, func(t *testing.T) {
			in := compiletest.LastRelease(t, compiletest.Linden(t))
			tc.edit(&in)
			if tc.path == "" {
				readByLastRelease(t, compile.Compile(in))
				return
			}
			wantRefused(t, in, tc.object, tc.path)
			wantOnTheWayBack(t, in, tc.path)
			in.Platform.Render = 0
			if out := compile.Compile(in); out.Document == nil || (tc.object == own && len(out.NotYetActive) > 0) {
				t.Errorf("this release: %v, %v", out.Problems, out.NotYetActive)
			}
		})
	}
}

func wantRefused(t *testing.T, in compile.Input, object, path string) {
	t.Helper()
	out := compile.Compile(in)
	if len(out.Problems) != 1 || out.Document != nil {
		t.Fatalf("problems %v, document %v", out.Problems, out.Document != nil)
	}
	if p := out.Problems[0]; !p.Later || p.Object != object || p.Path != path {
		t.Errorf("%+v", p)
	}
}

// wantOnTheWayBack fails unless the Shop can go back, and is told what is lost; the release's own policy is not its business.
func wantOnTheWayBack(t *testing.T, in compile.Input, path string) {
	t.Helper()
	in.Returning = true
	out := compile.Compile(in)
	readByLastRelease(t, out)
	if path != "spec" && !slices.ContainsFunc(out.NotYetActive, func(p string) bool { return strings.HasSuffix(p, path) }) {
		t.Errorf("a Shop that goes back is told only %v", out.NotYetActive)
	}
}

// Whatever a Shop asks for, its workloads read what is made of it, and it is told of all that they do not act on.
func TestNothingIsLostOnAnOlderReleaseThatIsNotSaid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := mutatedInput(rt, func() compile.Input { return compiletest.Fjallro(t) })
		old := compiletest.LastRelease(t, in)
		in.Platform.Policy = old.Platform.Policy
		now := compile.Compile(in)
		old.Returning = rapid.Bool().Draw(rt, "returning")
		then := compile.Compile(old)
		if now.Document == nil {
			return // it cannot be compiled for other reasons
		}
		stated := *now.Document
		stated.ActivityFile = false // workloads without the file get the activity in the Document
		_, lost := bundle.Fit(&stated, frozen.Reader)
		required := slices.ContainsFunc(lost, func(e bundle.Entry) bool { return e.Loss == bundle.Required })
		if then.Document == nil {
			if !required || old.Returning {
				rt.Fatalf("it is refused without need: %v", then.Problems)
			}
			return
		}
		readByLastRelease(t, then)
		if required && !old.Returning {
			rt.Fatalf("it would send or show more: %v", lost)
		}
		if len(lost) > 0 && len(then.NotYetActive) <= len(now.NotYetActive) {
			rt.Fatalf("%v is lost, and it is told %v", lost, then.NotYetActive)
		}
	})
}
