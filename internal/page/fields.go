package page

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
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

// visibility says which fields leave the server at all.
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

func (v visibility) of(field string) bool { return !slices.Contains(v.hidden, field) }
