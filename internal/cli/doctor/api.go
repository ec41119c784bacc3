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

// crds compares what is installed with what the plugin was built with.
func (e *examiner) crds(ctx context.Context) {
	definitions, err := crd.Definitions()
	if err != nil {
		e.cannot("crds", err)
		return
	}
	good := 0
	var lacking []string
	for _, want := range definitions {
		live := &apiextensionsv1.CustomResourceDefinition{}
		err := e.Get(ctx, client.ObjectKeyFromObject(want), live)
		switch {
		case absent(err):
			lacking = append(lacking, want.Name)
		case err != nil:
			e.cannot("crds", err)
		case !established(live):
			e.add("crds", Fail, "kubectl describe crd "+want.Name, "%s is installed and not served", want.Name)
		case !same(want, live):
			e.add("crds", Warn, "Bring operator, CRDs and plugin to one version: helm upgrade, or kubectl apply --server-side -k config/default",
				"%s is not the one that this plugin was built with: lint may judge otherwise than the cluster", want.Name)
		default:
			good++
		}
	}
	if len(lacking) > 0 {
		e.add("crds", Fail, install, "not installed: %s", some(lacking))
	}
	if good == len(definitions) {
		e.add("crds", OK, "", "%d are installed, served, and as this plugin knows them", good)
	}
}

func established(d *apiextensionsv1.CustomResourceDefinition) bool {
	return slices.ContainsFunc(d.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
	})
}

// same says whether both accept and show the same. The API server fills in what was left out elsewhere.
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

// fleet counts the Shops; status says the rest.
func (e *examiner) fleet(context.Context) {
	if len(e.shops) == 0 {
		e.add("shops", OK, "kubectl wismo onboard", "there is none yet")
		return
	}
	var all []status.Shop
	unseen := 0
	for i := range e.shops {
		all = append(all, status.Of(&e.shops[i], nil))
		if meta.FindStatusCondition(e.shops[i].Status.Conditions, v1alpha1.ConditionReady) == nil {
			unseen++
		}
	}
	s := status.Together(all).Summary
	level, next := OK, ""
	message := fmt.Sprintf("%d Shops: %d ready, %d operational, %d stalled, %d need hands", s.Shops, s.Ready, s.Operational, s.Stalled, s.NeedHands)
	if s.NeedHands > 0 {
		level, next = Warn, "kubectl wismo status -A"
	}
	if unseen > 0 {
		level, next = Fail, "kubectl logs -n "+e.namespace+" deployment/"+operatorName
		message += fmt.Sprintf(", %d were never looked at by an operator", unseen)
	}
	e.add("shops", level, next, "%s", message)
}
