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

// document is an object as a user would write it: without the fields that the API server adds.
type document = *unstructured.Unstructured

// placeholder replaces the namespace in the objects that templates returns.
const placeholder = "PLACEHOLDER"

var shopGVK = schema.GroupVersionKind{Group: "tracking.wismo.dev", Version: "v1alpha1", Kind: "Shop"}

// createdKinds are the kinds that the operator creates for a Shop, without the Lease that claims its hostname.
var createdKinds = []schema.GroupVersionKind{
	{Version: "v1", Kind: "ServiceAccount"}, {Version: "v1", Kind: "ConfigMap"}, {Version: "v1", Kind: "Secret"},
	{Version: "v1", Kind: "PersistentVolumeClaim"}, {Version: "v1", Kind: "Service"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}, {Group: "apps", Version: "v1", Kind: "Deployment"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
}

// shopOf returns a minimal Shop that uses a template of the library.
func shopOf(namespace string) document {
	shop := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"displayName": "Linden Living", "hostname": "track." + namespace + ".example", "homeCountry": "NL",
		"templates": []any{map[string]any{"source": "Library", "configMapRef": map[string]any{"name": "house"}}},
	}}}
	shop.SetGroupVersionKind(shopGVK)
	shop.SetNamespace(namespace)
	shop.SetName("linden")
	return shop
}

// templates returns the objects of the kinds that wismo or the bare client created in a namespace, with the placeholder instead
// of the namespace's name. It is an error if there are none.
func (c *control) templates(ctx context.Context, namespace string, kinds ...schema.GroupVersionKind) ([]document, error) {
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
		return nil, fmt.Errorf("%s has no objects of wismo", namespace)
	}
	return all, nil
}

// stripped returns a template of an object, without the fields that the API server and the operator added.
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

// textOf returns a template as YAML, with the namespace in it.
func textOf(d document, namespace string) (string, error) {
	content, err := yaml.Marshal(d.Object)
	return strings.ReplaceAll(string(content), placeholder, namespace), err
}

// inNamespace returns the object of a template in a namespace.
func inNamespace(d document, namespace string) (document, error) {
	text, err := textOf(d, namespace)
	if err != nil {
		return nil, err
	}
	out := &unstructured.Unstructured{}
	return out, yaml.Unmarshal([]byte(text), &out.Object)
}
