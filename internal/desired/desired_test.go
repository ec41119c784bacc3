package desired_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
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
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/bundle/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/desired"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

func platform() desired.Platform {
	return desired.Platform{
		PageImage: "wismo.dev/tracking-page:v1", NotifierImage: "wismo.dev/notifier:v1", ImagePullPolicy: "IfNotPresent",
		Release: "rel-0001", OperatorNamespace: "wismo-system",
	}
}

// input compiles a sample and mounts the first and the next key of every purpose.
func input(t *testing.T, sample compile.Input) desired.Input {
	t.Helper()
	sample.Shop.UID = "11111111-2222-3333-4444-555555555555"
	out := compile.Compile(sample)
	if out.Document == nil {
		t.Fatalf("the sample does not compile: %v, missing %v", out.Problems, out.Missing)
	}
	in := desired.Input{Shop: sample.Shop, Bundle: out, Platform: platform()}
	for _, purpose := range out.KeyPurposes {
		in.Keys = append(in.Keys,
			desired.KeyRecord{Purpose: purpose, Number: 2, SecretName: sample.Shop.Name + "-" + purpose + "-b"},
			desired.KeyRecord{Purpose: purpose, Number: 1, SecretName: sample.Shop.Name + "-" + purpose + "-a"})
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

func TestTheObjectsOfTheSamples(t *testing.T) {
	all := samples(t)
	all["scaled"] = scaled(t)
	for name, in := range all {
		t.Run(name, func(t *testing.T) {
			got := rendered(t, desired.Objects(in))
			// The bundle has its own golden file; here its bytes would only hide the rest.
			got = bytes.ReplaceAll(got, []byte(base64.StdEncoding.EncodeToString(in.Bundle.Data)), []byte("<the bundle>"))
			got = bytes.ReplaceAll(got, []byte(in.Bundle.Hash), []byte("<hash>"))
			path := filepath.Join("testdata", name+".yaml")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (run the test with -update to accept):\n%s", path, diff)
			}
		})
	}
}

func TestTheSameInputGivesTheSameObjects(t *testing.T) {
	first := rendered(t, desired.Objects(input(t, compiletest.Fjallro(t))))
	in := input(t, compiletest.Fjallro(t))
	slices.Reverse(in.Keys)
	if diff := cmp.Diff(string(first), string(rendered(t, desired.Objects(in)))); diff != "" {
		t.Errorf("the order of the key records changes the pods:\n%s", diff)
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
		record := desired.KeyRecordObject(in.Shop, desired.KeyRecord{Purpose: purpose, Number: 1, SecretName: "s"})
		if got := len(record.OwnerReferences) == 1; got != owned {
			t.Errorf("record of %s: owned by the Shop: %v", purpose, got)
		}
	}
}

func TestAKeyRecordIsReadAsItWasWritten(t *testing.T) {
	shop := input(t, compiletest.Linden(t)).Shop
	at := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	want := desired.KeyRecord{Purpose: "hook-api", Number: 3, SecretName: "linden-hook-api-x7", CreatedAt: at, NotAfter: at.Add(time.Hour)}
	object := desired.KeyRecordObject(shop, want)
	cm := &corev1.ConfigMap{Data: object.Data}
	cm.Name, cm.Namespace = *object.Name, *object.Namespace
	got, err := desired.ParseKeyRecord(cm)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for field, value := range map[string]string{"number": "0", "secretName": "", "notAfter": "tomorrow"} {
		broken := cm.DeepCopy()
		broken.Data[field] = value
		if _, err := desired.ParseKeyRecord(broken); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s %q: %v", field, value, err)
		}
	}
}

func TestALongPurposeStillFitsALabel(t *testing.T) {
	shop := input(t, compiletest.Linden(t)).Shop
	long := bundle.HookKeys + strings.Repeat("a", 63)
	one := desired.KeyRecordObject(shop, desired.KeyRecord{Purpose: long, Number: 1}).Labels[v1alpha1.LabelKeyPurpose]
	two := desired.KeyRecordObject(shop, desired.KeyRecord{Purpose: long[:len(long)-1] + "b", Number: 1}).Labels[v1alpha1.LabelKeyPurpose]
	if len(one) > 63 || one == two {
		t.Errorf("labels %q and %q", one, two)
	}
}

func TestNoObjectHoldsAByteOfASecret(t *testing.T) {
	in := input(t, compiletest.Fjallro(t))
	key := []byte("planted-key-bytes-of-a-test-00000")
	record := desired.KeyRecord{Purpose: bundle.LinkKeys, Number: 1, SecretName: "fjallro-links-a"}
	secret := desired.KeySecret(in.Shop, record, types.UID("record"), key)
	if !bytes.Equal(secret.Data["key"], key) || !*secret.Immutable || secret.OwnerReferences[0].UID != "record" || secret.OwnerReferences[0].Kind != "ConfigMap" {
		t.Errorf("secret: %+v", secret)
	}
	all := append(desired.Objects(in), desired.KeyRecordObject(in.Shop, record))
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
	want := map[string][]string{
		"page": {
			"keys/hook-api/1/key", "keys/hook-api/2/key", "keys/hook-carrier-easypost/1/key", "keys/hook-carrier-easypost/2/key",
			"keys/links/1/key", "keys/links/2/key", "credentials/carrier-easypost/webhook-secret", "credentials/webshop/client-secret",
		},
		"notifier": {
			"keys/links/1/key", "keys/links/2/key", "credentials/carrier-easypost/api-key", "credentials/carrier-postnord/api-key",
			"credentials/email/password", "credentials/email/username", "credentials/webshop/access-token",
		},
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
