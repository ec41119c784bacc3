package bundle

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Reader is the number of this build as a reader of Documents. Raise it with every release whose Document has a field, or a word in
// a field, that earlier readers do not act on; the ledger lists them.
const Reader = 2

// Loss is the consequence of a reader not acting on a field.
type Loss string

// The losses.
const (
	Ignorable Loss = "Ignorable" // less is sent or shown than the field asks for: an older reader may serve without it
	Required  Loss = "Required"  // more would be sent or shown: an older reader must not serve the Document
)

// Entry holds since which reader a field of the Document is acted on.
type Entry struct {
	// Path is the field's JSON names, with [] for each item of a list: sources[].carriers[].notices[].responsible.
	Path string
	// Value is the word in the field that the entry is about; "" = the field itself.
	Value string
	Since int
	Loss  Loss
	// Read is the first reader that ignores the field instead of failing on it; 0 = Since.
	Read int
}

// first are the fields that every reader acts on.
const first = `
schemaVersion namespace name displayName hostname baseURL homeCountry locales timeZone activity rehearsalTo
aliases aliases[].hostname aliases[].locale
legal legal.companyName legal.privacyURL legal.imprintURL
support support.email support.phone support.url support.hours
promise promise.handlingBusinessDays promise.cutOff
promise.transit promise.transit[].name promise.transit[].countries promise.transit[].minBusinessDays promise.transit[].maxBusinessDays
theme theme.accentColor theme.logo theme.logo.mediaType theme.logo.data
texts blocks
page page.fields page.fields[].name page.fields[].show page.verifyBy page.frameAncestors
page.actions page.actions[].name page.actions[].lastPhase page.actions[].type page.actions[].url
sources sources[].name sources[].kind sources[].endpointID sources[].definition sources[].document sources[].accountURL
sources[].intake sources[].credential sources[].carriers sources[].carriers[].name
email email.type email.fromName email.fromAddress email.replyTo email.host email.port email.tls email.credential
policy policy.rules policy.rules[].occasion policy.rules[].level policy.rules[].channels
policy.budget policy.budget.routinePerOrder
links links.ttlDays
storage storage.type
`

// later are the fields and words that came with a later reader. With a new one, raise Reader once per release, and choose the Loss
// by what an older reader does without it.
var later = []Entry{
	{Path: "minReader", Since: 2, Loss: Ignorable},
	{Path: "activityFile", Since: 2, Loss: Required},
	{Path: "promise.closedDays", Since: 2, Loss: Ignorable},
	{Path: "deliveryMethods", Since: 2, Loss: Ignorable}, // the readers before know no silence of a parcel
	{Path: "deliveryMethods[].name", Since: 2, Loss: Ignorable},
	{Path: "deliveryMethods[].titles", Since: 2, Loss: Ignorable},
	{Path: "deliveryMethods[].method", Since: 2, Loss: Ignorable},
	{Path: "deliveryMethods[].minBusinessDays", Since: 2, Loss: Ignorable},
	{Path: "deliveryMethods[].maxBusinessDays", Since: 2, Loss: Ignorable},
	{Path: "sources[].carriers[].maxDeliveryAttempts", Since: 2, Loss: Ignorable, Read: 1},
	{Path: "sources[].carriers[].pickupHoldDays", Since: 2, Loss: Ignorable, Read: 1},
	{Path: "sources[].carriers[].notices", Since: 2, Loss: Ignorable},
	{Path: "sources[].carriers[].notices[].occasion", Since: 2, Loss: Ignorable},
	{Path: "sources[].carriers[].notices[].responsible", Since: 2, Loss: Ignorable},
	{Path: "sources[].carriers[].notices[].responsible", Value: string(ResponsibleCarrier), Since: 2, Loss: Required},
	{Path: "policy.budget.perRecipientPerDay", Since: 2, Loss: Required},
	{Path: "policy.budget.minimumGapSeconds", Since: 2, Loss: Required},
	{Path: "policy.quietHours", Since: 2, Loss: Required},
	{Path: "policy.quietHours.start", Since: 2, Loss: Required},
	{Path: "policy.quietHours.end", Since: 2, Loss: Required},
	{Path: "policy.watch", Since: 2, Loss: Ignorable},
	{Path: "policy.watch.silentOrderHours", Since: 2, Loss: Ignorable},
	{Path: "policy.watch.noFirstScanHours", Since: 2, Loss: Ignorable},
	{Path: "policy.watch.noScanHours", Since: 2, Loss: Ignorable},
	{Path: "policy.watch.lateNoticeTime", Since: 2, Loss: Ignorable},
	{Path: "policy.watch.pickupReminderDays", Since: 2, Loss: Ignorable},
	{Path: "policy.watch.etaShiftHours", Since: 2, Loss: Ignorable},
	{Path: "policy.segments", Since: 2, Loss: Required},
	{Path: "policy.segments[].name", Since: 2, Loss: Required},
	{Path: "policy.segments[].customerTags", Since: 2, Loss: Required},
	{Path: "policy.segments[].rules", Since: 2, Loss: Required},
	{Path: "policy.segments[].rules[].occasion", Since: 2, Loss: Required},
	{Path: "policy.segments[].rules[].level", Since: 2, Loss: Required},
	{Path: "policy.segments[].rules[].channels", Since: 2, Loss: Required},
}

// laterWords are words in fields that every reader knows, by the field. A reader ignores a word that it does not know.
var laterWords = map[string][]string{
	"page.actions[].lastPhase": {"ReadyToCollect", "Collected", "Cancelled"},
	"policy.rules[].occasion": {
		"ReadyToCollect", "Collected", "Cancelled", "ReturnRequested", "ReturnReceived", "ReturnInspected", "Refunded",
		"NoFirstScan", "NextLegMissing", "SilentOrder", "ActionRequired",
	},
}

// Ledger returns an entry for each field of the Document and for each later word, sorted by path and value.
func Ledger() []Entry {
	all := slices.Clone(laterEntries())
	for _, path := range strings.Fields(first) {
		all = append(all, Entry{Path: path, Since: 1, Loss: Required})
	}
	slices.SortFunc(all, byPath)
	return all
}

// laterEntries returns the entries of readers after the first.
var laterEntries = sync.OnceValue(func() []Entry {
	all := slices.Clone(later)
	for path, words := range laterWords {
		for _, word := range words {
			all = append(all, Entry{Path: path, Value: word, Since: 2, Loss: Ignorable, Read: 1})
		}
	}
	slices.SortFunc(all, byPath)
	return all
})

// Of returns the entry of a field, or of a word in it. What the ledger does not list came with the first reader.
func Of(path, value string) Entry {
	for _, e := range laterEntries() {
		if e.Path == path && e.Value == value {
			return e
		}
	}
	return Entry{Path: path, Value: value, Since: 1, Loss: Required}
}

func byPath(a, b Entry) int {
	return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Value, b.Value))
}
