package inputs

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
)

// addShared adds a ConfigMap of the library as the release has it. Its hash is its version: a release that changes
// nothing of what the Shop uses gives the same fingerprint.
func (g *Gathered) addShared(ref compile.Ref, edition *releases.Edition) {
	g.Fingerprint += fmt.Sprintf("\n%s %s", ref, edition.Library[release.Key(release.ConfigMap, ref.Name)])
	if content, ok := edition.Content[ref.Name]; ok {
		g.Input.Content[ref] = content
	}
}

// policies are a Shop's policy and its base, nil where none is named or the named one does not exist, and what names
// their versions.
type policies struct {
	own, base *v1alpha1.NotificationPolicy
	versions  []string
}

// policies looks up the policies that the Shop names: house policies in the release, its own ones live.
func (g *Gatherer) policies(ctx context.Context, shop *v1alpha1.Shop, edition *releases.Edition) (policies, error) {
	var found policies
	var err error
	if found.own, err = found.find(ctx, g, shop.Namespace, shop.Spec.NotificationPolicyRef, edition); found.own == nil {
		return found, err
	}
	found.base, err = found.find(ctx, g, found.own.Namespace, found.own.Spec.BasePolicyRef, edition)
	return found, err
}

func (p *policies) find(ctx context.Context, g *Gatherer, namespace string, ref *v1alpha1.PolicyReference, edition *releases.Edition) (*v1alpha1.NotificationPolicy, error) {
	if ref == nil {
		return nil, nil
	}
	if key := g.policyKey(namespace, ref); key.Namespace == v1alpha1.LibraryNamespace {
		p.versions = append(p.versions, key.String()+" "+edition.Library[release.Key(release.NotificationPolicy, key.Name)])
		return edition.Policies[key.Name], nil
	}
	policy, err := g.policy(ctx, namespace, ref)
	if policy != nil {
		p.versions = append(p.versions, identity(policy))
	}
	return policy, err
}

// Shared reports whether the object is in the library: Shops read it from their release.
func Shared(o client.Object) bool { return o.GetNamespace() == v1alpha1.LibraryNamespace }
