package page

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// The fields that a merchant may hide. A signed link counts as verification, and nothing is shown without one,
// so that Always and AfterVerification are the same here.
const (
	fieldItems          = "Items"
	fieldPrice          = "Price"
	fieldAddress        = "Address"
	fieldCarrierName    = "CarrierName"
	fieldCarrierLink    = "CarrierLink"
	fieldCarrierText    = "CarrierText"
	fieldTrackingNumber = "TrackingNumber"
	fieldEventPlace     = "EventPlace"
)

const never = "Never"

// visibility holds which fields a response must not contain.
type visibility struct{ hidden []string }

func newVisibility(fields []bundle.Field) visibility {
	var v visibility
	for _, f := range fields {
		if f.Show == never {
			v.hidden = append(v.hidden, f.Name)
		}
	}
	return v
}

func (v visibility) shows(field string) bool { return !slices.Contains(v.hidden, field) }

// hide removes from an order and its journey what sentences would name. Both are copies; what has a place of its own on the page is left
// out where that place is filled. The pick-up point is not a scan.
func (v visibility) hide(o *tracking.Order, j *tracking.Journey) {
	if !v.shows(fieldCarrierName) {
		hideCarriers(o, j)
	}
	if v.shows(fieldEventPlace) {
		return
	}
	for i := range j.Parcels {
		p := &j.Parcels[i]
		p.Place = ""
		if p.LastScan != nil {
			scan := *p.LastScan
			scan.Location = ""
			p.LastScan = &scan
		}
		p.Steps = slices.Clone(p.Steps)
		for k := range p.Steps {
			p.Steps[k].Location = ""
		}
	}
}

func hideCarriers(o *tracking.Order, j *tracking.Journey) {
	o.Shipments = slices.Clone(o.Shipments)
	for i := range o.Shipments {
		o.Shipments[i].Parcels = slices.Clone(o.Shipments[i].Parcels)
		for k := range o.Shipments[i].Parcels {
			o.Shipments[i].Parcels[k].Carrier = ""
		}
	}
	for i := range j.Parcels {
		j.Parcels[i].Carrier, j.Parcels[i].Legs = "", nil
	}
}
