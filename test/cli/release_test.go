package cli_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// platform is a namespace with releases as the operator keeps them, and no operator.
type platform struct {
	t         *testing.T
	namespace string
}

func newPlatform(t *testing.T, name string) platform {
	t.Helper()
	return platform{t, newNamespace(t, name)}
}

func (p platform) keep(name, kind string, data []byte, latched *rollout.Progress) {
	p.t.Helper()
	o := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.namespace, Name: name,
			Labels: map[string]string{"app.kubernetes.io/managed-by": "wismo", v1alpha1.LabelRevision: kind},
		},
		Revision: 1, Data: runtime.RawExtension{Raw: data},
	}
	if latched != nil {
		o.Annotations = map[string]string{v1alpha1.AnnotationLatched: encode(p.t, latched)}
	}
	create(p.t, o)
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ship keeps a release with a library.
func (p platform) ship(number int64, notifier string, library map[string]release.Content, latched rollout.Progress) string {
	p.t.Helper()
	d := release.Document{HashVersion: release.HashVersion, Render: 1, Images: release.Images{TrackingPage: "page:1", Notifier: notifier}, Library: map[string]string{}}
	for object, content := range library {
		d.Library[object] = content.Name()
		if err := api.Get(p.t.Context(), client.ObjectKey{Namespace: p.namespace, Name: content.Name()}, &appsv1.ControllerRevision{}); err != nil {
			p.keep(content.Name(), v1alpha1.RevisionContent, content.Encode(), nil)
		}
	}
	p.keep(release.Name(number), v1alpha1.RevisionRelease, d.Encode(), &latched)
	return release.Name(number)
}

// publish publishes the state of the latest release.
func (p platform) publish(data map[string]string) {
	p.t.Helper()
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "wismo-release"}, Data: data}
	if err := api.Create(context.Background(), cm); err != nil {
		if err := api.Update(context.Background(), cm); err != nil {
			p.t.Error(err)
		}
	}
}

func (p platform) revision(name string) *appsv1.ControllerRevision {
	p.t.Helper()
	r := &appsv1.ControllerRevision{}
	if err := api.Get(context.Background(), client.ObjectKey{Namespace: p.namespace, Name: name}, r); err != nil {
		p.t.Fatal(err)
	}
	return r
}

// latch is what the operator writes once it has decided.
func (p platform) latch(name string, latched rollout.Progress) {
	r := p.revision(name)
	before := r.DeepCopy()
	r.Annotations[v1alpha1.AnnotationLatched] = encode(p.t, latched)
	if err := api.Patch(context.Background(), r, client.MergeFrom(before)); err != nil {
		p.t.Error(err)
	}
}

func (p platform) says(code int, texts []string, args ...string) string {
	p.t.Helper()
	return p.saysBefore(nil, code, texts, args...)
}

func (p platform) saysBefore(acts acts, code int, texts []string, args ...string) string {
	p.t.Helper()
	return saysBefore(p.t, acts, code, texts, append([]string{"release"}, append(args, "--operator-namespace", p.namespace)...)...)
}

// shopOn returns a Shop whose status names its release.
func shopOn(t *testing.T, namespace, name, wave, current, reason string) *v1alpha1.Shop {
	t.Helper()
	shop := newShop(namespace, name)
	create(t, shop)
	t.Cleanup(func() { _ = api.Delete(context.Background(), shop) }) // the commands list the Shops of all namespaces
	stand(t, shop, wave, current, reason)
	return shop
}

func stand(t *testing.T, shop *v1alpha1.Shop, wave, current, reason string) {
	t.Helper()
	status := metav1.ConditionFalse
	if reason == v1alpha1.ReasonUpToDate {
		status = metav1.ConditionTrue
	}
	shop.Status.ObservedGeneration = shop.Generation
	shop.Status.Release = &v1alpha1.ShopRelease{Current: v1alpha1.ReleaseName(current), Wave: wave}
	shop.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReleased, Status: status, Reason: reason, Message: "as " + name(shop), LastTransitionTime: metav1.Now()}}
	if err := api.Status().Update(context.Background(), shop); err != nil {
		t.Error(err)
	}
}

func name(o client.Object) string { return o.GetNamespace() + "/" + o.GetName() }

var (
	succeeded = rollout.Progress{Passed: []string{"canary", "rest"}, Succeeded: true}
	halted    = rollout.Progress{Halt: &rollout.Halt{Reason: rollout.MaxFailuresExceeded, Wave: "canary", Action: rollout.Rollback, Scope: rollout.WholeWave}}
	house     = map[string]release.Content{"ConfigMap/house-texts": {Data: map[string]string{"en.yaml": "a: one\nb: two\n", "nl.yaml": "a: een\n"}}}
	renewed   = map[string]release.Content{
		"ConfigMap/house-texts":       {Data: map[string]string{"en.yaml": "a: one\nb: 2\n", "nl.yaml": "a: een\n"}},
		"NotificationPolicy/platform": {Policy: &v1alpha1.NotificationPolicySpec{Rules: []v1alpha1.Rule{{Occasion: "Lost", Level: v1alpha1.LevelCritical}}}},
	}
)

func TestReleaseStatusNamesTheCurrentWaveAndTheFailedShops(t *testing.T) {
	p := newPlatform(t, "release-status")
	shops := newNamespace(t, "release-status-shops")
	p.says(2, []string{"there is no release in the namespace release-status", "kubectl wismo doctor"}, "status")
	p.ship(41, "notifier:1", house, succeeded)
	p.ship(42, "notifier:2", renewed, rollout.Progress{Passed: []string{"canary"}})
	shopOn(t, shops, "alder", "canary", "rel-0042", v1alpha1.ReasonUpToDate)
	shopOn(t, shops, "beech", "rest", "rel-0042", v1alpha1.ReasonUpdating)
	shopOn(t, shops, "cedar", "rest", "rel-0041", v1alpha1.ReasonReleaseFailed)
	shopOn(t, shops, "elm", "rest", "rel-0041", v1alpha1.ReasonPinned)
	p.says(0, []string{"rel-0042  Unpublished"}, "status")
	p.publish(map[string]string{"release": "rel-0042", "state": "Baking", "wave": "canary", "waveShops": shops + "/alder," + shops + "/beech"})
	p.says(0, []string{"Baking  wave canary (" + shops + "/alder, " + shops + "/beech)"}, "status")
	p.publish(map[string]string{"release": "rel-0042", "state": "Progressing", "wave": "rest"})
	out := p.says(0, []string{
		"rel-0042  Progressing  wave rest", "1 of 4 Shops up to date, 1 updating, 1 failed, 1 not following", "rel-0041 2, rel-0042 2",
		"Failed (1)", shops + "/cedar", "Moving (1)", shops + "/beech",
	}, "status")
	if strings.Contains(out, shops+"/alder") || strings.Index(out, "\ncanary ") > strings.Index(out, "\nrest ") {
		t.Errorf("it names who is fine, or the waves out of their order:\n%s", out)
	}
	p.says(0, []string{shops + "/alder"}, "status", "-o", "wide")
	var st struct {
		Release, State, Wave, Stable string
		Waves                        []struct {
			Name  string
			Shops int
			Over  bool
		}
	}
	if err := json.Unmarshal([]byte(p.says(0, nil, "status", "-o", "json")), &st); err != nil {
		t.Fatal(err)
	}
	if st.Stable != "rel-0041" || st.Wave != "rest" || len(st.Waves) != 2 || !st.Waves[0].Over || st.Waves[1].Shops != 3 {
		t.Errorf("for machines it is %+v", st)
	}
	p.publish(map[string]string{"release": "rel-0042", "state": "Progressing", "wave": "rest", "problems": "ConfigMap wismo-library/house-texts, en.yaml:3: unknown key"})
	p.says(1, []string{"Problems", "en.yaml:3: unknown key"}, "status")
}

func TestReleaseHistoryListsHowEachEndedAndWhatItChanged(t *testing.T) {
	p := newPlatform(t, "release-history")
	p.ship(1, "notifier:1", nil, succeeded)
	p.ship(2, "notifier:2", nil, halted)
	p.ship(3, "notifier:2", house, rollout.Progress{})
	p.ship(10, "notifier:2", renewed, rollout.Progress{})
	p.publish(map[string]string{"release": "rel-0010", "state": "Baking", "wave": "canary"})
	out := p.says(0, []string{"Baking", "NotificationPolicy/platform", "Superseded", "RolledBack", "images.notifier"}, "history")
	if lines := strings.Split(out, "\n"); !strings.HasPrefix(lines[1], "rel-0010") || !strings.HasPrefix(lines[4], "rel-0001") {
		t.Errorf("it begins with the oldest:\n%s", out)
	}
	p.says(0, []string{"controllerrevision.apps/rel-0003\n"}, "history", "-o", "name")
}

func TestReleaseDiffShowsImagesAndTheLibraryLineByLine(t *testing.T) {
	p := newPlatform(t, "release-diff")
	p.ship(41, "notifier:1", house, succeeded)
	p.says(2, []string{"rel-0041 is the only release"}, "diff")
	p.ship(42, "notifier:2", renewed, rollout.Progress{})
	out := p.says(0, []string{
		"rel-0041 -> rel-0042", "images.notifier: notifier:1 -> notifier:2", "ConfigMap/house-texts en.yaml\n--- rel-0041\n+++ rel-0042\n",
		"\n-b: two\n+b: 2\n", "NotificationPolicy/platform\n--- /dev/null", "+- level: Critical",
	}, "diff")
	if strings.Contains(out, "nl.yaml") || strings.Contains(out, "trackingPage") {
		t.Errorf("it shows what is the same:\n%s", out)
	}
	p.says(0, []string{"-b: 2\n+b: two\n"}, "diff", "rel-0042", "rel-0041")
	p.says(0, []string{"No difference."}, "diff", "rel-0042")
	p.says(2, []string{"there is no release rel-0007; choose from rel-0042, rel-0041"}, "diff", "rel-0007")
	p.says(0, []string{`"part": "ConfigMap/house-texts en.yaml"`}, "diff", "-o", "json")
}

func TestReleaseSteeringAnnotatesTheLatestReleaseAsItsOwnFieldManager(t *testing.T) {
	p := newPlatform(t, "release-steer")
	p.ship(41, "notifier:1", nil, succeeded)
	latest := p.ship(42, "notifier:2", nil, rollout.Progress{})
	p.publish(map[string]string{"release": latest, "state": "WaitingForApproval", "wave": "early"})
	for _, dry := range []string{"client", "server"} {
		p.says(0, []string{"rel-0042: paused", "dry run)"}, "pause", "--dry-run="+dry)
		if a := p.revision(latest).Annotations; a[v1alpha1.AnnotationPause] != "" {
			t.Errorf("--dry-run=%s paused it", dry)
		}
	}
	expect := func(annotation, want string) {
		t.Helper()
		if got := p.revision(latest).Annotations[annotation]; got != want {
			t.Errorf("%s is %q, want %q", annotation, got, want)
		}
	}
	p.says(0, []string{"rel-0042: paused: no further Shop"}, "pause")
	expect(v1alpha1.AnnotationPause, "Advance")
	p.says(0, []string{"already paused"}, "pause")
	p.says(0, []string{"neither forward nor back"}, "pause", "--all")
	expect(v1alpha1.AnnotationPause, "All")
	p.says(0, []string{"rel-0042: resumed"}, "resume")
	expect(v1alpha1.AnnotationPause, "")
	p.says(0, []string{"is not paused"}, "resume")
	p.says(0, []string{"approved: early"}, "approve")
	p.says(0, []string{"approved: rest"}, "approve", "early", "rest")
	expect(v1alpha1.AnnotationApprove, "early,rest")
	p.says(0, []string{"already approved"}, "approve", "rest")
	p.says(2, []string{"is not a name of a wave"}, "approve", "a,b")
	p.says(1, []string{"not stopped"}, "retry")
	p.says(1, []string{"not confirmed, so nothing was changed"}, "rollback")
	expect(v1alpha1.AnnotationRollBack, "")
	p.says(0, []string{"all Shops move back to rel-0041"}, "rollback", "--yes")
	expect(v1alpha1.AnnotationRollBack, "1")
	p.says(0, []string{"already being rolled back"}, "rollback", "--yes")
	p.latch(latest, rollout.Progress{Halt: &rollout.Halt{Reason: rollout.RollbackRequested, Action: rollout.Rollback, Scope: rollout.AllShops}})
	p.says(0, []string{"attempt 1 starts with the first wave"}, "retry")
	expect(v1alpha1.AnnotationRetry, "1")
	for _, m := range p.revision(latest).ManagedFields {
		if own := strings.Contains(m.FieldsV1.GetRawString(), v1alpha1.AnnotationRetry); own != (m.Manager == "wismo-cli") {
			t.Errorf("%s owns %s", m.Manager, m.FieldsV1.GetRawString())
		}
	}
	if a := p.revision("rel-0041").Annotations; len(a) != 1 {
		t.Errorf("an older release was annotated: %v", a)
	}
}

func TestReleaseRollbackNeedsAReleaseThatWasEverywhere(t *testing.T) {
	p := newPlatform(t, "release-first")
	p.ship(1, "notifier:1", nil, rollout.Progress{})
	p.says(1, []string{"no release before rel-0001 was everywhere", "release pause"}, "rollback", "--yes")
}

func TestReleaseWaitFollowsToTheEndAndItsCodeSaysHowItEnded(t *testing.T) {
	p := newPlatform(t, "release-wait")
	p.ship(41, "notifier:1", nil, succeeded)
	latest := p.ship(42, "notifier:2", nil, halted)
	p.publish(map[string]string{"release": latest, "state": "RolledBack", "wave": "canary"})
	p.says(1, []string{"rel-0042 RolledBack canary: 0 of 0 Shops"}, "status", "--wait", "--timeout", "20s")

	operator := acts{
		"rel-0042 RolledBack canary": func() { // as published before it knew of the new attempt, which is no end
			p.latch(latest, rollout.Progress{Attempt: 1})
			p.publish(map[string]string{"release": latest, "state": "Progressing", "wave": "canary"})
		},
		"rel-0042 Progressing canary": func() {
			p.latch(latest, rollout.Progress{Attempt: 1, Passed: []string{"canary", "rest"}, Succeeded: true})
			p.publish(map[string]string{"release": latest, "state": "Succeeded"})
		},
	}
	p.saysBefore(operator, 0, []string{"attempt 1", "rel-0042 Progressing canary", "rel-0042 Succeeded: "}, "retry", "--wait", "--timeout", "5m")

	p.publish(map[string]string{"release": latest, "state": "Baking", "wave": "rest"})
	p.says(1, []string{"rel-0042 is still Baking after 1s"}, "status", "--wait", "--timeout", "1s")
	operator = acts{"rel-0042 Baking rest": func() {
		p.latch(latest, rollout.Progress{Attempt: 1, Halt: &rollout.Halt{Reason: rollout.RollbackRequested, Action: rollout.Rollback, Scope: rollout.AllShops}})
		p.publish(map[string]string{"release": latest, "state": "RolledBack"})
	}}
	p.saysBefore(operator, 0, []string{"move back to rel-0041", "rel-0042 RolledBack"}, "rollback", "--yes", "--wait", "--timeout", "5m")
}

func TestReleasePinWritesTheShopAndUnpinTakesItBack(t *testing.T) {
	p := newPlatform(t, "release-pin")
	shops := newNamespace(t, "release-pin-shops")
	p.ship(41, "notifier:1", nil, succeeded)
	p.ship(42, "notifier:2", nil, succeeded)
	shop := shopOn(t, shops, "linden", "rest", "rel-0042", v1alpha1.ReasonUpToDate)
	chosen := func() v1alpha1.ReleaseChoice {
		t.Helper()
		if err := api.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			t.Fatal(err)
		}
		if shop.Spec.Release == nil {
			return v1alpha1.ReleaseChoice{}
		}
		return *shop.Spec.Release
	}
	p.says(1, []string{"there is no release rel-0007"}, "pin", "linden", "rel-0007", "-n", shops)
	p.says(2, []string{"there is no Shop oak"}, "pin", "oak", "-n", shops)
	p.says(0, []string{"shop/linden: pinned to rel-0041 (dry run)"}, "pin", "linden", "rel-0041", "-n", shops, "--dry-run")
	if c := chosen(); c != (v1alpha1.ReleaseChoice{}) {
		t.Errorf("a dry run chose %v", c)
	}
	p.says(0, []string{"shop/linden: pinned to rel-0042"}, "pin", "shop/linden", "-n", shops)
	if c := chosen(); c.Policy != v1alpha1.ReleasePin || c.Name != "rel-0042" {
		t.Errorf("it chose %v", c)
	}
	operator := acts{"shop/linden: UpToDate on rel-0042": func() {
		chosen() // reads the Shop as it is now
		stand(t, shop, "", "rel-0041", v1alpha1.ReasonPinned)
	}}
	p.saysBefore(operator, 0, []string{"pinned to rel-0041", "shop/linden: UpToDate on rel-0042", "shop/linden: Pinned on rel-0041"}, "pin", "linden", "rel-0041", "-n", shops, "--wait", "--timeout", "5m")
	p.says(1, []string{"not done within 1s"}, "unpin", "linden", "-n", shops, "--wait", "--timeout", "1s")
	if c := chosen(); c != (v1alpha1.ReleaseChoice{}) {
		t.Errorf("unpinned it has %v", c)
	}
	p.says(0, []string{"already follows the releases"}, "unpin", "linden", "-n", shops)
}

func TestReleasePinRefusesWhatAPipelineWouldTakeBackAndPrintsWhatToCommit(t *testing.T) {
	p := newPlatform(t, "release-gitops")
	shops := newNamespace(t, "release-gitops-shops")
	p.ship(42, "notifier:2", nil, succeeded)
	owned, labelled := newShop(shops, "flux"), newShop(shops, "argo")
	owned.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleaseHold}
	owned.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("Shop"))
	labelled.Labels = map[string]string{"argocd.argoproj.io/instance": "merchants"}
	applyAs(t, owned, "kustomize-controller")
	create(t, labelled)
	t.Cleanup(func() {
		_ = api.Delete(context.Background(), owned)
		_ = api.Delete(context.Background(), labelled)
	})
	p.says(1, []string{"is managed by the field manager kustomize-controller", "Commit this instead", "kind: Shop", "policy: Pin", "name: rel-0042"}, "pin", "flux", "rel-0042", "-n", shops)
	p.says(1, []string{"policy: Auto"}, "unpin", "flux", "-n", shops)
	p.says(1, []string{"is managed by Argo CD (Application merchants)"}, "pin", "argo", "rel-0042", "-n", shops)
	p.says(0, []string{"pinned to rel-0042"}, "pin", "flux", "rel-0042", "-n", shops, "--force")
}

func TestReleaseCompletionKnowsReleasesWavesAndShops(t *testing.T) {
	p := newPlatform(t, "release-complete")
	shops := newNamespace(t, "release-complete-shops")
	p.ship(41, "notifier:1", nil, succeeded)
	p.ship(42, "notifier:2", nil, rollout.Progress{Passed: []string{"canary"}})
	shopOn(t, shops, "linden", "early", "rel-0041", v1alpha1.ReasonWaitingForWave)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"release", "diff", "--operator-namespace", p.namespace, ""}, "rel-0041\tSucceeded"},
		{[]string{"release", "approve", "--operator-namespace", p.namespace, ""}, "early\t1 Shop"},
		{[]string{"release", "pin", "-n", shops, ""}, "linden\t"},
		{[]string{"release", "pin", "--operator-namespace", p.namespace, "-n", shops, "linden", ""}, "rel-0042"},
		{[]string{"release", ""}, "rollback\t"},
	} {
		says(t, 0, []string{c.want}, append([]string{"__complete"}, c.args...)...)
	}
}
