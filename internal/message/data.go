package message

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Data are the fields that texts and blocks may name, as {{.Number}}. All are text in the reader's language;
// "" means that nothing is known, so that {{if .Eta}} works.
type Data struct {
	Shop      string // the shop's display name
	Company   string // who answers for the shop
	Number    string // the order number as the shopper knows it
	FirstName string
	Carrier   string // never empty: "the carrier" while none is known
	Place     string // where the parcel was last seen, or waits to be collected
	City      string // of the destination
	Eta       string // when it comes, as an adverb: "tomorrow, Friday 27 November between 14:00 and 16:00"
	Due       string // when it should have come, for a parcel that is late; then Eta is ""
	When      string // when the present state began: "today at 14:05"
	LastScan  string // when the parcel was last seen
	Reason    string // a sentence, e.g. "Nobody was at home."
	Delivered string // parcels delivered, a number
	Total     string // parcels of the order, a number
	Index     string // of the parcel the text is about, from 1
	Support   string // the shop's mail address for questions
	Privacy   string // URL of the shop's privacy notice
	Imprint   string // URL of the shop's legal notice
}

// dateData are the fields of the texts below "date.", of which .Eta, .Due and .When are made.
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

// dataFor is the type whose fields the text may name.
func dataFor(key string) any {
	if strings.HasPrefix(key, "date.") {
		return dateData{}
	}
	return Data{}
}

// StateOf is the word for where an order stands, as in the key "page.state.<it>": the Journey's state, unless
// something else matters more to the reader: that it is going back, is delayed, or is late without a word.
func StateOf(j tracking.Journey) tracking.Occasion {
	switch {
	case j.Returning && !slices.Contains(wayBack, j.State):
		return tracking.Occasion(tracking.ReturnInTransit)
	case j.Delayed && slices.Contains(onTheWay, j.State):
		return tracking.Delayed
	case j.Late && (slices.Contains(onTheWay, j.State) || slices.Contains(beforeTheWay, j.State)):
		return tracking.LateWithoutNews
	default:
		return j.State
	}
}

var (
	wayBack      = []tracking.Occasion{"PickupExpired", "ReturnInTransit", "ReturnedToSender", "Lost", "Damaged", "Disposed"}
	beforeTheWay = []tracking.Occasion{"OrderReceived", "AwaitingProcessing", "Preparing", "Packed", "ReadyToShip", "Shipped"}
	onTheWay     = []tracking.Occasion{"LabelCreated", "HandedToCarrier", "InTransit", "InCustoms"}
	nearTheEnd   = []tracking.Occasion{"OutForDelivery", "DeliveryAttemptFailed", "Exception"}
)

// Expected is the ETA worth showing: nil when it has passed, when nothing more is to come, or when a delivery has been
// tried since it was made.
func Expected(j tracking.Journey, zone *time.Location) *tracking.ETA {
	coming := slices.Contains(beforeTheWay, j.State) || slices.Contains(onTheWay, j.State) || slices.Contains(nearTheEnd, j.State)
	switch {
	case j.ETA == nil || j.Late || !coming || j.Returning:
		return nil
	case j.State == tracking.Occasion(tracking.DeliveryAttemptFailed) && !civil(j.ETA.End(zone), zone).After(civil(j.Since, zone)):
		return nil
	}
	return j.ETA
}

// leader is the parcel that an occasion is about.
type leader struct{ tracking.ParcelJourney }

// lead is the first parcel that stands there, else the first that has been there, else the first; nil without parcels.
func lead(j tracking.Journey, occasion tracking.Occasion) *leader {
	for _, p := range j.Parcels {
		if tracking.Occasion(p.Status) == occasion {
			return &leader{p}
		}
	}
	for _, p := range j.Parcels {
		if !p.Reached[tracking.Status(occasion)].IsZero() {
			return &leader{p}
		}
	}
	if len(j.Parcels) > 0 {
		return &leader{j.Parcels[0]}
	}
	return nil
}

// began says when the parcel reached the occasion, and why as far as that is its state still; else what the order says.
func (p leader) began(occasion tracking.Occasion, began time.Time, reason tracking.Reason) (time.Time, tracking.Reason) {
	at := p.Reached[tracking.Status(occasion)]
	switch {
	case at.IsZero():
		return began, reason
	case tracking.Occasion(p.Status) == occasion:
		return p.Since, p.Reason
	default:
		return at, ""
	}
}

// Data are the fields for texts about an occasion of the order, or about its state when occasion is that.
func (v *Voice) Data(o tracking.Order, j tracking.Journey, occasion tracking.Occasion, zone *time.Location, now time.Time) Data {
	d := v.ShopData()
	d.Number, d.FirstName, d.City = clip(o.Number), clip(firstName(o.Customer.Name)), clip(o.To.City)
	d.Delivered, d.Total = strconv.Itoa(j.Delivered), strconv.Itoa(j.Total)
	began, reason, scan := j.Since, j.Reason, j.LastScan
	if at, ok := j.Phases[tracking.Phase(occasion)]; ok {
		began = at
	}
	if p := lead(j, occasion); p != nil {
		began, reason = p.began(occasion, began, reason)
		d.Carrier, scan = cmp.Or(CarrierName(p.Carrier), d.Carrier), cmp.Or(p.LastScan, scan)
	}
	if scan != nil {
		d.Place, d.LastScan = clip(scan.Location), v.When(scan.Time, zone, now)
	}
	if reason != "" {
		d.Reason = v.Say("page.reason."+string(reason), d)
	}
	d.When = v.When(began, zone, now)
	if eta := Expected(j, zone); eta != nil {
		d.Eta = v.Eta(*eta, zone, now)
	}
	if j.Late && j.ETA != nil {
		d.Due = v.Eta(*j.ETA, zone, now)
	}
	return d
}

// clip bounds what others wrote, so that no field can blow up a text.
func clip(s string) string {
	all := []rune(strings.Join(strings.Fields(s), " "))
	if len(all) <= maxFieldRunes {
		return string(all)
	}
	return string(all[:maxFieldRunes-1]) + "…"
}

// firstName is the first word of a name, unless that is an initial or a title that would greet nobody.
func firstName(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 || len([]rune(strings.Trim(words[0], "."))) < 2 || strings.HasSuffix(words[0], ".") {
		return ""
	}
	return words[0]
}
