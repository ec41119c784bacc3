package definition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

const (
	maxCodes        = 2000 // entries of codes, and of qualifiers
	maxPatternBytes = 200
)

// NumberPlace is the placeholder of the parcel's number in Carrier.Link.
const NumberPlace = "{number}"

func (c *checker) mapping(d *Definition) {
	m := d.Mapping
	if m.TimeZone != "" {
		_, err := time.LoadLocation(m.TimeZone)
		c.want(err == nil && m.TimeZone != "Local", "mapping.timeZone", "must be an IANA time zone, not %q", m.TimeZone)
	}
	for i, f := range m.TimeFormats {
		_, err := ParseTimeFormat(f)
		c.want(err == nil, fmt.Sprintf("mapping.timeFormats[%d]", i), "%v", err)
	}
	c.want(len(m.Orders)+len(m.Shipments) == 0 || slices.Contains(d.Kinds, bundle.Orders), "mapping", "maps orders or shipments, so kinds must contain Orders")
	c.want(len(m.Orders)+len(m.Shipments)+len(m.Parcels) > 0, "mapping", "must map orders, shipments or parcels")
	for i, r := range m.Require {
		path := fmt.Sprintf("mapping.require[%d]", i)
		c.given(path+".that", r.That)
		c.want(r.Otherwise != "", path+".otherwise", "must explain what is wrong and what to send instead")
	}
	c.blocks(m)
	for word, s := range m.Statuses {
		c.want(s.Phase == "" || slices.Contains(tracking.Phases(), s.Phase), "mapping.statuses."+word, "%q is not a phase", s.Phase)
	}
	c.outcomes("mapping.codes", m.Codes)
	c.outcomes("mapping.qualifiers", m.Qualifiers)
}

func (c *checker) blocks(m Mapping) {
	for i, o := range m.Orders {
		c.orders(fmt.Sprintf("mapping.orders[%d]", i), o)
	}
	for i, s := range m.Shipments {
		path := fmt.Sprintf("mapping.shipments[%d]", i)
		c.given(path+".id", s.ID)
		c.shipments(path, s)
	}
	for i, p := range m.Parcels {
		c.parcels(fmt.Sprintf("mapping.parcels[%d]", i), p)
	}
}

// given records a problem if a required expression is absent.
func (c *checker) given(path string, e Expr) {
	c.want(!e.Absent(), path, "must be set")
}

func (c *checker) orders(path string, o Orders) {
	c.given(path+".list", o.List)
	c.want(!o.Number.Absent() || !o.ExternalID.Absent(), path, "must map number, externalID or both")
	listed(c, path+".items", o.Items, o.Items.List)
	listed(c, path+".recipients", o.Recipients, o.Recipients.List)
	listed(c, path+".refunds", o.Refunds, o.Refunds.List)
	listed(c, path+".links", o.Links, o.Links.List)
	for i, s := range o.Shipments {
		c.shipments(fmt.Sprintf("%s.shipments[%d]", path, i), s)
	}
}

func (c *checker) shipments(path string, s Shipments) {
	c.given(path+".list", s.List)
	listed(c, path+".lines", s.Lines, s.Lines.List)
	if s.Parcels != (OrderedParcel{}) {
		c.given(path+".parcels.list", s.Parcels.List)
		c.given(path+".parcels.number", s.Parcels.Number)
		listed(c, path+".parcels.lines", s.Parcels.Lines, s.Parcels.Lines.List)
	}
}

// listed records a problem if a block maps the elements of a list and not the list.
func listed[T comparable](c *checker, path string, block T, list Expr) {
	var empty T
	if block != empty {
		c.given(path+".list", list)
	}
}

func (c *checker) parcels(path string, p Parcels) {
	c.given(path+".list", p.List)
	c.want(!p.Number.Absent() || !p.ShipmentID.Absent(), path, "must map number, shipmentID or both")
	listed(c, path+".legs", p.Legs, p.Legs.List)
	if p.Current != (Current{}) {
		c.given(path+".current.code", p.Current.Code)
	}
	if p.Events == (Events{}) && p.Current != (Current{}) {
		return
	}
	oneOf(c, path+".events.order", p.Events.Order, "", OldestFirst, NewestFirst)
	c.given(path+".events.list", p.Events.List)
	c.given(path+".events.code", p.Events.Code)
	c.given(path+".events.time", p.Events.Time)
}

func (c *checker) carriers(carriers []Carrier) {
	seen := map[string]bool{}
	for i, k := range carriers {
		path := fmt.Sprintf("carriers[%d]", i)
		c.want(dnsLabel.MatchString(k.Name), path+".name", "must be a DNS label (lower-case letters, digits and '-'), not %q", k.Name)
		c.want(!seen[k.Name], path+".name", "%q is listed twice: remove one", k.Name)
		seen[k.Name] = true
		for j, n := range k.Numbers {
			_, err := regexp.Compile(n)
			c.want(err == nil && len(n) <= maxPatternBytes, fmt.Sprintf("%s.numbers[%d]", path, j), "must be a regular expression (RE2) of at most %d bytes", maxPatternBytes)
		}
		c.want(k.Link == "" || strings.HasPrefix(k.Link, "https://") && strings.Contains(k.Link, NumberPlace), path+".link", "must be an https URL with %s in it", NumberPlace)
		c.want(k.MaxDeliveryAttempts >= 0 && k.MaxDeliveryAttempts <= 10, path+".maxDeliveryAttempts", "must be 0 to 10, not %d", k.MaxDeliveryAttempts)
		c.want(k.PickupHoldDays >= 0 && k.PickupHoldDays <= 90, path+".pickupHoldDays", "must be 0 to 90, not %d", k.PickupHoldDays)
		for j, n := range k.Notices {
			at := fmt.Sprintf("%s.notices[%d]", path, j)
			c.want(slices.Contains(tracking.Occasions(), n.Occasion), at+".occasion", "%q is not an occasion", n.Occasion)
			oneOf(c, at+".responsible", n.Responsible, bundle.ResponsibleCarrier, bundle.ResponsibleShop)
		}
	}
}

func (c *checker) outcomes(path string, outcomes map[string]Outcome) {
	c.want(len(outcomes) <= maxCodes, path, "has %d entries, at most %d are allowed", len(outcomes), maxCodes)
	for code, o := range outcomes {
		at := path + "." + code
		c.want(o.Status == "" || slices.Contains(tracking.Statuses(), o.Status), at, "%q is not a status", o.Status)
		c.want(o.Phase == "" || slices.Contains(tracking.Phases(), o.Phase), at, "%q is not a phase", o.Phase)
		c.want(o.Phase == "" || o.Status == "", at, "must not set both phase and status: a code is about the shop's work or about the carrier's")
		c.want(o.Reason == "" || slices.Contains(tracking.Reasons(), o.Reason), at, "%q is not a reason", o.Reason)
	}
}
