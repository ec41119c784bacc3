package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Shop is one merchant: a branded tracking page and a notifier of its own, described in one document. Display name,
// hostname and home country are enough to receive orders, show them and mail about them.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=shops,shortName=wshop,categories=wismo
// +kubebuilder:selectablefield:JSONPath=".spec.hostname"
// +kubebuilder:printcolumn:name="HOST",type=string,JSONPath=".spec.hostname"
// +kubebuilder:printcolumn:name="ACTIVITY",type=string,JSONPath=".status.effective.activity"
// +kubebuilder:printcolumn:name="READY",type=string,JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="OPERATIONAL",type=string,JSONPath=".status.conditions[?(@.type=='Operational')].status"
// +kubebuilder:printcolumn:name="REASON",type=string,JSONPath=".status.conditions[?(@.type=='Ready')].reason"
// +kubebuilder:printcolumn:name="RELEASE",type=string,JSONPath=".status.release.current"
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=".metadata.creationTimestamp"
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$')",message="`metadata.name` must start with a lower-case letter, hold only lower-case letters, digits and '-', and be at most 40 characters long, because other objects are named after it"
type Shop struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of the object; the name is at most 40 characters long.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the merchant wants.
	// +required
	Spec ShopSpec `json:"spec,omitzero"`

	// status is what was last observed of the page, the notifier and what they depend on.
	// +optional
	// +default={"observedGeneration":-1}
	Status ShopStatus `json:"status,omitzero"`
}

// ShopList is a list of Shops.
// +kubebuilder:object:root=true
type ShopList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Shop `json:"items"`
}

// Activity is what a Shop does with the orders it receives.
// +kubebuilder:validation:Enum=Live;Rehearsal;Suspended
type Activity string

const (
	// ActivityLive notifies shoppers.
	ActivityLive Activity = "Live"
	// ActivityRehearsal sends every message to one inbox of the merchant.
	ActivityRehearsal Activity = "Rehearsal"
	// ActivitySuspended keeps the page up, politely, and sends nothing.
	ActivitySuspended Activity = "Suspended"
)

// ShopSpec is what a merchant wants.
//
// The countries named by the first rule have more than one time zone on their mainland, so none can be assumed.
// +kubebuilder:validation:XValidation:rule="has(self.timeZone) || !(self.homeCountry in ['AU','BR','CA','CD','FM','GL','ID','KI','MN','MX','PF','PG','RU','UM','US'])",message="must be set because the country in `homeCountry` has several time zones",fieldPath=".timeZone"
// +kubebuilder:validation:XValidation:rule="!has(self.activity) || self.activity != 'Rehearsal' || has(self.rehearsal)",message="must be set when `activity` is 'Rehearsal'",fieldPath=".rehearsal"
// +kubebuilder:validation:XValidation:rule="!has(self.aliases) || self.aliases.all(a, a.hostname != self.hostname)",message="must not repeat `hostname`",fieldPath=".aliases"
// +kubebuilder:validation:XValidation:rule="!has(self.aliases) || !has(self.locales) || self.aliases.all(a, !has(a.locale) || a.locale in self.locales)",message="must only use locales listed in `locales`",fieldPath=".aliases"
// +kubebuilder:validation:XValidation:rule="!has(self.exposure) || !has(self.exposure.webhookHostname) || (self.exposure.webhookHostname != self.hostname && (!has(self.aliases) || self.aliases.all(a, a.hostname != self.exposure.webhookHostname)))",message="`webhookHostname` must not repeat `hostname` or an alias",fieldPath=".exposure"
// +kubebuilder:validation:XValidation:rule="(has(self.storage) && self.storage.type == 'PostgreSQL') || !has(self.page) || (!has(self.page.autoscaling) && (!has(self.page.replicas) || self.page.replicas == 1))",message="must not ask for more than one replica or for autoscaling when `storage.type` is 'SQLite', the default",fieldPath=".page"
// +kubebuilder:validation:XValidation:rule="!has(self.senders) || !has(self.senders.whatsApp) || !has(self.senders.whatsApp.templates) || !has(self.locales) || self.senders.whatsApp.templates.all(t, t.locale in self.locales)",message="`whatsApp.templates` must only use locales listed in `locales`",fieldPath=".senders"
// +kubebuilder:validation:XValidation:rule="(has(self.storage) ? self.storage.type : 'SQLite') == (has(oldSelf.storage) ? oldSelf.storage.type : 'SQLite') || (has(self.storage) && has(self.storage.moveFrom) && self.storage.moveFrom == (has(oldSelf.storage) ? oldSelf.storage.type : 'SQLite'))",message="`type` may only change from 'SQLite' to 'PostgreSQL' and with `moveFrom` set to 'SQLite', so that no order is left behind",fieldPath=".storage"
type ShopSpec struct {
	// displayName is the name shoppers know the merchant by, from 1 to 64 characters, such as `Linden Living`.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:][:space:]]([^[:cntrl:]]*[^[:cntrl:][:space:]])?$')",message="must not hold control characters and must not start or end with a space"
	DisplayName string `json:"displayName,omitempty"`

	// hostname of the tracking page: a lower-case DNS name of at least two labels, such as `track.linden.example`. One Shop of the cluster can hold it.
	// +required
	Hostname Hostname `json:"hostname,omitempty"`

	// aliases are further hostnames of the page, at most 8, so that links in old mails survive a move.
	// +optional
	// +listType=map
	// +listMapKey=hostname
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Aliases []Alias `json:"aliases,omitempty"`

	// homeCountry is the merchant's country as an ISO 3166-1 code, such as `NL`. It is the fallback where an order names no destination.
	// +required
	HomeCountry CountryCode `json:"homeCountry,omitempty"`

	// locales the page and the messages speak, at most 16; the first is the default. Without it: the languages of `homeCountry` that have built-in texts, else `en`.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:XValidation:rule="self.all(l, self.exists_one(o, o == l))",message="must not list a locale twice"
	Locales []Locale `json:"locales,omitempty"`

	// timeZone is the merchant's IANA time zone, such as `Europe/Stockholm`. It must be set where `homeCountry` has several, else it follows from it.
	// +optional
	TimeZone TimeZone `json:"timeZone,omitempty"`

	// activity is `Live`, the default; `Rehearsal`, in which real orders come in but every message goes to `rehearsal.email`; or `Suspended`, in which the page stays and nothing is sent. It takes effect without a new pod, also while the rest of the spec is invalid. The annotation `tracking.wismo.dev/activity`, which `kubectl wismo suspend` sets, counts beside it: the stricter of the two is in force, see `status.effective.activity`.
	// +optional
	// +default="Live"
	Activity Activity `json:"activity,omitempty"`

	// rehearsal defines who gets the messages while `activity` is `Rehearsal`. It may stay when the Shop goes live.
	// +optional
	Rehearsal *Rehearsal `json:"rehearsal,omitempty"`

	// legal names the company behind the page.
	// +optional
	Legal *Legal `json:"legal,omitempty"`

	// support is where a shopper finds help.
	// +optional
	Support *Support `json:"support,omitempty"`

	// promise is what the page shows about delivery times, and when a parcel is late, until a carrier gives a date. An order may carry its own.
	// +optional
	Promise *Promise `json:"promise,omitempty"`

	// deliveryMethods say how a shipment travels, by what the shop system calls the method, at most 64. A method that is not listed is a parcel.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	DeliveryMethods []DeliveryMethod `json:"deliveryMethods,omitempty"`

	// theme is the merchant's look, on the page and in the messages.
	// +optional
	Theme *Theme `json:"theme,omitempty"`

	// templates are ConfigMaps with texts and layout, at most 16; a later one wins over an earlier one, and the built-in texts lie below.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:XValidation:rule="self.all(t, self.exists_one(o, o == t))",message="must not list a template twice"
	Templates []TemplateReference `json:"templates,omitempty"`

	// page is what the tracking page shows and offers.
	// +optional
	Page *Page `json:"page,omitempty"`

	// orders are the shop systems that orders come from, besides the built-in source `api`.
	// +optional
	Orders *Orders `json:"orders,omitempty"`

	// senders are the identities and accounts that messages are sent with. Without it: mail through the platform's relay.
	// +optional
	Senders *Senders `json:"senders,omitempty"`

	// notificationPolicyRef names the policy that defines who is notified of what. Without it: the built-in policy.
	// +optional
	NotificationPolicyRef *PolicyReference `json:"notificationPolicyRef,omitempty"`

	// storage is where orders, events and messages are kept. Without it: SQLite on a volume of 1Gi.
	// +optional
	Storage *Storage `json:"storage,omitempty"`

	// exposure is how the page is reached from outside. Without it: as the platform configures it.
	// +optional
	Exposure *Exposure `json:"exposure,omitempty"`

	// links defines how long the signed links in messages work.
	// +optional
	Links *Links `json:"links,omitempty"`

	// retention defines when personal data is deleted. Nothing is deleted by its age in this version.
	// +optional
	Retention *Retention `json:"retention,omitempty"`

	// scheduling defines where the pods of this Shop run and what they may use.
	// +optional
	Scheduling *Scheduling `json:"scheduling,omitempty"`

	// release defines how this Shop follows the releases of the platform. Without it: `Auto`.
	// +optional
	Release *ReleaseChoice `json:"release,omitempty"`

	// syntheticOrder is a made-up order that regularly takes the whole way, so that a break is seen before a shopper sees it.
	// +optional
	SyntheticOrder *SyntheticOrder `json:"syntheticOrder,omitempty"`
}

// Alias is a further hostname of the page.
type Alias struct {
	// hostname that also leads to the page: a lower-case DNS name of at least two labels.
	// +required
	Hostname Hostname `json:"hostname,omitempty"`

	// locale in which a visitor of this hostname is greeted, such as `es`. Without it: as the order or the browser says.
	// +optional
	Locale Locale `json:"locale,omitempty"`
}

// Rehearsal is who gets the messages in a rehearsal.
type Rehearsal struct {
	// email is the inbox that gets every message while `activity` is `Rehearsal`, such as `onboarding@platform.example`.
	// +required
	Email EmailAddress `json:"email,omitempty"`
}

// Legal names the company behind the page.
// +kubebuilder:validation:MinProperties=1
type Legal struct {
	// companyName is the name in the register, at most 128 characters, such as `Fjällro AB`. Without it: `displayName`.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	CompanyName string `json:"companyName,omitempty"`

	// privacyURL is the https address of the privacy notice, linked from the page and every message.
	// +optional
	PrivacyURL HTTPSURL `json:"privacyURL,omitempty"`

	// imprintURL is the https address of the imprint, where the law asks for one.
	// +optional
	ImprintURL HTTPSURL `json:"imprintURL,omitempty"`
}

// Support is where a shopper finds help.
// +kubebuilder:validation:MinProperties=1
type Support struct {
	// email of the people who help; replies to messages go there.
	// +optional
	Email EmailAddress `json:"email,omitempty"`

	// phone number in international form, such as `+46812345678`.
	// +optional
	// +kubebuilder:validation:MinLength=8
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self.matches('^[+][1-9][0-9]{6,14}$')",message="must be a phone number in international form, such as '+46812345678'"
	Phone string `json:"phone,omitempty"`

	// url is the https address of the merchant's help pages.
	// +optional
	URL HTTPSURL `json:"url,omitempty"`

	// hours in which people answer, as shown to shoppers, at most 64 characters of digits, times and day names, such as `Mon-Fri 09:00-17:00`.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.split(', ').all(p, p.matches('^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))? ([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$'))",message="must be days and times, such as 'Mon-Fri 09:00-17:00, Sat 10:00-14:00'"
	Hours string `json:"hours,omitempty"`

	// cases defines where a shopper's report of a late, lost or damaged parcel goes. Without it: to `email`.
	// +optional
	Cases *SupportCases `json:"cases,omitempty"`
}

// CaseTarget is where a shopper's report goes.
// +kubebuilder:validation:Enum=Email;Webhook;Link
type CaseTarget string

const (
	// CaseTargetEmail sends a structured mail.
	CaseTargetEmail CaseTarget = "Email"
	// CaseTargetWebhook posts a signed document.
	CaseTargetWebhook CaseTarget = "Webhook"
	// CaseTargetLink links to the merchant's own form.
	CaseTargetLink CaseTarget = "Link"
)

// SupportCases defines where a shopper's report goes.
// +kubebuilder:validation:XValidation:rule="has(self.email) == (self.type == 'Email')",message="must be set when, and only when, `type` is 'Email'",fieldPath=".email"
// +kubebuilder:validation:XValidation:rule="has(self.webhook) == (self.type == 'Webhook')",message="must be set when, and only when, `type` is 'Webhook'",fieldPath=".webhook"
// +kubebuilder:validation:XValidation:rule="has(self.url) == (self.type == 'Link')",message="must be set when, and only when, `type` is 'Link'",fieldPath=".url"
type SupportCases struct {
	// type of target: `Email` sends a structured mail, `Webhook` posts a signed document, `Link` links to the merchant's own form.
	// +required
	Type CaseTarget `json:"type,omitempty"`

	// email that gets the cases; for type `Email`.
	// +optional
	Email EmailAddress `json:"email,omitempty"`

	// webhook that gets the cases; for type `Webhook`.
	// +optional
	Webhook *WebhookTarget `json:"webhook,omitempty"`

	// url of the merchant's own https form; for type `Link`.
	// +optional
	URL HTTPSURL `json:"url,omitempty"`
}

// WebhookTarget is an address that we post signed documents to, as Standard Webhooks describe it.
type WebhookTarget struct {
	// url that gets the POST requests; https only.
	// +required
	URL HTTPSURL `json:"url,omitempty"`

	// credentialsSecretRef names the Secret whose key `secret` signs every request.
	// +required
	CredentialsSecretRef SecretReference `json:"credentialsSecretRef,omitzero"`
}

// Promise is what the merchant promises about time.
// +kubebuilder:validation:MinProperties=1
type Promise struct {
	// handlingBusinessDays from order to hand-over, in business days from 0 to 60. Without it: 1.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=60
	HandlingBusinessDays *int32 `json:"handlingBusinessDays,omitempty"`

	// cutOff is the time of day, such as `15:00`, after which an order counts as the next business day's. Without it: midnight.
	// +optional
	CutOff TimeOfDay `json:"cutOff,omitempty"`

	// closedDays on which the shop does not work, at most 64: dates such as `2026-12-24`, or `12-24` for every year. Weekends and the public holidays of `homeCountry` are known.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	ClosedDays []ClosedDay `json:"closedDays,omitempty"`

	// transit times by destination, at most 64; the first match wins.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:XValidation:rule="self.all(t, self.exists_one(o, o.name == t.name))",message="must not use a `name` twice"
	// +kubebuilder:validation:XValidation:rule="self.filter(t, !has(t.countries)).size() <= 1 && (self.all(t, has(t.countries)) || !has(self[self.size() - 1].countries))",message="must have at most one entry without `countries`, and it must be the last, because the first match wins"
	Transit []Transit `json:"transit,omitempty"`
}

// Transit is how long parcels take to some countries.
// +kubebuilder:validation:XValidation:rule="self.minBusinessDays <= self.maxBusinessDays",message="must not be less than `minBusinessDays`",fieldPath=".maxBusinessDays"
type Transit struct {
	// name of the entry, unique in the list, such as `home`.
	// +required
	Name Key `json:"name,omitempty"`

	// countries of destination, at most 64 ISO 3166-1 codes. Without it: everywhere else.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Countries []CountryCode `json:"countries,omitempty"`

	// minBusinessDays from hand-over to delivery, in business days from 0 to 120.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=120
	MinBusinessDays *int32 `json:"minBusinessDays,omitempty"`

	// maxBusinessDays from hand-over to delivery, in business days from 0 to 120; a parcel is late after them.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=120
	MaxBusinessDays *int32 `json:"maxBusinessDays,omitempty"`
}

// ClosedDay is a date, or a day of every year.
// +kubebuilder:validation:MinLength=5
// +kubebuilder:validation:MaxLength=10
// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$')",message="must be a date such as '2026-12-24', or a day of every year such as '12-24'"
type ClosedDay string

// Method is how a shipment travels.
// +kubebuilder:validation:Enum=Parcel;Letter;Pickup;Digital
type Method string

const (
	// MethodParcel is scanned by a carrier on its way.
	MethodParcel Method = "Parcel"
	// MethodLetter travels without scans.
	MethodLetter Method = "Letter"
	// MethodPickup is collected at the shop's counter.
	MethodPickup Method = "Pickup"
	// MethodDigital does not travel at all.
	MethodDigital Method = "Digital"
)

// MethodTitle is a delivery method in the words of the shop system.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
type MethodTitle string

// DeliveryMethod defines how a shipment travels, for some titles of the shop system.
// +kubebuilder:validation:XValidation:rule="has(self.minBusinessDays) == has(self.maxBusinessDays)",message="must be set when, and only when, `minBusinessDays` is set",fieldPath=".maxBusinessDays"
// +kubebuilder:validation:XValidation:rule="!has(self.minBusinessDays) || !has(self.maxBusinessDays) || self.minBusinessDays <= self.maxBusinessDays",message="must not be less than `minBusinessDays`",fieldPath=".maxBusinessDays"
// +kubebuilder:validation:XValidation:rule="self.method != 'Digital' || !has(self.minBusinessDays)",message="must not be set when `method` is 'Digital'",fieldPath=".minBusinessDays"
type DeliveryMethod struct {
	// name of the entry, unique in the list, such as `letter`.
	// +required
	Name Key `json:"name,omitempty"`

	// titles that the shop system gives the method, at most 32, compared without regard to case. A title must be unique among all entries.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Titles []MethodTitle `json:"titles,omitempty"`

	// method is `Parcel`; `Letter`, which travels without scans; `Pickup`, which is collected at the shop's counter; or `Digital`. Only a parcel is late or silent by its scans.
	// +required
	Method Method `json:"method,omitempty"`

	// minBusinessDays from hand-over to delivery, in business days from 0 to 120. Without it: as `promise.transit` says.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=120
	MinBusinessDays *int32 `json:"minBusinessDays,omitempty"`

	// maxBusinessDays from hand-over to delivery, in business days from 1 to 120. Without it: as `promise.transit` says.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	MaxBusinessDays int32 `json:"maxBusinessDays,omitempty"`
}

// Theme is the merchant's look.
// +kubebuilder:validation:MinProperties=1
type Theme struct {
	// accentColor in hexadecimal, such as `#1F5C4D`. Text on it is set black or white, whichever can be read.
	// +optional
	// +kubebuilder:validation:MinLength=7
	// +kubebuilder:validation:MaxLength=7
	// +kubebuilder:validation:XValidation:rule="self.matches('^#[0-9A-Fa-f]{6}$')",message="must be a colour of six hexadecimal digits, such as '#1F5C4D'"
	AccentColor string `json:"accentColor,omitempty"`

	// logo is an SVG, PNG, WebP or JPEG image of at most 256 KiB; the page serves it itself.
	// +optional
	Logo *ConfigMapKeyReference `json:"logo,omitempty"`
}

// TemplateReference names a ConfigMap with texts (`<locale>.yaml`) and layout (`<block>.html`).
type TemplateReference struct {
	// configMapRef names the ConfigMap.
	// +required
	ConfigMapRef ConfigMapReference `json:"configMapRef,omitzero"`

	// source of the ConfigMap: `Library` is shared by the platform, `Local` is in this namespace.
	// +required
	Source Source `json:"source,omitempty"`
}

// Orders are the shop systems that orders come from.
type Orders struct {
	// sources of orders, at most 8. The source `api` always exists besides them: JSON over HTTPS with a generated signing secret.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Sources []OrderSource `json:"sources,omitempty"`
}

// OrderSource is a shop system that orders come from.
// +kubebuilder:validation:XValidation:rule="self.name != 'email' && !self.name.startsWith('carrier-') && (self.name != 'api' || (self.definition.name == 'api' && self.definition.source == 'Catalog' && self.intake.mode == 'Webhook' && !has(self.credentialsSecretRef)))",message="must not be 'api' or 'email' and must not start with 'carrier-', which wismo reserves; 'api' only configures the built-in source, with definition 'api' of the Catalog, mode 'Webhook' and no credentials",fieldPath=".name"
type OrderSource struct {
	// name of the source, unique in the list, such as `webshop`; `email` and `carrier-...` are taken, and `api` tunes the built-in source. Its endpoint in the status has the same name.
	// +required
	Name Key `json:"name,omitempty"`

	// definition of how this shop system signs, what it sends and what it can do.
	// +required
	Definition DefinitionReference `json:"definition,omitzero"`

	// accountURL is the https address of the merchant's account, such as `https://fjallro.myshopify.com`. Whether it is needed depends on the definition.
	// +optional
	AccountURL HTTPSURL `json:"accountURL,omitempty"`

	// credentialsSecretRef names the Secret with the keys that the definition asks for.
	// +optional
	CredentialsSecretRef *SecretReference `json:"credentialsSecretRef,omitempty"`

	// intake is how the orders come in.
	// +required
	Intake Intake `json:"intake,omitzero"`
}

// PolicySource is the policy in force.
// +kubebuilder:validation:Enum=BuiltIn;Library;Local
type PolicySource string

const (
	// PolicyBuiltIn is the policy of the release.
	PolicyBuiltIn PolicySource = "BuiltIn"
	// PolicyLibrary is a policy shared by the platform.
	PolicyLibrary PolicySource = "Library"
	// PolicyLocal is a policy in the namespace of the Shop.
	PolicyLocal PolicySource = "Local"
)

// ShopStatus is what was last observed of a Shop.
// +kubebuilder:validation:MinProperties=1
type ShopStatus struct {
	// conditions of the Shop, at most 24; docs/conditions.md explains every type and reason.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=24
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation that this status speaks of; -1 before the first look.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// lastHandledReconcileAt is the value of the annotation tracking.wismo.dev/reconcile-requested-at at the last look.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// endpoints at which orders come in, at most 9, one a source.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=9
	Endpoints []Endpoint `json:"endpoints,omitempty"`

	// dns is what the merchant's DNS has to say for the page and the mails to work.
	// +optional
	DNS *DNS `json:"dns,omitempty"`

	// effective is what holds after everything that was left out has been filled in.
	// +optional
	Effective *EffectiveShop `json:"effective,omitempty"`

	// release is the state of the Shop on the releases of the platform; the condition Released has the cause.
	// +optional
	Release *ShopRelease `json:"release,omitempty"`
}

// ShopRelease is the state of a Shop on the releases of the platform.
// +kubebuilder:validation:MinProperties=1
type ShopRelease struct {
	// current is the release that the page and the notifier run, such as `rel-0042`; empty before they do.
	// +optional
	Current ReleaseName `json:"current,omitempty"`

	// target is the release that the Shop is to run in the end, such as `rel-0043`.
	// +optional
	Target ReleaseName `json:"target,omitempty"`

	// wave in which the Shop moves, at most 63 characters; empty where it does not take part.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Wave string `json:"wave,omitempty"`
}

// DNS is what the merchant's DNS has to say.
type DNS struct {
	// records that have to exist, at most 32.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Records []DNSRecord `json:"records,omitempty"`
}

// DNSRecordType is the type of a DNS record.
// +kubebuilder:validation:Enum=A;AAAA;CNAME;TXT
type DNSRecordType string

// DNSRecordState is whether a DNS record is as it should be.
// +kubebuilder:validation:Enum=Found;Missing;Different;Unknown
type DNSRecordState string

const (
	// DNSRecordFound means the record is as it should be.
	DNSRecordFound DNSRecordState = "Found"
	// DNSRecordMissing means there is no such record.
	DNSRecordMissing DNSRecordState = "Missing"
	// DNSRecordDifferent means there is one with another value.
	DNSRecordDifferent DNSRecordState = "Different"
	// DNSRecordUnknown means DNS did not answer.
	DNSRecordUnknown DNSRecordState = "Unknown"
)

// DNSRecord is a record that has to exist.
type DNSRecord struct {
	// name of the record, fully qualified without the last dot, at most 253 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// type of the record: `A`, `AAAA`, `CNAME` or `TXT`.
	// +required
	Type DNSRecordType `json:"type,omitempty"`

	// value that the record has to have, at most 512 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Value string `json:"value,omitempty"`

	// state of the record as last seen: `Found`, `Missing`, `Different`, or `Unknown` when DNS did not answer.
	// +required
	State DNSRecordState `json:"state,omitempty"`
}

// EffectiveShop is what holds after everything that was left out has been filled in.
// +kubebuilder:validation:MinProperties=1
type EffectiveShop struct {
	// activity in force: the loosest under which a running notifier may still send a message, so `Suspended` means that all of them have stopped. Empty while a pod does not answer, or none runs.
	// +optional
	Activity Activity `json:"activity,omitempty"`

	// locales in force, at most 16; the first is the default.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Locales []Locale `json:"locales,omitempty"`

	// timeZone in force where an order names no destination.
	// +optional
	TimeZone TimeZone `json:"timeZone,omitempty"`

	// sender is the address that mails come from.
	// +optional
	Sender EmailAddress `json:"sender,omitempty"`

	// policy in force, and its source.
	// +optional
	Policy *EffectivePolicy `json:"policy,omitempty"`

	// templates in force, at most 16; a later one wins, and the built-in texts lie below.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Templates []TemplateReference `json:"templates,omitempty"`

	// release that the page and the notifier run, such as `rel-0042`.
	// +optional
	Release ReleaseName `json:"release,omitempty"`
}

// EffectivePolicy is the policy in force.
// +kubebuilder:validation:XValidation:rule="has(self.name) == (self.source != 'BuiltIn')",message="must be set when, and only when, `source` is not 'BuiltIn'",fieldPath=".name"
type EffectivePolicy struct {
	// source of the policy: `BuiltIn` comes with the release, `Library` is shared by the platform, `Local` is in this namespace.
	// +required
	Source PolicySource `json:"source,omitempty"`

	// name of the NotificationPolicy; empty for the built-in one.
	// +optional
	Name ObjectName `json:"name,omitempty"`
}
