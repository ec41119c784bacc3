package manager

import (
	"context"
	"net/netip"
	"os"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apiserver"
	"github.com/wismo-dev/wismo/internal/operator/config"
)

// apiServer finds out where the API server answers, now and as long as the manager runs.
func apiServer(ctx context.Context, mgr ctrl.Manager) (*apiserver.Addresses, error) {
	where := apiserver.New(mgr.GetAPIReader(), mgr.GetConfig().Host)
	if _, err := where.Refresh(ctx); err != nil {
		return nil, err
	}
	return where, mgr.Add(where)
}

// wall returns what the configuration and the cluster say of the network around every Shop.
func wall(c config.Network, resolvers []netip.Addr, apiServer []string) desired.Network {
	return desired.Network{
		IngressFrom: c.IngressFrom, MetricsFrom: c.MetricsFrom(),
		EgressCIDRs: c.EgressCIDRs, EgressExcept: c.EgressExcept, EgressNamespaces: c.EgressNamespaces,
		APIServer: apiServer, ClusterDomain: c.ClusterDomain,
		DNS: desired.DNS{Peers: c.DNS.Peers, Resolvers: resolvers, Ports: c.DNS.Ports},
	}
}

const resolvConf = "/etc/resolv.conf"

// ClusterResolvers returns the DNS servers that this process was told to ask. In a pod of the cluster they are those of every
// pod, since the kubelets configure all alike; anywhere else they mean nothing, and there are none.
func ClusterResolvers(getenv func(string) string) []netip.Addr {
	if getenv("KUBERNETES_SERVICE_HOST") == "" {
		return nil
	}
	content, err := os.ReadFile(resolvConf)
	if err != nil {
		return nil // the usual ones are open anyway
	}
	return resolvers(string(content))
}

// resolvers reads resolv.conf(5).
func resolvers(content string) []netip.Addr {
	var all []netip.Addr
	for line := range strings.Lines(content) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "nameserver" {
			continue
		}
		if address, err := netip.ParseAddr(words[1]); err == nil && !address.IsLoopback() {
			all = append(all, address.Unmap().WithZone(""))
		}
	}
	return all
}

// slimAutoscaler also drops what changes every few seconds and is not read.
func slimAutoscaler(object any) (any, error) {
	if autoscaler, ok := object.(*autoscalingv2.HorizontalPodAutoscaler); ok {
		autoscaler.Status = autoscalingv2.HorizontalPodAutoscalerStatus{}
	}
	return slim(object)
}
