package main

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const kroModule = "github.com/kubernetes-sigs/kro"

var tenantKind = schema.GroupVersionKind{Group: "kro.run", Version: "v1alpha1", Kind: "Tenant"}

// tuned is what kro can be told to make it as fast as it goes here.
var tuned = []string{
	"--metrics-bind-address=0", "--health-probe-bind-address=0", "--client-qps=2000", "--client-burst=2000",
	"--dynamic-controller-concurrent-reconciles=10", "--dynamic-controller-rate-limiter-rate-limit=1000",
	"--dynamic-controller-rate-limiter-burst-limit=1000",
}

// onboardKro lets kro make the same objects, from a ResourceGraphDefinition of them.
func onboardKro(ctx context.Context, c *control, binary string, sample []document, n int) (result, error) {
	tenants, err := c.namespaces(ctx, "kro", n)
	if err != nil {
		return result{}, err
	}
	kro, err := startKro(ctx, c, binary, sample)
	if err != nil {
		return result{}, err
	}
	defer kro.end(syscall.SIGKILL)
	active, err := c.follow(ctx, tenantKind, func(o document) int64 {
		if state, _, _ := unstructured.NestedString(o.Object, "status", "state"); state == "ACTIVE" {
			return 1
		}
		return 0
	})
	if err != nil {
		return result{}, err
	}
	defer active.stop()
	say("kro onboards %d tenants", n)
	before, client := c.usage(), processorTime(kro.pid())
	began := time.Now()
	err = inParallel(n, func(i int) error { return c.kube.Create(ctx, tenantOf(tenants[i])) })
	if err != nil {
		return result{}, err
	}
	if err := until(ctx, "ACTIVE", 20*time.Minute, func() (int, int, error) { return active.count(1), n, nil }); err != nil {
		return result{}, kro.blamed(err)
	}
	took := time.Since(began)
	client, after := processorTime(kro.pid())-client, c.usage()
	repaired, err := c.repaired(ctx, tenants[0])
	return result{
		name: "kro", tenants: n, took: took, client: client, server: after.server - before.server, calls: c.calls(before, "kro"),
		rss: memory(kro.pid(), "VmRSS"), peak: memory(kro.pid(), "VmHWM"), drift: repaired,
	}, err
}

// startKro starts kro and teaches it the tenant.
func startKro(ctx context.Context, c *control, binary string, sample []document) (*process, error) {
	dir, err := moduleDir(ctx, "kro", kroModule)
	if err != nil {
		return nil, err
	}
	crds := filepath.Join(dir, "helm", "crds")
	if _, err := envtest.InstallCRDs(c.config, envtest.CRDInstallOptions{Paths: []string{crds}, ErrorIfPathMissing: true}); err != nil {
		return nil, err
	}
	kro, err := c.startProcess(ctx, "kro", binary, nil, tuned...)
	if err != nil {
		return nil, err
	}
	graph, err := graphOf(sample)
	if err != nil {
		return nil, err
	}
	if err := c.kube.Create(ctx, graph); err != nil {
		return nil, err
	}
	return kro, kro.blamed(until(ctx, "kro knows the tenant", 2*time.Minute, func() (int, int, error) {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(tenantKind)
		if c.kube.List(ctx, list) != nil {
			return 0, 1, nil // no such kind yet
		}
		return 1, 1, nil
	}))
}

// graphOf is the ResourceGraphDefinition of the documents.
func graphOf(sample []document) (document, error) {
	resources := make([]any, len(sample))
	for i, d := range sample {
		template, err := forTenant(d, "${schema.spec.tenant}")
		if err != nil {
			return nil, err
		}
		unstructured.RemoveNestedField(template.Object, "metadata", "namespace")
		resources[i] = map[string]any{"id": fmt.Sprintf("part%d", i), "template": template.Object}
	}
	graph := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"schema":    map[string]any{"apiVersion": "v1alpha1", "kind": "Tenant", "spec": map[string]any{"tenant": "string"}},
		"resources": resources,
	}}}
	graph.SetGroupVersionKind(schema.GroupVersionKind{Group: "kro.run", Version: "v1alpha1", Kind: "ResourceGraphDefinition"})
	graph.SetName("tenant")
	return graph, nil
}

func tenantOf(namespace string) document {
	o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"tenant": namespace}}}
	o.SetGroupVersionKind(tenantKind)
	o.SetNamespace(namespace)
	o.SetName("tenant")
	return o
}

func deploymentOf(tenant string) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "linden-page"}}
}
