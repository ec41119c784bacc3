// Package frozen is the Document as readers of number 1 know it, in a copy that never changes. Tests read with it what is
// compiled for them: those readers refuse every field that they do not know.
package frozen

import (
	"bytes"
	"encoding/json"
)

// Reader is the number of these readers, and Render the render version of the releases that have them.
const (
	Reader = 1
	Render = 1
)

// Decode reads the JSON of a Document as these readers do.
func Decode(plain []byte) (*Document, error) {
	var doc Document
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	return &doc, nil
}

// SchemaVersion is the version of Document's shape. A workload refuses a higher one and reads every lower one.
const SchemaVersion = 1

// Document is all that a Shop's workloads read of its configuration. It holds no secret: credentials are files, see Layout.
// It carries overrides only; built-in texts, catalog and policy are in the binaries.
type Document struct {
	SchemaVersion int               `json:"schemaVersion"`
	Namespace     string            `json:"namespace"`
	Name          string            `json:"name"`
	DisplayName   string            `json:"displayName"`
	Hostname      string            `json:"hostname"`
	Aliases       []Alias           `json:"aliases,omitempty"`
	BaseURL       string            `json:"baseURL"` // scheme and host of every link in messages, no trailing slash
	HomeCountry   string            `json:"homeCountry"`
	Locales       []string          `json:"locales"`  // at least one; the first is the default
	TimeZone      string            `json:"timeZone"` // IANA name
	Activity      Activity          `json:"activity"`
	RehearsalTo   string            `json:"rehearsalTo,omitempty"`
	Legal         Legal             `json:"legal,omitzero"`
	Support       Support           `json:"support,omitzero"`
	Promise       Promise           `json:"promise,omitzero"`
	Theme         Theme             `json:"theme,omitzero"`
	Texts         map[string]Texts  `json:"texts,omitempty"`  // locale -> overrides
	Blocks        map[string]string `json:"blocks,omitempty"` // block name -> HTML template
	Page          Page              `json:"page,omitzero"`
	Sources       []Source          `json:"sources"` // the built-in source `api` first
	Email         Email             `json:"email"`
	Policy        Policy            `json:"policy"`
	Links         Links             `json:"links"`
	Storage       Storage           `json:"storage"`
}

// Texts are the words of one locale by their stable keys, e.g. "mail.OutForDelivery.subject".
type Texts map[string]string

// Alias is a former hostname; links in old mails still open there.
type Alias struct {
	Hostname string `json:"hostname"`
	Locale   string `json:"locale,omitempty"`
}

// Activity says what happens with messages.
type Activity string

// The activities of a Shop.
const (
	Live      Activity = "Live"      // messages go to shoppers
	Rehearsal Activity = "Rehearsal" // every message goes to RehearsalTo
	Suspended Activity = "Suspended" // nothing is sent; the page stays polite
)

// Legal is who answers for the shop.
type Legal struct {
	CompanyName string `json:"companyName,omitempty"`
	PrivacyURL  string `json:"privacyURL,omitempty"`
	ImprintURL  string `json:"imprintURL,omitempty"`
}

// Support is how a shopper reaches a person.
type Support struct {
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	URL   string `json:"url,omitempty"`
	Hours string `json:"hours,omitempty"`
}

// Promise is what "late" means until a carrier gives an ETA.
type Promise struct {
	HandlingBusinessDays int       `json:"handlingBusinessDays,omitempty"`
	CutOff               string    `json:"cutOff,omitempty"` // HH:MM in the Shop's time zone
	Transit              []Transit `json:"transit,omitempty"`
}

// Transit is a range of business days for some destinations; the first match wins, no countries = everywhere else.
type Transit struct {
	Name            string   `json:"name"`
	Countries       []string `json:"countries,omitempty"`
	MinBusinessDays int      `json:"minBusinessDays"`
	MaxBusinessDays int      `json:"maxBusinessDays"`
}

// Theme is the merchant's look.
type Theme struct {
	AccentColor string `json:"accentColor,omitempty"` // #RRGGBB
	Logo        *Logo  `json:"logo,omitempty"`
}

// Logo is served by the page itself, so that no third party learns of a shopper's visit.
type Logo struct {
	MediaType string `json:"mediaType"` // image/svg+xml, image/png, image/webp or image/jpeg
	Data      []byte `json:"data"`
}

// Page says what the tracking page shows.
type Page struct {
	Fields         []Field  `json:"fields,omitempty"`
	VerifyBy       []string `json:"verifyBy"` // Postcode, Email: what a look-up by number must know besides
	Actions        []Action `json:"actions,omitempty"`
	FrameAncestors []string `json:"frameAncestors,omitempty"`
}

// Field hides or shows one kind of data; the default is decided by the page.
type Field struct {
	Name string `json:"name"`
	Show string `json:"show"` // Always, AfterVerification, Never
}

// Action is a link that the shopper is offered until the order passes LastPhase.
type Action struct {
	Name      string `json:"name"`
	LastPhase string `json:"lastPhase,omitempty"`
	Type      string `json:"type"` // Link
	URL       string `json:"url,omitempty"`
}

// SourceKind says what a source speaks of.
type SourceKind string

// The kinds of sources.
const (
	Orders  SourceKind = "Orders"
	Carrier SourceKind = "Carrier"
)

// Source is one sender of webhooks: an order source of the Shop or a CarrierIntegration.
type Source struct {
	Name       string         `json:"name"` // unique in the Document; of a CarrierIntegration its object name, prefixed "carrier-"
	Kind       SourceKind     `json:"kind"`
	EndpointID string         `json:"endpointID"`         // the path is /hooks/<EndpointID>
	Definition string         `json:"definition"`         // name in the catalog
	Document   string         `json:"document,omitempty"` // YAML of a Library or Local definition; "" = the catalog's
	AccountURL string         `json:"accountURL,omitempty"`
	Intake     string         `json:"intake"`               // Webhook, Poll, WebhookAndPoll
	Credential string         `json:"credential,omitempty"` // "" = no user secret is referenced
	Carriers   []CarrierRules `json:"carriers,omitempty"`
}

// CarrierRules refine one carrier behind a source.
type CarrierRules struct {
	Name                string `json:"name"`
	MaxDeliveryAttempts int    `json:"maxDeliveryAttempts,omitempty"`
	PickupHoldDays      int    `json:"pickupHoldDays,omitempty"`
}

// Email is how mail leaves.
type Email struct {
	Type        EmailType `json:"type"`
	FromName    string    `json:"fromName"`
	FromAddress string    `json:"fromAddress,omitempty"` // "" = no sender is configured yet: messages wait
	ReplyTo     string    `json:"replyTo,omitempty"`
	Host        string    `json:"host,omitempty"`
	Port        int       `json:"port,omitempty"`
	TLS         string    `json:"tls,omitempty"`        // Implicit, StartTLS, None
	Credential  string    `json:"credential,omitempty"` // directory below CredentialsDir with EmailUsernameKey and EmailPasswordKey; "" = no log-in
}

// EmailType says whose relay is used.
type EmailType string

// The mail senders.
const (
	House EmailType = "House" // the platform's relay and domain
	SMTP  EmailType = "SMTP"  // the merchant's own
)

// Policy is the effective notification policy: built-in, base and own merged by key.
type Policy struct {
	Rules  []Rule `json:"rules"` // one per occasion, sorted by occasion; an occasion without a rule is PageOnly
	Budget Budget `json:"budget"`
}

// Rule says how much an occasion matters and where it is told.
type Rule struct {
	Occasion string   `json:"occasion"`
	Level    Level    `json:"level"`
	Channels []string `json:"channels"` // Email, SMS, WhatsApp, OutboundWebhook, in order of preference
}

// Level is how much an occasion matters.
type Level string

// The levels: Critical ignores budget and quiet hours, Important the budget; PageOnly is never sent.
const (
	Critical  Level = "Critical"
	Important Level = "Important"
	Routine   Level = "Routine"
	PageOnly  Level = "PageOnly"
)

// Budget bounds routine messages.
type Budget struct {
	RoutinePerOrder int `json:"routinePerOrder"`
}

// Links says how long a signed link opens.
type Links struct {
	TTLDays int `json:"ttlDays"`
}

// StorageType says which database holds the Shop's orders.
type StorageType string

// The storages.
const (
	SQLite     StorageType = "SQLite"
	PostgreSQL StorageType = "PostgreSQL"
)

// Storage says where the orders are.
type Storage struct {
	Type StorageType `json:"type"`
}
