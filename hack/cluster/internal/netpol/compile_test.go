package netpol

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func pod(namespace, name, ip string, labels map[string]string, ports ...corev1.ContainerPort) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Ports: ports}}},
		Status:     corev1.PodStatus{PodIP: ip, Phase: corev1.PodRunning},
	}
}

func namespace(name string, labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

// town is a small cluster: a shop with a web server and a database, and a
// gateway in a namespace of its own.
func town() Snapshot {
	web := corev1.ContainerPort{Name: "web", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}
	otherWeb := corev1.ContainerPort{Name: "web", ContainerPort: 9090}
	webUDP := corev1.ContainerPort{Name: "web", ContainerPort: 7070, Protocol: corev1.ProtocolUDP}
	host := pod("shop", "host", "10.250.0.1", map[string]string{"app": "web"})
	host.Spec.HostNetwork = true
	done := pod("shop", "done", "10.244.0.9", map[string]string{"app": "web"})
	done.Status.Phase = corev1.PodSucceeded
	return Snapshot{
		Namespaces: []*corev1.Namespace{
			namespace("shop", map[string]string{"team": "shop"}),
			namespace("edge", map[string]string{"team": "edge"}),
		},
		Pods: []*corev1.Pod{
			pod("shop", "db", "10.244.0.3", map[string]string{"app": "db"}, otherWeb),
			pod("shop", "web", "10.244.0.2", map[string]string{"app": "web"}, web, webUDP),
			pod("edge", "gateway", "10.244.0.10", map[string]string{"app": "gateway"}),
			pod("edge", "waiting", "", map[string]string{"app": "gateway"}),
			host, done,
		},
	}
}

const replies = "ct state established,related accept"

func TestCompile(t *testing.T) {
	tests := map[string]struct {
		spec string // of one policy in the namespace shop
		want string
	}{
		"no policy type isolates no pod": {
			spec: `{podSelector: {}}`,
			want: `
forward: ` + replies + `
input: ` + replies,
		},
		"deny all ingress": {
			spec: `{podSelector: {}, policyTypes: [Ingress]}`,
			want: `
forward: ` + replies + `
forward: ip daddr 10.244.0.2 jump in-10-244-0-2
forward: ip daddr 10.244.0.3 jump in-10-244-0-3
input: ` + replies + `
in-10-244-0-2: drop
in-10-244-0-3: drop`,
		},
		"allow all ingress": {
			spec: `{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{}]}`,
			want: `
forward: ` + replies + `
forward: ip daddr 10.244.0.2 jump in-10-244-0-2
input: ` + replies + `
in-10-244-0-2: return
in-10-244-0-2: drop`,
		},
		"egress is also checked on the way to the node": {
			spec: `{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.250.0.1/32}}]}]}`,
			want: `
forward: ` + replies + `
forward: ip saddr 10.244.0.2 jump out-10-244-0-2
input: ` + replies + `
input: ip saddr 10.244.0.2 jump out-10-244-0-2
out-10-244-0-2: ip daddr 10.250.0.1/32 return
out-10-244-0-2: drop`,
		},
		"pods of another namespace, by port number and range": {
			spec: `{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{
				from: [{namespaceSelector: {matchLabels: {team: edge}}, podSelector: {matchLabels: {app: gateway}}}],
				ports: [{port: 80}, {port: 53, protocol: UDP}, {port: 8000, endPort: 8090}, {protocol: SCTP}]}]}`,
			want: `
forward: ` + replies + `
forward: ip daddr 10.244.0.2 jump in-10-244-0-2
input: ` + replies + `
in-10-244-0-2: ip saddr { 10.244.0.10 } tcp dport 80 return
in-10-244-0-2: ip saddr { 10.244.0.10 } udp dport 53 return
in-10-244-0-2: ip saddr { 10.244.0.10 } tcp dport 8000-8090 return
in-10-244-0-2: ip saddr { 10.244.0.10 } meta l4proto sctp return
in-10-244-0-2: drop`,
		},
		"a podSelector alone means the own namespace": {
			spec: `{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}`,
			want: `
forward: ` + replies + `
forward: ip daddr 10.244.0.3 jump in-10-244-0-3
input: ` + replies + `
in-10-244-0-3: ip saddr { 10.244.0.2, 10.244.0.3 } return
in-10-244-0-3: drop`,
		},
		"peers that select no pod allow none": {
			spec: `{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: none}}}]}]}`,
			want: `
forward: ` + replies + `
forward: ip daddr 10.244.0.3 jump in-10-244-0-3
input: ` + replies + `
in-10-244-0-3: drop`,
		},
		"a block with exceptions, and none of IPv6": {
			spec: `{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [
				{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16]}}, {ipBlock: {cidr: "fd00::/8"}}]}]}`,
			want: `
forward: ` + replies + `
forward: ip daddr 10.244.0.3 jump in-10-244-0-3
input: ` + replies + `
in-10-244-0-3: ip saddr 10.0.0.0/8 ip saddr != 10.1.0.0/16 ip saddr != 10.2.0.0/16 return
in-10-244-0-3: drop`,
		},
		"a named port of the receiver on ingress": {
			spec: `{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: web}]}]}`,
			want: `
forward: ` + replies + `
forward: ip daddr 10.244.0.2 jump in-10-244-0-2
forward: ip daddr 10.244.0.3 jump in-10-244-0-3
input: ` + replies + `
in-10-244-0-2: tcp dport 8080 return
in-10-244-0-2: drop
in-10-244-0-3: tcp dport 9090 return
in-10-244-0-3: drop`,
		},
		"a named port of each receiver on egress": {
			spec: `{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: web}]}]}`,
			want: `
forward: ` + replies + `
forward: ip saddr 10.244.0.2 jump out-10-244-0-2
input: ` + replies + `
input: ip saddr 10.244.0.2 jump out-10-244-0-2
out-10-244-0-2: ip daddr { 10.244.0.2 } tcp dport 8080 return
out-10-244-0-2: ip daddr { 10.244.0.3 } tcp dport 9090 return
out-10-244-0-2: drop`,
		},
		"a port name that no container has allows nothing": {
			spec: `{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{ports: [{port: metrics}]}]}`,
			want: `
forward: ` + replies + `
forward: ip daddr 10.244.0.2 jump in-10-244-0-2
input: ` + replies + `
in-10-244-0-2: drop`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := town()
			s.Policies = append(s.Policies, policy(t, "a", test.spec))
			if got, want := compiled(t, s), strings.TrimSpace(test.want); got != want {
				t.Errorf("got:\n%s\n\nwant:\n%s", got, want)
			}
		})
	}
}

// Policies add up, and the order in which they are listed does not matter.
func TestCompileUnion(t *testing.T) {
	s := town()
	open := policy(t, "b", `{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}]}]}`)
	deny := policy(t, "a", `{podSelector: {}, policyTypes: [Ingress]}`)
	again := policy(t, "c", `{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}]}]}`)
	s.Policies = append(s.Policies, open, deny, again)
	first := compiled(t, s)
	slices.Reverse(s.Policies)
	slices.Reverse(s.Pods)
	if second := compiled(t, s); first != second {
		t.Errorf("the order of the input changes the rules:\n%s\n\n%s", first, second)
	}
	if strings.Count(first, "in-10-244-0-2: tcp dport 80 return") != 1 {
		t.Errorf("the rule must be there once:\n%s", first)
	}
	if !strings.Contains(first, "in-10-244-0-3: drop") {
		t.Errorf("the other pod must stay isolated:\n%s", first)
	}
}

func TestCompileNamesTheBrokenPolicy(t *testing.T) {
	s := town()
	s.Policies = append(s.Policies, policy(t, "broken",
		`{podSelector: {matchExpressions: [{key: app, operator: Sometimes}]}, policyTypes: [Ingress]}`))
	if _, err := Compile(s); err == nil || !strings.Contains(err.Error(), "shop/broken") {
		t.Errorf("got %v, want an error that names shop/broken", err)
	}
}

func TestRelevant(t *testing.T) {
	before := pod("shop", "web", "10.244.0.2", map[string]string{"app": "web"})
	heartbeat := before.DeepCopy()
	heartbeat.ResourceVersion = "2"
	relabelled := before.DeepCopy()
	relabelled.Labels["app"] = "db"
	ended := before.DeepCopy()
	ended.Status.Phase = corev1.PodFailed
	for name, test := range map[string]struct {
		after any
		want  bool
	}{
		"nothing a rule depends on": {heartbeat, false},
		"labels":                    {relabelled, true},
		"the end of the pod":        {ended, true},
	} {
		if got := relevant(before, test.after); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	if !relevant(namespace("shop", nil), namespace("shop", nil)) {
		t.Error("any change of a namespace counts")
	}
}

func policy(t *testing.T, name, spec string) *networkingv1.NetworkPolicy {
	t.Helper()
	made := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
	if err := yaml.UnmarshalStrict([]byte(spec), &made.Spec); err != nil {
		t.Fatal(err)
	}
	return made
}

func compiled(t *testing.T, s Snapshot) string {
	t.Helper()
	chains, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, chain := range chains {
		for _, rule := range chain.Rules {
			lines = append(lines, chain.Name+": "+rule)
		}
	}
	return strings.Join(lines, "\n")
}
