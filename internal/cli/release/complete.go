package release

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// completionTimeout bounds a request for a completion.
const completionTimeout = 3 * time.Second

// complete calls then with the releases. It returns nothing where they cannot be read: a completion must not print an error.
func complete(cmd *cobra.Command, env *cmdutil.Env, w *operatorNamespaceFlag, then func(context.Context, client.Client, *releases) []string) []string {
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
	defer cancel()
	c, err := env.Client()
	if err != nil {
		return nil
	}
	s, err := read(ctx, c, w.namespace)
	if err != nil {
		return nil
	}
	return then(ctx, c, s)
}

// completeReleases completes names of releases for the arguments at the positions from <= i < to.
func completeReleases(env *cmdutil.Env, w *operatorNamespaceFlag, from, to int) cmdutil.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) < from || len(args) >= to {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, env, w, func(_ context.Context, _ client.Client, s *releases) []string {
			var names []string
			for _, r := range s.revisions {
				if !slices.Contains(args, r.object.Name) {
					names = append(names, r.object.Name+"\t"+stateOf(s, r))
				}
			}
			return names
		}), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeWaves completes the names of waves that have Shops and are not complete.
func completeWaves(env *cmdutil.Env, w *operatorNamespaceFlag) cmdutil.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return complete(cmd, env, w, func(ctx context.Context, c client.Client, s *releases) []string {
			all, err := shops(ctx, c)
			if err != nil {
				return nil
			}
			var names []string
			for _, wave := range statusOf(s, all).Waves {
				if !wave.Over && !slices.Contains(args, wave.Name) {
					names = append(names, wave.Name+"\t"+cmdutil.Count(wave.Shops, "Shop"))
				}
			}
			return names
		}), cobra.ShellCompDirectiveNoFileComp
	}
}

// completePin completes a Shop, then a release.
func completePin(env *cmdutil.Env, w *operatorNamespaceFlag) cmdutil.CompletionFunc {
	shop, release := cmdutil.CompleteShops(env), completeReleases(env, w, 1, 2)
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return shop(cmd, args, begun)
		}
		return release(cmd, args, begun)
	}
}
