package kit

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// patience is how long a completion may ask the cluster; longer, and a person has typed the name.
const patience = 3 * time.Second

// Complete is what cobra asks for the words that may stand where the cursor is.
type Complete = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

// CompleteShops completes the names of Shops of the namespace.
func CompleteShops(k *Kit) Complete {
	return completeNames(k, "", &v1alpha1.ShopList{})
}

// CompleteObjects completes shop/NAME and carrierintegration/NAME, once.
func CompleteObjects(k *Kit) Complete {
	shops, integrations := completeNames(k, "shop/", &v1alpha1.ShopList{}), completeNames(k, "carrierintegration/", &v1alpha1.CarrierIntegrationList{})
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		a, _ := shops(cmd, args, begun)
		b, directive := integrations(cmd, args, begun)
		return append(a, b...), directive
	}
}

func completeNamespaces(k *Kit) Complete { return completeNames(k, "", &corev1.NamespaceList{}) }

func completeNames(k *Kit, prefix string, list client.ObjectList) Complete {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), patience)
		defer cancel()
		return names(ctx, k, prefix, list), cobra.ShellCompDirectiveNoFileComp
	}
}

// names are none where the cluster does not answer: a completion never fails aloud.
func names(ctx context.Context, k *Kit, prefix string, list client.ObjectList) []string {
	c, err := k.Client()
	if err != nil {
		return nil
	}
	namespace, err := k.Namespace()
	if err != nil || c.List(ctx, list, client.InNamespace(namespace)) != nil {
		return nil
	}
	var all []string
	switch l := list.(type) {
	case *v1alpha1.ShopList:
		for _, s := range l.Items {
			all = append(all, prefix+s.Name+"\t"+s.Spec.DisplayName)
		}
	case *corev1.NamespaceList:
		for _, n := range l.Items {
			all = append(all, prefix+n.Name)
		}
	case *v1alpha1.CarrierIntegrationList:
		for _, ci := range l.Items {
			all = append(all, prefix+ci.Name+"\t"+"of Shop "+ci.Spec.ShopRef.Name)
		}
	}
	return all
}
