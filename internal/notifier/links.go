package notifier

import (
	"errors"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// links signs the two links of a mail with the newest key.
func (n *Notifier) links(order *tracking.Order) (message.Links, error) {
	var keys []link.Key
	for _, k := range n.Secrets.Keys(bundle.LinkKeys) {
		keys = append(keys, link.Key{Number: k.Number, Secret: k.Secret})
	}
	key, ok := link.Newest(keys)
	if !ok {
		return message.Links{}, errors.New("no key to sign links with is mounted yet")
	}
	expires := n.Now().Add(time.Duration(n.Document.Links.TTLDays) * 24 * time.Hour)
	url := func(path, purpose string) string {
		return n.Document.BaseURL + path + link.Sign(key, link.Claims{Purpose: purpose, OrderID: order.ID, Expires: expires})
	}
	return message.Links{
		Page:        url(link.OrderPath, link.Order),
		Unsubscribe: url(link.UnsubscribePath, link.Unsubscribe),
	}, nil
}
