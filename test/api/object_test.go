package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

func TestAPipelineWaitsForAnObjectThatHasNotBeenReconciled(t *testing.T) {
	for _, base := range []string{minimalShop, minimalIntegration, minimalPolicy} {
		object := document(t, base, ``)
		t.Run(object.GetKind(), func(t *testing.T) {
			create(t, object)
			observed, found, err := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
			if err != nil || !found || observed != -1 {
				t.Errorf("status.observedGeneration is %d (found %t, %v), want -1, which no generation is", observed, found, err)
			}
		})
	}
}

func TestWhoWritesTheSpecCannotWriteTheStatus(t *testing.T) {
	shop := document(t, minimalShop, `status: {observedGeneration: 7, effective: {release: rel-0042}}`)
	create(t, shop)
	if err := unstructured.SetNestedField(shop.Object, int64(7), "status", "observedGeneration"); err != nil {
		t.Fatal(err)
	}
	if err := api.Update(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"observedGeneration": int64(-1)}
	if difference := cmp.Diff(want, shop.Object["status"]); difference != "" {
		t.Errorf("the status was written (-want +got):\n%s", difference)
	}
}

func TestNothingThatAUserWroteIsChanged(t *testing.T) {
	for _, file := range []string{"linden.yaml", "fjallro.yaml", "house.yaml"} {
		for _, object := range samples(t, file) {
			t.Run(file+"/"+object.GetKind()+"/"+object.GetName(), func(t *testing.T) {
				want := object.DeepCopy().Object["spec"].(map[string]any)
				if _, set := want["activity"]; !set && object.GetKind() == "Shop" {
					want["activity"] = "Live" // the one default of the API
				}
				create(t, object)
				if difference := cmp.Diff(jsonOf(t, want), jsonOf(t, object.Object["spec"])); difference != "" {
					t.Errorf("the live spec differs (-written +live):\n%s", difference)
				}
			})
		}
	}
}

func TestApplyingTheSameDocumentTwiceChangesNothing(t *testing.T) {
	for _, file := range []string{"linden.yaml", "fjallro.yaml", "house.yaml"} {
		for _, sample := range samples(t, file) {
			t.Run(file+"/"+sample.GetKind()+"/"+sample.GetName(), func(t *testing.T) {
				live := sample.DeepCopy()
				apply(t, live)
				removeAfter(t, live)
				observe(t, live)
				again := sample.DeepCopy()
				apply(t, again)
				if live.GetResourceVersion() != again.GetResourceVersion() {
					t.Errorf("the second apply made resourceVersion %s of %s", again.GetResourceVersion(), live.GetResourceVersion())
				}
			})
		}
	}
}

func apply(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	configuration := client.ApplyConfigurationFromUnstructured(object)
	if err := api.Apply(t.Context(), configuration, client.FieldOwner("pipeline")); err != nil {
		t.Fatal(err)
	}
}

// observe writes a status, as the operator does at first sight of an object.
func observe(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	if err := unstructured.SetNestedField(object.Object, int64(1), "status", "observedGeneration"); err != nil {
		t.Fatal(err)
	}
	if err := api.Status().Update(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAShopIsFoundByItsHostname(t *testing.T) {
	create(t, document(t, minimalShop, ``))
	for hostname, want := range map[string]int{"track.linden.example": 1, "track.other.example": 0} {
		var shops v1alpha1.ShopList
		if err := api.List(t.Context(), &shops, client.MatchingFields{"spec.hostname": hostname}); err != nil {
			t.Fatal(err)
		}
		if len(shops.Items) != want {
			t.Errorf("%s: found %d Shops, want %d", hostname, len(shops.Items), want)
		}
	}
}

func TestKubectlGetAnswersTheFirstQuestions(t *testing.T) {
	ready := `status: {observedGeneration: 1, conditions: [` +
		`{type: Ready, status: "False", reason: HostnameConflict, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}, ` +
		`{type: Operational, status: "True", reason: Operational, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}]`
	for _, c := range []struct {
		resource, base, status string
		columns                []string
		cells                  []any
	}{
		{"shops", minimalShop, ready + `, release: {current: rel-0042}, effective: {activity: Suspended}}`,
			[]string{"Name", "HOST", "ACTIVITY", "READY", "OPERATIONAL", "REASON", "RELEASE", "AGE"},
			[]any{"linden", "track.linden.example", "Suspended", "False", "True", "HostnameConflict", "rel-0042"}},
		{"carrierintegrations", minimalIntegration, ready + `}`,
			[]string{"Name", "SHOP", "DEFINITION", "INTAKE", "READY", "OPERATIONAL", "REASON", "AGE"},
			[]any{"easypost", "linden", "easypost", "Webhook", "False", "True", "HostnameConflict"}},
		{"notificationpolicies", minimalPolicy, ready + `, shops: 3}`,
			[]string{"Name", "BASE", "SHOPS", "READY", "REASON", "AGE"},
			[]any{"house", "", int64(3), "False", "HostnameConflict"}},
	} {
		t.Run(c.resource, func(t *testing.T) {
			object := document(t, c.base, ``)
			create(t, object)
			object.Object = overlay(object.Object, parse(t, c.status))
			if err := api.Status().Update(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			columns, cells := table(t, c.resource, object.GetNamespace())
			if difference := cmp.Diff(c.columns, columns); difference != "" {
				t.Errorf("columns (-want +got):\n%s", difference)
			}
			if difference := cmp.Diff(c.cells, cells[:len(cells)-1]); difference != "" { // without the age
				t.Errorf("cells (-want +got):\n%s", difference)
			}
		})
	}
}

// table is what kubectl get prints: the columns of priority 0 and the cells of the only row.
func table(t *testing.T, resource, namespace string) (columns []string, cells []any) {
	t.Helper()
	settings := rest.CopyConfig(config)
	settings.GroupVersion = &v1alpha1.GroupVersion
	settings.APIPath = "/apis"
	settings.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	restClient, err := rest.RESTClientFor(settings)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := restClient.Get().Namespace(namespace).Resource(resource).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(answer, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Rows) != 1 {
		t.Fatalf("%d rows, want 1", len(table.Rows))
	}
	for i, column := range table.ColumnDefinitions {
		if column.Priority != 0 {
			continue
		}
		cell := table.Rows[0].Cells[i]
		if number, isNumber := cell.(float64); isNumber {
			cell = int64(number)
		}
		if cell == nil {
			cell = ""
		}
		columns, cells = append(columns, column.Name), append(cells, cell)
	}
	return columns, cells
}

func TestShortNamesAndTheCategoryWorkWithoutCollision(t *testing.T) {
	owners, ours := map[string]string{}, 0
	for group, resources := range served(t) {
		for _, resource := range resources {
			if group == v1alpha1.GroupName {
				ours++
				checkNames(t, resource)
			}
			for _, name := range append(resource.ShortNames, resource.SingularName, resource.Name) {
				if other := owners[name]; other != "" && other != resource.Name {
					t.Errorf("%q names both %s and %s", name, other, resource.Name)
				}
				owners[name] = resource.Name
			}
		}
	}
	if ours != 3 {
		t.Errorf("found %d kinds, want 3", ours)
	}
}

// served is what the API server serves, by group and without subresources.
func served(t *testing.T) map[string][]metav1.APIResource {
	t.Helper()
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	_, lists, err := client.ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]metav1.APIResource{}
	for _, list := range lists {
		group := strings.Split(list.GroupVersion, "/")[0]
		for _, resource := range list.APIResources {
			if !strings.Contains(resource.Name, "/") {
				all[group] = append(all[group], resource)
			}
		}
	}
	return all
}

func checkNames(t *testing.T, resource metav1.APIResource) {
	t.Helper()
	if !slices.Contains(resource.Categories, "wismo") || slices.Contains(resource.Categories, "all") {
		t.Errorf("%s is in the categories %v, want wismo and not all", resource.Name, resource.Categories)
	}
	for _, name := range resource.ShortNames {
		if len(name) < 3 {
			t.Errorf("%s has the short name %q, want at least three letters", resource.Name, name)
		}
	}
}
