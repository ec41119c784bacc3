package uninstall

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/operator/uninstall"
)

// printRemains prints what stays, and why.
func (r *remover) printRemains(ctx context.Context) error {
	rows := [][]string{}
	if !r.options.crds && !r.options.deleteData {
		n, err := r.count(ctx, &v1alpha1.ShopList{})
		if err != nil {
			return err
		}
		rows = append(rows, []string{"  Shop", fmt.Sprintf("%d in all namespaces", n), "their pages keep serving; no change takes effect until an operator is installed again"})
	}
	for _, left := range uninstall.Left(r.options.namespace) {
		if r.isDeletedByFlags(left) {
			continue
		}
		name := left.Name
		if left.Selector != "" {
			name = "-l " + left.Selector
		}
		rows = append(rows, []string{"  " + left.Kind, name, left.Why})
	}
	rows = append(rows, []string{"  Namespace", r.options.namespace, "it held the operator; delete it if you need nothing else in it"})
	title := "What stays:"
	if r.dry() {
		title = "What would stay:"
	}
	r.env.Printf("\n%s\n", title)
	if err := cmdutil.Table(r.env.Out, rows); err != nil {
		return err
	}
	if !r.options.deleteData {
		r.printWayBack()
	}
	return nil
}

// printWayBack prints how to install the operator again. An installation writes a configuration of its own over the one that stays.
func (r *remover) printWayBack() {
	namespace := r.options.namespace
	r.env.Printf(`
To come back:
  1. Save the configuration:    kubectl get configmap %[1]s -n %[2]s -o jsonpath='{.data.config\.yaml}' > config.yaml
  2. Install the operator again into the namespace %[2]s, as docs/install.md describes.
  3. Restore the configuration:    kubectl create configmap %[1]s -n %[2]s --from-file=config.yaml --dry-run=client -o yaml | kubectl apply -f -
The operator then takes over every Shop that is still there, without restarting a pod.
`, uninstall.ConfigurationName, namespace)
}

// isDeletedByFlags reports whether the flags --crds and --delete-data have the objects deleted.
func (r *remover) isDeletedByFlags(left uninstall.Remains) bool {
	switch left.Kind {
	case "CustomResourceDefinition":
		return r.options.crds
	case "Namespace":
		return false
	}
	return r.options.deleteData
}

func (r *remover) count(ctx context.Context, list client.ObjectList) (int, error) {
	err := r.List(ctx, list)
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return 0, nil
	}
	return meta.LenList(list), err
}
