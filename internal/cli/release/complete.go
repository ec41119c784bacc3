package release

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// briefly is how long a completion may ask the cluster.
const briefly = 3 * time.Second

// ask reads the releases for a completion, or nothing: it never fails aloud.
func ask(cmd *cobra.Command, env *cmdutil.Env, w *where, then func(context.Context, client.Client, *shelf) []string) []string {
	ctx, cancel := context.WithTimeout(cmd.Context(), briefly)
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

// completeReleases completes the names of releases for the arguments from one to another.
func completeReleases(env *cmdutil.Env, w *where, from, to int) cmdutil.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) < from || len(args) >= to {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return ask(cmd, env, w, func(_ context.Context, _ client.Client, s *shelf) []string {
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

// completeWaves completes the names of waves that have Shops.
func completeWaves(env *cmdutil.Env, w *where) cmdutil.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return ask(cmd, env, w, func(ctx context.Context, c client.Client, s *shelf) []string {
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
func completePin(env *cmdutil.Env, w *where) cmdutil.CompletionFunc {
	shop, release := cmdutil.CompleteShops(env), completeReleases(env, w, 1, 2)
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return shop(cmd, args, begun)
		}
		return release(cmd, args, begun)
	}
}
