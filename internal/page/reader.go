package page

import (
	"crypto/sha256"
	"slices"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// reader is the person who opens a link.
type reader struct {
	recipient tracking.Recipient // zero for a guest
	further   bool               // a recipient that is not the buyer
	guest     bool               // knows the number and the postcode, as a neighbour might
}

// guest stands for the recipient in the link of a look-up by postcode. It is no hash of any address.
var guest = func() link.Recipient {
	sum := sha256.Sum256([]byte("wismo: a look-up by postcode"))
	return link.Recipient(sum[:len(link.Recipient{})])
}()

// readerOf returns the reader of a link; false if the link does not open the order any more. A link that names no recipient is the buyer's, until the
// buyer's address has been corrected: it may have gone to the wrong one.
func readerOf(o *store.Opened, named link.Recipient) (reader, bool) {
	switch named {
	case link.Recipient{}:
		return reader{recipient: o.Order.Buyer}, !o.LinksRevoked
	case guest:
		return reader{guest: true}, true
	case linkRecipientOf(o.Order.Buyer.Email):
		return reader{recipient: o.Order.Buyer}, true
	}
	for _, r := range o.Order.Recipients {
		if linkRecipientOf(r.Email) == named {
			return reader{recipient: r, further: true}, true
		}
	}
	return reader{}, false
}

// linkRecipient returns the recipient that a link for the reader names: none for the buyer where possible, so that the previous version opens it, too.
func (r reader) linkRecipient(revoked bool) link.Recipient {
	switch {
	case r.guest:
		return guest
	case !r.further && !revoked:
		return link.Recipient{}
	default:
		return linkRecipientOf(r.recipient.Email)
	}
}

func linkRecipientOf(email string) link.Recipient {
	if email == "" {
		return link.Recipient{}
	}
	return link.RecipientOf(store.RecipientHash(email))
}

// seesPrices reports whether the reader may see what was paid, and by whom: the recipient of a gift may not, nor a guest.
func (r reader) seesPrices() bool { return !r.guest && r.recipient.Role != tracking.RoleGift }

// redacted returns the order without what the reader may not see, so that no text can name it.
func (r reader) redacted(o tracking.Order) tracking.Order {
	if r.seesPrices() {
		return o
	}
	o.Buyer, o.Recipients, o.Money, o.Refunds, o.Note, o.Links = tracking.Recipient{}, nil, tracking.Money{}, nil, "", nil
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		o.Lines[i].PriceMinor = 0
	}
	o.Shipments = slices.Clone(o.Shipments)
	for i := range o.Shipments {
		parcels := slices.Clone(o.Shipments[i].Parcels)
		for k := range parcels {
			parcels[k].Together = nil
		}
		o.Shipments[i].Parcels = parcels
	}
	o.Phases = slices.DeleteFunc(slices.Clone(o.Phases), func(p tracking.PhaseChange) bool { return p.Phase == tracking.Refunded })
	return o
}
