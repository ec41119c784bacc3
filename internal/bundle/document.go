package bundle

// SchemaVersion is the version of Document's shape. A workload refuses a higher one and reads every lower one. An addition to the
// shape raises Reader, not this; see the ledger.
const SchemaVersion = 1

// Document is the whole configuration that the workloads of a Shop read. It holds no secret: credentials are files, see CredentialsDir.
// It holds overrides only; built-in texts, catalog and policy are in the binaries.
type Document struct {
	SchemaVersion int      `json:"schemaVersion"`
	MinReader     int      `json:"minReader,omitempty"` // the oldest reader that may serve it, see Reader; 0 = every one
	Namespace     string   `json:"namespace"`
	Name          string   `json:"name"`
	DisplayName   string   `json:"displayName"`
	Hostname      string   `json:"hostname"`
	Aliases       []Alias  `json:"aliases,omitempty"`
	BaseURL       string   `json:"baseURL"` // scheme and host of every link in messages, no trailing slash
	HomeCountry   string   `json:"homeCountry"`
	Locales       []string `json:"locales"`  // at least one; the first is the default
	TimeZone      string   `json:"timeZone"` // IANA name
	// ActivityFile is whether the activity is in the file ActivityPath, which the workloads read again while they run. Activity is then
	// Suspended, for workloads that do not read the file, and RehearsalTo is empty.
	ActivityFile bool     `json:"activityFile,omitempty"`
	Activity     Activity `json:"activity"`
	RehearsalTo  string   `json:"rehearsalTo,omitempty"`
	Legal        Legal    `json:"legal,omitzero"`
	Support      Support  `json:"support,omitzero"`
	Promise      Promise  `json:"promise,omitzero"`

	DeliveryMethods []DeliveryMethod `json:"deliveryMethods,omitempty"` // sorted by name, a title in one of them only; any other title is a Parcel

	Theme   Theme             `json:"theme,omitzero"`
	Texts   map[string]Texts  `json:"texts,omitempty"`  // locale -> overrides
	Blocks  map[string]string `json:"blocks,omitempty"` // block name -> HTML template
	Page    Page              `json:"page,omitzero"`
	Sources []Source          `json:"sources"` // the built-in source `api` first
	Email   Email             `json:"email"`
	Policy  Policy            `json:"policy"`
	Links   Links             `json:"links"`
	Storage Storage           `json:"storage"`
}

// Texts are the words of one locale by their stable keys, e.g. "mail.OutForDelivery.subject".
type Texts map[string]string

// Alias is a former hostname; links in old mails still open there.
type Alias struct {
	Hostname string `json:"hostname"`
	Locale   string `json:"locale,omitempty"`
}

// Legal names the company that runs the shop.
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
	CutOff               string    `json:"cutOff,omitempty"`     // HH:MM in the Shop's time zone
	ClosedDays           []string  `json:"closedDays,omitempty"` // the shop does not work then: "2026-12-24", or "12-24" every year; sorted
	Transit              []Transit `json:"transit,omitempty"`
}

// DeliveryMethod maps titles of the shop system to how such a shipment travels.
type DeliveryMethod struct {
	Name            string   `json:"name"`
	Titles          []string `json:"titles"` // compared without regard to case and surrounding space
	Method          Method   `json:"method"`
	MinBusinessDays int      `json:"minBusinessDays,omitempty"` // from hand-over to arrival
	MaxBusinessDays int      `json:"maxBusinessDays,omitempty"` // 0 = the promise's transit time holds
}

// Method is how a shipment travels. Only a Parcel can be late or silent by scans.
type Method string

// The methods.
const (
	MethodParcel  Method = "Parcel"
	MethodLetter  Method = "Letter"  // travels without scans
	MethodPickup  Method = "Pickup"  // collected at the shop's counter
	MethodDigital Method = "Digital" // nothing travels
)

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

// Page configures what the tracking page shows.
type Page struct {
	Fields         []Field  `json:"fields,omitempty"`
	VerifyBy       []string `json:"verifyBy"` // Postcode, Email: what a look-up needs beside the number
	Actions        []Action `json:"actions,omitempty"`
	FrameAncestors []string `json:"frameAncestors,omitempty"`
}

// Field sets whether the page shows one kind of data, such as the address; a kind that is not listed has the page's default.
type Field struct {
	Name string `json:"name"`
	Show string `json:"show"` // Always, AfterVerification, Never
}

// Action is a link that the page offers until the order passes LastPhase.
type Action struct {
	Name      string `json:"name"`
	LastPhase string `json:"lastPhase,omitempty"`
	Type      string `json:"type"` // Link
	URL       string `json:"url,omitempty"`
}

// SourceKind is what a source reports on.
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
	Name                string   `json:"name"`
	MaxDeliveryAttempts int      `json:"maxDeliveryAttempts,omitempty"` // 0 = as the definition says
	PickupHoldDays      int      `json:"pickupHoldDays,omitempty"`      // 0 = as the definition says
	Notices             []Notice `json:"notices,omitempty"`             // by occasion; one that is not listed is as the definition says
}

// Notice sets who tells the shopper about one occasion.
type Notice struct {
	Occasion    string      `json:"occasion"`
	Responsible Responsible `json:"responsible"`
}

// Responsible is who tells the shopper.
type Responsible string

// Who may be responsible.
const (
	ResponsibleCarrier Responsible = "Carrier" // the carrier tells the shopper, so the shop does not
	ResponsibleShop    Responsible = "Shop"
)

// Email configures the mail sender.
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

// EmailType is whose mail server is used: the platform's relay, or the Shop's own.
type EmailType string

// The mail senders.
const (
	House EmailType = "House" // the platform's relay and domain
	SMTP  EmailType = "SMTP"  // the merchant's own
)

// Policy is the effective notification policy: built-in, base and own merged by key.
type Policy struct {
	Rules      []Rule      `json:"rules"` // one per occasion, sorted by occasion; an occasion without a rule is PageOnly
	Budget     Budget      `json:"budget"`
	QuietHours *QuietHours `json:"quietHours,omitempty"` // nil = none
	Watch      Watch       `json:"watch,omitzero"`
	Segments   []Segment   `json:"segments,omitempty"` // the first that matches a recipient wins
}

// QuietHours are when only critical messages are sent, in the recipient's time zone, every day.
type QuietHours struct {
	Start string `json:"start"` // HH:MM, included
	End   string `json:"end"`   // HH:MM, excluded; before Start = on the next day
}

// Watch sets when passing time alone becomes news; 0 or "" = never.
type Watch struct {
	SilentOrderHours   int    `json:"silentOrderHours,omitempty"`   // after shipping, without a message that reached the recipient
	NoFirstScanHours   int    `json:"noFirstScanHours,omitempty"`   // after the label
	NoScanHours        int    `json:"noScanHours,omitempty"`        // after the latest scan
	LateNoticeTime     string `json:"lateNoticeTime,omitempty"`     // HH:MM on the promised day, in the destination's time zone
	PickupReminderDays int    `json:"pickupReminderDays,omitempty"` // before the end of the hold
	EtaShiftHours      int    `json:"etaShiftHours,omitempty"`      // within one calendar day; another calendar day is always news
}

// Segment is a group of recipients with rules of its own.
type Segment struct {
	Name         string   `json:"name"`
	CustomerTags []string `json:"customerTags"` // sorted; one in common with the recipient's is enough
	Rules        []Rule   `json:"rules,omitempty"`
}

// Rule sets the level of an occasion and the channels it is told on.
type Rule struct {
	Occasion string   `json:"occasion"`
	Level    Level    `json:"level"`
	Channels []string `json:"channels"` // Email, SMS, WhatsApp, OutboundWebhook, in order of preference
}

// Level is how important an occasion is.
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
	RoutinePerOrder    int `json:"routinePerOrder"`              // within 30 days
	PerRecipientPerDay int `json:"perRecipientPerDay,omitempty"` // over all orders of the Shop, on a day in the recipient's time zone; 0 = no limit
	MinimumGapSeconds  int `json:"minimumGapSeconds,omitempty"`  // between two routine messages for one order
}

// Links sets how long a signed link is valid.
type Links struct {
	TTLDays int `json:"ttlDays"`
}

// StorageType is the database that holds the Shop's orders.
type StorageType string

// The storages.
const (
	SQLite     StorageType = "SQLite"
	PostgreSQL StorageType = "PostgreSQL"
)

// Storage configures the database.
type Storage struct {
	Type StorageType `json:"type"`
}
