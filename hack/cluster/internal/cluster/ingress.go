package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
	"github.com/wismo-dev/wismo/hack/cluster/internal/netns"
)

// Ingress gives the running cluster an ingress controller, the Gateway API, an IngressClass and a Gateway, both called
// public. Nothing assigns an address to a LoadBalancer here, so it is that of the Service.
func (c *Cluster) Ingress(ctx context.Context) error {
	if !c.Running() {
		return ErrDown
	}
	image, err := c.systemImage(ctx, build.Ingress(), "")
	if err != nil {
		return err
	}
	programs, err := c.builder.Ensure(ctx, build.Kubernetes())
	if err != nil {
		return err
	}
	if err := c.gatewayAPI(ctx, programs); err != nil {
		return err
	}
	manifest, err := renderIngress(image)
	if err != nil {
		return err
	}
	if err := c.kubectl(ctx, programs, manifest, "apply", "--filename=-"); err != nil {
		return err
	}
	address, err := c.balance(ctx, programs)
	if err != nil {
		return err
	}
	if err := c.kubectl(ctx, programs, "", "rollout", "status", "deployment/traefik", "--namespace=ingress", "--timeout=120s"); err != nil {
		return err
	}
	c.Log.Say("the ingress controller answers at %s: IngressClass public, Gateway ingress/public", address)
	return nil
}

// gatewayAPI installs its definitions. The annotation that a client-side apply keeps would be larger than one may be.
func (c *Cluster) gatewayAPI(ctx context.Context, programs string) error {
	definitions, err := c.builder.GatewayAPI(ctx)
	if err != nil {
		return err
	}
	if err := c.kubectl(ctx, programs, "", "apply", "--server-side", "--force-conflicts", "--filename="+definitions); err != nil {
		return err
	}
	return c.kubectl(ctx, programs, "", "wait", "--for=condition=Established", "--timeout=60s", "--filename="+definitions)
}

// balance writes the Service's address where a cloud would write that of its load balancer.
func (c *Cluster) balance(ctx context.Context, programs string) (string, error) {
	address, err := c.ask(ctx, programs, "get", "service", "traefik", "--namespace=ingress", "--output=jsonpath={.spec.clusterIP}")
	if err != nil {
		return "", err
	}
	patch := fmt.Sprintf(`{"status":{"loadBalancer":{"ingress":[{"ip":%q}]}}}`, address)
	return address, c.kubectl(ctx, programs, "", "patch", "service", "traefik", "--namespace=ingress", "--subresource=status", "--type=merge", "--patch="+patch)
}

// ask runs kubectl and returns what it prints.
func (c *Cluster) ask(ctx context.Context, programs string, args ...string) (string, error) {
	var out []byte
	err := netns.Do(func() (err error) {
		cmd := exec.CommandContext(ctx, filepath.Join(programs, "kubectl"), args...)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+c.Layout.Kubeconfig())
		if out, err = cmd.Output(); err != nil {
			return fmt.Errorf("kubectl %s: %w", strings.Join(args, " "), err)
		}
		return nil
	})
	return strings.TrimSpace(string(out)), err
}

func renderIngress(image string) (string, error) {
	parsed, err := template.New("").Option("missingkey=error").ParseFS(manifests, "manifests/ingress/*.yaml")
	if err != nil {
		return "", fmt.Errorf("read the manifests: %w", err)
	}
	var text bytes.Buffer
	if err := parsed.ExecuteTemplate(&text, "traefik.yaml", map[string]string{"Image": image}); err != nil {
		return "", fmt.Errorf("render traefik.yaml: %w", err)
	}
	return text.String(), nil
}
