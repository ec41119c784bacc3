//go:build e2e

package real

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	operatorReady = "kubectl -n wismo-system rollout status deployment/wismo-manager --timeout=2m"
	shopReady     = "kubectl -n linden wait --for=condition=Ready shop/linden --timeout=2m"
	leaveNothing  = "kubectl wismo uninstall --delete-data --crds --yes && kubectl delete namespace linden elsewhere wismo-system wismo-library --ignore-not-found"
)

// shop are commands that create a namespace and the smallest Shop in it.
func shop(namespace string) string {
	return fmt.Sprintf(`kubectl create namespace %[1]s
echo '{apiVersion: tracking.wismo.dev/v1alpha1, kind: Shop, metadata: {name: linden, namespace: %[1]s},
  spec: {displayName: Linden Living, hostname: track.%[1]s.example, homeCountry: NL}}' | kubectl apply -f -`, namespace)
}

// empty refuses a cluster that is in use, and leaves an empty one behind.
func empty(t *testing.T) {
	t.Helper()
	if left := sh(t, "kubectl get crds -o name | grep tracking.wismo.dev || true; kubectl get namespace wismo-system linden elsewhere --ignore-not-found -o name"); left != "" {
		t.Fatalf("this test installs and removes wismo, so it needs a cluster without; there is\n%s", left)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(tryQuietly("kubectl get pods -A; kubectl -n wismo-system logs deployment/wismo-manager --tail=20; kubectl get shops -A -o yaml"))
		}
		_ = tryQuietly("helm uninstall wismo -n wismo-system --ignore-not-found; " + leaveNothing)
	})
}

func TestTheChartIsInstalledUpgradedRemovedAndInstalledAgain(t *testing.T) {
	empty(t)
	// The chart before knows nothing of what the operator of today asks for: its operator waits for rights, and so does the Shop.
	sh(t, "helm install wismo test/installers/testdata/wismo-0.1.0.tgz -n wismo-system --create-namespace")
	sh(t, "kubectl wait --for=condition=Established crd/shops.tracking.wismo.dev --timeout=1m")
	sh(t, shop("linden"))

	sh(t, block(t, "Upgrading", 0))
	sh(t, noted(t, "Check that the operator is running:"))
	sh(t, shopReady)
	answers(t, "linden")
	aConfigurationThatIsWrongFailsTheTest(t)
	doctorIsContent(t)
	had := possessions(t, "linden")

	serve := watchPage(t, "linden")
	sh(t, strings.TrimSpace(block(t, "Upgrading", 0))+" --set replicas=2 --set logLevel=debug")
	sh(t, operatorReady)
	sh(t, block(t, "Removing", 0))
	stays(t)
	sh(t, block(t, "With Helm", 0))
	sh(t, shopReady)
	serve.never(t)
	answers(t, "linden")
	time.Sleep(5 * time.Second) // for what it would do needlessly
	if diff := cmp.Diff(had, possessions(t, "linden")); diff != "" {
		t.Errorf("what the Shop has did not outlive the operator (-had, +has):\n%s", diff)
	}

	sh(t, "kubectl delete namespace linden --timeout=1m")
	sh(t, noted(t, "Create the first Shop:"))
	answers(t, "linden")
	sh(t, noted(t, "uninstall the chart, then the custom resource definitions:"))
	nothing(t)
}

// aConfigurationThatIsWrongFailsTheTest asks the manager's own --check, as helm test runs it, and lets helm put it right again.
func aConfigurationThatIsWrongFailsTheTest(t *testing.T) {
	t.Helper()
	sh(t, `kubectl -n wismo-system patch configmap wismo-config --type merge -p '{"data": {"config.yaml": "nonsense: true"}}'`)
	output, err := try(t, "helm test wismo --namespace wismo-system --timeout 1m")
	why := sh(t, "kubectl -n wismo-system logs wismo-check")
	if err == nil || !strings.Contains(why, "nonsense") {
		t.Errorf("helm test of a wrong configuration: %v\n%s\n%s", err, output, why)
	}
	sh(t, block(t, "Upgrading", 0))
	sh(t, "kubectl -n wismo-system wait configmap/wismo-status --for=jsonpath='{.data.config}'=Current --timeout=2m")
	sh(t, "helm test wismo --namespace wismo-system --timeout 1m")
}

// doctorIsContent says that no check of kubectl wismo doctor fails.
func doctorIsContent(t *testing.T) {
	t.Helper()
	sh(t, "kubectl wismo doctor && kubectl wismo status -A || [ $? -eq 1 ]")
}

// stays looks that the operator went and took nothing along.
func stays(t *testing.T) {
	t.Helper()
	sh(t, "kubectl -n wismo-system wait --for=delete deployment/wismo-manager --timeout=1m")
	sh(t, "kubectl get crds shops.tracking.wismo.dev carrierintegrations.tracking.wismo.dev notificationpolicies.tracking.wismo.dev")
	sh(t, "kubectl get namespace wismo-library && kubectl -n wismo-system get configmap wismo-installation")
}

// nothing looks that "remove everything" means it.
func nothing(t *testing.T) {
	t.Helper()
	if left := sh(t, "kubectl get crds,clusterroles,clusterrolebindings -o name | grep -i wismo || true"); left != "" {
		t.Errorf("of the installation there is left:\n%s", left)
	}
	if left := sh(t, "kubectl get deployments,services -n linden -o name"); left != "" {
		t.Errorf("of the Shop there runs:\n%s", left)
	}
}

func TestAnOperatorOfOneNamespaceNeedsNoClusterRole(t *testing.T) {
	empty(t)
	sh(t, block(t, "For some namespaces only", 0))
	sh(t, noted(t, "Check that the operator is running:"))
	if roles := sh(t, "kubectl get clusterroles,clusterrolebindings -o name | grep -i wismo || true"); roles != "" {
		t.Errorf("there are\n%s", roles)
	}
	sh(t, shop("elsewhere"))
	sh(t, noted(t, "Create the first Shop:"))
	answers(t, "linden")
	if touched := sh(t, "kubectl -n elsewhere get deployments,persistentvolumeclaims,leases -o name; kubectl -n elsewhere get shop linden -o jsonpath='{.metadata.finalizers}'"); touched != "" {
		t.Errorf("a Shop that is not the operator's has\n%s", touched)
	}
}

func TestOneFileInstallsWithKubectlAndThePluginTakesItAway(t *testing.T) {
	empty(t)
	apply := strings.Replace(block(t, "With kubectl", 0), "make installer\n", "", 1) // hack/installers.sh wrote the file
	sh(t, apply)
	sh(t, operatorReady)
	sh(t, shop("linden"))
	sh(t, shopReady)
	answers(t, "linden")
	doctorIsContent(t)
	sh(t, apply) // once more, as for an upgrade
	sh(t, leaveNothing)
	nothing(t)
}
