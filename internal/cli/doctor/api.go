package doctor

import (
	"context"
	"fmt"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/config/crd"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/cli/status"
)

const install = "Install the operator: kubectl apply --server-side -k config/default, or helm install wismo charts/wismo -n wismo-system --create-namespace"

func (e *examiner) kubernetes(context.Context) {
	version, err := e.discovery.ServerVersion()
	if err != nil {
		e.cannot("kubernetes", err)
		return
	}
	e.add("kubernetes", OK, "", "%s answers", version.GitVersion)
}

// crds compares the installed CRDs with those that the plugin was built with.
func (e *examiner) crds(ctx context.Context) {
	definitions, err := crd.Definitions()
	if err != nil {
		e.cannot("crds", err)
		return
	}
	good := 0
	var missing []string
	for _, want := range definitions {
		live := &apiextensionsv1.CustomResourceDefinition{}
		err := e.Get(ctx, client.ObjectKeyFromObject(want), live)
		switch {
		case absent(err):
			missing = append(missing, want.Name)
		case err != nil:
			e.cannot("crds", err)
		case !established(live):
			e.add("crds", Fail, "kubectl describe crd "+want.Name, "%s is installed, but the API server does not serve it", want.Name)
		case !same(want, live):
			e.add("crds", Warn, "Bring the operator, the CRDs and the plugin to the same version: helm upgrade, or kubectl apply --server-side -k config/default",
				"%s differs from the one that this plugin was built with, so lint and the cluster may disagree", want.Name)
		default:
			good++
		}
	}
	if len(missing) > 0 {
		e.add("crds", Fail, install, "not installed: %s", some(missing))
	}
	if good == len(definitions) {
		e.add("crds", OK, "", "%d are installed and served, and match this plugin", good)
	}
}

func established(d *apiextensionsv1.CustomResourceDefinition) bool {
	return slices.ContainsFunc(d.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
	})
}

// same reports whether both validate and print alike. It ignores other fields, which the API server defaults.
func same(a, b *apiextensionsv1.CustomResourceDefinition) bool {
	if len(a.Spec.Versions) != len(b.Spec.Versions) {
		return false
	}
	for i := range a.Spec.Versions {
		x, y := a.Spec.Versions[i], b.Spec.Versions[i]
		if x.Name != y.Name || !equality.Semantic.DeepEqual(x.Schema, y.Schema) ||
			!equality.Semantic.DeepEqual(x.AdditionalPrinterColumns, y.AdditionalPrinterColumns) {
			return false
		}
	}
	return true
}

// fleet counts the Shops; kubectl wismo status has the details.
func (e *examiner) fleet(context.Context) {
	if len(e.shops) == 0 {
		e.add("shops", OK, "kubectl wismo onboard", "there are no Shops yet")
		return
	}
	var all []status.Shop
	unobserved := 0
	for i := range e.shops {
		all = append(all, status.Of(&e.shops[i], nil))
		if meta.FindStatusCondition(e.shops[i].Status.Conditions, v1alpha1.ConditionReady) == nil {
			unobserved++
		}
	}
	s := status.Together(all).Summary
	level, next := OK, ""
	message := fmt.Sprintf("%s: %d ready, %d operational, %d stalled, %d to act on", cmdutil.Count(s.Shops, "Shop"), s.Ready, s.Operational, s.Stalled, s.NeedHands)
	if s.NeedHands > 0 {
		level, next = Warn, "kubectl wismo status -A"
	}
	if unobserved > 0 {
		level, next = Fail, "kubectl logs -n "+e.namespace+" deployment/"+operatorName
		message += fmt.Sprintf(", %d not yet observed by an operator", unobserved)
	}
	e.add("shops", level, next, "%s", message)
}
