package compile

import (
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// EffectivePolicy merges the built-in policy, the base (nil = none) and the own policy (nil = none), by key: a later
// one wins, and what it leaves out is inherited. Nobody changes what it returns: most Shops have the built-in rules, and
// share them.
func EffectivePolicy(builtin bundle.Policy, own, base *v1alpha1.NotificationPolicy) bundle.Policy {
	byOccasion := func(a, b bundle.Rule) int { return strings.Compare(a.Occasion, b.Occasion) }
	if own == nil && base == nil && slices.IsSortedFunc(builtin.Rules, byOccasion) {
		return builtin
	}
	policy := builtin
	policy.Rules = slices.Clone(builtin.Rules)
	for _, p := range []*v1alpha1.NotificationPolicy{base, own} {
		if p != nil {
			merge(&policy, p.Spec)
		}
	}
	slices.SortFunc(policy.Rules, byOccasion)
	return policy
}

func merge(policy *bundle.Policy, spec v1alpha1.NotificationPolicySpec) {
	for _, r := range spec.Rules {
		i := slices.IndexFunc(policy.Rules, func(old bundle.Rule) bool { return old.Occasion == string(r.Occasion) })
		if i < 0 {
			policy.Rules = append(policy.Rules, bundle.Rule{Occasion: string(r.Occasion)})
			i = len(policy.Rules) - 1
		}
		policy.Rules[i].Level = bundle.Level(r.Level)
		policy.Rules[i].Channels = channels(r, policy.Rules[i].Channels)
	}
	if b := spec.Budget; b != nil && b.RoutinePerOrder != nil {
		policy.Budget.RoutinePerOrder = int(*b.RoutinePerOrder)
	}
}

// channels are those that the rule names; else those of the rule it replaces; else mail, which every Shop has.
func channels(r v1alpha1.Rule, inherited []string) []string {
	switch {
	case r.Level == v1alpha1.LevelPageOnly:
		return []string{}
	case len(r.Channels) > 0:
		names := make([]string, len(r.Channels))
		for i, c := range r.Channels {
			names[i] = string(c)
		}
		return names
	case len(inherited) > 0:
		return inherited
	default:
		return []string{string(v1alpha1.ChannelEmail)}
	}
}

// policy resolves the policies that the Shop names.
func (c *compiler) policy() bundle.Policy {
	own, base, builtin := c.in.Policy, c.in.BasePolicy, c.in.Platform.Policy
	ref := c.shop.Spec.NotificationPolicyRef
	if ref == nil {
		return EffectivePolicy(builtin, nil, nil)
	}
	namespace := c.namespace(ref.Source)
	if own == nil {
		c.missing[Ref{PolicyKind, namespace, string(ref.Name)}] = true
		return EffectivePolicy(builtin, nil, nil)
	}
	if ref := own.Spec.BasePolicyRef; ref != nil && base == nil {
		if ref.Source == v1alpha1.SourceLibrary {
			namespace = c.in.Platform.LibraryNamespace
		}
		c.missing[Ref{PolicyKind, namespace, string(ref.Name)}] = true
	}
	c.problems = append(c.problems, CheckPolicy(own, base)...)
	c.notYetActive = append(c.notYetActive, policyNotYetActive(own)...)
	if base != nil {
		c.notYetActive = append(c.notYetActive, policyNotYetActive(base)...)
	}
	return EffectivePolicy(builtin, own, base)
}

// CheckPolicy says what is wrong with a policy that the API server cannot see from the one document alone.
func CheckPolicy(own, base *v1alpha1.NotificationPolicy) []Problem {
	if own.Spec.BasePolicyRef == nil || base == nil || base.Spec.BasePolicyRef == nil {
		return nil
	}
	return []Problem{{
		Object: PolicyObject(own), Path: "spec.basePolicyRef",
		Message: "names a policy that has a base of its own; a policy has at most one base: name " +
			string(base.Spec.BasePolicyRef.Name) + " here, or copy what is needed",
	}}
}

// PolicyObject is Problem.Object of a policy.
func PolicyObject(p *v1alpha1.NotificationPolicy) string {
	return PolicyKind + "/" + p.Namespace + "/" + p.Name
}
