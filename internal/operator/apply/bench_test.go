package apply

import (
	"encoding/json"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
)

// BenchmarkStands is a look at a Deployment that is as it was rendered: an operator does little else.
func BenchmarkStands(b *testing.B) {
	text := []byte(`{"metadata":{"name":"a","labels":{"a":"b","c":"d"}},"spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"page","image":"a","ports":[{"name":"http","containerPort":8080}],
		"readinessProbe":{"httpGet":{"path":"/","port":"http"}},"resources":{"limits":{"memory":"96Mi"}},"volumeMounts":[{"name":"v","mountPath":"/v"},{"name":"w","mountPath":"/w"}]}],
		"volumes":[{"name":"v","emptyDir":{}},{"name":"w","configMap":{"name":"w"}}]}}}}`)
	live, rendered := &appsv1.Deployment{}, &appsv1ac.DeploymentApplyConfiguration{}
	for _, into := range []any{live, rendered} {
		if err := json.Unmarshal(text, into); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if !isApplied(live, rendered) {
			b.Fatal("it does not stand")
		}
	}
}
