package config

import (
	"path/filepath"
	"strings"
	"testing"
)

func env(name string) string {
	return map[string]string{"RELATED_IMAGE_TRACKING_PAGE": "page:1", "RELATED_IMAGE_NOTIFIER": "notifier:1"}[name]
}

func TestAMissingFileIsAWorkingConfiguration(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "absent.yaml")} {
		c, err := Load(path, env)
		if err != nil {
			t.Fatal(err)
		}
		if c.Links.Scheme != "https" || c.Images.TrackingPage != "page:1" || c.HouseRelay.Port != 587 || c.HouseRelay.Host != "" {
			t.Errorf("defaults are %+v", c)
		}
	}
}

func TestTheFileSaysWhatItSays(t *testing.T) {
	c, err := Parse([]byte(`
houseRelay: {host: relay.mail.svc, port: 25, tls: None, domain: mail.platform.example}
exposure: {ingressClassName: public}
links: {scheme: http, port: 8080}
images: {notifier: "notifier:2", pullPolicy: IfNotPresent}
network:
  ingressFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]
  prometheusNamespace: monitoring
  egressCIDRs: [10.1.0.0/16]
`), env)
	if err != nil {
		t.Fatal(err)
	}
	if c.Images.TrackingPage != "page:1" || c.Images.Notifier != "notifier:2" || len(c.Network.IngressFrom) != 1 || len(c.Network.MetricsFrom()) != 1 {
		t.Errorf("read %+v", c)
	}
}

func TestAWrongConfigurationNamesEveryFault(t *testing.T) {
	for document, wants := range map[string][]string{
		"houseRelais: {}":                   {"houseRelais"},
		"links: {scheme: ftp, port: 70000}": {"links.scheme", "links.port"},
		"houseRelay: {host: a, tls: Maybe}": {"houseRelay.tls", "houseRelay.domain"},
		"network: {egressCIDRs: [nowhere]}": {"network.egressCIDRs[0]"},
		"network: {egressCIDRs: ['10.1.2.3/16', '0.0.0.0/0', '::ffff:10.0.0.0/104']}": {"egressCIDRs[0]", "egressCIDRs[1]", "egressCIDRs[2]"},
		"network: {egressExcept: ['0.0.0.0/0', '::/0', '2000::/3']}":                  {"egressExcept[0]", "egressExcept[1]", "egressExcept[2]"},
		"network: {egressNamespaces: [Data], prometheusNamespace: 'a b'}":             {"egressNamespaces[0]", "prometheusNamespace"},
		"network: {clusterDomain: '', dns: {ports: [0], peers: [{}]}}":                {"network.clusterDomain", "network.dns.ports[0]", "network.dns.peers[0]"},
		"network: {ingressFrom: [{podSelector: {}}, {ipBlock: {cidr: here}}]}":        {"ingressFrom[0]", "ingressFrom[1].ipBlock.cidr"},
		"houseRelay: {host: 'https://a', domain: 'mail_platform'}":                    {"houseRelay.host", "houseRelay.domain"},
		"images: {trackingPage: '', pullPolicy: Sometimes}":                           {"images.trackingPage", "images.pullPolicy"},
	} {
		_, err := Parse([]byte(document), env)
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not name %s", document, err, want)
			}
		}
	}
}
