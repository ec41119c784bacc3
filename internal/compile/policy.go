package compile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// EffectivePolicy merges the built-in policy, the base (nil = none) and the own policy (nil = none), by key: a later
// one wins, and what it leaves out is inherited. Do not change what it returns: most Shops have the built-in rules, and
// share them.
func EffectivePolicy(builtin bundle.Policy, own, base *v1alpha1.NotificationPolicy) bundle.Policy {
	if own == nil && base == nil && slices.IsSortedFunc(builtin.Rules, byOccasion) {
		return builtin
	}
	policy := builtin
	policy.Rules = slices.Clone(builtin.Rules)
	var segments []v1alpha1.Segment
	for _, p := range []*v1alpha1.NotificationPolicy{base, own} {
		if p != nil {
			merge(&policy, p.Spec)
			segments = before(p.Spec.Segments, segments)
		}
	}
	slices.SortFunc(policy.Rules, byOccasion)
	for _, s := range segments {
		policy.Segments = append(slices.Clip(policy.Segments), segment(s, policy.Rules))
	}
	if policy.Budget.PerRecipientPerDay == zeroLimit {
		policy.Budget.PerRecipientPerDay, policy.Budget.RoutinePerOrder = 0, 0
	}
	return policy
}

// zeroLimit represents the limit 0 of PerRecipientPerDay, with which no routine message is sent, while policies are merged: in the
// Document, 0 means that there is no limit.
const zeroLimit = -1

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
	if spec.Budget != nil {
		mergeBudget(&policy.Budget, spec.Budget)
	}
	if q := spec.QuietHours; q != nil {
		policy.QuietHours = &bundle.QuietHours{Start: string(q.Start), End: string(q.End)}
	}
	if spec.Watch != nil {
		mergeWatch(&policy.Watch, spec.Watch)
	}
}

func mergeBudget(budget *bundle.Budget, spec *v1alpha1.Budget) {
	if n := spec.RoutinePerOrder; n != nil {
		budget.RoutinePerOrder = int(*n)
	}
	if n := spec.PerRecipientPerDay; n != nil {
		budget.PerRecipientPerDay = int(*n)
		if *n == 0 {
			budget.PerRecipientPerDay = zeroLimit
		}
	}
	if n := spec.MinimumGapSeconds; n != nil {
		budget.MinimumGapSeconds = int(*n)
	}
}

// mergeWatch takes over what is set: the API knows no 0.
func mergeWatch(watch *bundle.Watch, spec *v1alpha1.Watch) {
	watch.SilentOrderHours = cmp.Or(int(spec.SilentOrderHours), watch.SilentOrderHours)
	watch.NoFirstScanHours = cmp.Or(int(spec.NoFirstScanHours), watch.NoFirstScanHours)
	watch.NoScanHours = cmp.Or(int(spec.NoScanHours), watch.NoScanHours)
	watch.LateNoticeTime = cmp.Or(string(spec.LateNoticeTime), watch.LateNoticeTime)
	watch.PickupReminderDays = cmp.Or(int(spec.PickupReminderDays), watch.PickupReminderDays)
	watch.EtaShiftHours = cmp.Or(int(spec.EtaShiftHours), watch.EtaShiftHours)
}

// before puts segments before those of the base, which keeps those of other names.
func before(own, base []v1alpha1.Segment) []v1alpha1.Segment {
	all := slices.Clone(own)
	for _, s := range base {
		if !slices.ContainsFunc(own, func(o v1alpha1.Segment) bool { return o.Name == s.Name }) {
			all = append(all, s)
		}
	}
	return all
}

// segment has rules in which channels that are left out are those of the policy's rule for the occasion.
func segment(s v1alpha1.Segment, rules []bundle.Rule) bundle.Segment {
	out := bundle.Segment{Name: string(s.Name), CustomerTags: sortedStrings(s.CustomerTags)}
	for _, r := range s.Rules {
		var inherited []string
		if i := slices.IndexFunc(rules, func(rule bundle.Rule) bool { return rule.Occasion == string(r.Occasion) }); i >= 0 {
			inherited = rules[i].Channels
		}
		out.Rules = append(out.Rules, bundle.Rule{Occasion: string(r.Occasion), Level: bundle.Level(r.Level), Channels: channels(r, inherited)})
	}
	slices.SortFunc(out.Rules, byOccasion)
	return out
}

func byOccasion(a, b bundle.Rule) int { return strings.Compare(a.Occasion, b.Occasion) }

// channels returns those that the rule names; else those of the rule it replaces; else mail, which every Shop has.
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
	for _, p := range []*v1alpha1.NotificationPolicy{own, base} {
		if p != nil {
			f := c.inactiveFieldsOf(PolicyObject(p))
			f.checkPolicy(&p.Spec)
			c.collect(f)
		}
	}
	return EffectivePolicy(builtin, own, base)
}

// CheckPolicy returns what is wrong with a policy that the API server cannot see from the one document alone.
func CheckPolicy(own, base *v1alpha1.NotificationPolicy) []Problem {
	if own.Spec.BasePolicyRef == nil || base == nil || base.Spec.BasePolicyRef == nil {
		return nil
	}
	return []Problem{{
		Object: PolicyObject(own), Path: "spec.basePolicyRef",
		Message: "names a policy that has a base itself, and only one level is allowed: name " +
			string(base.Spec.BasePolicyRef.Name) + " here, or copy the rules that you need",
	}}
}

// PolicyObject returns Problem.Object of a policy.
func PolicyObject(p *v1alpha1.NotificationPolicy) string {
	return PolicyKind + "/" + p.Namespace + "/" + p.Name
}
