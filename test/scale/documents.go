package main

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// document is an object as somebody would write it down: without what the API server adds.
type document = *unstructured.Unstructured

// placeholder stands in a tenant's documents for its namespace.
const placeholder = "TENANT"

var shopKind = schema.GroupVersionKind{Group: "tracking.wismo.dev", Version: "v1alpha1", Kind: "Shop"}

// kinds are what an operator makes of a Shop, the Shop and its claim of a hostname aside.
var kinds = []schema.GroupVersionKind{
	{Version: "v1", Kind: "ServiceAccount"}, {Version: "v1", Kind: "ConfigMap"}, {Version: "v1", Kind: "Secret"},
	{Version: "v1", Kind: "PersistentVolumeClaim"}, {Version: "v1", Kind: "Service"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}, {Group: "apps", Version: "v1", Kind: "Deployment"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
}

// shopOf is the smallest document that makes a tenant, with the texts of the house.
func shopOf(namespace string) document {
	shop := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"displayName": "Linden Living", "hostname": "track." + namespace + ".example", "homeCountry": "NL",
		"templates": []any{map[string]any{"source": "Library", "configMapRef": map[string]any{"name": "house"}}},
	}}}
	shop.SetGroupVersionKind(shopKind)
	shop.SetNamespace(namespace)
	shop.SetName("linden")
	return shop
}

// tenant reads what was made for a tenant, and writes it down for any other.
func (c *control) tenant(ctx context.Context, namespace string) ([]document, error) {
	return c.written(ctx, namespace, kinds...)
}

// written reads a tenant's objects of some kinds.
func (c *control) written(ctx context.Context, namespace string, kinds ...schema.GroupVersionKind) ([]document, error) {
	var all []document
	for _, kind := range kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		if err := c.kube.List(ctx, list, client.InNamespace(namespace), client.MatchingLabels{"app.kubernetes.io/managed-by": "wismo"}); err != nil {
			return nil, err
		}
		for i := range list.Items {
			d, err := stripped(&list.Items[i], namespace)
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("nothing was made in %s", namespace)
	}
	return all, nil
}

// stripped is an object without what the API server and the operator's bookkeeping added.
func stripped(live document, namespace string) (document, error) {
	d := live.DeepCopy()
	delete(d.Object, "status")
	for _, field := range [][]string{{"spec", "clusterIP"}, {"spec", "clusterIPs"}, {"spec", "volumeName"}} {
		unstructured.RemoveNestedField(d.Object, field...)
	}
	metadata := map[string]any{"name": d.GetName(), "namespace": namespace, "labels": stringMap(d.GetLabels())}
	d.Object["metadata"] = metadata
	content, err := yaml.Marshal(d.Object)
	if err != nil {
		return nil, err
	}
	other := &unstructured.Unstructured{}
	return other, yaml.Unmarshal([]byte(strings.ReplaceAll(string(content), namespace, placeholder)), &other.Object)
}

func stringMap(words map[string]string) map[string]any {
	all := map[string]any{}
	for key, value := range words {
		all[key] = value
	}
	return all
}

// textOf is a document as YAML, for the tenant that the text names.
func textOf(d document, tenant string) (string, error) {
	content, err := yaml.Marshal(d.Object)
	return strings.ReplaceAll(string(content), placeholder, tenant), err
}

// forTenant is the document of one tenant.
func forTenant(d document, tenant string) (document, error) {
	text, err := textOf(d, tenant)
	if err != nil {
		return nil, err
	}
	out := &unstructured.Unstructured{}
	return out, yaml.Unmarshal([]byte(text), &out.Object)
}
