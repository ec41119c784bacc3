package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// onboardHelm installs a chart of one Shop's objects n times, with helm's own library, as `helm install` does: each
// with a connection and a discovery of its own.
func onboardHelm(ctx context.Context, c *control, sample []document, n int) (result, error) {
	namespaces, err := c.namespaces(ctx, "helm", n)
	if err != nil {
		return result{}, err
	}
	kubeconfig, err := c.kubeconfigOf("helm")
	if err != nil {
		return result{}, err
	}
	packed, err := chartOf(sample)
	if err != nil {
		return result{}, err
	}
	log.SetOutput(io.Discard)
	say("helm installs the chart for %d Shops", n)
	before, own := c.usage(), ownProcessorTime()
	began := time.Now()
	err = inParallel(n, func(i int) error { return install(ctx, kubeconfig, packed, namespaces[i]) })
	took := time.Since(began)
	own, after := ownProcessorTime()-own, c.usage()
	if err != nil {
		return result{}, err
	}
	repaired, err := c.repaired(ctx, namespaces[0])
	return result{
		name: "helm install", shops: n, took: took, client: own, server: after.server - before.server,
		calls: c.calls(before, "helm"), drift: repaired,
	}, err
}

// chartOf is a chart that renders the documents for the namespace it is installed into.
func chartOf(sample []document) (*chart.Chart, error) {
	packed := &chart.Chart{Metadata: &chart.Metadata{APIVersion: chart.APIVersionV2, Name: "shop", Version: "1.0.0"}}
	for i, d := range sample {
		text, err := textOf(d, "{{ .Release.Namespace }}")
		if err != nil {
			return nil, err
		}
		packed.Templates = append(packed.Templates, &chart.File{Name: fmt.Sprintf("templates/%02d.yaml", i), Data: []byte(text)})
	}
	return packed, packed.Validate()
}

func install(ctx context.Context, kubeconfig string, packed *chart.Chart, namespace string) error {
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.Namespace = &kubeconfig, &namespace
	configuration := &action.Configuration{}
	if err := configuration.Init(flags, namespace, "secret", func(string, ...any) {}); err != nil {
		return err
	}
	i := action.NewInstall(configuration)
	i.ReleaseName, i.Namespace = "shop", namespace
	_, err := i.RunWithContext(ctx, packed, map[string]any{})
	return err
}

// repaired changes an image by hand and reports whether that is reverted.
func (c *control) repaired(ctx context.Context, namespace string) (string, error) {
	const byHand = `{"spec":{"template":{"spec":{"containers":[{"name":"page","image":"by-hand:1"}]}}}}`
	page := deploymentOf(namespace)
	if err := c.kube.Patch(ctx, page, client.RawPatch("application/strategic-merge-patch+json", []byte(byHand))); err != nil {
		return "", err
	}
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(50 * time.Millisecond) {
		if err := c.kube.Get(ctx, client.ObjectKeyFromObject(page), page); err != nil {
			return "", err
		}
		if page.Spec.Template.Spec.Containers[0].Image != "by-hand:1" {
			return fmt.Sprintf("yes, in %.1f s", time.Since(began).Seconds()), nil
		}
	}
	return "no", nil
}

func deploymentOf(namespace string) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "linden-page"}}
}
