package cmdutil

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// completionTimeout bounds a request for a completion: after that long the user has typed the name.
const completionTimeout = 3 * time.Second

// CompletionFunc is cobra's: it returns the words that may follow.
type CompletionFunc = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

// CompleteShops completes the names of the Shops in the namespace.
func CompleteShops(env *Env) CompletionFunc {
	return completeNames(env, "", &v1alpha1.ShopList{})
}

// CompleteObjects completes the first argument, shop/NAME or carrierintegration/NAME.
func CompleteObjects(env *Env) CompletionFunc {
	shops, integrations := completeNames(env, "shop/", &v1alpha1.ShopList{}), completeNames(env, "carrierintegration/", &v1alpha1.CarrierIntegrationList{})
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		a, _ := shops(cmd, args, begun)
		b, directive := integrations(cmd, args, begun)
		return append(a, b...), directive
	}
}

func completeNamespaces(env *Env) CompletionFunc {
	return completeNames(env, "", &corev1.NamespaceList{})
}

func completeNames(env *Env, prefix string, list client.ObjectList) CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
		defer cancel()
		return names(ctx, env, prefix, list), cobra.ShellCompDirectiveNoFileComp
	}
}

// names returns nothing where the cluster does not answer: a completion must not print an error.
func names(ctx context.Context, env *Env, prefix string, list client.ObjectList) []string {
	c, err := env.Client()
	if err != nil {
		return nil
	}
	namespace, err := env.Namespace()
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
