package notifier

import (
	"errors"
	"time"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// links signs the two links of a mail with the newest key that opens them for as long as they live.
func (n *Notifier) links(order *tracking.Order, to tracking.Recipient, revoked bool) (message.Links, error) {
	now := n.Now()
	expires := now.Add(time.Duration(n.Document.Links.TTLDays) * 24 * time.Hour)
	key, ok := link.Signing(n.Secrets.LinkKeys(), now, expires)
	if !ok {
		return message.Links{}, errors.New("no key to sign links with is mounted yet")
	}
	recipient := recipientOfLink(*order, to, revoked)
	url := func(path, purpose string) string {
		return n.Document.BaseURL + path + link.Sign(key, link.Claims{Purpose: purpose, OrderID: order.ID, Recipient: recipient, Expires: expires})
	}
	return message.Links{
		Page:        url(link.OrderPath, link.Order),
		Unsubscribe: url(link.UnsubscribePath, link.Unsubscribe),
	}, nil
}

// recipientOfLink returns the recipient of a link, zero for a buyer whose address was never corrected: the previous version opens such
// a link too.
func recipientOfLink(o tracking.Order, to tracking.Recipient, revoked bool) link.Recipient {
	hash := store.RecipientHash(to.Email)
	if !revoked && hash == store.RecipientHash(o.Buyer.Email) {
		return link.Recipient{}
	}
	return link.RecipientOf(hash)
}
