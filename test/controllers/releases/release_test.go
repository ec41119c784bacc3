package releases

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
	"github.com/wismo-dev/wismo/internal/testing/installed"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// inWaves lets those of the ring canary go first, and all others wait for a person.
const inWaves = `houseRelay: {host: relay.mail.svc, port: 25, tls: None, domain: mail.platform.example}
images: {trackingPage: "image:%[1]s", notifier: "image:%[1]s"}
release:
  waves:
  - {name: canary, selector: {matchLabels: {tracking.wismo.dev/ring: canary}}, maxConcurrent: 1, bakeSeconds: 0}
  - {name: others, maxConcurrent: 100%%, bakeSeconds: 0, approval: Required}
`

// ship makes a release of other images, in waves, and returns its name. After the test everything is as before.
func ship(t *testing.T, tag string) string {
	t.Helper()
	return shipBy(t, inWaves, tag)
}

// shipBy returns ship by another plan.
func shipBy(t *testing.T, plan, tag string) string {
	t.Helper()
	before := latestRelease(t)
	t.Cleanup(func() { suite.Configure(t, suite.Configuration) })
	suite.Configure(t, fmt.Sprintf(plan, tag))
	return nextRelease(t, before)
}

func nextRelease(t *testing.T, before string) string {
	t.Helper()
	var name string
	suite.Eventually(t, "there is another release than "+before, func() error {
		if name = latestRelease(t); name == before {
			return fmt.Errorf("it is still %s", name)
		}
		return nil
	})
	return name
}

// latestRelease returns what the operator says, once it does.
func latestRelease(t *testing.T) string {
	t.Helper()
	told := &corev1.ConfigMap{}
	suite.Eventually(t, "the operator tells of a release", func() error {
		return suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: suite.OperatorNamespace, Name: "wismo-release"}, told)
	})
	return told.Data["release"]
}

// withoutOthers deletes the Shops of other tests: a Shop there that does not roll out would hold up releases here.
func withoutOthers(t *testing.T) {
	t.Helper()
	shops := &v1alpha1.ShopList{}
	if err := suite.Kube.List(t.Context(), shops); err != nil {
		t.Fatal(err)
	}
	for i := range shops.Items {
		if err := suite.Kube.Delete(t.Context(), &shops.Items[i]); client.IgnoreNotFound(err) != nil {
			t.Fatal(err)
		}
	}
}

// succeeded waits until what the tests before left behind is over: the latest release is one of their configuration, and
// has reached all Shops.
func succeeded(t *testing.T) {
	t.Helper()
	told, kept := &corev1.ConfigMap{}, &appsv1.ControllerRevision{}
	suite.Eventually(t, "the latest release has succeeded", func() error {
		err := errors.Join(
			suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: suite.OperatorNamespace, Name: "wismo-release"}, told),
			suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: suite.OperatorNamespace, Name: told.Data["release"]}, kept))
		if err != nil {
			return err
		}
		document, err := release.Decode(kept.Data.Raw)
		if err == nil && (told.Data["state"] != "Succeeded" || document.Images.TrackingPage != "image:1") {
			return fmt.Errorf("it says %v, of %v", told.Data, document.Images)
		}
		return err
	})
}

// approve lets the others move.
func approve(t *testing.T, name string) {
	t.Helper()
	kept := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: suite.OperatorNamespace, Name: name}}
	suite.Edit(t, kept, func(r *appsv1.ControllerRevision) {
		if r.Annotations == nil {
			r.Annotations = map[string]string{}
		}
		r.Annotations[v1alpha1.AnnotationApprove] = "others"
	})
}

func pageOf(t *testing.T, shop *v1alpha1.Shop) *appsv1.Deployment {
	t.Helper()
	d := &appsv1.Deployment{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-page"}, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// wantRuns waits until the page's Deployment has the release and the image.
func wantRuns(t *testing.T, shop *v1alpha1.Shop, name, image string) {
	t.Helper()
	suite.Eventually(t, fmt.Sprintf("%s/%s runs %s with %s", shop.Namespace, shop.Name, name, image), func() error {
		d := pageOf(t, shop)
		if got := d.Spec.Template.Spec.Containers[0].Image; d.Labels[v1alpha1.LabelRelease] != name || got != image {
			return fmt.Errorf("it runs %s with %s", d.Labels[v1alpha1.LabelRelease], got)
		}
		return nil
	})
}

// statusWrites returns the writes of the Shop's status among all.
func statusWrites(all []installed.Request) int {
	n := 0
	for _, w := range all {
		if strings.HasSuffix(w.Path, "/status") {
			n++
		}
	}
	return n
}

// readyOn takes a Shop to Ready on the latest release.
func readyOn(t *testing.T, shop *v1alpha1.Shop) string {
	t.Helper()
	succeeded(t)
	suite.ReadyShop(t, shop)
	suite.Settled(t)
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionTrue, v1alpha1.ReasonUpToDate)
	return pageOf(t, shop).Labels[v1alpha1.LabelRelease]
}

func TestAShopThatWaitsIsReadyTakesItsOwnEditsAndMovesWhenItMay(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	before := readyOn(t, shop)
	next := ship(t, "2")
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForApproval)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if got := shop.Status.Release; got == nil || string(got.Current) != before || string(got.Target) != next || got.Wave != "others" {
		t.Errorf("status.release is %+v", got)
	}

	old := suite.RunningBundle(t, shop)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	suite.Eventually(t, "the edit rolls", func() error {
		if suite.RunningBundle(t, shop) == old {
			return fmt.Errorf("still %s", old)
		}
		return nil
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	ready := suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	wantRuns(t, shop, before, "image:1")

	approve(t, next)
	wantRuns(t, shop, next, "image:2")
	suite.Hold(t, shop, "page", metav1.Now(), true)
	suite.Clock.Jump(t, shop, 31*time.Second) // until then it is not worth a word
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonUpdating)
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReleased, v1alpha1.ReasonUpToDate)
	if string(shop.Status.Release.Current) != next {
		t.Errorf("status.release is %+v", shop.Status.Release)
	}
	after := suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if !after.LastTransitionTime.Equal(&ready.LastTransitionTime) {
		t.Error("the platform's release made the Shop unready for a while, and who waits for it waited for the fleet")
	}
	if d := pageOf(t, shop); d.Annotations[v1alpha1.AnnotationReleaseBefore] != before || d.Annotations[v1alpha1.AnnotationReleaseSince] == "" {
		t.Errorf("the Deployment says %v", d.Annotations)
	}
}

func TestPitfall14AReleaseThatChangesNothingForAShopMovesItsLabelOnly(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	before := readyOn(t, shop)
	was := pageOf(t, shop)
	written := len(suite.Writes(shop.Namespace))
	shared := suite.Texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
	shared.Name, shared.Labels[v1alpha1.LabelLibrary] = "of-others-"+shop.Namespace, ""
	suite.Create(t, shared)
	next := nextRelease(t, before)
	wantRuns(t, shop, next, "image:1")
	suite.Eventually(t, "the status says so", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return err
		}
		if string(shop.Status.Release.Current) != next {
			return fmt.Errorf("status.release is %+v", shop.Status.Release)
		}
		return nil
	})
	suite.Settled(t)
	now := pageOf(t, shop)
	if !equality.Semantic.DeepEqual(was.Spec, now.Spec) {
		t.Error("the Deployment's spec has changed, so that its pods restart")
	}
	if was.Annotations[v1alpha1.AnnotationReleaseSince] != now.Annotations[v1alpha1.AnnotationReleaseSince] {
		t.Error("a bake begins, although no pod is another one")
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if all := suite.Writes(shop.Namespace)[written:]; len(all) > 5 || statusWrites(all) > 3 {
		t.Errorf("the release cost %d writes: %v", len(all), all)
	}
}

func TestPitfall16AChangeByHandIsTakenBackToTheReleaseThatRuns(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	before := readyOn(t, shop)
	ship(t, "2")
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForApproval)
	page := pageOf(t, shop)
	suite.Edit(t, page, func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.Containers[0].Image = "somebody/else:1"
		delete(d.Labels, v1alpha1.LabelRelease)
	})
	wantRuns(t, shop, before, "image:1")
}

func TestPitfall17APinToAnUnknownReleaseIsStalledAndOwnEditsGoOn(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	before := readyOn(t, shop)
	old := suite.RunningBundle(t, shop)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: "rel-9999"}
		s.Spec.DisplayName = "Linden & Co"
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonReleaseNotFound)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseNotFound)
	if !strings.Contains(c.Message, "rel-9999") {
		t.Errorf("the message does not name the release: %s", c.Message)
	}
	if suite.RunningBundle(t, shop) == old || pageOf(t, shop).Labels[v1alpha1.LabelRelease] != before {
		t.Error("its own edit does not count on the release that it runs")
	}
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Release = nil })
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
}

func TestAPinnedShopRunsAnOlderReleaseAndTakesItsOwnEdits(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	older := readyOn(t, shop)
	next := ship(t, "2")
	approve(t, next)
	wantRuns(t, shop, next, "image:2")
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReleased, v1alpha1.ReasonUpToDate)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: v1alpha1.ReleaseName(older)}
	})
	wantRuns(t, shop, older, "image:1")
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReleased, v1alpha1.ReasonPinned)
	old := suite.RunningBundle(t, shop)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	suite.Eventually(t, "the edit rolls on the pinned release", func() error {
		if d := pageOf(t, shop); suite.RunningBundle(t, shop) == old || d.Labels[v1alpha1.LabelRelease] != older {
			return fmt.Errorf("still %s on %s", old, d.Labels[v1alpha1.LabelRelease])
		}
		return nil
	})
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	if notes := suite.WantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionTrue, "").Message; strings.Contains(notes, "release") {
		t.Errorf("spec.release is said to do nothing: %s", notes)
	}
}

// An operator of an older version cannot know what a newer one rendered.
func TestPitfall20AReleaseOfANewerOperatorLeavesEveryShopAsItIs(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	before := readyOn(t, shop)
	kept := &appsv1.ControllerRevision{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: suite.OperatorNamespace, Name: before}, kept); err != nil {
		t.Fatal(err)
	}
	number, _ := release.Number(latestRelease(t))
	newer := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: suite.OperatorNamespace, Name: release.Name(number + 1), Labels: kept.Labels}, Revision: number + 1,
	}
	document, err := release.Decode(kept.Data.Raw)
	if err != nil {
		t.Fatal(err)
	}
	document.Render = 99
	newer.Data.Raw = document.Encode()
	suite.Operator.Stop()
	page := pageOf(t, shop)
	mine := suite.MinimalShop(suite.InNamespace(t))
	suite.Create(t, newer)
	for _, name := range []string{"-page", "-notifier"} {
		d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name + name}}
		suite.Edit(t, d, func(d *appsv1.Deployment) {
			d.Labels[v1alpha1.LabelRelease] = newer.Name
			d.Spec.Template.Spec.Containers[0].Image = "image:of-tomorrow"
		})
	}
	suite.RollOut(t, shop.Namespace)
	t.Cleanup(func() {
		suite.Operator.Stop()
		_ = suite.Kube.Delete(context.Background(), newer)
		_ = suite.Kube.Delete(context.Background(), shop)
		if err := suite.Operator.Start(); err != nil {
			t.Error(err)
		}
	})
	if err := suite.Operator.Start(); err != nil {
		t.Fatal(err)
	}
	suite.Settled(t)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonReleaseUnusable)
	suite.Settled(t)
	if now := pageOf(t, shop); now.Spec.Template.Spec.Containers[0].Image != "image:of-tomorrow" || now.Labels[v1alpha1.LabelBundle] != page.Labels[v1alpha1.LabelBundle] {
		t.Error("what a newer operator rendered was rendered anew")
	}
	suite.ReadyShop(t, mine) // a new Shop begins with what there is to begin with
	wantRuns(t, mine, before, "image:1")
}

// A release is five writes: a bundle, both Deployments, and the status when the Shop begins to wait and when it has
// arrived. With the second one, the bundle before the last goes as well.
func TestPitfall22AReleaseCostsAShopFewWrites(t *testing.T) {
	withoutOthers(t)
	for name, waits := range map[string]bool{"that waits for no wave": false, "that waits": true} {
		t.Run(name, func(t *testing.T) {
			ns := suite.InNamespace(t)
			shared := suite.Texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
			shared.Name, shared.Labels[v1alpha1.LabelLibrary] = "texts-"+ns, ""
			suite.Create(t, shared)
			shop := suite.MinimalShop(ns)
			shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(shared.Name)}, Source: v1alpha1.SourceLibrary}}
			readyOn(t, shop)
			if waits {
				t.Cleanup(func() { suite.Configure(t, suite.Configuration) })
				suite.Configure(t, fmt.Sprintf(inWaves, "1"))
				wantConfiguration(t, "Current", "", 1)
				suite.Settled(t)
			}
			for i, text := range []string{"Komt eraan", "Bijna"} {
				old, written, began := suite.RunningBundle(t, shop), len(suite.Writes(ns)), time.Now()
				retold(t, shop, shared, text, waits)
				all := slices.DeleteFunc(suite.Writes(ns)[written:], func(w installed.Request) bool { return w.Status >= http.StatusBadRequest })
				removed := len(slices.DeleteFunc(slices.Clone(all), func(w installed.Request) bool { return w.Method != http.MethodDelete }))
				t.Logf("%d writes, %d of them of the status, %d of them removals", len(all), statusWrites(all), removed)
				status := 1
				if waits {
					status++
				}
				if time.Since(began) > 30*time.Second { // then it is told that the Shop moves
					status++
				}
				if len(all)-removed > 3+status || statusWrites(all) > status || removed != i {
					t.Errorf("the release cost %d writes: %v", len(all), all)
				}
				if suite.RunningBundle(t, shop) == old {
					t.Error("nothing has rolled, so this proves nothing")
				}
			}
		})
	}
}

// retold takes the Shop to a release of another text.
func retold(t *testing.T, shop *v1alpha1.Shop, shared *corev1.ConfigMap, text string, waits bool) {
	t.Helper()
	before := latestRelease(t)
	suite.Edit(t, shared, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: " + text + "\n" })
	next := nextRelease(t, before)
	if waits {
		suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForApproval)
		approve(t, next)
	}
	wantRuns(t, shop, next, "image:1")
	suite.Eventually(t, "the status says so", func() error {
		suite.RollOut(t, shop.Namespace)
		time.Sleep(200 * time.Millisecond) // to be heard
		err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop)
		if err == nil && string(shop.Status.Release.Current) != next {
			return fmt.Errorf("status.release is %+v", shop.Status.Release)
		}
		return err
	})
	suite.Settled(t)
}

func TestPitfall23AChangeOfConditionsAsksForNoDecision(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	readyOn(t, shop)
	page := suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
	suite.Rested(t, 6*time.Second, "fleet") // a decision, and a count that has changed, are put off by five at most
	before := suite.Reconciliations(t, "fleet")
	sick := suite.Healthy(bundle.PageComponent)
	sick.Storage = bundle.Unhealthy
	suite.Pods.Say(page, sick)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionFalse, v1alpha1.ReasonStorageUnreachable)
	time.Sleep(2 * time.Second)
	if after := suite.Reconciliations(t, "fleet"); after != before {
		t.Errorf("%d decisions because of a condition", after-before)
	}
}

// clashing returns a Shop of the ring canary that speaks a language which the next release takes away, its page's Deployment
// before that, and the name of that release. The waves are those of the configuration. When the test calls done, all is as
// it was.
func clashing(t *testing.T, waves string) (shop *v1alpha1.Shop, before *appsv1.Deployment, next string, done func()) {
	t.Helper()
	ns := suite.InNamespace(t)
	shared := suite.Texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
	shared.Name, shared.Labels[v1alpha1.LabelLibrary] = "danish-"+ns, ""
	danish, err := yaml.Marshal(message.Builtin("en")) // all there is to say
	if err != nil {
		t.Fatal(err)
	}
	shared.Data["da.yaml"] = string(danish)
	suite.Create(t, shared)
	t.Cleanup(func() { _ = suite.Kube.Delete(context.Background(), shared) }) // which is a release on which no Shop fails
	shop = suite.MinimalShop(ns)
	shop.Labels = map[string]string{v1alpha1.LabelRing: "canary"}
	shop.Spec.Locales = []v1alpha1.Locale{"nl", "da"}
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(shared.Name)}, Source: v1alpha1.SourceLibrary}}
	suite.Create(t, shop)
	suite.WantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionTrue, "")
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	succeeded(t)
	suite.Settled(t)
	before = pageOf(t, shop)
	t.Cleanup(func() { suite.Configure(t, suite.Configuration) })
	suite.Configure(t, fmt.Sprintf(waves, "1"))
	wantConfiguration(t, "Current", "", 1)
	last := latestRelease(t)
	suite.Edit(t, shared, func(cm *corev1.ConfigMap) { delete(cm.Data, "da.yaml") })
	next = nextRelease(t, last)
	return shop, before, next, func() {
		if err := suite.Kube.Delete(t.Context(), shared); err != nil {
			t.Error(err)
		}
		nextRelease(t, next)
	}
}

// wantClash reports whether the Shop bears the mark of a clash with the release; "" = none.
func wantClash(t *testing.T, shop *v1alpha1.Shop, mark string) {
	t.Helper()
	suite.Eventually(t, "the mark is "+mark, func() error {
		if got := pageOf(t, shop).Annotations[v1alpha1.AnnotationReleaseClash]; got != mark {
			return fmt.Errorf("it is %q", got)
		}
		return nil
	})
}

// What a Shop brings itself may need what a release takes away.
func TestAShopWhoseOwnInputClashesWithAReleaseStaysAndCountsAsFailed(t *testing.T) {
	withoutOthers(t)
	shop, before, next, done := clashing(t, inWaves)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed)
	if !strings.Contains(c.Message, "da") || !strings.Contains(c.Message, next) {
		t.Errorf("the message does not say what clashes: %s", c.Message)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	wantClash(t, shop, next+".0")
	suite.Settled(t)
	if now := pageOf(t, shop); !equality.Semantic.DeepEqual(before.Spec, now.Spec) || now.Labels[v1alpha1.LabelRelease] != before.Labels[v1alpha1.LabelRelease] {
		t.Error("it moved although it cannot be rendered on the release")
	}
	told := &corev1.ConfigMap{}
	suite.Eventually(t, "the release is stopped, because its canary cannot run it", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: suite.OperatorNamespace, Name: "wismo-release"}, told); err != nil {
			return err
		}
		if state := told.Data["state"]; !slices.Contains([]string{"Halted", "RollingBack", "RolledBack"}, state) {
			return fmt.Errorf("it is %s", state)
		}
		return nil
	})
	last := suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed)
	if last.Message != c.Message {
		t.Errorf("why is forgotten: %s", last.Message)
	}
	done()
}

// A merchant who fixes what clashes need not wait for the next release.
func TestAShopThatClashedTakesPartAgainOnceItsOwnerHasFixedIt(t *testing.T) {
	withoutOthers(t)
	shop, before, next, done := clashing(t, strings.Replace(inWaves, "maxConcurrent: 1,", "maxConcurrent: 1, maxFailures: 1,", 1))
	wantClash(t, shop, next+".0")
	first := suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden Leven" }) // which fixes nothing
	suite.Eventually(t, "its own edit runs", func() error {
		if pageOf(t, shop).Generation == before.Generation {
			return errors.New("it does not")
		}
		return nil
	})
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	suite.Settled(t)
	wantClash(t, shop, next+".0")
	if c := suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed); c.Message != first.Message {
		t.Errorf("why is forgotten: %s", c.Message)
	}
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Locales = []v1alpha1.Locale{"nl"} })
	wantClash(t, shop, "")
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForTurn)
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	suite.Clock.Jump(t, shop, rollout.MaxLag) // until then what it was told before it clashed may still be under way
	wantRuns(t, shop, next, "image:1")
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReleased, v1alpha1.ReasonUpToDate)
	done()
}

// A merchant's mistake must not stop the release for other Shops.
func TestAShopThatIsBrokenByItsOwnerHoldsUpNoReleaseAndFollowsOnceItIsFixed(t *testing.T) {
	withoutOthers(t)
	ns := suite.InNamespace(t)
	own := suite.Texts(ns, "mail.OutForDelivery.subject: Onderweg\n")
	suite.Create(t, own)
	shop, other := suite.MinimalShop(ns), suite.MinimalShop(suite.InNamespace(t))
	shop.Labels = map[string]string{v1alpha1.LabelRing: "canary"}
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "texts"}, Source: v1alpha1.SourceLocal}}
	before := readyOn(t, shop)
	readyOn(t, other)
	suite.Edit(t, own, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivry.subject: Tikfout\n" })
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidTemplate)

	next := ship(t, "2")
	approve(t, next)
	wantRuns(t, other, next, "image:2")
	suite.RollsOutTo(t, other, v1alpha1.ConditionReleased, v1alpha1.ReasonUpToDate)
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonShopInvalid)
	wantRuns(t, shop, before, "image:1")

	suite.Edit(t, own, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: Komt eraan\n" })
	suite.RollOut(t, ns)
	suite.Clock.Jump(t, shop, rollout.MaxLag) // until then what it was told before it broke may still be under way
	suite.Eventually(t, "it follows", func() error {
		suite.RollOut(t, ns)
		if now := pageOf(t, shop).Labels[v1alpha1.LabelRelease]; now != next {
			return fmt.Errorf("it runs %s", now)
		}
		return nil
	})
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
}

// revised writes what the controller of Deployments keeps of the template that a Deployment has now.
func revised(t *testing.T, shop *v1alpha1.Shop, component string, number int, available int32) {
	t.Helper()
	d := &appsv1.Deployment{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-" + component}, d); err != nil {
		t.Fatal(err)
	}
	hash := fmt.Sprintf("%s-%d", component, number)
	template := *d.Spec.Template.DeepCopy()
	template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	selector := d.Spec.Selector.DeepCopy()
	selector.MatchLabels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	set := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: d.Namespace, Name: d.Name + "-" + fmt.Sprint(number), Labels: template.Labels,
			Annotations:     map[string]string{"deployment.kubernetes.io/revision": fmt.Sprint(number)},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(d, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
		},
		Spec: appsv1.ReplicaSetSpec{Replicas: new(int32(1)), Selector: selector, Template: template},
	}
	suite.Create(t, set)
	set.Status = appsv1.ReplicaSetStatus{Replicas: available, AvailableReplicas: available, ReadyReplicas: available}
	if err := suite.Kube.Status().Update(t.Context(), set); err != nil {
		t.Fatal(err)
	}
}

// stuck lets the Deployment say what it says when the new pod does not become ready in time, and the old one serves on.
func stuck(t *testing.T, shop *v1alpha1.Shop, component string) {
	t.Helper()
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name + "-" + component}}
	suite.Eventually(t, "the Deployment is stuck", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(d), d); err != nil {
			return err
		}
		d.Status.ObservedGeneration, d.Status.Replicas, d.Status.UpdatedReplicas, d.Status.UnavailableReplicas = d.Generation, 2, 1, 1
		i := slices.IndexFunc(d.Status.Conditions, func(c appsv1.DeploymentCondition) bool { return c.Type == appsv1.DeploymentProgressing })
		d.Status.Conditions[i].Status, d.Status.Conditions[i].Reason = corev1.ConditionFalse, "ProgressDeadlineExceeded"
		return suite.Kube.Status().Update(t.Context(), d)
	})
}

// goneBack makes an edit whose page does not become ready, and waits until the Shop serves what it served before. It
// returns the two bundles, and what is told.
func goneBack(t *testing.T, shop *v1alpha1.Shop) (good, bad, message string) {
	t.Helper()
	for _, component := range []string{"page", "notifier"} {
		revised(t, shop, component, 1, 1)
	}
	before := pageOf(t, shop)
	good = suite.RunningBundle(t, shop)

	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Too Long A Day" })
	suite.Eventually(t, "the edit rolls", func() error {
		if suite.RunningBundle(t, shop) == good {
			return fmt.Errorf("still %s", good)
		}
		return nil
	})
	bad = suite.RunningBundle(t, shop)
	revised(t, shop, "page", 2, 0)
	failing(t, shop, "page", 2)
	stuck(t, shop, "page")

	c := suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonProgressDeadlineExceeded)
	if !strings.Contains(c.Message, "OOMKilled") || !strings.Contains(c.Message, "rolled back") {
		t.Errorf("the message does not say what failed and what became of it: %s", c.Message)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionTrue, v1alpha1.ReasonAvailable)
	wantBundle(t, shop, good)
	suite.RollOut(t, shop.Namespace)
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonProgressDeadlineExceeded)
	now := pageOf(t, shop)
	if now.Annotations[v1alpha1.AnnotationFailedTemplate] == "" || !equality.Semantic.DeepEqual(before.Spec.Template, now.Spec.Template) {
		t.Errorf("the page does not run what served before: %v", now.Annotations)
	}
	return good, bad, c.Message
}

func TestAnEditWhosePodsDoNotBecomeReadyGoesBackAndIsNotTriedAgain(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	readyOn(t, shop)
	good, bad, message := goneBack(t, shop)
	now := pageOf(t, shop)

	suite.Settled(t)
	written := len(suite.Writes(shop.Namespace))
	suite.Resync(t, shop, 5)
	suite.Settled(t)
	if all := suite.Writes(shop.Namespace)[written:]; len(all) > 2 { // of a first report
		t.Errorf("it writes on and on: %v", all)
	}
	older, next := now.Labels[v1alpha1.LabelRelease], ship(t, "2")
	approve(t, next)
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonShopInvalid)
	wantRuns(t, shop, older, "image:1")
	suite.Edit(t, now, func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = "somebody/else:1" })
	wantRuns(t, shop, now.Labels[v1alpha1.LabelRelease], "image:1")
	wantBundle(t, shop, good)
	suite.Restart(t)
	suite.Settled(t)
	wantBundle(t, shop, good)
	if again := suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, ""); again.Message != message {
		t.Errorf("what failed is forgotten: %s", again.Message)
	}

	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "A Day" })
	suite.Eventually(t, "another edit is tried, and the release with it", func() error {
		if b := suite.RunningBundle(t, shop); b == good || b == bad {
			return fmt.Errorf("it runs %s", b)
		}
		return nil
	})
	suite.Clock.Jump(t, shop, rollout.MaxLag) // until then what it was told before it failed may still be under way
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReleased, "")
	wantRuns(t, shop, next, "image:2")
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	if mark := pageOf(t, shop).Annotations[v1alpha1.AnnotationFailedTemplate]; mark != "" {
		t.Errorf("the mark of the failed one stays: %s", mark)
	}
}

func wantBundle(t *testing.T, shop *v1alpha1.Shop, want string) {
	t.Helper()
	suite.Eventually(t, "page and notifier run "+want, func() error {
		for _, component := range []string{"page", "notifier"} {
			d := &appsv1.Deployment{}
			if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-" + component}, d); err != nil {
				return err
			}
			for _, v := range d.Spec.Template.Spec.Volumes {
				if v.Name == "bundle" && v.ConfigMap.Name != want {
					return fmt.Errorf("the %s runs %s", component, v.ConfigMap.Name)
				}
			}
		}
		return nil
	})
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: want}, &corev1.ConfigMap{}); err != nil {
		t.Errorf("the bundle that serves is gone: %v", err)
	}
}

// failing is a pod of the revision that is killed again and again.
func failing(t *testing.T, shop *v1alpha1.Shop, component string, number int) {
	t.Helper()
	set := &appsv1.ReplicaSet{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: fmt.Sprintf("%s-%s-%d", shop.Name, component, number)}, set); err != nil {
		t.Fatal(err)
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "pods"}}
	suite.Create(t, account)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: set.Name + "-x", Labels: set.Spec.Template.Labels},
		Spec:       corev1.PodSpec{ServiceAccountName: account.Name, Containers: []corev1.Container{{Name: "page", Image: "image:1"}}},
	}
	suite.Create(t, pod)
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: "page", Image: "image:1", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled", ExitCode: 137}},
	}}
	if err := suite.Kube.Status().Update(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
}
