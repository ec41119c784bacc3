package bundle

import "time"

// ReportVersion is the version of Report's shape. Added fields and words do not raise it: an operator ignores a field that it does
// not know, and reads a word that it does not know as Unknown.
const ReportVersion = 1

// MaxReportBytes bounds a Report; the operator reads no further.
const MaxReportBytes = 64 << 10

// Report is the state of one workload pod, served at /report: typed enums, counts and times; no personal data, no secret, and no
// free text but raw carrier codes (at most 64 bytes each, at most 20 per source).
type Report struct {
	Version     int                `json:"version"`
	Component   Component          `json:"component"`
	BundleHash  string             `json:"bundleHash"`
	Activity    Activity           `json:"activity,omitempty"` // notifier only: the loosest under which a message may still be sent
	Storage     Health             `json:"storage"`
	Sender      SenderState        `json:"sender,omitempty"` // notifier only
	Credentials []CredentialReport `json:"credentials,omitempty"`
	Sources     []SourceReport     `json:"sources,omitempty"`
	Inbox       InboxReport        `json:"inbox,omitzero"`
	Messages    MessageReport      `json:"messages,omitzero"`
}

// Component names a workload.
type Component string

// The workloads.
const (
	PageComponent     Component = "Page"
	NotifierComponent Component = "Notifier"
	UnknownComponent  Component = "Unknown" // of a later build than the operator
)

// Components returns the components that this build knows.
func Components() []Component { return []Component{PageComponent, NotifierComponent} }

// Health is the state of a database.
type Health string

// The states of a database.
const (
	Healthy       Health = "Healthy"
	Unhealthy     Health = "Unhealthy" // it does not answer
	Full          Health = "Full"      // it answers, and its volume has little or no space left
	UnknownHealth Health = "Unknown"   // the operator does not know the word, which a later build sent
)

// Healths returns the states that this build knows.
func Healths() []Health { return []Health{Healthy, Unhealthy, Full} }

// CredentialState is the state of a mounted secret.
type CredentialState string

// The states of a credential.
const (
	Present   CredentialState = "Present"
	Missing   CredentialState = "Missing"   // the file does not exist
	Malformed CredentialState = "Malformed" // the file exists and cannot be right (empty, wrong length)
	Rejected  CredentialState = "Rejected"  // the provider or mail server refused it

	UnknownCredential CredentialState = "Unknown" // the operator does not know the word, which a later build sent
)

// CredentialStates returns the states that this build knows.
func CredentialStates() []CredentialState {
	return []CredentialState{Present, Missing, Malformed, Rejected}
}

// CredentialReport is the state of one key of one secret.
type CredentialReport struct {
	Source string          `json:"source"` // the Source's name, "email" for the sender, or the purpose of a generated key
	Key    string          `json:"key"`
	Number int             `json:"number,omitempty"` // of a generated key; only a missing one is reported
	State  CredentialState `json:"state"`
}

// SourceReport is the state of one source, an integration of the Shop: what it has sent, and how much of that could not be read.
type SourceReport struct {
	Name              string     `json:"name"`
	LastReceived      *time.Time `json:"lastReceived,omitempty"`
	Flow              FlowState  `json:"flow,omitempty"`              // page only
	ExpectedSince     *time.Time `json:"expectedSince,omitempty"`     // page only: since when a Silent source is expected to send
	RefusedSignatures int        `json:"refusedSignatures,omitempty"` // page only: in a row, since the process started
	Quarantined       int        `json:"quarantined,omitempty"`       // received webhooks that could not be read
	Doubtful          int        `json:"doubtful,omitempty"`          // notifier only: records that could belong to two orders, so they are joined to none
	Replayed          int        `json:"replayed,omitempty"`          // notifier only: receipts replayed since the process started
	UnmappedCodes     []string   `json:"unmappedCodes,omitempty"`
}

// FlowState is what is wrong with the webhooks of one source; "" = nothing that the page knows of.
type FlowState string

// The states of a flow.
const (
	SignaturesRejected FlowState = "SignaturesRejected" // every webhook is refused for its signature
	Silent             FlowState = "Silent"             // no webhook has arrived for longer than usual
	UnknownFlow        FlowState = "Unknown"            // the operator does not know the word, which a later build sent
)

// FlowStates returns the states that this build knows; "" is among them.
func FlowStates() []FlowState { return []FlowState{"", SignaturesRejected, Silent} }

// InboxReport counts receipts.
type InboxReport struct {
	Waiting     int `json:"waiting"`
	Quarantined int `json:"quarantined"`
}

// MessageReport counts messages.
type MessageReport struct {
	Waiting int `json:"waiting"`
	Failed  int `json:"failed"`
}

// SenderState is the last answer of the mail server.
type SenderState string

// The states of the mail sender.
const (
	SenderUnknown       SenderState = "Unknown" // the mail server has not been asked yet, or the operator does not know the word, which a later build sent
	SenderAccepted      SenderState = "Accepted"
	SenderRefused       SenderState = "Refused"     // credentials or sender refused (5xx)
	SenderUnreachable   SenderState = "Unreachable" // no connection
	SenderNotConfigured SenderState = "NotConfigured"
)

// SenderStates returns the states that this build knows; "" = the report is not of a notifier.
func SenderStates() []SenderState {
	return []SenderState{"", SenderUnknown, SenderAccepted, SenderRefused, SenderUnreachable, SenderNotConfigured}
}
