package definition

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Definition is one provider, as data. The zero value is not valid: take one from Parse, Load or Resolve.
type Definition struct {
	Format       int                 `yaml:"format"` // of the document: FormatVersion
	Name         string              `yaml:"name"`   // a DNS label, e.g. "easypost"
	Title        string              `yaml:"title"`  // what people call it
	Kinds        []bundle.SourceKind `yaml:"kinds"`  // what it may report on: Orders, Carrier
	Speaker      Speaker             `yaml:"speaker"`
	Capabilities Capabilities        `yaml:"capabilities"`
	Verify       Verify              `yaml:"verify"`
	Secrets      Secrets             `yaml:"secrets"`
	Receipt      Receipt             `yaml:"receipt"`
	Carriers     []Carrier           `yaml:"carriers"`
	Mapping      Mapping             `yaml:"mapping"`
}

// FormatVersion is the version of the format that this program reads.
const FormatVersion = 1

// Speaker is how near to the parcel the provider is. Of several speakers about one parcel, the nearest with fresh data wins.
type Speaker string

// The speakers; "" is Shop for a provider that reports on orders, else Aggregator.
const (
	SpeakerCarrier    Speaker = "Carrier"    // carries the parcels itself
	SpeakerAggregator Speaker = "Aggregator" // asks many carriers
	SpeakerShop       Speaker = "Shop"       // repeats what a carrier or aggregator sent it
)

// Rank returns the speaker as package tracking ranks it.
func (d *Definition) Rank() tracking.SourceRank {
	switch {
	case d.Speaker == SpeakerCarrier:
		return tracking.RankCarrier
	case d.Speaker == SpeakerShop, d.Speaker == "" && slices.Contains(d.Kinds, bundle.Orders):
		return tracking.RankShop
	}
	return tracking.RankAggregator
}

// Support is whether wismo acts on a capability.
type Support string

// The degrees of support; "" = the provider does not have the capability, or it is not described.
const (
	Active       Support = "Active"       // wismo uses it
	NotYetActive Support = "NotYetActive" // the provider has it, this version of wismo does not use it
)

// Capabilities are what the provider can do and whether wismo uses it.
type Capabilities struct {
	Push     Support `yaml:"push"`     // it sends webhooks
	Poll     Support `yaml:"poll"`     // it can be polled
	Register Support `yaml:"register"` // its webhooks can be registered through an API
}

// Verify describes how a webhook proves its origin. One generic verifier reads it, see package verify.
type Verify struct {
	Scheme    Scheme       `yaml:"scheme"`
	Header    string       `yaml:"header"`    // holds the signature, or the static value
	Prefix    string       `yaml:"prefix"`    // precedes each signature, e.g. "hmac-sha256-hex=" or "v1,"
	Encoding  Encoding     `yaml:"encoding"`  // of the signature
	Multiple  Multiple     `yaml:"multiple"`  // "" = one signature in the header
	Signed    []Part       `yaml:"signed"`    // the signed bytes, in order
	Separator string       `yaml:"separator"` // between the signed parts
	IDHeader  string       `yaml:"idHeader"`  // required by the part ID
	Timestamp *Timestamp   `yaml:"timestamp"` // nil = the signature carries no time, so it can be replayed
	Key       KeyTransform `yaml:"key"`       // how the bytes of the secret become the key
}

// Scheme is how the origin is proven.
type Scheme string

// The schemes.
const (
	HMACSHA256   Scheme = "HMACSHA256"   // RFC 2104 with SHA-256
	StaticHeader Scheme = "StaticHeader" // the header's value is the secret itself
	None         Scheme = "None"         // webhooks cannot be verified, so none is accepted
)

// Encoding is how the signature is written. It is compared as written: lower-case hex is not upper-case hex.
type Encoding string

// The encodings.
const (
	Hex      Encoding = "Hex"      // lower case
	HexUpper Encoding = "HexUpper" // upper case
	Base64   Encoding = "Base64"   // standard alphabet with padding
)

// Multiple is how several signatures share one header.
type Multiple string

// SpaceSeparated is the way of Standard Webhooks: "v1,<signature> v1,<signature>".
const SpaceSeparated Multiple = "SpaceSeparated"

// Part is one piece of the signed bytes.
type Part string

// The parts.
const (
	PartBody      Part = "Body"
	PartTimestamp Part = "Timestamp" // the timestamp header as it was sent
	PartID        Part = "ID"        // the id header as it was sent
)

// Timestamp describes the signed time and how old it may be.
type Timestamp struct {
	Header           string          `yaml:"header"`
	Format           TimestampFormat `yaml:"format"`
	ToleranceSeconds int             `yaml:"toleranceSeconds"` // to either side of now, 1 to 86400
}

// TimestampFormat is the format of the time in the header of a signature.
type TimestampFormat string

// The formats.
const (
	UnixSeconds TimestampFormat = "UnixSeconds"
	UnixMillis  TimestampFormat = "UnixMillis"
	RFC2822     TimestampFormat = "RFC2822"
	RFC3339     TimestampFormat = "RFC3339"
)

// KeyTransform is how the bytes of the secret become a key.
type KeyTransform string

// The transforms; "" takes the bytes as they are.
const (
	KeyNFKD        KeyTransform = "NFKD"        // Unicode NFKD, UTF-8 (EasyPost's SDKs do so)
	KeyBase64      KeyTransform = "Base64"      // standard base64
	KeyWhsecBase64 KeyTransform = "WhsecBase64" // base64 behind the optional prefix "whsec_" (Standard Webhooks)
)

// Secrets lists the secrets that the provider needs.
type Secrets struct {
	// Generated: wismo makes the webhook secret, and the merchant copies it to the provider.
	Generated bool `yaml:"generated"`
	// CredentialKeys are keys of the user's Secret.
	CredentialKeys []CredentialKey `yaml:"credentialKeys"`
}

// PreviousSuffix ends the name of the key that holds the previous value: a secret that verifies webhooks may have two live values, so
// that a user can replace one and no webhook is refused.
const PreviousSuffix = "-previous"

// CredentialKey is one key of the user's Secret.
// A key used by the Page verifies webhooks; one used by the Notifier calls the provider.
type CredentialKey struct {
	Key         string           `yaml:"key"`
	UsedBy      bundle.Component `yaml:"usedBy"`
	MinBytes    int              `yaml:"minBytes"` // a shorter value is malformed; at least 1
	Optional    bool             `yaml:"optional"` // may be absent
	Description string           `yaml:"description"`
}

// Carrier describes one carrier that the provider reports on.
type Carrier struct {
	Name                string   `yaml:"name"`                // slug
	Aliases             []string `yaml:"aliases"`             // how the provider writes it
	Numbers             []string `yaml:"numbers"`             // patterns (RE2) of whole parcel numbers
	Link                string   `yaml:"link"`                // the carrier's page of a parcel, with {number}
	MaxDeliveryAttempts int      `yaml:"maxDeliveryAttempts"` // 0 = not known
	PickupHoldDays      int      `yaml:"pickupHoldDays"`      // 0 = not known
	Notices             []Notice `yaml:"notices"`
}

// Notice sets who tells the shopper about one occasion.
type Notice struct {
	Occasion    tracking.Occasion  `yaml:"occasion"`
	Responsible bundle.Responsible `yaml:"responsible"`
}

// Carrier returns the description of a carrier by its slug.
func (d *Definition) Carrier(slug string) (Carrier, bool) {
	for _, c := range d.Carriers {
		if c.Name == slug {
			return c, true
		}
	}
	return Carrier{}, false
}

// Receipt lists what of a webhook is kept beside its body, and what identifies a repeated one.
type Receipt struct {
	IDHeader    string   `yaml:"idHeader"`    // stable over the sender's retries; "" = the body's hash is the identity
	TopicHeader string   `yaml:"topicHeader"` // kept too
	KeepHeaders []string `yaml:"keepHeaders"` // nothing else is kept: a header may hold a secret
	AnswersGet  bool     `yaml:"answersGet"`  // the provider probes the address with GET and wants 200
}

// Kept returns the headers to keep, without duplicates.
func (r Receipt) Kept() []string {
	var kept []string
	for _, h := range append([]string{r.IDHeader, r.TopicHeader}, r.KeepHeaders...) {
		if h != "" && !slices.Contains(kept, h) {
			kept = append(kept, h)
		}
	}
	return kept
}

// Outcome is the meaning of a provider's code. A known code with an empty Status keeps the last status of the parcel.
type Outcome struct {
	Status         tracking.Status `yaml:"status"`
	Phase          tracking.Phase  `yaml:"phase"` // the code is about the shipment, before the carrier has the parcel
	Reason         tracking.Reason `yaml:"reason"`
	Delayed        bool            `yaml:"delayed"`
	Returning      bool            `yaml:"returning"`
	ActionRequired bool            `yaml:"actionRequired"`
}

// NeedsGeneratedKey reports whether wismo makes this provider's webhook secret.
func (d *Definition) NeedsGeneratedKey() bool { return d.Secrets.Generated }

// CredentialKeys returns the keys of the user's Secret that one workload reads, in the definition's order; each that verifies
// webhooks is followed by the optional one of its previous value.
func (d *Definition) CredentialKeys(by bundle.Component) []CredentialKey {
	var keys []CredentialKey
	for _, k := range d.Secrets.CredentialKeys {
		if k.UsedBy != by {
			continue
		}
		keys = append(keys, k)
		if by == bundle.PageComponent {
			k.Key, k.Optional = k.Key+PreviousSuffix, true
			keys = append(keys, k)
		}
	}
	return keys
}

// Receives reports whether the provider's webhooks are accepted.
func (d *Definition) Receives() bool {
	return d.Capabilities.Push == Active && d.Verify.Scheme != None
}
