package desired_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/keyring"
	"github.com/wismo-dev/wismo/internal/release"
)

func platform() desired.Platform {
	return desired.Platform{OperatorNamespace: "wismo-system"}
}

// input compiles a sample, with a ring of names for the keys of every purpose.
func input(t *testing.T, sample compile.Input) desired.Input {
	t.Helper()
	sample.Shop.UID = "11111111-2222-3333-4444-555555555555"
	out := compile.Compile(sample)
	if out.Document == nil {
		t.Fatalf("the sample does not compile: %v, missing %v", out.Problems, out.Missing)
	}
	in := desired.Input{
		Shop: sample.Shop, Bundle: out, Platform: platform(), Render: desired.RenderVersion,
		Images: release.Images{TrackingPage: "wismo.dev/tracking-page:v1", Notifier: "wismo.dev/notifier:v1", PullPolicy: "IfNotPresent"},
	}
	in.Rings = desired.Rings{}
	for _, k := range out.Keys {
		in.Rings[k.Purpose] = keyring.Ring{Suffix: "k3j4h5l6", Slots: 3}
	}
	return in
}

func samples(t *testing.T) map[string]desired.Input {
	return map[string]desired.Input{"linden": input(t, compiletest.Linden(t)), "fjallro": input(t, compiletest.Fjallro(t))}
}

func rendered(t *testing.T, objects []desired.Object) []byte {
	t.Helper()
	var all [][]byte
	for _, o := range objects {
		doc, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, doc)
	}
	return bytes.Join(all, []byte("---\n"))
}

func TestTheSameInputGivesTheSameObjects(t *testing.T) {
	first := rendered(t, desired.Objects(input(t, compiletest.Fjallro(t))))
	for range 10 { // maps have no order of their own
		if diff := cmp.Diff(string(first), string(rendered(t, desired.Objects(input(t, compiletest.Fjallro(t)))))); diff != "" {
			t.Fatalf("the same input gives other pods:\n%s", diff)
		}
	}
}

// A Shop of the version before mounts that version's names, too, for as long as it lives.
func TestNamesOutsideOfTheRingStayMounted(t *testing.T) {
	in := input(t, compiletest.Linden(t))
	in.Rings[bundle.LinkKeys] = keyring.Ring{Suffix: "k3j4h5l6", Slots: 1, Others: []string{"linden-key-links-1-oldoldol", "linden-key-links-a-restored"}}
	files := secretFiles(t, find[deployment](t, in, "Deployment", "linden-notifier").Spec.Template.Spec)
	want := []string{
		"keys/links/1/key", "keys/links/1/number", "keys/links/a-restored/key", "keys/links/a-restored/number",
		"keys/links/a/key", "keys/links/a/number",
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(files))); diff != "" {
		t.Errorf("the notifier mounts (-want +got):\n%s", diff)
	}
}

func record(purpose string, number int, secret string) desired.KeyRecord {
	return desired.KeyRecord{Purpose: purpose, Key: keyring.Key{Number: number, Secret: secret}}
}

// A record that somebody edited names nobody else's Secret.
func TestAKeyRecordNamesNoSecretButItsOwn(t *testing.T) {
	shop := input(t, compiletest.Linden(t)).Shop
	for name, c := range map[string]struct {
		record desired.KeyRecord
		ours   bool
	}{
		"of the ring":            {record("links", 1, "linden-key-links-a-k3j4h5l6"), true},
		"of the version before":  {record("links", 1, "linden-key-links-1-k3j4h5l6"), true},
		"somebody's own":         {record("links", 1, "bank-account"), false},
		"of another purpose":     {record("links", 1, "linden-key-hook-api-a-k3j4h5l6"), false},
		"of another Shop":        {record("links", 1, "fjallro-key-links-a-k3j4h5l6"), false},
		"a name that looks like": {record("links", 1, "linden-key-links-a-k3j4h5l6-tls"), false},
	} {
		object := desired.KeyRecordObject(shop, c.record)
		cm := &corev1.ConfigMap{Data: object.Data}
		cm.Name = *object.Name
		if _, err := desired.ParseKeyRecord("linden", cm); (err == nil) != c.ours {
			t.Errorf("%s: %v", name, err)
		}
	}
	moved := &corev1.ConfigMap{Data: desired.KeyRecordObject(shop, record("links", 1, "linden-key-links-a-k3j4h5l6")).Data}
	moved.Name = "linden-key-links-2"
	if _, err := desired.ParseKeyRecord("linden", moved); err == nil {
		t.Error("a record under another number's name was read")
	}
}

// find returns the only object of a kind and name as the API server would see it.
func find[T any](t *testing.T, in desired.Input, kind, name string) T {
	t.Helper()
	for _, o := range desired.Objects(in) {
		if *o.GetKind() != kind || *o.GetName() != name {
			continue
		}
		doc, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		var typed T
		if err := yaml.UnmarshalStrict(doc, &typed); err != nil {
			t.Fatal(err)
		}
		return typed
	}
	t.Fatalf("there is no %s %s", kind, name)
	panic("unreachable")
}

func TestOnlyWhatOutlivesTheShopHasNoOwner(t *testing.T) {
	in := input(t, compiletest.Linden(t))
	for _, o := range desired.Objects(in) {
		doc := string(rendered(t, []desired.Object{o}))
		if owned := strings.Contains(doc, "ownerReferences:"); owned == (*o.GetKind() == "PersistentVolumeClaim") {
			t.Errorf("%s %s: owned by the Shop: %v", *o.GetKind(), *o.GetName(), owned)
		}
	}
	for purpose, owned := range map[string]bool{bundle.LinkKeys: false, bundle.HookKeys + "api": true} {
		cm := desired.KeyRecordObject(in.Shop, record(purpose, 1, "s"))
		if got := len(cm.OwnerReferences) == 1; got != owned {
			t.Errorf("record of %s: owned by the Shop: %v", purpose, got)
		}
	}
}

func TestAKeyRecordIsReadAsItWasWritten(t *testing.T) {
	shop := input(t, compiletest.Linden(t)).Shop
	at := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	want := record("hook-api", 3, "linden-key-hook-api-c-k3j4h5l6")
	want.CreatedAt, want.SignFrom, want.RotateAt = at, at.Add(time.Minute), at.Add(24*time.Hour)
	want.NotAfter, want.EndsOthers, want.Unwanted, want.Token = at.Add(time.Hour), at, at.Add(time.Second), "2"
	object := desired.KeyRecordObject(shop, want)
	cm := &corev1.ConfigMap{Data: object.Data}
	cm.Name, cm.Namespace = *object.Name, *object.Namespace
	got, err := desired.ParseKeyRecord("linden", cm)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	delete(cm.Data, "token")
	if old, err := desired.ParseKeyRecord("linden", cm); err != nil || !old.Adopted {
		t.Errorf("a record of the version before: %+v %v", old, err)
	}
	for field, value := range map[string]string{"number": "0", "secretName": "", "notAfter": "tomorrow"} {
		broken := cm.DeepCopy()
		broken.Data[field] = value
		if _, err := desired.ParseKeyRecord("linden", broken); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s %q: %v", field, value, err)
		}
	}
}

func TestALongPurposeStillFitsALabel(t *testing.T) {
	shop := input(t, compiletest.Linden(t)).Shop
	long := bundle.HookKeys + strings.Repeat("a", 63)
	one := desired.KeyRecordObject(shop, record(long, 1, "")).Labels[v1alpha1.LabelKeyPurpose]
	two := desired.KeyRecordObject(shop, record(long[:len(long)-1]+"b", 1, "")).Labels[v1alpha1.LabelKeyPurpose]
	if len(one) > 63 || one == two {
		t.Errorf("labels %q and %q", one, two)
	}
}

func TestNoObjectHoldsAByteOfASecret(t *testing.T) {
	in := input(t, compiletest.Fjallro(t))
	key := []byte("planted-key-bytes-of-a-test-00000")
	links := record(bundle.LinkKeys, 1, "fjallro-key-links-a-k3j4h5l6")
	secret := desired.KeySecret(in.Shop, links, types.UID("record"), key)
	if !bytes.Equal(secret.Data["key"], key) || string(secret.Data["number"]) != "1" || secret.OwnerReferences[0].UID != "record" || secret.OwnerReferences[0].Kind != "ConfigMap" || !*secret.OwnerReferences[0].BlockOwnerDeletion {
		t.Errorf("secret: %+v", secret)
	}
	all := append(desired.Objects(in), desired.KeyRecordObject(in.Shop, links))
	for _, o := range all {
		doc := rendered(t, []desired.Object{o})
		if *o.GetKind() == "Secret" {
			t.Errorf("%s is a Secret", *o.GetName())
		}
		if bytes.Contains(doc, key) || bytes.Contains(doc, []byte(base64.StdEncoding.EncodeToString(key))) {
			t.Errorf("%s %s holds the key", *o.GetKind(), *o.GetName())
		}
	}
}

// secretFiles lists the files of Secrets in a pod, by volume and path.
func secretFiles(t *testing.T, pod corev1.PodSpec) []string {
	t.Helper()
	var files []string
	for _, v := range pod.Volumes {
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if s.Secret == nil {
				continue
			}
			if !isTrue(s.Secret.Optional) {
				t.Errorf("the Secret %s is not optional", s.Secret.Name)
			}
			for _, item := range s.Secret.Items {
				files = append(files, v.Name+"/"+item.Path)
			}
		}
	}
	return files
}

func TestEachPodGetsOnlyTheSecretsItNeeds(t *testing.T) {
	in := input(t, compiletest.Fjallro(t))
	got := map[string][]string{}
	for _, w := range []string{"page", "notifier"} {
		pod := find[deployment](t, in, "Deployment", "fjallro-"+w).Spec.Template.Spec
		got[w] = secretFiles(t, pod)
		for _, m := range pod.Containers[0].VolumeMounts {
			if m.SubPath != "" || m.SubPathExpr != "" {
				t.Errorf("%s: %s is mounted by subPath and would never be updated", w, m.Name)
			}
		}
	}
	ring := func(purposes ...string) []string {
		var files []string
		for _, purpose := range purposes {
			for _, slot := range []string{"a", "b", "c"} {
				files = append(files, "keys/"+purpose+"/"+slot+"/key", "keys/"+purpose+"/"+slot+"/number")
			}
		}
		return files
	}
	want := map[string][]string{
		"page": append(ring("hook-api", "hook-carrier-easypost", "links"), "credentials/carrier-easypost/webhook-secret", "credentials/carrier-easypost/webhook-secret-previous",
			"credentials/webshop/client-secret", "credentials/webshop/client-secret-previous"),
		"notifier": append(ring("links"), "credentials/carrier-easypost/api-key", "credentials/carrier-postnord/api-key",
			"credentials/email/password", "credentials/email/username", "credentials/webshop/access-token"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestResourcesFollowTheShopAndStayConsistent(t *testing.T) {
	quantity := func(s string) *resource.Quantity { q := resource.MustParse(s); return &q }
	for name, tc := range map[string]struct {
		resources               *v1alpha1.Resources
		request, limit, goBytes string
	}{
		"defaults":          {nil, "16Mi", "96Mi", "85563801"},
		"more memory asked": {&v1alpha1.Resources{Requests: &v1alpha1.ResourceAmounts{Memory: quantity("256Mi")}}, "256Mi", "256Mi", "228170137"},
		"a tight limit":     {&v1alpha1.Resources{Limits: &v1alpha1.ResourceAmounts{Memory: quantity("64Mi")}}, "16Mi", "64Mi", "57042534"},
	} {
		t.Run(name, func(t *testing.T) {
			sample := compiletest.Linden(t)
			sample.Shop.Spec.Scheduling = &v1alpha1.Scheduling{Resources: tc.resources}
			c := find[deployment](t, input(t, sample), "Deployment", "linden-page").Spec.Template.Spec.Containers[0]
			if got := c.Resources.Requests[corev1.ResourceMemory]; got.String() != tc.request {
				t.Errorf("request %s, want %s", got.String(), tc.request)
			}
			if got := c.Resources.Limits[corev1.ResourceMemory]; got.String() != tc.limit {
				t.Errorf("limit %s, want %s", got.String(), tc.limit)
			}
			if c.Env[0].Value != tc.goBytes {
				t.Errorf("GOMEMLIMIT %s, want %s", c.Env[0].Value, tc.goBytes)
			}
		})
	}
}
