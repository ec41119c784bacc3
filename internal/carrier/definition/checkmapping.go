package definition

import (
	"fmt"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// maxCodes bounds a table of codes.
const maxCodes = 2000

func (c *checker) mapping(d *Definition) {
	m := d.Mapping
	if m.TimeZone != "" {
		_, err := time.LoadLocation(m.TimeZone)
		c.want(err == nil && m.TimeZone != "Local", "mapping.timeZone", "must be an IANA time zone, not %q", m.TimeZone)
	}
	c.want(len(m.Orders) == 0 || slices.Contains(d.Kinds, bundle.Orders), "mapping.orders", "needs Orders among kinds")
	c.want(len(m.Orders)+len(m.Parcels) > 0, "mapping", "must map orders, parcels or both")
	for i, r := range m.Require {
		path := fmt.Sprintf("mapping.require[%d]", i)
		c.given(path+".that", r.That)
		c.want(r.Otherwise != "", path+".otherwise", "must say what is wrong and what to send instead")
	}
	for i, o := range m.Orders {
		c.orders(fmt.Sprintf("mapping.orders[%d]", i), o)
	}
	for i, p := range m.Parcels {
		c.parcels(fmt.Sprintf("mapping.parcels[%d]", i), p)
	}
	c.outcomes("mapping.codes", m.Codes)
	c.outcomes("mapping.qualifiers", m.Qualifiers)
}

// given records a problem when a required expression is absent.
func (c *checker) given(path string, e Expr) {
	c.want(!e.Absent(), path, "must be given")
}

func (c *checker) orders(path string, o Orders) {
	c.given(path+".list", o.List)
	c.want(!o.Number.Absent() || !o.ExternalID.Absent(), path, "must map number, externalID or both")
	if o.Items != (Items{}) {
		c.given(path+".items.list", o.Items.List)
	}
	if o.Parcels != (OrderedParcel{}) {
		c.given(path+".parcels.list", o.Parcels.List)
		c.given(path+".parcels.number", o.Parcels.Number)
	}
}

func (c *checker) parcels(path string, p Parcels) {
	c.given(path+".list", p.List)
	c.want(!p.Number.Absent() || !p.ShipmentID.Absent(), path, "must map number, shipmentID or both")
	c.given(path+".events.list", p.Events.List)
	c.given(path+".events.code", p.Events.Code)
	c.given(path+".events.time", p.Events.Time)
}

func (c *checker) outcomes(path string, outcomes map[string]Outcome) {
	c.want(len(outcomes) <= maxCodes, path, "has %d entries, at most %d are allowed", len(outcomes), maxCodes)
	for code, o := range outcomes {
		at := path + "." + code
		c.want(o.Status == "" || slices.Contains(tracking.Statuses(), o.Status), at, "%q is no status", o.Status)
		c.want(o.Phase == "" || slices.Contains(tracking.Phases(), o.Phase), at, "%q is no order phase", o.Phase)
		c.want(o.Phase == "" || o.Status == "", at, "gives a phase and a status: a code speaks of the order or of the parcel")
		c.want(o.Reason == "" || slices.Contains(tracking.Reasons(), o.Reason), at, "%q is no reason", o.Reason)
	}
}
