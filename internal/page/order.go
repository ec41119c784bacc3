package page

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// order shows one order to a client that has its link.
func (s *Server) order(w http.ResponseWriter, r *http.Request) {
	b, ok := s.linked(w, r)
	if !ok {
		return
	}
	view := b.view()
	view.frame = s.frame(b.voice, b.data, "page.title")
	view.Version = view.fingerprint()
	if b.calendar() {
		view.Answer.Calendar = link.OrderPath + r.PathValue("token") + "/" + calendarFile
	}
	view.Wishes = s.wishesPath(b, r)
	if b.refreshes() {
		view.Script = s.assets.script.path
	}
	s.render(w, http.StatusOK, "order", view)
}

// linked is the page of the order behind the link; otherwise it answers, alike for a forged, an expired, a revoked and a forgotten one.
func (s *Server) linked(w http.ResponseWriter, r *http.Request) (*builder, bool) {
	now := s.Now()
	claims, err := link.Verify(s.Keys(), r.PathValue("token"), link.Order, now)
	if err != nil {
		s.lookupPage(w, r, http.StatusNotFound, "page.lookup.expired")
		return nil, false
	}
	o, err := s.Orders.OpenOrder(r.Context(), claims.OrderID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.fail(w, r, "failed to read an order; answered 503", err)
		return nil, false
	}
	who, ok := readerOf(&o, claims.Recipient)
	if err != nil || !ok {
		s.lookupPage(w, r, http.StatusNotFound, "page.lookup.expired")
		return nil, false
	}
	b := s.builder(o.Order, who, s.voice(r, o.Order.Locale), now)
	b.revoked, b.expires = o.LinksRevoked, claims.Expires
	return b, true
}

// wishesPath leads to the choice of messages; "" for who gets none. It opens as long as the reader's own link does.
func (s *Server) wishesPath(b *builder, r *http.Request) string {
	key, ready := link.Signing(s.Keys(), b.clock.Now, b.expires)
	if b.reader.recipient.Email == "" || !ready {
		return ""
	}
	claims := link.Claims{Purpose: link.Unsubscribe, OrderID: b.order.ID, Recipient: b.reader.name(b.revoked), Expires: b.expires}
	return link.UnsubscribePath + link.Sign(key, claims) + s.chosenQuery(r)
}

// builder makes the view of one order, for one reader in one language.
type builder struct {
	server  *Server
	voice   *message.Voice
	order   tracking.Order   // without what the reader may not see
	trip    tracking.Journey // without what the merchant hides
	reader  reader
	clock   message.Clock
	lead    message.Words // about what the headline speaks of
	alone   bool          // one parcel or shipment goes to the shopper, and nothing else is to come
	data    message.Data  // of the order as a whole
	revoked bool          // links that name no recipient are refused
	expires time.Time     // of the reader's link
}

func (s *Server) builder(o tracking.Order, who reader, v *message.Voice, now time.Time) *builder {
	b := &builder{server: s, voice: v, order: who.redacted(o), reader: who, clock: s.words.Clock(o, now)}
	b.trip = tracking.Project(b.order, s.setting(), now)
	s.show.hide(&b.order, &b.trip)
	b.lead = v.Lead(b.order, b.trip, b.clock)
	b.alone = b.trip.Total <= 1 && (len(b.trip.Unsent) == 0 || b.trip.Total == 0)
	b.data = v.OrderData(b.order, b.trip, who.recipient)
	return b
}

func (b *builder) say(key string) string { return b.voice.Say(key, b.data) }

func (b *builder) shows(field string) bool { return b.server.show.of(field) }

// leading is the parcel that the headline speaks of; nil where it speaks of none.
func (b *builder) leading() *tracking.ParcelJourney {
	if b.trip.Lead < 0 {
		return nil
	}
	return &b.trip.Parcels[b.trip.Lead]
}

// refreshes says that news may come within minutes.
func (b *builder) refreshes() bool {
	near := []tracking.Status{tracking.OutForDelivery, tracking.DeliveryAttemptFailed, tracking.InTransit}
	return slices.ContainsFunc(b.trip.Parcels, func(p tracking.ParcelJourney) bool {
		return p.Direction == tracking.Outbound && !p.Withdrawn && slices.Contains(near, p.Status)
	})
}

func (b *builder) view() orderView {
	v := orderView{
		Answer: b.answer(), Cards: b.cards(), Unsent: b.unsent(), Gone: b.gone(), Steps: b.orderSteps(),
		Items: b.items(), Place: b.destination(), Help: b.help(),
	}
	if v.Total, v.Refunded = b.totals(); len(v.Items.Shown) == 0 && v.Refunded != "" && !strings.Contains(v.Answer.Headline, v.Refunded) {
		v.Answer.Also = append(v.Answer.Also, v.Refunded) // no list of items is left that could say it
	}
	d := b.data
	d.When = b.voice.When(b.clock.Now, b.clock)
	v.Updated = b.voice.Say("page.updated", d)
	return v
}
