package message

import (
	"strings"
)

// Data holds the fields that texts and blocks may use, as {{.Number}}. All are text in the reader's language;
// "" means that nothing is known, so that {{if .Eta}} works. Facts of a parcel are those of the one parcel that the text is about.
type Data struct {
	Shop           string // the shop's display name
	Company        string // the legal name behind the shop
	Number         string // the order number as the shopper knows it
	FirstName      string // of the reader; "" where it may not be a first name
	Carrier        string // never empty: "the carrier" while none is known
	TrackingNumber string
	State          string // the state of the order, in sentences
	Place          string // where the parcel is, or was when the text's occasion came
	City           string // of the destination
	Eta            string // when it comes, as an adverb: "tomorrow, Friday 27 November between 14:00 and 16:00"
	EtaBy          string // who named the day: "Planned by PostNL"
	OtherEta       string // when the other parcel comes
	First          string // the day that was first stated, where another one is valid now
	Due            string // when it should have come, for a parcel that is late; then Eta is ""
	When           string // when it happened: "today at 14:05"
	LastScan       string // when the parcel was last seen
	Checked        string // when the carrier was last asked
	Reason         string // a sentence: "No one was at home."
	Action         string // what the shopper must do: "Pay the import duties"
	ActionBody     string // the same in sentences
	ActionBy       string // by when, as an adverb
	ActionURL      string // where
	Otherwise      string // what happens if it is not done
	Pickup         string // name and address of the place where the parcel waits
	PickupUntil    string // until when it waits, as an adverb: "until Monday 14 December"
	PickupCode     string
	PickupHours    string
	Left           string // where it was left and who signed, in sentences
	Contents       string // "Boots and 2 more"
	Rest           string // what else is to come, a sentence
	Came           string // what has come of what is late in part, a sentence
	Together       string // which other orders are in the same parcel, a sentence
	Parcel         string // "parcel 1 of 2"; "" where there is one only
	Index          string // of the parcel, from 1
	Total          string // parcels of the order, a number
	Delivered      string // parcels delivered, a number
	Count          string // the number that a text is about
	Item           string // the name of one thing
	Refund         string // an amount
	Refunded       string // that all that was paid went back, a sentence
	Contact        string // a sentence with how to reach the shop: "Simply reply to this mail."
	Support        string // the shop's mail address for questions
	SupportURL     string
	Phone          string
	ReplyTo        string // where replies to a mail go; "" when they are not read
	Privacy        string // URL of the shop's privacy notice
	Imprint        string // URL of the shop's legal notice
}

// dateData holds the fields of the texts below "date.", of which .Eta, .Due and .When are made.
type dateData struct {
	Relative  string // "today"
	Day       string // "Friday 27 November"
	Date      string // "27 November"
	LastDate  string // the last day of a range
	LastDay   string // the same with its weekday
	Weekday   string // "Friday"
	WeekdayOn string // the weekday in the form for "on Friday", with its preposition where that depends on the day
	From      string // "14:00"
	To        string // "16:00"
}

// dataFor returns the type whose fields the text may name.
func dataFor(key string) any {
	if strings.HasPrefix(key, "date.") {
		return dateData{}
	}
	return Data{}
}

// clip bounds the length of a text that comes from outside.
func clip(s string) string {
	all := []rune(strings.Join(strings.Fields(s), " "))
	if len(all) <= maxFieldRunes {
		return string(all)
	}
	return string(all[:maxFieldRunes-1]) + "…"
}

// unlinked clips a text of a third party and removes what a mail program would turn into a link.
func unlinked(s string) string {
	lower := strings.ToLower(s)
	if strings.Contains(lower, "://") || strings.Contains(lower, "www.") {
		return ""
	}
	return clip(s)
}
