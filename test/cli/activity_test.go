package cli_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/activity"
	"github.com/wismo-dev/wismo/internal/desired"
)

// served is a Shop with a ConfigMap of its activity and a pod, as the operator leaves them.
func served(t *testing.T, namespace, name string, inForce v1alpha1.Activity) (*v1alpha1.Shop, *corev1.ConfigMap) {
	t.Helper()
	shop := shopOn(t, namespace, name, "early", "rel-0001", v1alpha1.ReasonUpToDate)
	report(t, shop, inForce)
	file := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: desired.ActivityName(name),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(shop, v1alpha1.GroupVersion.WithKind("Shop"))},
		},
		Data: map[string]string{bundle.ActivityKey: `{"version":1,"activity":"Live","muteUntil":"2026-11-01T09:00:00Z"}`},
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name + "-notifier-x", Labels: map[string]string{v1alpha1.LabelShop: name}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "notifier", Image: "notifier:1"}}},
	}
	for _, o := range []client.Object{file, pod} {
		if err := api.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	return shop, file
}

// report plays the operator, which publishes what the notifiers say.
func report(t *testing.T, shop *v1alpha1.Shop, inForce v1alpha1.Activity) {
	t.Helper()
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
		t.Fatal(err)
	}
	shop.Status.Effective = &v1alpha1.EffectiveShop{Activity: inForce, TimeZone: "Europe/Amsterdam"}
	if err := api.Status().Update(context.WithoutCancel(t.Context()), shop); err != nil {
		t.Fatal(err)
	}
}

func annotationOf(t *testing.T, shop *v1alpha1.Shop) string {
	t.Helper()
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
		t.Fatal(err)
	}
	value, set := shop.Annotations[v1alpha1.AnnotationActivity]
	if !set {
		return "none"
	}
	return value
}

func told(t *testing.T, file *corev1.ConfigMap) bundle.ActivityDocument {
	t.Helper()
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(file), file); err != nil {
		t.Fatal(err)
	}
	doc, err := bundle.DecodeActivity([]byte(file.Data[bundle.ActivityKey]))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestSuspendStopsAShopAlsoWhileTheOperatorIsDownAndResumeDoesNot(t *testing.T) {
	namespace := newNamespace(t, "activity-one")
	shop, file := served(t, namespace, "linden", v1alpha1.ActivityLive)

	says(t, 0, []string{"activity-one/linden: Suspended (dry run)"}, "suspend", "linden", "-n", namespace, "--dry-run")
	if got := annotationOf(t, shop); got != "none" || told(t, file).Activity != bundle.Live {
		t.Fatalf("a dry run set the annotation %s, and the file %s", got, told(t, file).Activity)
	}
	says(t, 0, []string{"activity-one/linden: Suspended\n"}, "suspend", "linden", "-n", namespace)
	if got, doc := annotationOf(t, shop), told(t, file); got != "Suspended" || doc.Activity != bundle.Suspended || doc.MuteUntil.IsZero() {
		t.Errorf("the annotation is %s, the file %+v", got, doc)
	}
	pod := &corev1.Pod{}
	if err := api.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "linden-notifier-x"}, pod); err != nil {
		t.Fatal(err)
	}
	if pod.Annotations[v1alpha1.AnnotationActivity+"-told-at"] == "" {
		t.Error("the kubelet is not asked to refresh the pod's files")
	}
	says(t, 0, []string{"nothing to change: the activity is already Suspended"}, "suspend", "linden", "-n", namespace)

	// Only the operator loosens: it asks the API server whether a person has.
	says(t, 0, []string{"activity-one/linden: resumed: Live\n"}, "resume", "linden", "-n", namespace)
	if got, doc := annotationOf(t, shop), told(t, file); got != "none" || doc.Activity != bundle.Suspended {
		t.Errorf("resumed: the annotation is %s, the file %+v", got, doc)
	}
}

func TestSuspendWaitsUntilEveryNotifierReportsIt(t *testing.T) {
	namespace := newNamespace(t, "activity-wait")
	shop, _ := served(t, namespace, "linden", v1alpha1.ActivityLive)
	reports := acts{"linden: Suspended": func() { report(t, shop, v1alpha1.ActivitySuspended) }}
	saysBefore(t, reports, 0, []string{"in force in every notifier: Suspended"}, "suspend", "linden", "-n", namespace, "--wait")
	report(t, shop, "") // a notifier does not answer
	says(t, 1, []string{"the activity was not in force within 1.5s at 1 Shop", "kubectl wismo doctor"}, "suspend", "linden", "-n", namespace, "--wait", "--timeout", "1500ms")
}

func TestASpecThatIsStricterIsSaidAndKept(t *testing.T) {
	namespace := newNamespace(t, "activity-spec")
	shop, _ := served(t, namespace, "linden", v1alpha1.ActivityLive)
	says(t, 1, []string{"no inbox for a rehearsal: set spec.rehearsal.email"}, "rehearse", "linden", "-n", namespace)
	shop.Spec.Activity, shop.Spec.Rehearsal = v1alpha1.ActivitySuspended, &v1alpha1.Rehearsal{Email: "try@linden.example"}
	if err := api.Update(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	says(t, 1, []string{"its spec.activity is Suspended, which this command does not change"}, "resume", "linden", "-n", namespace)
	says(t, 0, []string{"annotated; spec.activity keeps it Suspended"}, "rehearse", "linden", "-n", namespace)
	says(t, 0, []string{"the annotation is removed, but spec.activity keeps it Suspended"}, "resume", "linden", "-n", namespace)
}

func TestManyShopsAreSuspendedWithoutAQuestionAndResumedWithOne(t *testing.T) {
	namespace := newNamespace(t, "activity-many")
	a, _ := served(t, namespace, "acme", v1alpha1.ActivityLive)
	b, _ := served(t, namespace, "linden", v1alpha1.ActivityLive)
	says(t, 0, []string{"acme: Suspended", "linden: Suspended"}, "suspend", "--all", "-n", namespace)
	says(t, 1, []string{"not confirmed, so nothing was changed"}, "resume", "--all", "-n", namespace)
	if annotationOf(t, a) != "Suspended" || annotationOf(t, b) != "Suspended" {
		t.Error("resume without an answer changed something")
	}
	out, _, code := run(t, "resume", "--all", "-n", namespace, "--yes", "-o", "json")
	var doc activity.Outcome
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 {
		t.Fatalf("code %d, %v:\n%s", code, err, out)
	}
	if doc.Action != "resume" || len(doc.Shops) != 2 || doc.Shops[0].Result != activity.Done || doc.Shops[0].Activity != "Live" {
		t.Errorf("got %+v", doc)
	}
	says(t, 2, []string{"name at least one Shop, or select them"}, "suspend", "-n", namespace)
	says(t, 2, []string{"not both"}, "suspend", "linden", "--all", "-n", namespace)
	says(t, 1, []string{"no Shop in the namespace activity-many is selected"}, "suspend", "-l", "no=such", "-n", namespace)
	says(t, 2, []string{"there is no Shop lindne"}, "suspend", "lindne", "-n", namespace)
}

func TestAMerchantWhoMayOnlyEditShopsSuspendsThroughTheOperator(t *testing.T) {
	namespace := newNamespace(t, "activity-rights")
	shop, file := served(t, namespace, "linden", v1alpha1.ActivityLive)
	editor := editorOfShops(t, namespace)
	out := says(t, 0, []string{"linden: Suspended", "told by the operator"}, "suspend", "linden", "-n", namespace, "--as", editor)
	if got := annotationOf(t, shop); got != "Suspended" || told(t, file).Activity != bundle.Live {
		t.Errorf("the annotation is %s, the file %s:\n%s", got, told(t, file).Activity, out)
	}
	if !strings.Contains(out, "forbidden") {
		t.Errorf("the cause is not named:\n%s", out)
	}
}

// editorOfShops is a user who may read and change the Shops of the namespace, and nothing else.
func editorOfShops(t *testing.T, namespace string) string {
	t.Helper()
	const user = "mila@linden.example"
	meta := metav1.ObjectMeta{Namespace: namespace, Name: "editor"}
	create(t, &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{v1alpha1.GroupName}, Resources: []string{"shops"}, Verbs: []string{"get", "list", "patch"},
	}}}, &rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "editor"},
		Subjects: []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: user}},
	})
	return user
}
