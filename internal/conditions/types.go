package conditions

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// The kinds that have conditions.
const (
	Shop               = "Shop"
	CarrierIntegration = "CarrierIntegration"
	NotificationPolicy = "NotificationPolicy"
)

// Kinds returns every kind that has conditions.
func Kinds() []string { return []string{Shop, CarrierIntegration, NotificationPolicy} }

// Type is a condition type.
type Type struct {
	Name  string
	Kinds []string
	Means string // when it is True
	Feeds string // Ready or Operational; "" = neither
	Note  string // who reads it, or why it feeds neither
	// RollUp marks a condition that is computed from the others.
	RollUp bool
	// WhileTrue marks a condition that is present only while it is True, and not computed from the others.
	WhileTrue bool
	// Planned marks a condition that no code sets yet.
	Planned bool
}

// Types returns every condition type, in the order of the document.
func Types() []Type { return slices.Clone(types) }

var types = []Type{
	{
		Name: v1alpha1.ConditionReady, Kinds: Kinds(), RollUp: true, Note: "pipelines",
		Means: "The object is valid and in effect: all conditions that feed Ready are True.",
	},
	{
		Name: v1alpha1.ConditionReconciling, Kinds: Kinds(), RollUp: true, Note: "pipelines",
		Means: "A change is being rolled out.",
	},
	{
		Name: v1alpha1.ConditionStalled, Kinds: Kinds(), RollUp: true, Note: "pipelines",
		Means: "The object cannot take effect until its input is changed; the last state that worked stays in effect.",
	},
	{
		Name: v1alpha1.ConditionOperational, Kinds: []string{Shop, CarrierIntegration}, RollUp: true, Note: "people, alerts",
		Means: "What other parties are responsible for works: DNS, credentials, carriers, orders.",
	},
	{
		Name: v1alpha1.ConditionAccepted, Kinds: Kinds(), Feeds: v1alpha1.ConditionReady,
		Means: "The spec is valid, and everything that it names exists.",
	},
	{
		Name: v1alpha1.ConditionFieldsInactive, Kinds: Kinds(), WhileTrue: true, Note: "people, alerts",
		Means: "The spec sets fields that are stored and not acted on.",
	},
	{
		Name: v1alpha1.ConditionHostnameAccepted, Kinds: []string{Shop}, Feeds: v1alpha1.ConditionReady,
		Means: "The hostname and the aliases belong to this Shop, and to no other.",
	},
	{
		Name: v1alpha1.ConditionWorkloadsAvailable, Kinds: []string{Shop}, Feeds: v1alpha1.ConditionReady,
		Means: "The tracking page and the notifier are serving.",
	},
	{
		Name: v1alpha1.ConditionReleased, Kinds: []string{Shop}, Note: "neither: a Shop that waits for its wave is Ready",
		Means: "The Shop runs the release that it should run.",
	},
	{
		Name: v1alpha1.ConditionDomainReady, Kinds: []string{Shop}, Feeds: v1alpha1.ConditionOperational,
		Means: "DNS leads to the page, and its certificate is valid.",
	},
	{
		Name: v1alpha1.ConditionSenderVerified, Kinds: []string{Shop}, Feeds: v1alpha1.ConditionOperational,
		Means: "The mail server accepts mail from the Shop's sender.",
	},
	{
		Name: v1alpha1.ConditionCredentialsAccepted, Kinds: []string{Shop, CarrierIntegration}, Feeds: v1alpha1.ConditionOperational,
		Means: "Every Secret that is referred to exists, and none was refused.",
	},
	{
		Name: v1alpha1.ConditionOrdersFlowing, Kinds: []string{Shop}, Feeds: v1alpha1.ConditionOperational,
		Means: "Orders arrive.",
	},
	{
		Name: v1alpha1.ConditionStorageReady, Kinds: []string{Shop}, Feeds: v1alpha1.ConditionOperational,
		Means: "The database of the Shop answers and has free space.",
	},
	{
		Name: v1alpha1.ConditionSyntheticOrderSucceeded, Kinds: []string{Shop}, Feeds: v1alpha1.ConditionOperational, Planned: true,
		Means: "The last synthetic order passed every step from receipt to inbox.",
	},
	{
		Name: v1alpha1.ConditionEndpointPublished, Kinds: []string{CarrierIntegration}, Feeds: v1alpha1.ConditionReady,
		Means: "The URL for the provider's webhooks is in `status.endpoints`.",
	},
	{
		Name: v1alpha1.ConditionWebhookRegistered, Kinds: []string{CarrierIntegration}, Feeds: v1alpha1.ConditionOperational,
		Means: "The provider sends to the endpoint.",
	},
	{
		Name: v1alpha1.ConditionEventsFlowing, Kinds: []string{CarrierIntegration}, Feeds: v1alpha1.ConditionOperational,
		Means: "Parcel events arrive.",
	},
	{
		Name: v1alpha1.ConditionMappingComplete, Kinds: []string{CarrierIntegration}, Feeds: v1alpha1.ConditionOperational,
		Means: "The definition maps every code that has arrived.",
	},
}

// Feeding returns the condition types of a kind that feed Ready or Operational, or neither where feeds is ""; roll-ups and planned
// ones aside.
func Feeding(kind, feeds string) []string {
	var names []string
	for _, t := range Types() {
		if slices.Contains(t.Kinds, kind) && t.Feeds == feeds && !t.RollUp && !t.Planned {
			names = append(names, t.Name)
		}
	}
	return names
}

// Need is what a reason that is not True asks for.
type Need string

// The needs.
const (
	None   Need = "None"   // nothing: all is well
	Time   Need = "Time"   // it is expected to change by itself, or cannot be known yet
	Action Need = "Action" // a person has to do the next step
)

// Reason is a reason, as some conditions use it. The same reason may mean something else of another condition.
type Reason struct {
	Name       string
	Conditions []string               // that use it; nil = several
	Status     metav1.ConditionStatus // of these; "" = it is only ever on those of TrueOn
	TrueOn     []string               // Reconciling, Stalled: they carry it even while no condition has it
	Means      string
	Next       string // a sentence that begins with what to do
	Need       Need
	// Planned marks a reason that no code sets yet.
	Planned bool
}

// Lookup finds what a reason means for a condition.
func Lookup(condition, reason string) (Reason, bool) {
	all := Reasons()
	own := func(r Reason) bool { return r.Name == reason && slices.Contains(r.Conditions, condition) }
	shared := func(r Reason) bool { return r.Name == reason && r.Conditions == nil }
	for _, is := range []func(Reason) bool{own, shared} {
		if at := slices.IndexFunc(all, is); at >= 0 {
			return all[at], true
		}
	}
	return Reason{}, false
}
