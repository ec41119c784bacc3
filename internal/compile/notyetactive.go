package compile

import (
	"fmt"
	"slices"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// later is the message about a field that the workloads of the release cannot act on and must not leave out.
const later = "the Shop's release does not support this, and leaving it out would send or show more than is asked for; a later release supports it"

// fields collects the paths of set fields that are kept and not acted on: by this version, or by the workloads of the
// release. What those must not leave out is a problem instead.
type fields struct {
	object    string // Problem.Object
	prefix    string
	reader    int  // of the release's workloads
	returning bool // Input.Returning
	paths     []string
	problems  []Problem
}

// fieldsOf begins with the fields of an object; the paths of a Shop's bear no name.
func (c *compiler) fieldsOf(object string) *fields {
	f := &fields{object: object, prefix: object + " spec.", reader: c.reader, returning: c.in.Returning}
	if object == ShopObject {
		f.prefix = "spec."
	}
	return f
}

// keep takes over what was found.
func (c *compiler) keep(f *fields) {
	c.notYetActive = append(c.notYetActive, f.paths...)
	c.problems = append(c.problems, f.problems...)
}

// asks is for a field, or a word in it, that the ledger of the Document has under the path.
func (f *fields) asks(set bool, ledger, word string, format string, args ...any) {
	entry := bundle.Of(ledger, word)
	if !set || entry.Since <= f.reader {
		return
	}
	if entry.Loss == bundle.Required && !f.returning {
		f.problems = append(f.problems, Problem{Object: f.object, Path: "spec." + fmt.Sprintf(format, args...), Message: later, Later: true})
		return
	}
	f.note(true, format, args...)
}

func (f *fields) note(set bool, format string, args ...any) {
	if set {
		f.paths = append(f.paths, f.prefix+fmt.Sprintf(format, args...))
	}
}

// shop names what a Shop sets in vain. A storage.type PostgreSQL is not among it: that is a Problem,
// because orders would silently go somewhere else.
func (f *fields) shop(spec *v1alpha1.ShopSpec) {
	f.note(spec.Support != nil && spec.Support.Cases != nil, "support.cases")
	f.note(spec.Storage != nil && spec.Storage.MoveFrom != "", "storage.moveFrom")
	f.note(spec.Retention != nil, "retention")
	f.note(spec.SyntheticOrder != nil, "syntheticOrder")
	f.page(spec.Page)
	if s := spec.Senders; s != nil {
		f.note(s.SMS != nil, "senders.sms")
		f.note(s.WhatsApp != nil, "senders.whatsApp")
		f.note(s.OutboundWebhook != nil, "senders.outboundWebhook")
	}
	if spec.Orders != nil {
		for _, s := range spec.Orders.Sources {
			f.note(s.AccountURL != "", "orders.sources[%s].accountURL", s.Name)
			f.intake(fmt.Sprintf("orders.sources[%s].intake", s.Name), s.Intake)
		}
	}
	f.asks(spec.Promise != nil && len(spec.Promise.ClosedDays) > 0, "promise.closedDays", "", "promise.closedDays")
	f.asks(len(spec.DeliveryMethods) > 0, "deliveryMethods", "", "deliveryMethods")
}

func (f *fields) page(p *v1alpha1.Page) {
	if p == nil {
		return
	}
	f.note(len(p.Instructions) > 0, "page.instructions")
	f.note(len(p.Campaigns) > 0, "page.campaigns")
	f.note(len(p.Steps) > 0, "page.steps")
	f.note(p.Embed != nil && p.Embed.BasePath != "", "page.embed.basePath")
	f.note(p.Autoscaling != nil, "page.autoscaling")
	f.note(p.Lookup != nil && slices.Contains(p.Lookup.VerifyBy, v1alpha1.ProofPhone), "page.lookup.verifyBy[Phone]")
	for _, a := range p.Actions {
		f.note(a.Type == v1alpha1.ActionWebhook, "page.actions[%s].webhook", a.Name)
		f.asks(a.LastPhase != "", "page.actions[].lastPhase", string(a.LastPhase), "page.actions[%s].lastPhase", a.Name)
	}
}

func (f *fields) intake(path string, in v1alpha1.Intake) {
	f.note(in.Mode != v1alpha1.IntakeWebhook, "%s.mode[Poll]", path)
	f.note(in.Poll != nil, "%s.poll", path)
	if w := in.Webhook; w != nil {
		f.note(w.Registration == v1alpha1.RegistrationAutomatic, "%s.webhook.registration[Automatic]", path)
	}
}

func (f *fields) integration(ci *v1alpha1.CarrierIntegration) {
	f.intake("intake", ci.Spec.Intake)
	f.note(ci.Spec.AccountURL != "", "accountURL")
	f.note(ci.Spec.Unmatched != nil, "unmatched")
	const rules = "sources[].carriers[]."
	for _, c := range ci.Spec.Carriers {
		f.asks(c.MaxDeliveryAttempts != 0, rules+"maxDeliveryAttempts", "", "carriers[%s].maxDeliveryAttempts", c.Name)
		f.asks(c.PickupHoldDays != 0, rules+"pickupHoldDays", "", "carriers[%s].pickupHoldDays", c.Name)
		for _, n := range c.Notices {
			word := string(n.Responsible)
			if n.Responsible != v1alpha1.ResponsibleCarrier {
				word = ""
			}
			f.asks(true, rules+"notices[].responsible", word, "carriers[%s].notices[%s]", c.Name, n.Occasion)
		}
	}
}

func (f *fields) policy(spec *v1alpha1.NotificationPolicySpec) {
	f.note(len(spec.Routes) > 0, "routes")
	f.note(spec.Promotion != nil, "promotion")
	f.note(len(spec.Consent) > 0, "consent")
	f.asks(spec.QuietHours != nil, "policy.quietHours", "", "quietHours")
	f.asks(spec.Watch != nil, "policy.watch", "", "watch")
	f.asks(len(spec.Segments) > 0, "policy.segments", "", "segments")
	if b := spec.Budget; b != nil {
		f.asks(b.PerRecipientPerDay != nil, "policy.budget.perRecipientPerDay", "", "budget.perRecipientPerDay")
		f.asks(b.MinimumGapSeconds != nil && *b.MinimumGapSeconds > 0, "policy.budget.minimumGapSeconds", "", "budget.minimumGapSeconds")
	}
	f.rules("rules", spec.Rules)
	for _, s := range spec.Segments {
		f.rules(fmt.Sprintf("segments[%s].rules", s.Name), s.Rules)
	}
}

func (f *fields) rules(path string, rules []v1alpha1.Rule) {
	for _, r := range rules {
		f.asks(true, "policy.rules[].occasion", string(r.Occasion), "%s[%s]", path, r.Occasion)
		for _, c := range r.Channels {
			f.note(c != v1alpha1.ChannelEmail, "%s[%s].channels[%s]", path, r.Occasion, c)
		}
	}
}

// NotYetActive names what a policy sets in vain, sorted, without its name.
func NotYetActive(p *v1alpha1.NotificationPolicy) []string {
	f := &fields{prefix: PolicyObject(p) + " spec.", reader: bundle.Reader}
	f.policy(&p.Spec)
	return Output{NotYetActive: slices.Sorted(slices.Values(f.paths))}.NotYetActiveOf(PolicyObject(p))
}

// IntegrationObject returns Problem.Object of a CarrierIntegration in the Shop's namespace.
func IntegrationObject(name string) string { return "CarrierIntegration/" + name }
