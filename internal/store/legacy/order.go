// Package legacy holds the form in which the previous version stored an order, and converts its orders into records and back. Its
// structures are frozen: they describe rows that exist. Remove it when no release can be rolled back to that version.
package legacy

import (
	"strings"
	"time"
)

// Order is an order as the previous version stores it: the column orders.body, with the rows of the parcels and their events.
type Order struct {
	ID         string               `json:",omitzero"`
	Number     string               `json:",omitzero"`
	ExternalID string               `json:",omitzero"`
	Source     string               `json:",omitzero"`
	PlacedAt   time.Time            `json:",omitzero"`
	Phase      string               `json:",omitzero"`
	PhaseTimes map[string]time.Time `json:",omitzero"` // when each phase was first reached
	Locale     string               `json:",omitzero"`
	Customer   Customer             `json:",omitzero"`
	To         Address              `json:",omitzero"`
	Items      []Item               `json:",omitzero"`
	Currency   string               `json:",omitzero"`
	TotalMinor int64                `json:",omitzero"`
	Promise    *ETA                 `json:",omitzero"`
	Parcels    []Parcel             `json:",omitzero"`
	UpdatedAt  time.Time            `json:",omitzero"` // of the newest change that was applied
}

// Customer is the buyer.
type Customer struct {
	Name  string `json:",omitzero"`
	Email string `json:",omitzero"`
	Phone string `json:",omitzero"`
}

// Address is the destination.
type Address struct {
	Street   string `json:",omitzero"`
	Postcode string `json:",omitzero"`
	City     string `json:",omitzero"`
	Country  string `json:",omitzero"`
}

// Item is one line.
type Item struct {
	Name       string `json:",omitzero"`
	SKU        string `json:",omitzero"`
	Quantity   int    `json:",omitzero"`
	PriceMinor int64  `json:",omitzero"`
}

// Parcel is a row of the table parcels with its events.
type Parcel struct {
	Carrier    string    `json:",omitzero"`
	Number     string    `json:",omitzero"`
	ShipmentID string    `json:",omitzero"`
	URL        string    `json:",omitzero"`
	Events     []Event   `json:",omitzero"`
	FirstAt    time.Time `json:"-"` // column first_at: when the number was first used for the parcel
}

// Event is the column events.body.
type Event struct {
	Key            string    `json:",omitzero"`
	Status         string    `json:",omitzero"`
	Reason         string    `json:",omitzero"`
	Delayed        bool      `json:",omitzero"`
	Returning      bool      `json:",omitzero"`
	ActionRequired bool      `json:",omitzero"`
	Time           time.Time `json:",omitzero"`
	Recorded       time.Time `json:",omitzero"`
	Location       string    `json:",omitzero"`
	Text           string    `json:",omitzero"`
	Code           string    `json:",omitzero"`
	ETA            *ETA      `json:",omitzero"`
}

// ETA is an expected delivery.
type ETA struct {
	From    time.Time `json:",omitzero"`
	To      time.Time `json:",omitzero"`
	DayOnly bool      `json:",omitzero"`
	Source  string    `json:",omitzero"`
}

// Phases returns the phases of the previous version, in their order; the last one reached is the phase of the order.
func Phases() []string {
	return []string{"OrderReceived", "AwaitingProcessing", "Preparing", "Packed", "ReadyToShip", "Shipped", "OrderCancelled"}
}

// Occasions returns the occasions that the previous version has texts for, its phases among them.
func Occasions() []string {
	return append(Phases(),
		"LabelCreated", "HandedToCarrier", "InTransit", "InCustoms", "OutForDelivery", "DeliveryAttemptFailed", "AvailableForPickup",
		"PickupExpired", "Delivered", "ReturnInTransit", "ReturnedToSender", "Lost", "Damaged", "Disposed", "ParcelCancelled",
		"Exception", "EtaFirstKnown", "EtaMoved", "Delayed")
}

// NormalNumber returns a number as the previous version stores it: upper case, without spaces and a leading '#'.
func NormalNumber(number string) string {
	return strings.TrimPrefix(strings.ToUpper(strings.Join(strings.Fields(number), "")), "#")
}

// ParcelKey returns the name of a parcel in the messages and decisions of the previous version.
func ParcelKey(carrier, number string) string {
	return carrier + ":" + NormalNumber(number)
}

// is reports whether the name is of this parcel: the numbers are equal, and so are the carriers unless one of them is not known.
func (p Parcel) is(carrier, number string) bool {
	return NormalNumber(p.Number) == NormalNumber(number) && (p.Carrier == carrier || p.Carrier == "" || carrier == "")
}

// Span returns the time from the first use of the number to the last event.
func (p Parcel) Span() (first, last time.Time) {
	first, last = p.FirstAt, p.FirstAt
	for _, e := range p.Events {
		if first.IsZero() || e.Time.Before(first) {
			first = e.Time
		}
		if e.Time.After(last) {
			last = e.Time
		}
	}
	return first, last
}
