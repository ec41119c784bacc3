package lifecycle

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/backup"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func quantity(text string) *resource.Quantity {
	q := resource.MustParse(text)
	return &q
}

// everything returns the objects of all kinds in a namespace.
func everything(t *testing.T, namespace string) []unstructured.Unstructured {
	t.Helper()
	all, err := backup.Take(t.Context(), suite.Kube, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// restore creates what is not there, and leaves alone what is.
func restore(t *testing.T, all []unstructured.Unstructured) {
	t.Helper()
	for _, saved := range all {
		o := backup.Restored(saved)
		if err := suite.Kube.Create(t.Context(), o); err != nil {
			if client.IgnoreAlreadyExists(err) == nil {
				continue
			}
			t.Fatalf("restoring %s %s: %v", o.GetKind(), o.GetName(), err)
		}
		before := o.DeepCopy()
		o.SetManagedFields(saved.GetManagedFields()) // as Velero does, so that appliers know their fields again
		if err := suite.Kube.Patch(t.Context(), o, client.MergeFrom(before)); client.IgnoreNotFound(err) != nil {
			t.Fatalf("restoring the field managers of %s %s: %v", o.GetKind(), o.GetName(), err)
		}
	}
}

// discard deletes an object, whatever holds it.
func discard(t *testing.T, o client.Object) error {
	t.Helper()
	if len(o.GetFinalizers()) > 0 {
		o.SetFinalizers(nil)
		if err := suite.Kube.Update(t.Context(), o); err != nil {
			return client.IgnoreNotFound(err)
		}
	}
	return client.IgnoreNotFound(suite.Kube.Delete(t.Context(), o, client.PropagationPolicy(metav1.DeletePropagationBackground)))
}

// lose empties the namespace, as if the cluster were another one: nothing of it is left, and no claim of a hostname.
func lose(t *testing.T, namespace string) {
	t.Helper()
	suite.Eventually(t, "the namespace is empty", func() error {
		left := everything(t, namespace)
		for i := range left {
			o := &left[i]
			if err := discard(t, o); err != nil {
				return err
			}
		}
		if len(left) > 0 {
			return fmt.Errorf("%d objects are left", len(left))
		}
		return nil
	})
	loseClaims(t, namespace)
}

// loseClaims frees the hostnames of a namespace, because another cluster would not have their claims.
func loseClaims(t *testing.T, namespace string) {
	t.Helper()
	leases := &coordinationv1.LeaseList{}
	if err := suite.Kube.List(t.Context(), leases, client.InNamespace(suite.OperatorNamespace)); err != nil {
		t.Fatal(err)
	}
	for i := range leases.Items {
		if who := leases.Items[i].Spec.HolderIdentity; who != nil && strings.HasPrefix(*who, namespace+"/") {
			if err := suite.Kube.Delete(t.Context(), &leases.Items[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// fortune is what a merchant must not lose with a cluster.
type fortune struct {
	Endpoints []string
	Hostnames []string
	Keys      map[string]string // name of the Secret -> its bytes
	Records   map[string]string // name of the record -> the Secret it names
	Volumes   []string
}

func fortuneOf(t *testing.T, namespace string) fortune {
	t.Helper()
	f := fortune{Keys: map[string]string{}, Records: map[string]string{}}
	shop, ci := &v1alpha1.Shop{}, &v1alpha1.CarrierIntegration{}
	for name, o := range map[string]client.Object{"linden": shop, "easypost": ci} {
		if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, o); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range append(slices.Clone(shop.Status.Endpoints), ci.Status.Endpoints...) {
		f.Endpoints = append(f.Endpoints, string(e.URL))
	}
	f.Hostnames = suite.Claims(t, namespace)
	secrets, records, volumes := &corev1.SecretList{}, &corev1.ConfigMapList{}, &corev1.PersistentVolumeClaimList{}
	for list, having := range map[client.ObjectList]client.ListOption{
		secrets: client.HasLabels{}, records: client.HasLabels{v1alpha1.LabelKeyPurpose}, volumes: client.HasLabels{},
	} {
		if err := suite.Kube.List(t.Context(), list, client.InNamespace(namespace), having); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range secrets.Items {
		f.Keys[s.Name] = string(s.Data["key"])
	}
	for _, r := range records.Items {
		f.Records[r.Name] = r.Data["secretName"]
	}
	for _, v := range volumes.Items {
		f.Volumes = append(f.Volumes, v.Name)
	}
	return f
}

func TestBackupRestoredIntoAnEmptyCluster(t *testing.T) {
	for name, way := range map[string]struct {
		away  bool // the operator, while the restore goes on
		order func([]unstructured.Unstructured)
	}{
		"in any order, before the operator is installed": {true, func(all []unstructured.Unstructured) {
			rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}},
		"in Velero's order, while the operator runs": {false, func([]unstructured.Unstructured) {}},
	} {
		t.Run(name, func(t *testing.T) {
			ns := suite.InNamespace(t)
			shop := suite.MinimalShop(ns)
			suite.Create(t, suite.Easypost(ns))
			suite.ReadyShop(t, shop)
			suite.Settled(t)
			before, saved := fortuneOf(t, ns), everything(t, ns)

			suite.Operator.Stop()
			lose(t, ns)
			if !way.away {
				suite.Operator.MustStart(t)
			}
			way.order(saved)
			restore(t, saved)
			if way.away {
				suite.Operator.MustStart(t)
			}
			suite.Settled(t)
			suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, v1alpha1.ReasonReady)
			suite.WantCondition(t, suite.Easypost(ns), v1alpha1.ConditionReady, metav1.ConditionTrue, "")
			suite.Settled(t)
			if diff := gocmp.Diff(before, fortuneOf(t, ns), gocmp.FilterPath(isBytes, gocmp.Comparer(func(a, b string) bool { return a == b }))); diff != "" {
				t.Errorf("after the restore:\n%s", strings.ReplaceAll(diff, "whsec_", ""))
			}
			wantOwned(t, shop)
			wantStill(t, shop)
			wantRotations(t, shop)
		})
	}
}

func isBytes(p gocmp.Path) bool { return strings.HasPrefix(p.String(), "Keys") }

// wantOwned holds that whatever should go with the Shop belongs to it again.
func wantOwned(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	stays := []string{"PersistentVolumeClaim", "Secret", "EndpointSlice", "Shop", "CarrierIntegration"}
	for _, o := range everything(t, shop.Namespace) {
		links := o.GetLabels()[v1alpha1.LabelKeyPurpose] == "links"
		if slices.Contains(stays, o.GetKind()) || links || o.GetLabels()[v1alpha1.LabelShop] == "" {
			continue
		}
		if owner := metav1.GetControllerOf(&o); owner == nil || owner.UID != shop.UID {
			t.Errorf("%s %s does not belong to its Shop: %v", o.GetKind(), o.GetName(), o.GetOwnerReferences())
		}
	}
}

// wantStill holds that nothing is written any more.
func wantStill(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	suite.Resync(t, shop, 1)
	suite.Settled(t)
	before := len(suite.Writes(shop.Namespace))
	suite.Resync(t, shop, 5)
	suite.Settled(t)
	if writes := suite.Writes(shop.Namespace)[before:]; len(writes) > 0 {
		t.Errorf("%d writes at rest: %v", len(writes), writes)
	}
}

// wantRotations replaces a key more often than its ring has names. Secrets that were restored have no owner, so they stay
// when their record goes, and what is in them must never pass for a new key.
func wantRotations(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	overlap := int32(0)
	known := map[string]bool{}
	for _, bytes := range fortuneOf(t, shop.Namespace).Keys {
		known[bytes] = true
	}
	for round := range 6 {
		ci := suite.Easypost(shop.Namespace)
		suite.Edit(t, ci, func(ci *v1alpha1.CarrierIntegration) {
			ci.Spec.Intake.Webhook = &v1alpha1.WebhookIntake{
				Registration: v1alpha1.RegistrationManual,
				Rotation:     &v1alpha1.Rotation{Token: fmt.Sprintf("round-%d", round), OverlapHours: &overlap},
			}
		})
		suite.Eventually(t, "a new key is there", func() error {
			collectKeys(t, shop.Namespace)
			secret, err := newestKey(t, shop.Namespace, "hook-carrier-easypost", fmt.Sprintf("round-%d", round))
			if err != nil {
				return err
			}
			if known[string(secret.Data["key"])] {
				return fmt.Errorf("round %d: the Secret %s holds a key from before", round, secret.Name)
			}
			known[string(secret.Data["key"])] = true
			return nil
		})
	}
}

// newestKey returns the Secret of the key that the token asked for.
func newestKey(t *testing.T, namespace, purpose, token string) (*corev1.Secret, error) {
	t.Helper()
	list := &corev1.ConfigMapList{}
	if err := suite.Kube.List(t.Context(), list, client.InNamespace(namespace), client.MatchingLabels{v1alpha1.LabelKeyPurpose: purpose}); err != nil {
		return nil, err
	}
	for _, record := range list.Items {
		if record.Data["token"] != token {
			continue
		}
		secret := &corev1.Secret{}
		err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: record.Data["secretName"]}, secret)
		if err == nil && string(secret.Data["number"]) != record.Data["number"] {
			err = fmt.Errorf("the Secret %s holds key %s, not %s", secret.Name, secret.Data["number"], record.Data["number"])
		}
		return secret, err
	}
	return nil, fmt.Errorf("no record has the token %s", token)
}

// collectKeys does what garbage collection does with records that are deleted in the foreground: no garbage collector runs here.
func collectKeys(t *testing.T, namespace string) {
	t.Helper()
	records, secrets := &corev1.ConfigMapList{}, &corev1.SecretList{}
	for _, list := range []client.ObjectList{records, secrets} {
		if err := suite.Kube.List(t.Context(), list, client.InNamespace(namespace), client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range records.Items {
		record := &records.Items[i]
		if record.DeletionTimestamp == nil {
			continue
		}
		for j := range secrets.Items {
			if owners := secrets.Items[j].OwnerReferences; len(owners) > 0 && owners[0].UID == record.UID {
				if err := suite.Kube.Delete(t.Context(), &secrets.Items[j]); client.IgnoreNotFound(err) != nil {
					t.Fatal(err)
				}
			}
		}
		record.Finalizers = nil
		if err := suite.Kube.Update(t.Context(), record); client.IgnoreNotFound(err) != nil {
			t.Fatal(err)
		}
	}
}

// Plain "kubectl get -o yaml" keeps the owners' old UIDs, and garbage collection removes what bears one. So the guide says
// to strip them; this holds that nothing but them, identity and status has to be stripped.
func TestEveryOwnerReferenceIsToAnObjectOfTheBackup(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	suite.ReadyShop(t, shop)
	known := map[string]bool{}
	all := everything(t, ns)
	slices.SortFunc(all, func(a, b unstructured.Unstructured) int { return cmp.Compare(a.GetUID(), b.GetUID()) })
	for _, o := range all {
		known[string(o.GetUID())] = true
	}
	for _, o := range all {
		for _, owner := range o.GetOwnerReferences() {
			if !known[string(owner.UID)] {
				raw, _ := json.Marshal(owner)
				t.Errorf("%s %s belongs to something that a backup of the namespace does not have: %s", o.GetKind(), o.GetName(), raw)
			}
		}
	}
}
