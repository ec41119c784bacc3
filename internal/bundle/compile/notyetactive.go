package compile

import (
	"fmt"
	"slices"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// fields collects the paths of set fields that this version keeps and does not act on.
type fields struct {
	prefix string
	paths  []string
}

func (f *fields) note(set bool, format string, args ...any) {
	if set {
		f.paths = append(f.paths, f.prefix+fmt.Sprintf(format, args...))
	}
}

// shopNotYetActive names what a Shop sets in vain. A storage.type PostgreSQL is not among it: that is a Problem,
// because orders would silently go somewhere else.
func shopNotYetActive(spec *v1alpha1.ShopSpec) []string {
	f := &fields{prefix: "spec."}
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
	return f.paths
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
	}
}

func (f *fields) intake(path string, in v1alpha1.Intake) {
	f.note(in.Mode != v1alpha1.IntakeWebhook, "%s.mode[Poll]", path)
	f.note(in.Poll != nil, "%s.poll", path)
	if w := in.Webhook; w != nil {
		f.note(w.Registration == v1alpha1.RegistrationAutomatic, "%s.webhook.registration[Automatic]", path)
	}
}

func integrationNotYetActive(ci *v1alpha1.CarrierIntegration) []string {
	f := &fields{prefix: IntegrationObject(ci.Name) + " spec."}
	f.intake("intake", ci.Spec.Intake)
	f.note(ci.Spec.AccountURL != "", "accountURL")
	f.note(ci.Spec.Unmatched != nil, "unmatched")
	for _, c := range ci.Spec.Carriers {
		f.note(c.MaxDeliveryAttempts != 0, "carriers[%s].maxDeliveryAttempts", c.Name)
		f.note(c.PickupHoldDays != 0, "carriers[%s].pickupHoldDays", c.Name)
		f.note(len(c.Notices) > 0, "carriers[%s].notices", c.Name)
	}
	return f.paths
}

func policyNotYetActive(p *v1alpha1.NotificationPolicy) []string {
	f := &fields{prefix: PolicyObject(p) + " spec."}
	spec := p.Spec
	f.note(len(spec.Routes) > 0, "routes")
	f.note(spec.QuietHours != nil, "quietHours")
	f.note(spec.Watch != nil, "watch")
	f.note(len(spec.Segments) > 0, "segments")
	f.note(spec.Promotion != nil, "promotion")
	f.note(len(spec.Consent) > 0, "consent")
	if b := spec.Budget; b != nil {
		f.note(b.PerRecipientPerDay != nil, "budget.perRecipientPerDay")
		f.note(b.MinimumGapSeconds != nil, "budget.minimumGapSeconds")
	}
	for _, r := range spec.Rules {
		for _, c := range r.Channels {
			f.note(c != v1alpha1.ChannelEmail, "rules[%s].channels[%s]", r.Occasion, c)
		}
	}
	return f.paths
}

// NotYetActive names what a policy sets in vain, sorted, without its name.
func NotYetActive(p *v1alpha1.NotificationPolicy) []string {
	return Output{NotYetActive: slices.Sorted(slices.Values(policyNotYetActive(p)))}.NotYetActiveOf(PolicyObject(p))
}

// IntegrationObject is Problem.Object of a CarrierIntegration in the Shop's namespace.
func IntegrationObject(name string) string { return "CarrierIntegration/" + name }
