package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/cli/doctor"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// diagnosis is the level of each check.
func diagnosis(t *testing.T, code int, args ...string) map[string]doctor.Check {
	t.Helper()
	out, errs, got := run(t, append([]string{"doctor", "-o", "json"}, args...)...)
	if got != code {
		t.Errorf("exit code %d, want %d:\n%s%s", got, code, out, errs)
	}
	var r doctor.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	all := map[string]doctor.Check{}
	for _, c := range r.Checks {
		all[c.Name] = c
	}
	return all
}

func wantLevel(t *testing.T, all map[string]doctor.Check, name string, level doctor.Level) {
	t.Helper()
	if c := all[name]; c.Level != level || (level == doctor.Warn || level == doctor.Fail) && c.Next == "" {
		t.Errorf("%s: %+v, want %s, and a next step where one is needed", name, c, level)
	}
}

func TestDoctorSaysWhatAnInstallationLacksAndThenThatItIsHealthy(t *testing.T) {
	empty := diagnosis(t, 1)
	wantLevel(t, empty, "kubernetes", doctor.OK)
	wantLevel(t, empty, "crds", doctor.OK)
	wantLevel(t, empty, "operator", doctor.Fail)
	wantLevel(t, empty, "library", doctor.Warn)
	wantLevel(t, empty, "storage", doctor.Fail)
	wantLevel(t, empty, "networkpolicies", doctor.Unknown)

	install(t, "config/namespaces/namespaces.yaml")
	install(t, "config/rbac/*.yaml")
	install(t, "config/manager/manager.yaml")
	create(t,
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-config"}, Data: map[string]string{"config.yaml": "houseRelay: {host: relay.mail.svc, prot: 25}"}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-installation"}, Data: map[string]string{"id": "x"}},
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast", Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}}, Provisioner: "csi.example", AllowVolumeExpansion: ptr.To(true)},
	)
	wantSoon(t, "rights", doctor.OK)
	sick := diagnosis(t, 1)
	wantLevel(t, sick, "operator", doctor.Fail) // no pod is available
	wantLevel(t, sick, "leader", doctor.Warn)
	wantLevel(t, sick, "configuration", doctor.Fail) // prot
	wantLevel(t, sick, "rights", doctor.OK)
	wantLevel(t, sick, "storage", doctor.OK)

	heal(t)
	healthy := diagnosis(t, 0)
	for _, name := range []string{"crds", "operator", "leader", "configuration", "installation", "library", "rights", "storage", "images", "shops"} {
		wantLevel(t, healthy, name, doctor.OK)
	}
	wantLevel(t, healthy, "services", doctor.Warn) // this API server has 254 addresses
	diagnosis(t, 1, "--strict")
}

// heal brings what no controller of this API server does.
func heal(t *testing.T) {
	t.Helper()
	d := &appsv1.Deployment{}
	if err := api.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "wismo-manager"}, d); err != nil {
		t.Fatal(err)
	}
	d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Replicas: 1, ReadyReplicas: 1, AvailableReplicas: 1, UpdatedReplicas: 1}
	if err := api.Status().Update(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	create(t, &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-manager"},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: ptr.To("wismo-manager-0_abc"), LeaseDurationSeconds: ptr.To(int32(60)), RenewTime: &metav1.MicroTime{Time: time.Now()}},
	})
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-config"}}
	if err := api.Patch(t.Context(), cm, client.RawPatch("application/merge-patch+json", []byte(`{"data":{"config.yaml":"houseRelay: {host: relay.mail.svc, port: 25, tls: None, domain: mail.platform.example}"}}`))); err != nil {
		t.Fatal(err)
	}
}

func TestDoctorFindsAnOperatorThatCanReadSecretsOrLacksARight(t *testing.T) {
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "too-much"}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"secrets"}, Verbs: []string{"get"}}}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "too-much"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "too-much"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: operatorNamespace, Name: "wismo-manager"}},
	}
	create(t, role, binding)
	wantSoon(t, "rights", doctor.Fail)
	says(t, 1, []string{"the operator may get secrets, and must not"}, "doctor")
	for _, o := range []client.Object{role, binding} {
		if err := api.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	manager := &rbacv1.ClusterRole{}
	if err := api.Get(t.Context(), client.ObjectKey{Name: "wismo-manager"}, manager); err != nil {
		t.Fatal(err)
	}
	whole := manager.DeepCopy()
	manager.Rules = manager.Rules[1:]
	if err := api.Update(t.Context(), manager); err != nil {
		t.Fatal(err)
	}
	wantSoon(t, "rights", doctor.Fail)
	says(t, 1, []string{"the operator lacks get shops.tracking.wismo.dev"}, "doctor")
	whole.ResourceVersion = manager.ResourceVersion
	if err := api.Update(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	wantSoon(t, "rights", doctor.OK)
}

// wantSoon waits until the check has the level.
func wantSoon(t *testing.T, name string, level doctor.Level) {
	t.Helper()
	eventually(t, func() error {
		if got := diagnosisOf(t, name); got != level {
			return fmt.Errorf("%s: %s, want %s", name, got, level)
		}
		return nil
	})
}

func diagnosisOf(t *testing.T, name string) doctor.Level {
	t.Helper()
	out, _, _ := run(t, "doctor", "-o", "json")
	var r doctor.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		if c.Name == name {
			return c.Level
		}
	}
	return ""
}

// eventually waits for the API server's own caches, such as that of roles.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	installed.Eventually(t, 2*time.Minute, "the API server has caught up", check)
}

func TestDoctorReportsAsUnknownWhatItMayNotRead(t *testing.T) {
	// This user is bound to no role.
	says(t, 0, []string{"unknown  operator", "not checked", "Run it again as a user who may read this"}, "doctor", "--as", "nobody@platform.example")
	says(t, 2, []string{"the cluster does not answer"}, "doctor", "--server", "http://127.0.0.1:1")
}

func TestDoctorWarnsOfVolumesThatGoWithTheirClaim(t *testing.T) {
	shop := installed.MinimalShop("default", "reclaim", "reclaim.example")
	volume := func(name, claim string, policy corev1.PersistentVolumeReclaimPolicy) *corev1.PersistentVolume {
		return &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, Capacity: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
			PersistentVolumeReclaimPolicy: policy, ClaimRef: &corev1.ObjectReference{Namespace: "default", Name: claim},
			PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/tmp"}},
		}}
	}
	ours, other := volume("pv-ours", "reclaim-data", corev1.PersistentVolumeReclaimDelete), volume("pv-other", "webshop-db", corev1.PersistentVolumeReclaimDelete)
	create(t, shop, ours, other)
	all := diagnosis(t, 1)
	wantLevel(t, all, "reclaim", doctor.Warn)
	if c := all["reclaim"]; !strings.Contains(c.Message, "pv-ours") || strings.Contains(c.Message, "pv-other") {
		t.Errorf("it names %s", c.Message)
	}
	if err := api.Patch(t.Context(), ours, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}`))); err != nil {
		t.Fatal(err)
	}
	wantLevel(t, diagnosis(t, 1), "reclaim", doctor.OK)
	for _, o := range []client.Object{shop, ours, other} {
		if err := api.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}
