// Package config is what the platform says once for all its Shops: one strict YAML file, mounted from the ConfigMap
// wismo-config. Every field has a default, so an empty or missing file is a working one. It knows no cluster.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"
	"sigs.k8s.io/yaml"
)

// Config is the file. An unknown field is an error.
type Config struct {
	// HouseRelay sends the mails of Shops without a sender of their own. Without a host their mails wait.
	HouseRelay HouseRelay `json:"houseRelay"`
	// Exposure is how Shops that say nothing about it are reached.
	Exposure Exposure `json:"exposure"`
	// Links is what the addresses in messages and in status.endpoints look like.
	Links Links `json:"links"`
	// Images are what the workloads run.
	Images Images `json:"images"`
	// Network is who may reach the pods of Shops and what they may reach.
	Network Network `json:"network"`
}

// HouseRelay is a mail relay that takes mails of this cluster without a log-in.
type HouseRelay struct {
	// Host is a DNS name or an IP address; empty = there is no relay.
	Host string `json:"host"`
	// Port is 587 by default.
	Port int `json:"port"`
	// TLS is StartTLS (default), Implicit or None.
	TLS string `json:"tls"`
	// Domain of the senders: a Shop without a sender of its own mails as <shop>@<domain>.
	Domain string `json:"domain"`
}

// Exposure is how Shops are reached.
type Exposure struct {
	// IngressClassName of Ingresses; empty = the default class of the cluster.
	IngressClassName string `json:"ingressClassName"`
}

// Links is what addresses look like.
type Links struct {
	// Scheme is https by default; http is for a cluster on a developer's machine.
	Scheme string `json:"scheme"`
	// Port is 0 for the scheme's own, by default.
	Port int `json:"port"`
}

// Images are what the workloads run.
type Images struct {
	// TrackingPage is the image of the page; by default the environment variable RELATED_IMAGE_TRACKING_PAGE.
	TrackingPage string `json:"trackingPage"`
	// Notifier is the image of the notifier; by default the environment variable RELATED_IMAGE_NOTIFIER.
	Notifier string `json:"notifier"`
	// PullPolicy is Always, IfNotPresent or Never; empty = the cluster's default.
	PullPolicy string `json:"pullPolicy"`
}

// Network is who may reach what.
type Network struct {
	// IngressFrom are the peers of a NetworkPolicy that may open the page; empty = everybody.
	IngressFrom []networkingv1ac.NetworkPolicyPeerApplyConfiguration `json:"ingressFrom"`
	// PrometheusNamespace may read the metrics of the workloads; empty = nobody.
	PrometheusNamespace string `json:"prometheusNamespace"`
	// EgressCIDRs are private networks that notifiers may reach besides the internet, such as that of the relay.
	EgressCIDRs []string `json:"egressCIDRs"`
	// EgressExcept are public networks that notifiers may not reach, such as that of the API server.
	EgressExcept []string `json:"egressExcept"`
}

// MetricsFrom returns the peers that may read metrics.
func (n Network) MetricsFrom() []networkingv1ac.NetworkPolicyPeerApplyConfiguration {
	if n.PrometheusNamespace == "" {
		return nil
	}
	selector := metav1ac.LabelSelector().WithMatchLabels(map[string]string{corev1.LabelMetadataName: n.PrometheusNamespace})
	return []networkingv1ac.NetworkPolicyPeerApplyConfiguration{*networkingv1ac.NetworkPolicyPeer().WithNamespaceSelector(selector)}
}

// Load reads the file; a missing file, or an empty path, means the defaults. The images' environment variables are
// looked up by getenv.
func Load(path string, getenv func(string) string) (Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil && path != "" && !errors.Is(err, fs.ErrNotExist) {
		return Config{}, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(raw, getenv)
}

// Parse reads the content of a file.
func Parse(raw []byte, getenv func(string) string) (Config, error) {
	c := Config{
		HouseRelay: HouseRelay{Port: 587, TLS: "StartTLS"},
		Links:      Links{Scheme: "https"},
		Images:     Images{TrackingPage: getenv("RELATED_IMAGE_TRACKING_PAGE"), Notifier: getenv("RELATED_IMAGE_NOTIFIER")},
	}
	if err := yaml.UnmarshalStrict(raw, &c); err != nil {
		return Config{}, fmt.Errorf("reading the configuration: %w", err)
	}
	return c, c.validate()
}

// validate names every field that is wrong, not only the first.
func (c Config) validate() error {
	var wrong []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf("configuration: "+format, args...))
		}
	}
	check(slices.Contains([]string{"StartTLS", "Implicit", "None"}, c.HouseRelay.TLS),
		"houseRelay.tls %q must be StartTLS, Implicit or None", c.HouseRelay.TLS)
	check(c.HouseRelay.Port > 0 && c.HouseRelay.Port < 1<<16, "houseRelay.port %d must be from 1 to 65535", c.HouseRelay.Port)
	check((c.HouseRelay.Host == "") == (c.HouseRelay.Domain == ""),
		"houseRelay.host and houseRelay.domain must be set together: the senders of Shops are <shop>@<domain>")
	check(c.Links.Scheme == "https" || c.Links.Scheme == "http", "links.scheme %q must be https or http", c.Links.Scheme)
	check(c.Links.Port >= 0 && c.Links.Port < 1<<16, "links.port %d must be from 0 to 65535", c.Links.Port)
	check(c.Images.TrackingPage != "", "images.trackingPage must be set, or the environment variable RELATED_IMAGE_TRACKING_PAGE")
	check(c.Images.Notifier != "", "images.notifier must be set, or the environment variable RELATED_IMAGE_NOTIFIER")
	check(slices.Contains([]string{"", "Always", "IfNotPresent", "Never"}, c.Images.PullPolicy),
		"images.pullPolicy %q must be Always, IfNotPresent or Never", c.Images.PullPolicy)
	for field, networks := range map[string][]string{"egressCIDRs": c.Network.EgressCIDRs, "egressExcept": c.Network.EgressExcept} {
		for i, network := range networks {
			_, err := netip.ParsePrefix(network)
			check(err == nil, "network.%s[%d] %q must be a network such as 10.1.0.0/16", field, i, network)
		}
	}
	return errors.Join(wrong...)
}
