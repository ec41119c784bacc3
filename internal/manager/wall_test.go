package manager

import (
	"net/netip"
	"slices"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

func TestTheResolversAreThoseOfEveryPod(t *testing.T) {
	for content, want := range map[string][]netip.Addr{
		"search linden.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n": {netip.MustParseAddr("10.96.0.10")},
		"nameserver 169.254.20.10\nnameserver fd00::a%eth0\n":                       {netip.MustParseAddr("169.254.20.10"), netip.MustParseAddr("fd00::a")},
		"# nameserver 1.1.1.1\nnameserver\nnameserver 127.0.0.53\nnameserver here":  nil,
		"": nil,
	} {
		if got := resolvers(content); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", content, got, want)
		}
	}
	if got := ClusterResolvers(func(string) string { return "" }); got != nil {
		t.Errorf("outside of a cluster: %v", got)
	}
}

func TestAnAutoscalersNotesAreNotKept(t *testing.T) {
	autoscaler := &autoscalingv2.HorizontalPodAutoscaler{
		Spec:   autoscalingv2.HorizontalPodAutoscalerSpec{MaxReplicas: 3},
		Status: autoscalingv2.HorizontalPodAutoscalerStatus{CurrentReplicas: 2},
	}
	if _, err := slimAutoscaler(autoscaler); err != nil || autoscaler.Status.CurrentReplicas != 0 || autoscaler.Spec.MaxReplicas != 3 {
		t.Errorf("%v, kept %+v", err, autoscaler)
	}
}
