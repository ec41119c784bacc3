package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Hostname is a lower-case DNS name of at least two labels, and no address: browsers take every name whose last label is a
// number for one (URL Standard, "ends in a number checker").
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$')",message="must be a lower-case DNS name of at least two labels, such as 'track.example.com'"
// +kubebuilder:validation:XValidation:rule="!self.matches('[.]([0-9]+|0x[0-9a-f]*)$')",message="must be a DNS name and not an address: its last label must not be a number"
type Hostname string

// Host is a host to connect to: a DNS name or an IP address, without scheme and port.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$') || isIP(self)",message="must be a lower-case DNS name or an IP address, without scheme and port"
type Host string

// CountryCode is an ISO 3166-1 alpha-2 country code in upper case.
// +kubebuilder:validation:MinLength=2
// +kubebuilder:validation:MaxLength=2
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z]{2}$')",message="must be an ISO 3166-1 country code of two upper-case letters, such as 'SE'"
type CountryCode string

// Locale is a BCP 47 language tag: language, optional script, optional region.
// +kubebuilder:validation:MinLength=2
// +kubebuilder:validation:MaxLength=12
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$')",message="must be a BCP 47 language tag, such as 'sv' or 'pt-BR'"
type Locale string

// TimeZone is a name from the IANA time zone database.
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=40
// +kubebuilder:validation:XValidation:rule="self == 'UTC' || self.matches('^[A-Z][A-Za-z]+(/[A-Z][A-Za-z0-9_+-]*){1,2}$')",message="must be an IANA time zone, such as 'Europe/Stockholm', or 'UTC'"
type TimeZone string

// TimeOfDay is a wall-clock time in 24-hour form.
// +kubebuilder:validation:MinLength=5
// +kubebuilder:validation:MaxLength=5
// +kubebuilder:validation:XValidation:rule="self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",message="must be a time of day in the form 'HH:MM', from '00:00' to '23:59'"
type TimeOfDay string

// HTTPSURL is an absolute https URL without credentials.
// +kubebuilder:validation:MinLength=9
// +kubebuilder:validation:MaxLength=512
// +kubebuilder:validation:XValidation:rule="self.matches('^https://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?([/?#][!-~]*)?$')",message="must be an https URL with a lower-case host, without user name and password"
type HTTPSURL string

// EmailAddress is one bare e-mail address, without display name.
// +kubebuilder:validation:MinLength=6
// +kubebuilder:validation:MaxLength=254
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$')",message="must be one e-mail address, such as 'help@example.com'"
type EmailAddress string

// Key is a short name that is unique in its list; its texts are in the templates under this name.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$')",message="must be lower-case letters, digits and '-'"
type Key string

// Tag is a label that a shop system puts on its items or customers.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
type Tag string

// ObjectName is the name of a Kubernetes object.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",message="must be lower-case letters, digits, '-' and '.'"
type ObjectName string

// SecretReference names a Secret in the namespace of the object that refers to it.
type SecretReference struct {
	// name of the Secret in this namespace; only the workload that needs it reads it.
	// +required
	Name ObjectName `json:"name,omitempty"`
}

// ConfigMapReference names a ConfigMap.
type ConfigMapReference struct {
	// name of the ConfigMap, such as `house-texts`.
	// +required
	Name ObjectName `json:"name,omitempty"`
}

// ConfigMapKeyReference names one key of a ConfigMap in the namespace of the Shop.
type ConfigMapKeyReference struct {
	// configMapRef names the ConfigMap in the namespace of the Shop.
	// +required
	ConfigMapRef ConfigMapReference `json:"configMapRef,omitzero"`

	// key of the ConfigMap that holds the content, such as `logo.svg`; at most 253 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$')",message="must be a key of a ConfigMap: letters, digits, '-', '_' and '.'"
	Key string `json:"key,omitempty"`
}

// Source defines where a shared or own object is found.
// +kubebuilder:validation:Enum=Library;Local
type Source string

const (
	// SourceLibrary is the library namespace that the platform shares with all its Shops.
	SourceLibrary Source = "Library"
	// SourceLocal is the namespace of the Shop.
	SourceLocal Source = "Local"
)

// DefinitionSource defines where a provider definition is found.
// +kubebuilder:validation:Enum=Catalog;Library;Local
type DefinitionSource string

const (
	// DefinitionCatalog is the catalog embedded in this release.
	DefinitionCatalog DefinitionSource = "Catalog"
	// DefinitionLibrary is a ConfigMap in the library namespace.
	DefinitionLibrary DefinitionSource = "Library"
	// DefinitionLocal is a ConfigMap in the namespace of the Shop.
	DefinitionLocal DefinitionSource = "Local"
)

// DefinitionReference names the document that describes how a provider signs, what it sends and what it can do.
type DefinitionReference struct {
	// name of the definition: an entry of the catalog, such as `postnord`, or else a ConfigMap that holds the same document.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// source of the definition: `Catalog` is embedded in the release, `Library` a ConfigMap of the platform, `Local` a ConfigMap in this namespace.
	// +required
	Source DefinitionSource `json:"source,omitempty"`
}

// PolicyReference names a NotificationPolicy.
type PolicyReference struct {
	// name of the NotificationPolicy, such as `house`.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// source of the policy: `Library` is shared by the platform, `Local` is in this namespace.
	// +required
	Source Source `json:"source,omitempty"`
}

// IntakeMode defines how events are received.
// +kubebuilder:validation:Enum=Webhook;Poll;WebhookAndPoll
type IntakeMode string

const (
	// IntakeWebhook means that the provider calls wismo.
	IntakeWebhook IntakeMode = "Webhook"
	// IntakePoll means we ask the provider.
	IntakePoll IntakeMode = "Poll"
	// IntakeWebhookAndPoll means that the provider calls wismo, and wismo polls for what was lost.
	IntakeWebhookAndPoll IntakeMode = "WebhookAndPoll"
)

// Intake is how orders or parcel events come in.
// +kubebuilder:validation:XValidation:rule="!has(self.webhook) || self.mode != 'Poll'",message="must not be set when `mode` is 'Poll'",fieldPath=".webhook"
// +kubebuilder:validation:XValidation:rule="!has(self.poll) || self.mode != 'Webhook'",message="must not be set when `mode` is 'Webhook'",fieldPath=".poll"
type Intake struct {
	// mode of intake: with `Webhook` the provider calls wismo, with `Poll` wismo polls the provider, with `WebhookAndPoll` both, so that webhooks that the provider has given up are not lost.
	// +required
	Mode IntakeMode `json:"mode,omitempty"`

	// webhook configures what the provider sends. It must not be set when `mode` is `Poll`.
	// +optional
	Webhook *WebhookIntake `json:"webhook,omitempty"`

	// poll tunes how often we ask. It must not be set when `mode` is `Webhook`.
	// +optional
	Poll *PollIntake `json:"poll,omitempty"`
}

// WebhookRegistration defines who registers the endpoint at the provider.
// +kubebuilder:validation:Enum=Automatic;Manual
type WebhookRegistration string

const (
	// RegistrationAutomatic means the notifier registers, verifies and heals the webhook at the provider.
	RegistrationAutomatic WebhookRegistration = "Automatic"
	// RegistrationManual means a person pastes the endpoint into the provider's console.
	RegistrationManual WebhookRegistration = "Manual"
)

// WebhookIntake configures what a provider sends.
// +kubebuilder:validation:MinProperties=1
type WebhookIntake struct {
	// registration of the endpoint at the provider: with `Automatic`, wismo registers it with your credentials and repairs it; with `Manual`, you enter it at the provider. Without it: `Manual`.
	// +optional
	Registration WebhookRegistration `json:"registration,omitempty"`

	// rotation of the secret that signs webhooks or is part of their URL. Without it the secret is kept until `token` is set.
	// +optional
	Rotation *Rotation `json:"rotation,omitempty"`
}

// Rotation defines when a generated secret is replaced and how long the old one stays valid.
// +kubebuilder:validation:MinProperties=1
type Rotation struct {
	// intervalDays after which the next secret takes over, in days from 1 to 730, such as 90. It affects the next secret only.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=730
	IntervalDays int32 `json:"intervalDays,omitempty"`

	// overlapHours in which the old secret is still accepted, in hours from 0 to 720; 24 when omitted. Use 0 after a leak.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=720
	OverlapHours *int32 `json:"overlapHours,omitempty"`

	// token asks for a rotation now, each time it changes to another value of at most 63 characters, such as `2`.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Token string `json:"token,omitempty"`
}

// PollIntake tunes how often we ask a provider.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="!has(self.intervalSeconds) || !has(self.nearDeliveryIntervalSeconds) || self.nearDeliveryIntervalSeconds <= self.intervalSeconds",message="must not be longer than `intervalSeconds`",fieldPath=".nearDeliveryIntervalSeconds"
type PollIntake struct {
	// intervalSeconds between two polls, in seconds from 60 to 86400, such as 1800. Without it: as the definition says.
	// +optional
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=86400
	IntervalSeconds int32 `json:"intervalSeconds,omitempty"`

	// nearDeliveryIntervalSeconds replaces `intervalSeconds` on the day a parcel is expected, in seconds from 60 to 86400, such as 600.
	// +optional
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=86400
	NearDeliveryIntervalSeconds int32 `json:"nearDeliveryIntervalSeconds,omitempty"`
}

// EndpointURL is the address of an endpoint: https, or http where the platform is set up without TLS, as on
// a developer's machine.
// +kubebuilder:validation:MinLength=8
// +kubebuilder:validation:MaxLength=512
// +kubebuilder:validation:XValidation:rule="isURL(self) && (url(self).getScheme() == 'https' || url(self).getScheme() == 'http')",message="must be an absolute https or http URL"
type EndpointURL string

// Endpoint is an address to which a source sends events.
// +kubebuilder:validation:XValidation:rule="has(self.url) != has(self.urlSecretName)",message="must have either `url` or `urlSecretName`"
type Endpoint struct {
	// name of the source that this endpoint belongs to, such as `api` or `webshop`.
	// +required
	Name Key `json:"name,omitempty"`

	// url to give to a source that signs what it sends; it holds no secret.
	// +optional
	URL EndpointURL `json:"url,omitempty"`

	// urlSecretName is the Secret whose key `url` holds the endpoint of a source that cannot sign, because that URL carries a token.
	// +optional
	URLSecretName ObjectName `json:"urlSecretName,omitempty"`

	// keys that wismo made for this endpoint, the newest first, at most 4. Without it: the provider creates the secret, or there is none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Keys []EndpointKey `json:"keys,omitempty"`
}

// EndpointKey is a generated key with which a sender signs what it sends to an endpoint. It is stored in a Secret.
type EndpointKey struct {
	// number of the key, from 1; each new key has a higher one.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1073741825
	Number int32 `json:"number,omitempty"`

	// secretName is the Secret whose key `key` holds what the sender has to be given.
	// +required
	SecretName ObjectName `json:"secretName,omitempty"`

	// signFrom is when every pod has the key, so that the sender can begin to use it. Without it: from the start.
	// +optional
	SignFrom *metav1.Time `json:"signFrom,omitempty"`

	// rotateAt is when the next key takes over. Without it: only when `token` asks for it.
	// +optional
	RotateAt *metav1.Time `json:"rotateAt,omitempty"`

	// notAfter is until when the key is accepted. Without it: until a newer one takes over.
	// +optional
	NotAfter *metav1.Time `json:"notAfter,omitempty"`
}
