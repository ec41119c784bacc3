package bundle

import "time"

// ReportVersion is the version of Report's shape. What is added to the shape, fields and words, does not count it up: an
// operator that does not know a field ignores it, and takes a word that it does not know for Unknown.
const ReportVersion = 1

// MaxReportBytes bounds a Report; the operator reads no further.
const MaxReportBytes = 64 << 10

// Report is what one workload pod says of itself at /report: typed enums, counts and times; no personal data, no secret,
// no free text but raw carrier codes (at most 64 bytes each, at most 20 a source).
type Report struct {
	Version     int                `json:"version"`
	Component   Component          `json:"component"`
	BundleHash  string             `json:"bundleHash"`
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

// Components are those that an operator of this build knows.
func Components() []Component { return []Component{PageComponent, NotifierComponent} }

// Health is how a store is.
type Health string

// The healths.
const (
	Healthy       Health = "Healthy"
	Unhealthy     Health = "Unhealthy" // it does not answer
	Full          Health = "Full"      // it answers, and has little or no room left
	UnknownHealth Health = "Unknown"   // the word is of a later build than the operator
)

// Healths are those that an operator of this build knows.
func Healths() []Health { return []Health{Healthy, Unhealthy, Full} }

// CredentialState is what a workload finds where a secret should be.
type CredentialState string

// The states of a credential.
const (
	Present   CredentialState = "Present"
	Missing   CredentialState = "Missing"   // the file is not there
	Malformed CredentialState = "Malformed" // the file is there and cannot be right (empty, wrong length)
	Rejected  CredentialState = "Rejected"  // the other side refused it

	UnknownCredential CredentialState = "Unknown" // the word is of a later build than the operator
)

// CredentialStates are those that an operator of this build knows.
func CredentialStates() []CredentialState {
	return []CredentialState{Present, Missing, Malformed, Rejected}
}

// CredentialReport is the health of one file of one secret.
type CredentialReport struct {
	Source string          `json:"source"` // the Source's name, "email" for the sender, or the purpose of a generated key
	Key    string          `json:"key"`
	Number int             `json:"number,omitempty"` // of a generated key; only one that is not as it should be is reported
	State  CredentialState `json:"state"`
}

// SourceReport is what one source has sent lately.
type SourceReport struct {
	Name              string     `json:"name"`
	LastReceived      *time.Time `json:"lastReceived,omitempty"`
	Flow              FlowState  `json:"flow,omitempty"`              // page only
	ExpectedSince     *time.Time `json:"expectedSince,omitempty"`     // page only: since when a Silent source could have sent
	RefusedSignatures int        `json:"refusedSignatures,omitempty"` // page only: in a row, since its process started
	Quarantined       int        `json:"quarantined,omitempty"`
	Doubtful          int        `json:"doubtful,omitempty"` // notifier only: statements that wait, because it is not clear whose order they are about
	Replayed          int        `json:"replayed,omitempty"` // notifier only: receipts that were understood anew, since its process started
	UnmappedCodes     []string   `json:"unmappedCodes,omitempty"`
}

// FlowState is what is wrong with the stream of one source's webhooks; "" = nothing that the page knows of.
type FlowState string

// The states of a stream.
const (
	SignaturesRejected FlowState = "SignaturesRejected" // all that arrives is refused for its signature
	Silent             FlowState = "Silent"             // nothing arrives, for longer than is usual
	UnknownFlow        FlowState = "Unknown"            // the word is of a later build than the operator
)

// FlowStates are those that an operator of this build knows, and that nothing is wrong.
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

// SenderState is what the mail relay last answered.
type SenderState string

// The states of the mail sender.
const (
	SenderUnknown       SenderState = "Unknown" // the relay has not been asked yet, or the word is of a later build than the operator
	SenderAccepted      SenderState = "Accepted"
	SenderRefused       SenderState = "Refused"     // credentials or sender refused (5xx)
	SenderUnreachable   SenderState = "Unreachable" // no connection
	SenderNotConfigured SenderState = "NotConfigured"
)

// SenderStates are those that an operator of this build knows; "" = it is no notifier's report.
func SenderStates() []SenderState {
	return []SenderState{"", SenderUnknown, SenderAccepted, SenderRefused, SenderUnreachable, SenderNotConfigured}
}
