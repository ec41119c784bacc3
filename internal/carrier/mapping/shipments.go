package mapping

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"time"

	"cel.dev/cel-go/common/types/traits"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/carrier/names"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// maxNumbers bounds the parcels that one shipment names.
const maxNumbers = 200

// parentOrder is the order whose list a shipment stands in.
type parentOrder struct {
	ref     string
	version time.Time
	hint    tracking.OrderHint
}

var (
	errNoShipmentID = errors.New("the shipment has no id")
	errNoShipment   = errors.New("the shipment is not an object")
)

// looseShipment reads a shipment that comes without its order.
func (r *run) looseShipment(p *definition.Shipments) error {
	id, err := r.must(&p.ID)
	if err != nil {
		return err
	}
	ref := plain(id, maxRef)
	if ref == "" {
		return errNoShipmentID
	}
	r.shipment(p, ref, r.time(&p.At), r.orderHint(&p.ExternalID, &p.OrderNumber, &p.Email, &p.Postcode, &p.Country))
	return nil
}

// orderedShipment reads a shipment of an order and returns its ref.
func (r *run) orderedShipment(p *definition.Shipments, parent parentOrder, place int) (string, error) {
	if err := r.takes(varShipment, MaxShipments); err != nil {
		return "", err
	}
	id, err := r.must(&p.ID)
	if err != nil {
		return "", err
	}
	if !r.isObject(varShipment) {
		return "", errNoShipment
	}
	ref := plain(id, maxRef)
	switch {
	case ref != "":
	case p.Name != "":
		ref = parent.ref + "/" + p.Name
	default:
		ref = parent.ref + "/" + strconv.Itoa(place+1)
	}
	version := parent.version
	if at := r.time(&p.At); !at.IsZero() {
		version = at
	}
	r.shipment(p, ref, version, parent.hint)
	return ref, nil
}

func (r *run) orderHint(externalID, number, email, postcode, country *definition.Expr) tracking.OrderHint {
	return tracking.OrderHint{
		ExternalID: r.word(externalID),
		Number:     r.word(number),
		Email:      r.email(email),
		Postcode:   r.word(postcode),
		Country:    r.country(country),
	}
}

func (r *run) shipment(p *definition.Shipments, ref string, version time.Time, hint tracking.OrderHint) {
	said := &tracking.ShipmentSaid{Order: hint, Direction: tracking.Outbound}
	f := r.fieldSetter(said, varShipment, p.Partial)
	if hint != (tracking.OrderHint{}) {
		f.add("Order")
	}
	f.set("Direction", func() {
		if d := oneOf(r, &p.Direction, tracking.Directions()); d != "" {
			said.Direction = d
		}
	}, &p.Direction)
	f.set("Method", func() { said.Method = oneOf(r, &p.Method, tracking.Methods()) }, &p.Method)
	f.set("MethodTitle", func() { said.MethodTitle = r.text(&p.MethodTitle, maxName) }, &p.MethodTitle)
	f.set("CreatedAt", func() { said.CreatedAt = r.past(&p.CreatedAt) }, &p.CreatedAt)
	f.set("Lines", func() { said.Lines = r.lines(&p.Lines) }, &p.Lines.List)
	f.set("Parcels", func() { said.Parcels = r.orderedParcels(&p.Parcels) }, &p.Parcels.List)
	f.set("Replaces", func() { said.Replaces = r.text(&p.Replaces, maxRef) }, &p.Replaces)
	f.set("Origin", func() { said.Origin = r.origin(&p.Origin) }, &p.Origin.Country, &p.Origin.Zone)
	promise := func() { said.Promise = r.eta(&p.Promise, tracking.ETAFromOrder, time.Time{}) }
	f.set("Promise", promise, &p.Promise.Day, &p.Promise.From, &p.Promise.To)
	f.set("ReturnLabel", func() { said.ReturnLabel = r.returnLabel(&p.ReturnLabel) }, &p.ReturnLabel.URL, &p.ReturnLabel.Until)
	if said.Phase = oneOf(r, &p.Phase, tracking.Phases()); said.Phase != "" {
		f.add("Phase")
	}
	r.state(tracking.Statement{
		Key: tracking.Key{Kind: tracking.KindShipment}, Shipment: said, Fields: f.given(),
		Phases: r.phaseChange(said.Phase, r.past(&p.PhaseAt), version),
	}, ref, version)
}

func (r *run) lines(p *definition.Lines) []tracking.LineShare {
	var all []tracking.LineShare
	r.eachOptional(&p.List, varLine, MaxItems, func() {
		one := tracking.LineShare{ID: r.word(&p.ID), SKU: r.word(&p.SKU), Name: r.text(&p.Name, maxName), Quantity: r.quantity(&p.Quantity)}
		if one.ID+one.SKU+one.Name == "" {
			r.unnamed(varLine, &p.ID)
			return
		}
		all = append(all, one)
	})
	return all
}

func (r *run) orderedParcels(p *definition.OrderedParcel) []tracking.ParcelSaid {
	var all []tracking.ParcelSaid
	r.eachOptional(&p.List, varParcel, maxNumbers, func() {
		numbers := parcelNumbers(r.raw(&p.Number))
		if len(numbers) == 0 {
			r.unnamed(varParcel, &p.Number)
		}
		for _, number := range numbers[:min(len(numbers), maxNumbers-len(all))] {
			one := tracking.ParcelSaid{Number: number, Carrier: r.carrier(r.raw(&p.Carrier), number)}
			if len(numbers) == 1 {
				one.URL, one.Lines = r.url(&p.URL), r.lines(&p.Lines)
			}
			if one.URL == "" {
				one.URL = r.link(one.Carrier, number)
			}
			all = append(all, one)
		}
	})
	return all
}

func (r *run) isObject(variable string) bool {
	_, ok := r.vars[variable].(traits.Mapper)
	return ok
}

// unnamed reports an element of which nothing could be read because it is no object.
func (r *run) unnamed(variable string, e *definition.Expr) {
	if !r.isObject(variable) {
		r.bad(e, "is part of what should be an object and is none")
	}
}

func (r *run) origin(p *definition.Origin) tracking.Place {
	from := tracking.Place{Country: r.country(&p.Country), Zone: r.word(&p.Zone)}
	if _, err := loadZone(from.Zone); err != nil {
		r.bad(&p.Zone, err.Error())
		from.Zone = ""
	}
	return from
}

func (r *run) returnLabel(p *definition.ReturnLabel) *tracking.ReturnLabel {
	label := tracking.ReturnLabel{URL: r.url(&p.URL), Until: r.day(&p.Until)}
	if label == (tracking.ReturnLabel{}) {
		return nil
	}
	return &label
}

// carrier returns the slug of a carrier, by the definition's own names and then by the common table. If none is named, the form of the
// number may identify it.
func (r *run) carrier(name, number string) string {
	name = plain(name, maxWord)
	squashed := names.Squash(name)
	for _, c := range r.definition.Carriers {
		known := slices.ContainsFunc(c.Aliases, func(alias string) bool { return names.Squash(alias) == squashed })
		if squashed != "" && known {
			return c.Name
		}
	}
	return cmp.Or(names.Slug(name), r.carrierOf(number))
}

// carrierOf returns the only carrier whose numbers look so.
func (r *run) carrierOf(number string) string {
	found := ""
	for slug, patterns := range r.patterns {
		if !slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(number) }) {
			continue
		}
		if found != "" {
			return ""
		}
		found = slug
	}
	return found
}

// link returns the carrier's page of a parcel, where the definition knows it.
func (r *run) link(carrier, number string) string {
	c, ok := r.definition.Carrier(carrier)
	if !ok || carrier == "" || number == "" {
		return ""
	}
	return linkTo(c.Link, number)
}
