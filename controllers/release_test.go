package controllers_test

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
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
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

// shipBy is ship by another plan.
func shipBy(t *testing.T, plan, tag string) string {
	t.Helper()
	before := latestRelease(t)
	t.Cleanup(func() { configure(t, configuration) })
	configure(t, fmt.Sprintf(plan, tag))
	return nextRelease(t, before)
}

func nextRelease(t *testing.T, before string) string {
	t.Helper()
	var name string
	eventually(t, "there is another release than "+before, func() error {
		if name = latestRelease(t); name == before {
			return fmt.Errorf("it is still %s", name)
		}
		return nil
	})
	return name
}

// latestRelease is what the operator says, once it does.
func latestRelease(t *testing.T) string {
	t.Helper()
	told := &corev1.ConfigMap{}
	eventually(t, "the operator tells of a release", func() error {
		return kube.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "wismo-release"}, told)
	})
	return told.Data["release"]
}

// withoutOthers deletes the Shops of other tests: what nobody rolls out there would hold up releases here.
func withoutOthers(t *testing.T) {
	t.Helper()
	shops := &v1alpha1.ShopList{}
	if err := kube.List(t.Context(), shops); err != nil {
		t.Fatal(err)
	}
	for i := range shops.Items {
		if err := kube.Delete(t.Context(), &shops.Items[i]); client.IgnoreNotFound(err) != nil {
			t.Fatal(err)
		}
	}
}

// succeeded waits until what the tests before left behind is over: the latest release is one of their configuration, and
// has reached everybody.
func succeeded(t *testing.T) {
	t.Helper()
	told, kept := &corev1.ConfigMap{}, &appsv1.ControllerRevision{}
	eventually(t, "the latest release has succeeded", func() error {
		err := errors.Join(
			kube.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "wismo-release"}, told),
			kube.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: told.Data["release"]}, kept))
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
	kept := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: name}}
	edit(t, kept, func(r *appsv1.ControllerRevision) {
		if r.Annotations == nil {
			r.Annotations = map[string]string{}
		}
		r.Annotations[v1alpha1.AnnotationApprove] = "others"
	})
}

func pageOf(t *testing.T, shop *v1alpha1.Shop) *appsv1.Deployment {
	t.Helper()
	d := &appsv1.Deployment{}
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-page"}, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// wantRuns waits until the page's Deployment has the release and the image.
func wantRuns(t *testing.T, shop *v1alpha1.Shop, name, image string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s/%s runs %s with %s", shop.Namespace, shop.Name, name, image), func() error {
		d := pageOf(t, shop)
		if got := d.Spec.Template.Spec.Containers[0].Image; d.Labels[v1alpha1.LabelRelease] != name || got != image {
			return fmt.Errorf("it runs %s with %s", d.Labels[v1alpha1.LabelRelease], got)
		}
		return nil
	})
}

// rollsOutTo plays the controller of Deployments until the condition is True: page and notifier change one after the other.
func rollsOutTo(t *testing.T, shop *v1alpha1.Shop, kind, reason string) metav1.Condition {
	t.Helper()
	eventually(t, kind+" is True "+reason, func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return err
		}
		c := meta.FindStatusCondition(shop.Status.Conditions, kind)
		if c != nil && c.Status == metav1.ConditionTrue && (reason == "" || c.Reason == reason) && shop.Status.ObservedGeneration == shop.Generation {
			return nil
		}
		rollOut(t, shop.Namespace)
		time.Sleep(200 * time.Millisecond) // to be heard
		return fmt.Errorf("conditions:\n%s", summary(shop.Status.Conditions))
	})
	return *meta.FindStatusCondition(shop.Status.Conditions, kind)
}

// statusWrites are the writes of the Shop's status among all.
func statusWrites(all []seen) int {
	n := 0
	for _, w := range all {
		if strings.HasSuffix(w.path, "/status") {
			n++
		}
	}
	return n
}

// readyOn takes a Shop to Ready on the latest release.
func readyOn(t *testing.T, shop *v1alpha1.Shop) string {
	t.Helper()
	succeeded(t)
	readyShop(t, shop)
	settled(t)
	wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionTrue, v1alpha1.ReasonUpToDate)
	return pageOf(t, shop).Labels[v1alpha1.LabelRelease]
}

func TestAShopThatWaitsIsReadyTakesItsOwnEditsAndMovesWhenItMay(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	before := readyOn(t, shop)
	next := ship(t, "2")
	wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForApproval)
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if got := shop.Status.Release; got == nil || string(got.Current) != before || string(got.Target) != next || got.Wave != "others" {
		t.Errorf("status.release is %+v", got)
	}

	old := runningBundle(t, shop)
	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	eventually(t, "the edit rolls", func() error {
		if runningBundle(t, shop) == old {
			return fmt.Errorf("still %s", old)
		}
		return nil
	})
	wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	ready := rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	wantRuns(t, shop, before, "image:1")

	approve(t, next)
	wantRuns(t, shop, next, "image:2")
	hold(t, shop, "page", metav1.Now(), true)
	clock.jump(t, shop, 31*time.Second) // until then it is not worth a word
	wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonUpdating)
	rollsOutTo(t, shop, v1alpha1.ConditionReleased, v1alpha1.ReasonUpToDate)
	if string(shop.Status.Release.Current) != next {
		t.Errorf("status.release is %+v", shop.Status.Release)
	}
	after := wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if !after.LastTransitionTime.Equal(&ready.LastTransitionTime) {
		t.Error("the platform's release made the Shop unready for a while, and who waits for it waited for the fleet")
	}
	if d := pageOf(t, shop); d.Annotations[v1alpha1.AnnotationReleaseBefore] != before || d.Annotations[v1alpha1.AnnotationReleaseSince] == "" {
		t.Errorf("the Deployment says %v", d.Annotations)
	}
}

func TestPitfall14AReleaseThatChangesNothingForAShopMovesItsLabelOnly(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	before := readyOn(t, shop)
	was := pageOf(t, shop)
	written := len(traffic.writes(shop.Namespace))
	shared := texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
	shared.Name, shared.Labels[v1alpha1.LabelLibrary] = "of-others-"+shop.Namespace, ""
	create(t, shared)
	next := nextRelease(t, before)
	wantRuns(t, shop, next, "image:1")
	eventually(t, "the status says so", func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return err
		}
		if string(shop.Status.Release.Current) != next {
			return fmt.Errorf("status.release is %+v", shop.Status.Release)
		}
		return nil
	})
	settled(t)
	now := pageOf(t, shop)
	if !equality.Semantic.DeepEqual(was.Spec, now.Spec) {
		t.Error("the Deployment's spec has changed, so that its pods restart")
	}
	if was.Annotations[v1alpha1.AnnotationReleaseSince] != now.Annotations[v1alpha1.AnnotationReleaseSince] {
		t.Error("a bake begins, although no pod is another one")
	}
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if all := traffic.writes(shop.Namespace)[written:]; len(all) > 5 || statusWrites(all) > 3 {
		t.Errorf("the release cost %d writes: %v", len(all), all)
	}
}

func TestPitfall16AChangeByHandIsTakenBackToTheReleaseThatRuns(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	before := readyOn(t, shop)
	ship(t, "2")
	wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForApproval)
	page := pageOf(t, shop)
	edit(t, page, func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.Containers[0].Image = "somebody/else:1"
		delete(d.Labels, v1alpha1.LabelRelease)
	})
	wantRuns(t, shop, before, "image:1")
}

func TestPitfall17APinToAnUnknownReleaseIsStalledAndOwnEditsGoOn(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	before := readyOn(t, shop)
	old := runningBundle(t, shop)
	edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: "rel-9999"}
		s.Spec.DisplayName = "Linden & Co"
	})
	wantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonReleaseNotFound)
	c := wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseNotFound)
	if !strings.Contains(c.Message, "rel-9999") {
		t.Errorf("the message does not name the release: %s", c.Message)
	}
	if runningBundle(t, shop) == old || pageOf(t, shop).Labels[v1alpha1.LabelRelease] != before {
		t.Error("its own edit does not count on the release that it runs")
	}
	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Release = nil })
	rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
}

func TestAPinnedShopRunsAnOlderReleaseAndTakesItsOwnEdits(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	older := readyOn(t, shop)
	next := ship(t, "2")
	approve(t, next)
	wantRuns(t, shop, next, "image:2")
	rollsOutTo(t, shop, v1alpha1.ConditionReleased, v1alpha1.ReasonUpToDate)
	edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: v1alpha1.ReleaseName(older)}
	})
	wantRuns(t, shop, older, "image:1")
	rollsOutTo(t, shop, v1alpha1.ConditionReleased, v1alpha1.ReasonPinned)
	old := runningBundle(t, shop)
	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	eventually(t, "the edit rolls on the pinned release", func() error {
		if d := pageOf(t, shop); runningBundle(t, shop) == old || d.Labels[v1alpha1.LabelRelease] != older {
			return fmt.Errorf("still %s on %s", old, d.Labels[v1alpha1.LabelRelease])
		}
		return nil
	})
	rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	if notes := wantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionTrue, "").Message; strings.Contains(notes, "release") {
		t.Errorf("spec.release is said to do nothing: %s", notes)
	}
}

// An operator of an older version cannot know what a newer one rendered.
func TestPitfall20AReleaseOfANewerOperatorLeavesEveryShopAsItIs(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	before := readyOn(t, shop)
	kept := &appsv1.ControllerRevision{}
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: before}, kept); err != nil {
		t.Fatal(err)
	}
	number, _ := release.Number(latestRelease(t))
	newer := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: release.Name(number + 1), Labels: kept.Labels}, Revision: number + 1,
	}
	document, err := release.Decode(kept.Data.Raw)
	if err != nil {
		t.Fatal(err)
	}
	document.Render = 99
	newer.Data.Raw = document.Encode()
	operator.stop()
	page := pageOf(t, shop)
	mine := minimalShop(inNamespace(t))
	create(t, newer)
	for _, name := range []string{"-page", "-notifier"} {
		d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name + name}}
		edit(t, d, func(d *appsv1.Deployment) {
			d.Labels[v1alpha1.LabelRelease] = newer.Name
			d.Spec.Template.Spec.Containers[0].Image = "image:of-tomorrow"
		})
	}
	rollOut(t, shop.Namespace)
	t.Cleanup(func() {
		operator.stop()
		_ = kube.Delete(context.Background(), newer)
		_ = kube.Delete(context.Background(), shop)
		if err := operator.start(); err != nil {
			t.Error(err)
		}
	})
	if err := operator.start(); err != nil {
		t.Fatal(err)
	}
	settled(t)
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonReleaseUnusable)
	settled(t)
	if now := pageOf(t, shop); now.Spec.Template.Spec.Containers[0].Image != "image:of-tomorrow" || now.Labels[v1alpha1.LabelBundle] != page.Labels[v1alpha1.LabelBundle] {
		t.Error("what a newer operator rendered was rendered anew")
	}
	readyShop(t, mine) // a new Shop begins with what there is to begin with
	wantRuns(t, mine, before, "image:1")
}

// A release is five writes: a bundle, both Deployments, and the status when the Shop begins to wait and when it has
// arrived. With the second one, the bundle before the last goes as well.
func TestPitfall22AReleaseCostsAShopFewWrites(t *testing.T) {
	withoutOthers(t)
	for name, waits := range map[string]bool{"that waits for nobody": false, "that waits": true} {
		t.Run(name, func(t *testing.T) {
			ns := inNamespace(t)
			shared := texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
			shared.Name, shared.Labels[v1alpha1.LabelLibrary] = "texts-"+ns, ""
			create(t, shared)
			shop := minimalShop(ns)
			shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(shared.Name)}, Source: v1alpha1.SourceLibrary}}
			readyOn(t, shop)
			if waits {
				t.Cleanup(func() { configure(t, configuration) })
				configure(t, fmt.Sprintf(inWaves, "1"))
				wantConfiguration(t, "Current", "", 1)
				settled(t)
			}
			for i, text := range []string{"Komt eraan", "Bijna"} {
				old, written, began := runningBundle(t, shop), len(traffic.writes(ns)), time.Now()
				retold(t, shop, shared, text, waits)
				all := slices.DeleteFunc(traffic.writes(ns)[written:], func(w seen) bool { return w.status >= http.StatusBadRequest })
				removed := len(slices.DeleteFunc(slices.Clone(all), func(w seen) bool { return w.method != http.MethodDelete }))
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
				if runningBundle(t, shop) == old {
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
	edit(t, shared, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: " + text + "\n" })
	next := nextRelease(t, before)
	if waits {
		wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForApproval)
		approve(t, next)
	}
	wantRuns(t, shop, next, "image:1")
	eventually(t, "the status says so", func() error {
		rollOut(t, shop.Namespace)
		time.Sleep(200 * time.Millisecond) // to be heard
		err := kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop)
		if err == nil && string(shop.Status.Release.Current) != next {
			return fmt.Errorf("status.release is %+v", shop.Status.Release)
		}
		return err
	})
	settled(t)
}

func TestPitfall23AChangeOfConditionsAsksForNoDecision(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	readyOn(t, shop)
	page := pods.start(t, shop, "page", healthy(bundle.PageComponent))
	pods.start(t, shop, "notifier", healthy(bundle.NotifierComponent))
	wantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
	rested(t, 6*time.Second, "fleet") // a decision, and a count that has changed, are put off by five at most
	before := reconciliations(t, "fleet")
	sick := healthy(bundle.PageComponent)
	sick.Storage = bundle.Unhealthy
	pods.say(page, sick)
	edit(t, shop, func(s *v1alpha1.Shop) {
		s.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
	})
	wantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionFalse, v1alpha1.ReasonStorageUnreachable)
	time.Sleep(2 * time.Second)
	if after := reconciliations(t, "fleet"); after != before {
		t.Errorf("%d decisions because of a condition", after-before)
	}
}

// clashing is a Shop of the ring canary that speaks a language which the next release takes away, its page's Deployment
// before that, and the name of that release. The waves are those of the configuration. When the test calls done, all is as
// it was.
func clashing(t *testing.T, waves string) (shop *v1alpha1.Shop, before *appsv1.Deployment, next string, done func()) {
	t.Helper()
	ns := inNamespace(t)
	shared := texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
	shared.Name, shared.Labels[v1alpha1.LabelLibrary] = "danish-"+ns, ""
	danish, err := yaml.Marshal(message.Builtin("en")) // all there is to say
	if err != nil {
		t.Fatal(err)
	}
	shared.Data["da.yaml"] = string(danish)
	create(t, shared)
	t.Cleanup(func() { _ = kube.Delete(context.Background(), shared) }) // which is a release that nobody fails on
	shop = minimalShop(ns)
	shop.Labels = map[string]string{v1alpha1.LabelRing: "canary"}
	shop.Spec.Locales = []v1alpha1.Locale{"nl", "da"}
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(shared.Name)}, Source: v1alpha1.SourceLibrary}}
	create(t, shop)
	wantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionTrue, "")
	rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	succeeded(t)
	settled(t)
	before = pageOf(t, shop)
	t.Cleanup(func() { configure(t, configuration) })
	configure(t, fmt.Sprintf(waves, "1"))
	wantConfiguration(t, "Current", "", 1)
	last := latestRelease(t)
	edit(t, shared, func(cm *corev1.ConfigMap) { delete(cm.Data, "da.yaml") })
	next = nextRelease(t, last)
	return shop, before, next, func() {
		if err := kube.Delete(t.Context(), shared); err != nil {
			t.Error(err)
		}
		nextRelease(t, next)
	}
}

// wantClash says whether the Shop bears the mark of a clash with the release; "" = none.
func wantClash(t *testing.T, shop *v1alpha1.Shop, mark string) {
	t.Helper()
	eventually(t, "the mark is "+mark, func() error {
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
	c := wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed)
	if !strings.Contains(c.Message, "da") || !strings.Contains(c.Message, next) {
		t.Errorf("the message does not say what clashes: %s", c.Message)
	}
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	wantClash(t, shop, next+".0")
	settled(t)
	if now := pageOf(t, shop); !equality.Semantic.DeepEqual(before.Spec, now.Spec) || now.Labels[v1alpha1.LabelRelease] != before.Labels[v1alpha1.LabelRelease] {
		t.Error("it moved although it cannot be rendered on the release")
	}
	told := &corev1.ConfigMap{}
	eventually(t, "the release is stopped, because its canary cannot run it", func() error {
		if err := kube.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "wismo-release"}, told); err != nil {
			return err
		}
		if state := told.Data["state"]; !slices.Contains([]string{"Halted", "RollingBack", "RolledBack"}, state) {
			return fmt.Errorf("it is %s", state)
		}
		return nil
	})
	last := wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed)
	if last.Message != c.Message {
		t.Errorf("why is forgotten: %s", last.Message)
	}
	done()
}

// Whoever mends what clashes need not wait for the next release.
func TestAShopThatClashedTakesPartAgainOnceItsOwnerHasMendedIt(t *testing.T) {
	withoutOthers(t)
	shop, before, next, done := clashing(t, strings.Replace(inWaves, "maxConcurrent: 1,", "maxConcurrent: 1, maxFailures: 1,", 1))
	wantClash(t, shop, next+".0")
	first := wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed)
	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden Leven" }) // which mends nothing
	eventually(t, "its own edit runs", func() error {
		if pageOf(t, shop).Generation == before.Generation {
			return errors.New("it does not")
		}
		return nil
	})
	rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	settled(t)
	wantClash(t, shop, next+".0")
	if c := wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed); c.Message != first.Message {
		t.Errorf("why is forgotten: %s", c.Message)
	}
	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Locales = []v1alpha1.Locale{"nl"} })
	wantClash(t, shop, "")
	wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForTurn)
	rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	clock.jump(t, shop, rollout.MaxLag) // until then what it was told before it clashed may still be under way
	wantRuns(t, shop, next, "image:1")
	rollsOutTo(t, shop, v1alpha1.ConditionReleased, v1alpha1.ReasonUpToDate)
	done()
}

// A merchant's mistake must stop nobody else's release.
func TestAShopThatIsBrokenByItsOwnerHoldsUpNoReleaseAndFollowsOnceItIsMended(t *testing.T) {
	withoutOthers(t)
	ns := inNamespace(t)
	own := texts(ns, "mail.OutForDelivery.subject: Onderweg\n")
	create(t, own)
	shop, other := minimalShop(ns), minimalShop(inNamespace(t))
	shop.Labels = map[string]string{v1alpha1.LabelRing: "canary"}
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "texts"}, Source: v1alpha1.SourceLocal}}
	before := readyOn(t, shop)
	readyOn(t, other)
	edit(t, own, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivry.subject: Tikfout\n" })
	wantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidTemplate)

	next := ship(t, "2")
	approve(t, next)
	wantRuns(t, other, next, "image:2")
	rollsOutTo(t, other, v1alpha1.ConditionReleased, v1alpha1.ReasonUpToDate)
	wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonShopInvalid)
	wantRuns(t, shop, before, "image:1")

	edit(t, own, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: Komt eraan\n" })
	rollOut(t, ns)
	clock.jump(t, shop, rollout.MaxLag) // until then what it was told before it broke may still be under way
	eventually(t, "it follows", func() error {
		rollOut(t, ns)
		if now := pageOf(t, shop).Labels[v1alpha1.LabelRelease]; now != next {
			return fmt.Errorf("it runs %s", now)
		}
		return nil
	})
	rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
}

// revised writes what the controller of Deployments keeps of the template that a Deployment has now.
func revised(t *testing.T, shop *v1alpha1.Shop, component string, number int, available int32) {
	t.Helper()
	d := &appsv1.Deployment{}
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-" + component}, d); err != nil {
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
	create(t, set)
	set.Status = appsv1.ReplicaSetStatus{Replicas: available, AvailableReplicas: available, ReadyReplicas: available}
	if err := kube.Status().Update(t.Context(), set); err != nil {
		t.Fatal(err)
	}
}

// stuck lets the Deployment say what it says when the new pod does not become ready in time, and the old one serves on.
func stuck(t *testing.T, shop *v1alpha1.Shop, component string) {
	t.Helper()
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name + "-" + component}}
	eventually(t, "the Deployment is stuck", func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(d), d); err != nil {
			return err
		}
		d.Status.ObservedGeneration, d.Status.Replicas, d.Status.UpdatedReplicas, d.Status.UnavailableReplicas = d.Generation, 2, 1, 1
		i := slices.IndexFunc(d.Status.Conditions, func(c appsv1.DeploymentCondition) bool { return c.Type == appsv1.DeploymentProgressing })
		d.Status.Conditions[i].Status, d.Status.Conditions[i].Reason = corev1.ConditionFalse, "ProgressDeadlineExceeded"
		return kube.Status().Update(t.Context(), d)
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
	good = runningBundle(t, shop)

	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Too Long A Day" })
	eventually(t, "the edit rolls", func() error {
		if runningBundle(t, shop) == good {
			return fmt.Errorf("still %s", good)
		}
		return nil
	})
	bad = runningBundle(t, shop)
	revised(t, shop, "page", 2, 0)
	failing(t, shop, "page", 2)
	stuck(t, shop, "page")

	c := wantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonProgressDeadlineExceeded)
	if !strings.Contains(c.Message, "OOMKilled") || !strings.Contains(c.Message, "went back") {
		t.Errorf("the message does not say what failed and what became of it: %s", c.Message)
	}
	wantCondition(t, shop, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionTrue, v1alpha1.ReasonAvailable)
	wantBundle(t, shop, good)
	rollOut(t, shop.Namespace)
	wantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonProgressDeadlineExceeded)
	now := pageOf(t, shop)
	if now.Annotations[v1alpha1.AnnotationFailedTemplate] == "" || !equality.Semantic.DeepEqual(before.Spec.Template, now.Spec.Template) {
		t.Errorf("the page does not run what served before: %v", now.Annotations)
	}
	return good, bad, c.Message
}

func TestAnEditWhosePodsDoNotBecomeReadyGoesBackAndIsNotTriedAgain(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	readyOn(t, shop)
	good, bad, message := goneBack(t, shop)
	now := pageOf(t, shop)

	settled(t)
	written := len(traffic.writes(shop.Namespace))
	resync(t, shop, 5)
	settled(t)
	if all := traffic.writes(shop.Namespace)[written:]; len(all) > 2 { // of a first report
		t.Errorf("it writes on and on: %v", all)
	}
	older, next := now.Labels[v1alpha1.LabelRelease], ship(t, "2")
	approve(t, next)
	wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonShopInvalid)
	wantRuns(t, shop, older, "image:1")
	edit(t, now, func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = "somebody/else:1" })
	wantRuns(t, shop, now.Labels[v1alpha1.LabelRelease], "image:1")
	wantBundle(t, shop, good)
	restart(t)
	settled(t)
	wantBundle(t, shop, good)
	if again := wantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, ""); again.Message != message {
		t.Errorf("what failed is forgotten: %s", again.Message)
	}

	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "A Day" })
	eventually(t, "another edit is tried, and the release with it", func() error {
		if b := runningBundle(t, shop); b == good || b == bad {
			return fmt.Errorf("it runs %s", b)
		}
		return nil
	})
	clock.jump(t, shop, rollout.MaxLag) // until then what it was told before it failed may still be under way
	rollsOutTo(t, shop, v1alpha1.ConditionReleased, "")
	wantRuns(t, shop, next, "image:2")
	rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	if mark := pageOf(t, shop).Annotations[v1alpha1.AnnotationFailedTemplate]; mark != "" {
		t.Errorf("the mark of the failed one stays: %s", mark)
	}
}

func wantBundle(t *testing.T, shop *v1alpha1.Shop, want string) {
	t.Helper()
	eventually(t, "page and notifier run "+want, func() error {
		for _, component := range []string{"page", "notifier"} {
			d := &appsv1.Deployment{}
			if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-" + component}, d); err != nil {
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
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: want}, &corev1.ConfigMap{}); err != nil {
		t.Errorf("the bundle that serves is gone: %v", err)
	}
}

// failing is a pod of the revision that is killed again and again.
func failing(t *testing.T, shop *v1alpha1.Shop, component string, number int) {
	t.Helper()
	set := &appsv1.ReplicaSet{}
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: fmt.Sprintf("%s-%s-%d", shop.Name, component, number)}, set); err != nil {
		t.Fatal(err)
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "pods"}}
	create(t, account)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: set.Name + "-x", Labels: set.Spec.Template.Labels},
		Spec:       corev1.PodSpec{ServiceAccountName: account.Name, Containers: []corev1.Container{{Name: "page", Image: "image:1"}}},
	}
	create(t, pod)
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: "page", Image: "image:1", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled", ExitCode: 137}},
	}}
	if err := kube.Status().Update(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
}
