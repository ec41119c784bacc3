package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// kinds returns all that an onboarding makes.
func kinds() []client.ObjectList {
	return []client.ObjectList{
		&v1alpha1.ShopList{}, &v1alpha1.CarrierIntegrationList{}, &v1alpha1.NotificationPolicyList{},
		&corev1.ConfigMapList{}, &corev1.SecretList{}, &corev1.ServiceAccountList{}, &corev1.PersistentVolumeClaimList{},
		&corev1.ServiceList{}, &networkingv1.NetworkPolicyList{}, &networkingv1.IngressList{}, &appsv1.DeploymentList{},
		&policyv1.PodDisruptionBudgetList{},
	}
}

// objects lists every object of a namespace, and the claims of its hostnames.
func objects(t *testing.T, namespace string) []client.Object {
	t.Helper()
	var all []client.Object
	collect := func(list client.ObjectList, opts ...client.ListOption) {
		if err := kube.List(context.WithoutCancel(t.Context()), list, opts...); err != nil {
			t.Fatal(err)
		}
		_ = meta.EachListItem(list, func(item runtime.Object) error {
			if object, ok := item.(client.Object); ok {
				all = append(all, object)
			}
			return nil
		})
	}
	for _, list := range kinds() {
		collect(list, client.InNamespace(namespace))
	}
	collect(&coordinationv1.LeaseList{}, client.InNamespace(installed.Namespace), client.MatchingLabels{v1alpha1.GroupName + "/shop-namespace": namespace})
	return all
}

// chosen is what every run chooses anew: names, times and hashes of names. It says nothing about the outcome.
var chosen = []struct {
	pattern *regexp.Regexp
	word    string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`chaos-\d+-\d+`), "NAMESPACE"},
	{regexp.MustCompile(`host-[0-9a-f]{20}`), "CLAIM"},
	{regexp.MustCompile(`hooks/[a-z2-7]{20}`), "hooks/ENDPOINT"},
	{regexp.MustCompile(`(-key-[a-z0-9-]+?-[a-z])-[a-z2-7]{8}\b`), "$1-RANDOM"},
	{regexp.MustCompile(`(suffix\W+)[a-z2-7]{8}\b`), "$1-RANDOM"},
	{regexp.MustCompile(`\b([0-9a-f]{10}|[0-9a-f]{16})\b`), "HASH"}, // of a bundle, and of a pod template
}

// dump describes every object of the namespace in words that are the same for equal outcomes.
func dump(t *testing.T, namespace string) []string {
	t.Helper()
	var all []string
	for _, object := range objects(t, namespace) {
		raw, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(raw, &fields); err != nil {
			t.Fatal(err)
		}
		forget(fields)
		text, err := json.MarshalIndent(fields, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		described := fmt.Sprintf("%T %s", object, text)
		for _, c := range chosen {
			described = c.pattern.ReplaceAllString(described, c.word)
		}
		all = append(all, described)
	}
	slices.Sort(all)
	return all
}

// forget removes what differs without meaning anything: what the API server and others write, and bytes of keys.
func forget(fields map[string]any) {
	if metadata, ok := fields["metadata"].(map[string]any); ok {
		for _, name := range []string{"uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "generateName"} {
			delete(metadata, name)
		}
		if annotations, ok := metadata["annotations"].(map[string]any); ok {
			delete(annotations, "tracking.wismo.dev/applied-hash")
		}
	}
	if spec, ok := fields["spec"].(map[string]any); ok {
		delete(spec, "clusterIP")
		delete(spec, "clusterIPs")
	}
	if fields["type"] == "Opaque" {
		fields["data"] = nil
	}
	delete(fields, "binaryData") // its name is its hash
	if status, ok := fields["status"].(map[string]any); ok {
		delete(status, "observedGeneration") // conditions carry it; of a Deployment it counts the edits
	}
}
