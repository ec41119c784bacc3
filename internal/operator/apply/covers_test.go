package apply

import (
	"encoding/json"
	"reflect"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"
)

// pair is a kind as it comes from the API server, and as it is rendered.
type pair struct{ live, rendered any }

func deployments() pair {
	return pair{&appsv1.Deployment{}, &appsv1ac.DeploymentApplyConfiguration{}}
}

func policies() pair {
	return pair{&networkingv1.NetworkPolicy{}, &networkingv1ac.NetworkPolicyApplyConfiguration{}}
}

func services() pair { return pair{&corev1.Service{}, &corev1ac.ServiceApplyConfiguration{}} }

func accounts() pair {
	return pair{&corev1.ServiceAccount{}, &corev1ac.ServiceAccountApplyConfiguration{}}
}

func configs() pair { return pair{&corev1.ConfigMap{}, &corev1ac.ConfigMapApplyConfiguration{}} }

func TestDriftIsSeenAndForeignFieldsAreLeftAlone(t *testing.T) {
	container := func(of string) string {
		return `{"spec":{"template":{"spec":{"containers":[` + of + `]}}}}`
	}
	for name, tc := range map[string]struct {
		kind           func() pair
		live, rendered string
		covered        bool
	}{
		"an annotation of others":     {deployments, `{"spec":{"template":{"metadata":{"annotations":{"restartedAt":"now","ours":"1"}}}}}`, `{"spec":{"template":{"metadata":{"annotations":{"ours":"1"}}}}}`, true},
		"an annotation taken away":    {deployments, `{"spec":{"template":{"metadata":{"annotations":{"restartedAt":"now"}}}}}`, `{"spec":{"template":{"metadata":{"annotations":{"ours":"1"}}}}}`, false},
		"replicas of an autoscaler":   {deployments, `{"spec":{"replicas":5,"paused":false}}`, `{"spec":{}}`, true},
		"a changed value":             {deployments, `{"spec":{"replicas":5}}`, `{"spec":{"replicas":1}}`, false},
		"a removed field":             {configs, `{"data":{}}`, `{"data":{"a":"1"}}`, false},
		"a sidecar of others":         {deployments, container(`{"name":"mesh"},{"name":"page","image":"a"}`), container(`{"name":"page","image":"a"}`), true},
		"an image by hand":            {deployments, container(`{"name":"page","image":"b"}`), container(`{"name":"page","image":"a"}`), false},
		"an argument more":            {deployments, container(`{"name":"page","args":["a","b"]}`), container(`{"name":"page","args":["a"]}`), false},
		"a quantity spelled anew":     {deployments, container(`{"name":"page","resources":{"limits":{"cpu":"1"}}}`), container(`{"name":"page","resources":{"limits":{"cpu":"1000m"}}}`), true},
		"another quantity":            {deployments, container(`{"name":"page","resources":{"limits":{"cpu":"2"}}}`), container(`{"name":"page","resources":{"limits":{"cpu":"1000m"}}}`), false},
		"a probe with defaults":       {deployments, container(`{"name":"page","readinessProbe":{"httpGet":{"path":"/","port":"http","scheme":"HTTP"},"timeoutSeconds":1}}`), container(`{"name":"page","readinessProbe":{"httpGet":{"path":"/","port":"http"}}}`), true},
		"a container taken away":      {deployments, container(``), container(`{"name":"page"}`), false},
		"a volume of another kind":    {deployments, `{"spec":{"template":{"spec":{"volumes":[{"name":"a","hostPath":{"path":"/"}}]}}}}`, `{"spec":{"template":{"spec":{"volumes":[{"name":"a","emptyDir":{}}]}}}}`, false},
		"a defaulted port":            {services, `{"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":8080,"nodePort":30000}]}}`, `{"spec":{"ports":[{"port":80,"targetPort":8080}]}}`, true},
		"a rule more in a policy":     {policies, `{"spec":{"egress":[{"to":[]},{"ports":[{"port":1}]}]}}`, `{"spec":{"egress":[{"to":[]}]}}`, false},
		"a rule where there is none":  {policies, `{"spec":{"egress":[{}]}}`, `{"spec":{"policyTypes":[]}}`, false},
		"no rule where there is none": {policies, `{"spec":{"egress":[]}}`, `{"spec":{}}`, true},
		"a rule narrowed by hand":     {policies, `{"spec":{"ingress":[{"ports":[{"port":1,"protocol":"TCP"}],"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]}]}}`, `{"spec":{"ingress":[{"ports":[{"port":1}]}]}}`, false},
		"everybody instead of pods":   {policies, `{"spec":{"ingress":[{"from":[{"podSelector":{"matchLabels":{"a":"b"}}}]}]}}`, `{"spec":{"ingress":[{"from":[{"namespaceSelector":{},"podSelector":{"matchLabels":{"a":"b"}}}]}]}}`, false},
		"a default in a policy":       {policies, `{"spec":{"ingress":[{"ports":[{"port":1,"protocol":"TCP"}]}]}}`, `{"spec":{"ingress":[{"ports":[{"port":1}]}]}}`, true},
		"a wider selector":            {services, `{"spec":{"selector":{"app":"page"}}}`, `{"spec":{"selector":{"app":"page","shop":"linden"}}}`, false},
		"a narrower selector":         {services, `{"spec":{"selector":{"app":"page","shop":"linden"}}}`, `{"spec":{"selector":{"app":"page"}}}`, false},
		"nothing said, nothing there": {deployments, `{"spec":{"strategy":{},"template":{}}}`, `{"spec":{}}`, true},
		"a no that was taken back":    {accounts, `{}`, `{"automountServiceAccountToken":false}`, false},
		"an owner of others":          {configs, `{"metadata":{"ownerReferences":[{"uid":"b"},{"uid":"a"}]}}`, `{"metadata":{"ownerReferences":[{"uid":"a"}]}}`, true},
		"an owner taken away":         {configs, `{"metadata":{"ownerReferences":[{"uid":"b"}]}}`, `{"metadata":{"ownerReferences":[{"uid":"a"}]}}`, false},
		"other bytes":                 {configs, `{"binaryData":{"a":"Yg=="}}`, `{"binaryData":{"a":"Yw=="}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := tc.kind()
			decode(t, tc.live, p.live)
			decode(t, tc.rendered, p.rendered)
			if got := isApplied(p.live, p.rendered); got != tc.covered {
				t.Errorf("covered %t, want %t", got, tc.covered)
			}
		})
	}
}

// A bundle weighs up to 128 KiB, and a cache holds a thousand.
func TestTheCacheKeepsDigestsAndDriftIsStillSeen(t *testing.T) {
	live := &corev1.ConfigMap{BinaryData: map[string][]byte{"bundle": make([]byte, 100_000)}}
	rendered := (&corev1ac.ConfigMapApplyConfiguration{}).WithBinaryData(map[string][]byte{"bundle": make([]byte, 100_000)})
	Slim(live)
	if n := len(live.BinaryData["bundle"]); n > 64 {
		t.Errorf("%d bytes are kept", n)
	}
	if !isApplied(live, rendered) {
		t.Error("what stands is not recognised")
	}
	if Slim(live); !isApplied(live, rendered) {
		t.Error("what was slimmed twice is not recognised")
	}
	rendered.BinaryData["bundle"][50_000] = 1
	if isApplied(live, rendered) {
		t.Error("another content is not seen")
	}
}

// What is rendered and what is live are generated from one source; a field by another name would never be compared.
func TestEveryKeyOfAMergedListIsAField(t *testing.T) {
	for entry, key := range associative {
		if _, ok := entry.FieldByName(key); !ok {
			t.Errorf("%s has no field %s", entry, key)
		}
	}
	for spec, lists := range spoken {
		for _, list := range lists {
			if f, ok := spec.FieldByName(list); !ok || f.Type.Kind() != reflect.Slice {
				t.Errorf("%s has no list %s", spec, list)
			}
		}
	}
}

func decode(t *testing.T, document string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(document), into); err != nil {
		t.Fatal(err)
	}
}
