package message

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Entry is one line of a list of goods.
type Entry struct {
	Quantity string // "2 ×"
	Name     string
	Price    string // of all pieces; "" where it is not known or not for the reader
	Line     *tracking.Line
}

// Contents lists what a share of the order holds, in the order's own order. Shares that match no line are listed by their names; one
// without a name is left out.
func (l *Localizer) Contents(o *tracking.Order, shares []tracking.LineShare) []Entry {
	var all []Entry
	for _, share := range shares {
		line := lineOf(o, share)
		name, quantity := share.Name, share.Quantity
		if line != nil {
			name = line.Name
			if quantity.IsZero() {
				quantity = line.Quantity
			}
		}
		if name != "" && quantity.Sign() > 0 {
			all = append(all, Entry{Quantity: l.Quantity(quantity), Name: clip(name), Line: line})
		}
	}
	return all
}

// Lines lists what is ordered: lines that were cancelled, refunded or edited away are not.
func (l *Localizer) Lines(o *tracking.Order, priced bool) []Entry {
	var all []Entry
	for i := range o.Lines {
		line := &o.Lines[i]
		if !isWanted(line) {
			continue
		}
		e := Entry{Quantity: l.Quantity(line.Quantity), Name: clip(line.Name), Line: line}
		if priced {
			e.Price = l.price(line, o.Money.Currency)
		}
		all = append(all, e)
	}
	return all
}

// price returns the price of all pieces; "" where it is not known.
func (l *Localizer) price(line *tracking.Line, currency string) string {
	n, whole := line.Quantity.Int()
	if currency == "" || line.PriceMinor <= 0 || !whole {
		return ""
	}
	return l.Money(line.PriceMinor*int64(n), currency)
}

func isWanted(l *tracking.Line) bool {
	return l.Quantity.Sign() > 0 && l.State != tracking.LineRefunded && l.State != tracking.LineCancelled && l.Name != ""
}

// lineOf returns the line that a share refers to: by id, else SKU, else exact name.
func lineOf(o *tracking.Order, share tracking.LineShare) *tracking.Line {
	i := slices.IndexFunc(o.Lines, func(l tracking.Line) bool {
		switch {
		case share.ID != "" && l.ID != "":
			return share.ID == l.ID
		case share.SKU != "" && l.SKU != "":
			return share.SKU == l.SKU
		default:
			return share.Name != "" && share.Name == l.Name
		}
	})
	if i < 0 {
		return nil
	}
	return &o.Lines[i]
}

// contents returns the goods of a text's subject; nil where that is not known.
func (s subject) contents(v *Localizer) []Entry {
	switch {
	case s.parcel != nil:
		return v.Contents(s.order, s.parcel.Lines)
	case s.shipment != nil:
		return v.Contents(s.order, s.shipment.Lines)
	case s.isReturn() || s.order.Emptied || s.order.Cancelled:
		return nil
	}
	return v.Lines(s.order, false)
}

// alone reports whether the subject is the order, or the only thing of it that is to come.
func (s subject) alone() bool {
	return !s.isReturn() && !s.several()
}

// summary names the contents in short: "Boots and 2 more".
func (l *Localizer) summary(entries []Entry) string {
	switch len(entries) {
	case 0:
		return ""
	case 1:
		return entries[0].Name
	}
	return l.SayCount("contents.more", len(entries)-1, Data{Item: entries[0].Name})
}
