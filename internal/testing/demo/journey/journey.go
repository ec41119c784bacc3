// Package journey makes the webhooks of one parcel's way, from the order to the doorstep, in the words of the senders
// that wismo understands: its own API, Shopify and EasyPost. It is responsible for payloads and signatures alone; it
// must not know about clusters, and it reads no clock: times are parameters. All people and shops in it are made up.
package journey

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"time"
)

// Order is a purchase, with the parcel that carries it where it is only one.
type Order struct {
	Number   string // as the shopper was told, e.g. "1001"
	PlacedAt time.Time
	Locale   string // BCP 47
	Name     string
	Email    string
	Street   string
	Postcode string
	City     string
	Country  string // ISO 3166-1 alpha-2
	Items    []Item
	Currency string
	Carrier  string    // as the sender spells it
	Parcel   string    // the carrier's number
	Arrives  time.Time // in the zone of the destination
	Scans    []Scan    // oldest first
}

// Item is one line of an order, one piece of it.
type Item struct {
	Name, SKU  string
	PriceMinor int64 // in minor units of the order's currency
}

func (o Order) totalMinor() (sum int64) {
	for _, item := range o.Items {
		sum += item.PriceMinor
	}
	return sum
}

// Scan is one thing that happens to the parcel; Status is a word of the sender's vocabulary.
type Scan struct {
	Status, Detail string
	At             time.Time
	Location, Text string
}

// Webhook is one request that a sender makes, not signed yet.
type Webhook struct {
	Tells  string    // what it says, for people
	At     time.Time // when that happened
	Mails  string    // the occasion that the merchant's policy mails about because of it, "" = none
	Source string    // the source it goes to, as status.endpoints names it
	Scheme Scheme
	Header http.Header
	Body   []byte
}

// id is a number as shop platforms give them, derived from what it stands for, so that a journey can be made again.
func id(parts ...string) int64 {
	sum := fnv.New64a()
	for _, part := range parts {
		_, _ = fmt.Fprintf(sum, "%s\x00", part)
	}
	return int64(sum.Sum64() % 9_000_000_000_000)
}

func price(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }
