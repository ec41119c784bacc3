package mapping

import (
	"regexp"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

var (
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	languageTag  = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$`)
)

// maxEmail is the longest address that SMTP carries (RFC 5321, section 4.5.3.1.3).
const maxEmail = 254

func (r *run) readOrders(p ordersPrograms) {
	if !p.when.absent() && !r.flag(p.when) {
		return
	}
	r.each(p.list, varOrder, MaxOrders, func() {
		if len(r.update.Orders) == MaxOrders {
			r.fail(p.list.path, "the payload has more than %d orders", MaxOrders)
			return
		}
		r.update.Orders = append(r.update.Orders, r.order(p))
	})
}

func (r *run) order(p ordersPrograms) tracking.OrderChange {
	o := tracking.Order{
		Number:     r.text(p.number, maxWord),
		ExternalID: r.text(p.externalID, maxWord),
		PlacedAt:   r.time(p.placedAt),
		Phase:      oneOf(r, p.phase, tracking.Phases()),
		Locale:     matching(languageTag, strings.ReplaceAll(r.text(p.locale, maxWord), "_", "-")),
		Customer: tracking.Customer{
			Name:  r.text(p.name, maxName),
			Email: r.text(p.email, maxEmail),
			Phone: r.text(p.phone, maxWord),
		},
		To: tracking.Address{
			Street:   r.joined(p.street, maxName),
			Postcode: r.text(p.postcode, maxWord),
			City:     r.text(p.city, maxLocation),
			Country:  matching(countryCode, strings.ToUpper(r.text(p.country, maxWord))),
		},
		Items:      r.items(p.items),
		Currency:   matching(currencyCode, strings.ToUpper(r.text(p.currency, maxWord))),
		TotalMinor: r.integer(p.totalMinor),
		Promise:    r.eta(p.promise, tracking.ETAFromOrder),
		Parcels:    r.orderedParcels(p.parcels),
	}
	if o.Number == "" && o.ExternalID == "" {
		r.fail(p.number.path, "the order has neither a number nor an external id")
	}
	if reached := r.time(p.phaseAt); o.Phase != "" && !reached.IsZero() {
		o.PhaseTimes = map[tracking.Phase]time.Time{o.Phase: r.notInTheFuture(reached)}
	}
	at := r.time(p.at)
	if at.IsZero() {
		at = r.receivedAt
	}
	return tracking.OrderChange{Order: o, At: r.notInTheFuture(at)}
}

func (r *run) items(p itemsPrograms) []tracking.Item {
	var items []tracking.Item
	r.each(p.list, varItem, MaxItems, func() {
		item := tracking.Item{
			Name:       r.text(p.name, maxName),
			SKU:        r.text(p.sku, maxWord),
			Quantity:   int(r.integer(p.quantity)),
			PriceMinor: r.integer(p.priceMinor),
		}
		if p.quantity.absent() || item.Quantity == 0 && r.raw(p.quantity) == "" {
			item.Quantity = 1
		}
		items = append(items, item)
	})
	return items
}

func (r *run) orderedParcels(p orderedParcelPrograms) []tracking.Parcel {
	var parcels []tracking.Parcel
	r.each(p.list, varParcel, MaxParcels, func() {
		parcel := tracking.Parcel{
			Carrier:    slug(r.raw(p.carrier)),
			Number:     parcelNumber(r.raw(p.number)),
			URL:        webURL(r.raw(p.url)),
			ShipmentID: r.text(p.shipmentID, maxWord),
		}
		if parcel.Number != "" {
			parcels = append(parcels, parcel)
		}
	})
	return parcels
}

// matching keeps a word of the right form and drops any other: it is a detail that nothing else hangs on.
func matching(form *regexp.Regexp, s string) string {
	if form.MatchString(s) {
		return s
	}
	return ""
}
