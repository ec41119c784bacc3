package activity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/compile"
)

// check returns an error for flags that do not go together.
func (o *options) check() error {
	if err := cmp.Or(o.dryRun.Check(), o.output.Check()); err != nil {
		return err
	}
	named, selected := len(o.names) > 0, o.selector != "" || o.all
	switch {
	case !named && !selected:
		return errors.New("name at least one Shop, or select them with -l LABELS or --all")
	case named && selected:
		return errors.New("name Shops or select them with -l or --all, not both")
	case named && o.allNamespaces:
		return errors.New("--all-namespaces cannot be used with the name of a Shop: name its namespace with -n NAMESPACE")
	}
	return nil
}

// find reads the named or selected Shops.
func (o *options) find(ctx context.Context, env *cmdutil.Env, c client.Client) ([]v1alpha1.Shop, error) {
	namespace, err := env.Namespace()
	if err != nil {
		return nil, err
	}
	if len(o.names) == 0 {
		return o.list(ctx, c, namespace)
	}
	var shops []v1alpha1.Shop
	for _, name := range o.names {
		name = strings.TrimPrefix(strings.TrimPrefix(name, "shop/"), "shop."+v1alpha1.GroupName+"/")
		var shop v1alpha1.Shop
		if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &shop); apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("there is no Shop %s in the namespace %s, so nothing was changed; to list all: kubectl get shops -A", name, namespace)
		} else if err != nil {
			return nil, fmt.Errorf("reading the Shop %s/%s: %w", namespace, name, err)
		}
		shops = append(shops, shop)
	}
	return shops, nil
}

func (o *options) list(ctx context.Context, c client.Client, namespace string) ([]v1alpha1.Shop, error) {
	selector, err := labels.Parse(o.selector)
	if err != nil {
		return nil, fmt.Errorf("--selector: %w", err)
	}
	options := []client.ListOption{client.MatchingLabelsSelector{Selector: selector}}
	where := "in the cluster"
	if !o.allNamespaces {
		options, where = append(options, client.InNamespace(namespace)), "in the namespace "+namespace
	}
	var list v1alpha1.ShopList
	if err := c.List(ctx, &list, options...); err != nil {
		return nil, fmt.Errorf("listing the Shops: %w", err)
	}
	if len(list.Items) == 0 {
		return nil, cmdutil.Refuse("no Shop %s is selected, so nothing was changed", where)
	}
	return list.Items, nil
}

// wanted returns the activity that the Shop has once the command has set its annotation.
func (o *options) wanted(shop *v1alpha1.Shop) bundle.ActivityDocument {
	changed := shop.DeepCopy()
	delete(changed.Annotations, v1alpha1.AnnotationActivity)
	if o.activity != "" {
		if changed.Annotations == nil {
			changed.Annotations = map[string]string{}
		}
		changed.Annotations[v1alpha1.AnnotationActivity] = string(o.activity)
	}
	return compile.ActivityOf(changed)
}

// loosens returns how many of the Shops would send more than now.
func (o *options) loosens(shops []v1alpha1.Shop) int {
	return len(slices.DeleteFunc(slices.Clone(shops), func(shop v1alpha1.Shop) bool {
		now, then := compile.ActivityOf(&shop).Activity, o.wanted(&shop).Activity
		return now == then || bundle.Stricter(now, then) == then
	}))
}

func (o *options) question(shops int) string {
	where := "to the shoppers"
	if o.activity == bundle.Rehearsal {
		where = "to the merchants' inboxes"
	}
	return fmt.Sprintf("The messages of %s will be sent again, %s. Continue?", cmdutil.Count(shops, "Shop"), where)
}
