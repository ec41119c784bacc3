package notifier

import (
	"errors"
	"time"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// The signed links that a mail contains. Each names the order and, if needed, the recipient, and expires after links.ttlDays of the Shop.

// mailLinks returns the links of a mail to one recipient: to the page of the order, and to unsubscribe. They are signed with the newest key
// that stays valid until they expire. Revoked: see store.OrderRow.
func (n *Notifier) mailLinks(order *tracking.Order, to tracking.Recipient, revoked bool) (message.Links, error) {
	now := n.Now()
	expires := now.Add(time.Duration(n.Document.Links.TTLDays) * 24 * time.Hour)
	key, ok := link.Signing(n.Secrets.LinkKeys(), now, expires)
	if !ok {
		return message.Links{}, errors.New("no key to sign links with is mounted yet")
	}
	recipient := linkRecipient(*order, to, revoked)
	signedURL := func(path, purpose string) string {
		return n.Document.BaseURL + path + link.Sign(key, link.Claims{Purpose: purpose, OrderID: order.ID, Recipient: recipient, Expires: expires})
	}
	return message.Links{
		Page:        signedURL(link.OrderPath, link.Order),
		Unsubscribe: signedURL(link.UnsubscribePath, link.Unsubscribe),
	}, nil
}

// linkRecipient returns the recipient that a link names. It is zero, so that the link names none, for a buyer whose address was never
// corrected: the previous version can open such a link, too.
func linkRecipient(o tracking.Order, to tracking.Recipient, revoked bool) link.Recipient {
	hash := store.RecipientHash(to.Email)
	if !revoked && hash == store.RecipientHash(o.Buyer.Email) {
		return link.Recipient{}
	}
	return link.RecipientOf(hash)
}
