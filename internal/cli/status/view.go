package status

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/conditions"
)

// Need is what a Shop needs to become healthy.
type Need string

// Needs, the most urgent first.
const (
	NeedsAction Need = "Hands"   // a person has to do the next step
	NeedsTime   Need = "Time"    // something is in progress, or has not happened yet
	NeedsNone   Need = "Nothing" // the Shop is healthy
)

var order = []Need{NeedsAction, NeedsTime, NeedsNone}

// State is one condition.
type State struct {
	Status  string `json:"status"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

// Step is a condition that is not True, and what to do about it.
type Step struct {
	Object    string `json:"object"` // Shop linden, CarrierIntegration easypost
	Condition string `json:"condition"`
	Reason    string `json:"reason"`
	Message   string `json:"message,omitempty"`
	Next      string `json:"next,omitempty"`
	Need      Need   `json:"need"`
}

// Carrier is one CarrierIntegration.
type Carrier struct {
	Name        string              `json:"name"`
	Definition  string              `json:"definition"`
	Intake      string              `json:"intake"`
	Ready       State               `json:"ready"`
	Operational State               `json:"operational"`
	Endpoints   []v1alpha1.Endpoint `json:"endpoints,omitempty"`
}

// Shop is the state of one Shop.
type Shop struct {
	Namespace   string               `json:"namespace"`
	Name        string               `json:"name"`
	DisplayName string               `json:"displayName"`
	Hostname    string               `json:"hostname"`
	Aliases     []string             `json:"aliases,omitempty"`
	Activity    string               `json:"activity"`       // in force; "" = it is not known, or no notifier runs
	Wanted      string               `json:"activityWanted"` // that spec and annotation ask for together
	Release     string               `json:"release,omitempty"`
	Created     metav1.Time          `json:"created"`
	Ready       State                `json:"ready"`
	Operational State                `json:"operational"`
	Released    State                `json:"released"`
	Inactive    *State               `json:"fieldsInactive,omitempty"` // nil = this version acts on all fields that are set
	Stalled     bool                 `json:"stalled"`
	Need        Need                 `json:"need"`
	Next        []Step               `json:"next"`
	Endpoints   []v1alpha1.Endpoint  `json:"endpoints,omitempty"`
	DNS         []v1alpha1.DNSRecord `json:"dns,omitempty"`
	Carriers    []Carrier            `json:"carriers,omitempty"`
}

// Fleet is the state of several Shops.
type Fleet struct {
	Summary Summary `json:"summary"`
	Shops   []Shop  `json:"shops"` // the most urgent need first
}

// Summary counts Shops by state.
type Summary struct {
	Shops       int            `json:"shops"`
	Ready       int            `json:"ready"`
	Operational int            `json:"operational"`
	Stalled     int            `json:"stalled"`
	NeedHands   int            `json:"needHands"`
	Releases    map[string]int `json:"releases,omitempty"`
}

// detailed lists the conditions that steps are made of, the most basic first. The roll-ups Ready and Operational only
// repeat them.
var detailed = map[string][]string{
	"Shop": {
		v1alpha1.ConditionAccepted, v1alpha1.ConditionFieldsInactive, v1alpha1.ConditionHostnameAccepted, v1alpha1.ConditionWorkloadsAvailable,
		v1alpha1.ConditionDomainReady, v1alpha1.ConditionSenderVerified, v1alpha1.ConditionCredentialsAccepted,
		v1alpha1.ConditionStorageReady, v1alpha1.ConditionOrdersFlowing, v1alpha1.ConditionSyntheticOrderSucceeded,
		v1alpha1.ConditionReleased,
	},
	"CarrierIntegration": {
		v1alpha1.ConditionAccepted, v1alpha1.ConditionFieldsInactive, v1alpha1.ConditionEndpointPublished, v1alpha1.ConditionCredentialsAccepted,
		v1alpha1.ConditionWebhookRegistered, v1alpha1.ConditionEventsFlowing, v1alpha1.ConditionMappingComplete,
	},
}

// activityInForce returns the activity that every running notifier of the Shop reports; "" = it is not known, or none runs.
func activityInForce(shop *v1alpha1.Shop) string {
	if shop.Status.Effective == nil {
		return ""
	}
	return string(shop.Status.Effective.Activity)
}

// Of returns the state of a Shop and its integrations.
func Of(shop *v1alpha1.Shop, integrations []v1alpha1.CarrierIntegration) Shop {
	conditions := shop.Status.Conditions
	s := Shop{
		Namespace: shop.Namespace, Name: shop.Name, DisplayName: shop.Spec.DisplayName, Hostname: string(shop.Spec.Hostname),
		Activity: activityInForce(shop), Wanted: string(compile.ActivityOf(shop).Activity), Created: shop.CreationTimestamp, Endpoints: shop.Status.Endpoints,
		Ready: state(conditions, v1alpha1.ConditionReady), Operational: state(conditions, v1alpha1.ConditionOperational),
		Released: state(conditions, v1alpha1.ConditionReleased), Stalled: meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionStalled),
	}
	if meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionFieldsInactive) {
		inactive := state(conditions, v1alpha1.ConditionFieldsInactive)
		s.Inactive = &inactive
	}
	for _, alias := range shop.Spec.Aliases {
		s.Aliases = append(s.Aliases, string(alias.Hostname))
	}
	if r := shop.Status.Release; r != nil {
		s.Release = string(r.Current)
	}
	if d := shop.Status.DNS; d != nil {
		s.DNS = d.Records
	}
	s.Next = steps("Shop", shop.Name, conditions, shop.Generation != shop.Status.ObservedGeneration)
	for i := range integrations {
		ci := &integrations[i]
		s.Carriers = append(s.Carriers, carrier(ci))
		s.Next = append(s.Next, steps("CarrierIntegration", ci.Name, ci.Status.Conditions, ci.Generation != ci.Status.ObservedGeneration)...)
	}
	slices.SortStableFunc(s.Next, func(a, b Step) int { return cmp.Compare(slices.Index(order, a.Need), slices.Index(order, b.Need)) })
	s.Need = NeedsNone
	if len(s.Next) > 0 {
		s.Need = s.Next[0].Need
	}
	return s
}

func carrier(ci *v1alpha1.CarrierIntegration) Carrier {
	return Carrier{
		Name: ci.Name, Definition: string(ci.Spec.Definition.Name), Intake: string(ci.Spec.Intake.Mode), Endpoints: ci.Status.Endpoints,
		Ready: state(ci.Status.Conditions, v1alpha1.ConditionReady), Operational: state(ci.Status.Conditions, v1alpha1.ConditionOperational),
	}
}

func state(conditions []metav1.Condition, name string) State {
	c := meta.FindStatusCondition(conditions, name)
	if c == nil {
		return State{Status: string(metav1.ConditionUnknown)}
	}
	return State{Status: string(c.Status), Reason: c.Reason, Message: c.Message}
}

// steps returns one Step for each condition that is not True, and one if the operator is behind: it has not observed the
// present spec yet.
func steps(kind, name string, conditions []metav1.Condition, behind bool) []Step {
	var all []Step
	object := kind + " " + name
	if behind {
		all = append(all, nextStepFor(object, metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonNotYetObserved}))
	}
	for _, name := range detailed[kind] {
		c := meta.FindStatusCondition(conditions, name)
		if c != nil && c.Status != metav1.ConditionTrue {
			all = append(all, nextStepFor(object, *c))
		}
	}
	return all
}

// nextStepFor returns the Step for one condition: what to do about its reason, and whether a person has to act or only to wait.
func nextStepFor(object string, c metav1.Condition) Step {
	s := Step{Object: object, Condition: c.Type, Reason: c.Reason, Message: c.Message, Need: NeedsAction}
	known, ok := conditions.Lookup(c.Type, c.Reason)
	s.Next = known.Next
	if c.Status == metav1.ConditionUnknown || ok && known.Need != conditions.Action {
		s.Need = NeedsTime
	}
	return s
}

// Together sorts the Shops, those with the most urgent need first, and counts them.
func Together(shops []Shop) Fleet {
	f := Fleet{Shops: slices.Clone(shops), Summary: Summary{Shops: len(shops), Releases: map[string]int{}}}
	slices.SortFunc(f.Shops, func(a, b Shop) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Need), slices.Index(order, b.Need)),
			strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	for _, s := range shops {
		f.Summary.Ready += one(s.Ready.Status == string(metav1.ConditionTrue))
		f.Summary.Operational += one(s.Operational.Status == string(metav1.ConditionTrue))
		f.Summary.Stalled += one(s.Stalled)
		f.Summary.NeedHands += one(s.Need == NeedsAction)
		if s.Release != "" {
			f.Summary.Releases[s.Release]++
		}
	}
	return f
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// age returns how long ago something was, as kubectl writes it.
func age(at metav1.Time, now time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return duration.HumanDuration(now.Sub(at.Time))
}
