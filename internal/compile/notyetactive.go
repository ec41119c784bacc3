package compile

import (
	"fmt"
	"slices"

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

// checkShop adds the fields that a Shop sets although they have no effect yet. The storage.type PostgreSQL is not one of
// them: it is a Problem, because orders would be stored in another place than the Shop asks for.
func (f *inactiveFields) checkShop(spec *v1alpha1.ShopSpec) {
	f.addInactive(spec.Support != nil && spec.Support.Cases != nil, "support.cases")
	f.addInactive(spec.Storage != nil && spec.Storage.MoveFrom != "", "storage.moveFrom")
	f.addInactive(spec.Retention != nil, "retention")
	f.addInactive(spec.SyntheticOrder != nil, "syntheticOrder")
	f.checkPage(spec.Page)
	if s := spec.Senders; s != nil {
		f.addInactive(s.SMS != nil, "senders.sms")
		f.addInactive(s.WhatsApp != nil, "senders.whatsApp")
		f.addInactive(s.OutboundWebhook != nil, "senders.outboundWebhook")
	}
	if spec.Orders != nil {
		for _, s := range spec.Orders.Sources {
			f.addInactive(s.AccountURL != "", "orders.sources[%s].accountURL", s.Name)
			f.checkIntake(fmt.Sprintf("orders.sources[%s].intake", s.Name), s.Intake)
		}
	}
	f.checkSupport(spec.Promise != nil && len(spec.Promise.ClosedDays) > 0, "promise.closedDays", "", "promise.closedDays")
	f.checkSupport(len(spec.DeliveryMethods) > 0, "deliveryMethods", "", "deliveryMethods")
}

func (f *inactiveFields) checkPage(p *v1alpha1.Page) {
	if p == nil {
		return
	}
	f.addInactive(len(p.Instructions) > 0, "page.instructions")
	f.addInactive(len(p.Campaigns) > 0, "page.campaigns")
	f.addInactive(len(p.Steps) > 0, "page.steps")
	f.addInactive(p.Embed != nil && p.Embed.BasePath != "", "page.embed.basePath")
	f.addInactive(p.Autoscaling != nil, "page.autoscaling")
	f.addInactive(p.Lookup != nil && slices.Contains(p.Lookup.VerifyBy, v1alpha1.ProofPhone), "page.lookup.verifyBy[Phone]")
	for _, a := range p.Actions {
		f.addInactive(a.Type == v1alpha1.ActionWebhook, "page.actions[%s].webhook", a.Name)
		f.checkSupport(a.LastPhase != "", "page.actions[].lastPhase", string(a.LastPhase), "page.actions[%s].lastPhase", a.Name)
	}
}

func (f *inactiveFields) checkIntake(path string, in v1alpha1.Intake) {
	f.addInactive(in.Mode != v1alpha1.IntakeWebhook, "%s.mode[Poll]", path)
	f.addInactive(in.Poll != nil, "%s.poll", path)
	if w := in.Webhook; w != nil {
		f.addInactive(w.Registration == v1alpha1.RegistrationAutomatic, "%s.webhook.registration[Automatic]", path)
	}
}

func (f *inactiveFields) checkIntegration(ci *v1alpha1.CarrierIntegration) {
	f.checkIntake("intake", ci.Spec.Intake)
	f.addInactive(ci.Spec.AccountURL != "", "accountURL")
	f.addInactive(ci.Spec.Unmatched != nil, "unmatched")
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
	f.addInactive(len(spec.Routes) > 0, "routes")
	f.addInactive(spec.Promotion != nil, "promotion")
	f.addInactive(len(spec.Consent) > 0, "consent")
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
		for _, c := range r.Channels {
			f.addInactive(c != v1alpha1.ChannelEmail, "%s[%s].channels[%s]", path, r.Occasion, c)
		}
	}
}

// NotYetActive returns the fields that a policy sets although they have no effect yet, sorted, without the policy's name.
func NotYetActive(p *v1alpha1.NotificationPolicy) []string {
	f := &inactiveFields{prefix: PolicyObject(p) + " spec.", reader: bundle.Reader}
	f.checkPolicy(&p.Spec)
	return Output{NotYetActive: slices.Sorted(slices.Values(f.paths))}.NotYetActiveOf(PolicyObject(p))
}

// IntegrationObject returns Problem.Object of a CarrierIntegration in the Shop's namespace.
func IntegrationObject(name string) string { return "CarrierIntegration/" + name }
