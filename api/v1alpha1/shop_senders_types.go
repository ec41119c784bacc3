package v1alpha1

// Senders are the identities and accounts that messages are sent with. They are the Shop's, never the policy's, so
// that one policy can serve hundreds of Shops.
// +kubebuilder:validation:MinProperties=1
type Senders struct {
	// email defines the sender of mails. Without it: `<shop>@<platform domain>` through the platform's relay.
	// +optional
	Email *EmailSender `json:"email,omitempty"`

	// sms is the account that text messages are sent with. Without it: none are sent.
	// +optional
	SMS *SMSSender `json:"sms,omitempty"`

	// whatsApp is the account that WhatsApp messages are sent with. Without it: none are sent.
	// +optional
	WhatsApp *WhatsAppSender `json:"whatsApp,omitempty"`

	// outboundWebhook is where the channel `OutboundWebhook` goes: the merchant's own app or chat bot notifies the shopper.
	// +optional
	OutboundWebhook *WebhookTarget `json:"outboundWebhook,omitempty"`
}

// EmailSenderType defines the server for mails.
// +kubebuilder:validation:Enum=House;SMTP
type EmailSenderType string

const (
	// EmailSenderHouse sends through the platform's relay.
	EmailSenderHouse EmailSenderType = "House"
	// EmailSenderSMTP sends through the merchant's own server.
	EmailSenderSMTP EmailSenderType = "SMTP"
)

// EmailSender defines the sender of mails.
// +kubebuilder:validation:XValidation:rule="has(self.smtp) == (self.type == 'SMTP')",message="must be set when, and only when, `type` is 'SMTP'",fieldPath=".smtp"
// +kubebuilder:validation:XValidation:rule="has(self.fromAddress) == (self.type == 'SMTP')",message="must be set when, and only when, `type` is 'SMTP'; the platform chooses the address of type 'House'",fieldPath=".fromAddress"
type EmailSender struct {
	// type of sender: `House` uses the platform's relay and domain, `SMTP` the merchant's own server.
	// +required
	Type EmailSenderType `json:"type,omitempty"`

	// fromAddress that mails come from, such as `order@fjallro.example`; for type `SMTP`.
	// +optional
	FromAddress EmailAddress `json:"fromAddress,omitempty"`

	// smtp is the merchant's mail server; for type `SMTP`.
	// +optional
	SMTP *SMTP `json:"smtp,omitempty"`
}

// SMTPTLS defines how a connection to a mail server is protected.
// +kubebuilder:validation:Enum=StartTLS;ImplicitTLS;None
type SMTPTLS string

const (
	// SMTPStartTLS starts in clear and refuses to go on without TLS.
	SMTPStartTLS SMTPTLS = "StartTLS"
	// SMTPImplicitTLS speaks TLS from the first byte.
	SMTPImplicitTLS SMTPTLS = "ImplicitTLS"
	// SMTPNone is for a mail server inside the cluster that takes no credentials.
	SMTPNone SMTPTLS = "None"
)

// SMTP is a mail server. Host and port are set here, not in the Secret, so that exactly they can be opened for egress.
// +kubebuilder:validation:XValidation:rule="self.tls != 'None' || !has(self.credentialsSecretRef)",message="must not be set when `tls` is 'None', because the password would travel in clear",fieldPath=".credentialsSecretRef"
type SMTP struct {
	// host of the mail server: a DNS name or an IP address, such as `smtp.fjallro.example`.
	// +required
	Host Host `json:"host,omitempty"`

	// port of the mail server, from 1 to 65535, such as 587.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port,omitempty"`

	// tls is `StartTLS` (usual on port 587), `ImplicitTLS` (usual on port 465), or `None` for a mail server that takes no credentials.
	// +required
	TLS SMTPTLS `json:"tls,omitempty"`

	// credentialsSecretRef names the Secret with the keys `username` and `password`. Without it: no log-in.
	// +optional
	CredentialsSecretRef *SecretReference `json:"credentialsSecretRef,omitempty"`
}

// SMSSenderType defines the provider of text messages.
// +kubebuilder:validation:Enum=Twilio
type SMSSenderType string

// SMSSenderTwilio sends through Twilio.
const SMSSenderTwilio SMSSenderType = "Twilio"

// SMSSender is the account that text messages are sent with.
type SMSSender struct {
	// type of account; `Twilio` is the one known so far.
	// +required
	Type SMSSenderType `json:"type,omitempty"`

	// senderID that text messages come from: at most 11 letters, digits and spaces with at least one letter, such as `FJALLRO`, or a phone number in international form.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self.matches('^[+][1-9][0-9]{6,14}$') || (self.matches('^[A-Za-z0-9]([A-Za-z0-9 ]{0,9}[A-Za-z0-9])?$') && self.matches('[A-Za-z]'))",message="must be at most 11 letters, digits and spaces with at least one letter, or a phone number in international form"
	SenderID string `json:"senderID,omitempty"`

	// monthlySegmentLimit is the hard stop for what a month may cost, in SMS segments from 1 to 10000000.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000000
	MonthlySegmentLimit int32 `json:"monthlySegmentLimit,omitempty"`

	// credentialsSecretRef names the Secret with the keys `accountSID` and `authToken`.
	// +required
	CredentialsSecretRef SecretReference `json:"credentialsSecretRef,omitzero"`
}

// WhatsAppSenderType defines the provider of WhatsApp messages.
// +kubebuilder:validation:Enum=MetaCloud
type WhatsAppSenderType string

// WhatsAppSenderMetaCloud sends through Meta's cloud API.
const WhatsAppSenderMetaCloud WhatsAppSenderType = "MetaCloud"

// WhatsAppSender is the account that WhatsApp messages are sent with.
type WhatsAppSender struct {
	// type of account; `MetaCloud` is the one known so far.
	// +required
	Type WhatsAppSenderType `json:"type,omitempty"`

	// phoneNumberID of the sender as Meta shows it: 5 to 20 digits in quotes, such as "100200300".
	// +required
	// +kubebuilder:validation:MinLength=5
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]+$')",message="must be the digits that Meta shows for the number"
	PhoneNumberID string `json:"phoneNumberID,omitempty"`

	// credentialsSecretRef names the Secret with the key `accessToken`.
	// +required
	CredentialsSecretRef SecretReference `json:"credentialsSecretRef,omitzero"`

	// templates that Meta has approved, at most 256; an occasion without one in the shopper's locale takes the next channel.
	// +required
	// +listType=map
	// +listMapKey=occasion
	// +listMapKey=locale
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=256
	Templates []WhatsAppTemplate `json:"templates,omitempty"`
}

// WhatsAppTemplate is a message that Meta has approved.
type WhatsAppTemplate struct {
	// occasion that the template is for, such as `OutForDelivery`.
	// +required
	Occasion Occasion `json:"occasion,omitempty"`

	// locale that the template is written in, such as `es`.
	// +required
	Locale Locale `json:"locale,omitempty"`

	// name of the template at Meta: at most 512 lower-case letters, digits and `_`, such as `en_reparto`.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9_]+$')",message="must be the name of a template at Meta: lower-case letters, digits and '_'"
	Name string `json:"name,omitempty"`
}
