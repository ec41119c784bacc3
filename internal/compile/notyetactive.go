package compile

import (
	"fmt"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// unsupportedByRelease is the message about a field that the workloads of the release do not support and must not lose.
const unsupportedByRelease = "the Shop's release does not support this, and leaving it out would send or show more than is asked for; a later release supports it"

// inactiveFields collects what one object sets without effect: fields that this version does not use yet, and fields that
// the workloads of the release do not support. An unsupported field whose loss is bundle.Required becomes a problem instead.
type inactiveFields struct {
	object    string // Problem.Object
	prefix    string
	reader    int  // of the release's workloads
	returning bool // Input.Returning
	paths     []string
	problems  []Problem
}

// inactiveFieldsOf returns an empty collection for an object. The paths of a Shop have no object name in front.
func (c *compiler) inactiveFieldsOf(object string) *inactiveFields {
	f := &inactiveFields{object: object, prefix: object + " spec.", reader: c.reader, returning: c.in.Returning}
	if object == ShopObject {
		f.prefix = "spec."
	}
	return f
}

// collect adds the paths and problems of one object to the output.
func (c *compiler) collect(f *inactiveFields) {
	c.notYetActive = append(c.notYetActive, f.paths...)
	c.problems = append(c.problems, f.problems...)
}

// checkSupport adds a field that is set and that the workloads of the release do not support yet. The ledger of the Document
// decides, by documentPath and, for one value of the field, by value ("" = the field itself). specPath is the field's path
// in the spec, a format for args.
func (f *inactiveFields) checkSupport(set bool, documentPath, value, specPath string, args ...any) {
	entry := bundle.Of(documentPath, value)
	if !set || entry.Since <= f.reader {
		return
	}
	if entry.Loss == bundle.Required && !f.returning {
		path := "spec." + fmt.Sprintf(specPath, args...)
		f.problems = append(f.problems, Problem{Object: f.object, Path: path, Message: unsupportedByRelease, Later: true})
		return
	}
	f.addInactive(true, specPath, args...)
}

// addInactive adds a field that is set and that this version does not use yet.
func (f *inactiveFields) addInactive(set bool, specPath string, args ...any) {
	if set {
		f.paths = append(f.paths, f.prefix+fmt.Sprintf(specPath, args...))
	}
}

// checkShop adds the fields that a Shop sets although they have no effect yet.
func (f *inactiveFields) checkShop(spec *v1alpha1.ShopSpec) {
	f.addTable("Shop", spec)
	f.checkSupport(spec.Promise != nil && len(spec.Promise.ClosedDays) > 0, "promise.closedDays", "", "promise.closedDays")
	f.checkSupport(len(spec.DeliveryMethods) > 0, "deliveryMethods", "", "deliveryMethods")
	if spec.Page == nil {
		return
	}
	for _, a := range spec.Page.Actions {
		f.checkSupport(a.LastPhase != "", "page.actions[].lastPhase", string(a.LastPhase), "page.actions[%s].lastPhase", a.Name)
	}
}

func (f *inactiveFields) checkIntegration(ci *v1alpha1.CarrierIntegration) {
	f.addTable("CarrierIntegration", &ci.Spec)
	const rules = "sources[].carriers[]."
	for _, c := range ci.Spec.Carriers {
		f.checkSupport(c.MaxDeliveryAttempts != 0, rules+"maxDeliveryAttempts", "", "carriers[%s].maxDeliveryAttempts", c.Name)
		f.checkSupport(c.PickupHoldDays != 0, rules+"pickupHoldDays", "", "carriers[%s].pickupHoldDays", c.Name)
		for _, n := range c.Notices {
			word := string(n.Responsible)
			if n.Responsible != v1alpha1.ResponsibleCarrier {
				word = ""
			}
			f.checkSupport(true, rules+"notices[].responsible", word, "carriers[%s].notices[%s]", c.Name, n.Occasion)
		}
	}
}

func (f *inactiveFields) checkPolicy(spec *v1alpha1.NotificationPolicySpec) {
	f.addTable(PolicyKind, spec)
	f.checkSupport(spec.QuietHours != nil, "policy.quietHours", "", "quietHours")
	f.checkSupport(spec.Watch != nil, "policy.watch", "", "watch")
	f.checkSupport(len(spec.Segments) > 0, "policy.segments", "", "segments")
	if b := spec.Budget; b != nil {
		f.checkSupport(b.PerRecipientPerDay != nil, "policy.budget.perRecipientPerDay", "", "budget.perRecipientPerDay")
		f.checkSupport(b.MinimumGapSeconds != nil && *b.MinimumGapSeconds > 0, "policy.budget.minimumGapSeconds", "", "budget.minimumGapSeconds")
	}
	f.checkRules("rules", spec.Rules)
	for _, s := range spec.Segments {
		f.checkRules(fmt.Sprintf("segments[%s].rules", s.Name), s.Rules)
	}
}

func (f *inactiveFields) checkRules(path string, rules []v1alpha1.Rule) {
	for _, r := range rules {
		f.checkSupport(true, "policy.rules[].occasion", string(r.Occasion), "%s[%s]", path, r.Occasion)
	}
}

// IntegrationObject returns Problem.Object of a CarrierIntegration in the Shop's namespace.
func IntegrationObject(name string) string { return "CarrierIntegration/" + name }
