package compile

import (
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// InactiveField is a field of the API, or one value of it, that this version stores and does not act on.
type InactiveField struct {
	Kind  string // Shop, CarrierIntegration or NotificationPolicy
	Path  string // below spec, with [] behind a list: orders.sources[].accountURL
	Value string // the value that is not acted on; "" = the field, with all fields below it
	Does  string // what the field will do
	Since string // the version of wismo since which it is stored and not acted on
	// Partly marks a value of which a part is acted on.
	Partly bool
	// Refused marks a value that the compiler refuses with a Problem, because to store it would lose data.
	Refused bool
}

// firstVersion is the version in which the fields of the table first appeared. A field that is added later names its own.
const firstVersion = "0.2.0"

// InactiveFields returns every field of the API that this version does not act on. test/fields fails for a field that is neither
// in this table nor changes anything; a field that leaves the table needs a witness there. hack/generate.sh marks the fields of the
// table in the CRDs, and thereby in kubectl explain and docs/api.md.
func InactiveFields() []InactiveField { return slices.Clone(inactiveTable) }

var inactiveTable = withSince(slices.Concat(inactiveOfShop, inactiveOfIntegration, inactiveOfPolicy))

func withSince(fields []InactiveField) []InactiveField {
	for i := range fields {
		if fields[i].Since == "" {
			fields[i].Since = firstVersion
		}
	}
	return fields
}

var inactiveOfShop = ofKind("Shop", slices.Concat([]InactiveField{
	{Path: "support.cases", Does: "sends a shopper's report of a late, lost or damaged parcel to the support's address, webhook or form"},
	{Path: "storage.type", Value: string(v1alpha1.StoragePostgreSQL), Does: "keeps the orders in a database server", Refused: true},
	{Path: "storage.postgreSQL", Does: "names the database server", Refused: true},
	{Path: "storage.moveFrom", Does: "moves the orders from the volume to the database server"},
	{Path: "retention", Does: "deletes orders, receipts and messages at an age"},
	{Path: "syntheticOrder", Does: "sends a made-up order through the whole system on a schedule"},
	{Path: "page.instructions", Does: "shows a text for items with a tag"},
	{Path: "page.campaigns", Does: "shows a note below the answer for a limited time"},
	{Path: "page.steps", Does: "shows the steps of the merchant's own process"},
	{Path: "page.embed.basePath", Does: "serves the page below a path of the merchant's own site"},
	{Path: "page.autoscaling", Does: "changes the number of page pods with the load"},
	{Path: "page.lookup.verifyBy[]", Value: string(v1alpha1.ProofPhone), Does: "lets a shopper prove to be the buyer by phone number"},
	{Path: "page.actions[].type", Value: string(v1alpha1.ActionWebhook), Does: "offers an action that posts a request to the merchant"},
	{Path: "page.actions[].webhook", Does: "names where the request of an action is posted"},
	{Path: "senders.sms", Does: "sends text messages"},
	{Path: "senders.whatsApp", Does: "sends WhatsApp messages"},
	{Path: "senders.outboundWebhook", Does: "hands messages to the merchant's own app"},
	{Path: "orders.sources[].accountURL", Does: "names the account that is polled, and where webhooks are registered"},
}, inactiveOfIntake("orders.sources[].intake")))

var inactiveOfIntegration = ofKind("CarrierIntegration", slices.Concat([]InactiveField{
	{Path: "accountURL", Does: "names the account that is polled, and where webhooks are registered"},
	{Path: "unmatched", Does: "keeps or discards events for parcels that belong to no order"},
}, inactiveOfIntake("intake")))

var inactiveOfPolicy = ofKind(PolicyKind, slices.Concat([]InactiveField{
	{Path: "routes", Does: "chooses channels by the country of destination"},
	{Path: "promotion", Does: "adds an offer to messages of good news"},
	{Path: "consent", Does: "asks for a consent before a channel is used"},
}, inactiveChannels("rules[].channels[]"), inactiveChannels("segments[].rules[].channels[]")))

// inactiveOfIntake returns the fields of an intake at the path.
func inactiveOfIntake(path string) []InactiveField {
	return []InactiveField{
		{Path: path + ".mode", Value: string(v1alpha1.IntakePoll), Does: "asks the provider for orders and events"},
		{Path: path + ".mode", Value: string(v1alpha1.IntakeWebhookAndPoll), Does: "asks the provider for what its webhooks did not deliver", Partly: true},
		{Path: path + ".poll", Does: "sets how often the provider is asked"},
		{Path: path + ".webhook.registration", Value: string(v1alpha1.RegistrationAutomatic), Does: "registers the endpoint at the provider"},
	}
}

// inactiveChannels returns the channels, at the path of a list of them, on which nothing is sent.
func inactiveChannels(path string) []InactiveField {
	var fields []InactiveField
	for _, c := range []v1alpha1.Channel{v1alpha1.ChannelSMS, v1alpha1.ChannelWhatsApp, v1alpha1.ChannelWebhook} {
		fields = append(fields, InactiveField{Path: path, Value: string(c), Does: "sends messages on this channel"})
	}
	return fields
}

func ofKind(kind string, fields []InactiveField) []InactiveField {
	for i := range fields {
		fields[i].Kind = kind
	}
	return fields
}

// Covers reports whether the entry is about the field at a path below spec, or about a field above it.
func (f InactiveField) Covers(path string) bool {
	return f.Value == "" && (path == f.Path || strings.HasPrefix(path, f.Path+".") || strings.HasPrefix(path, f.Path+"["))
}

// InactiveMark returns the sentences that kubectl explain and docs/api.md have for entries of one field.
func InactiveMark(entries []InactiveField) string {
	var inactive, partly, refused []string
	for _, f := range entries {
		value := ""
		if f.Value != "" {
			value = "`" + f.Value + "`"
		}
		switch {
		case f.Refused:
			refused = append(refused, value)
		case f.Partly:
			partly = append(partly, value)
		default:
			inactive = append(inactive, value)
		}
	}
	var sentences []string
	for _, part := range []struct {
		words  string
		values []string
	}{{"Not acted on yet", inactive}, {"Acted on in part so far", partly}, {"Refused in this version", refused}} {
		switch {
		case len(part.values) == 0:
		case part.values[0] == "":
			sentences = append(sentences, part.words+".")
		default:
			sentences = append(sentences, part.words+": "+strings.Join(part.values, ", ")+".")
		}
	}
	return strings.Join(sentences, " ")
}
