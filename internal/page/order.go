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
	view.pageFrame = s.newFrame(b.localizer, b.data, "page.title")
	view.Version = view.fingerprint()
	if b.hasCalendar() {
		view.Answer.Calendar = link.OrderPath + r.PathValue("token") + "/" + calendarFile
	}
	view.Wishes = s.choicesPath(b, r)
	if b.refreshes() {
		view.Script = s.assets.script.path
	}
	s.render(w, http.StatusOK, "order", view)
}

// linked returns the builder for the order of the link. Otherwise it writes the response, the same for a forged, expired or revoked link and a deleted order.
func (s *Server) linked(w http.ResponseWriter, r *http.Request) (*builder, bool) {
	now := s.Now()
	claims, err := link.Verify(s.Keys(), r.PathValue("token"), link.Order, now)
	if err != nil {
		s.renderLookup(w, r, http.StatusNotFound, "page.lookup.expired")
		return nil, false
	}
	o, err := s.Orders.OpenOrder(r.Context(), claims.OrderID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.fail(w, r, "failed to read an order; answered 503", err)
		return nil, false
	}
	who, ok := readerOf(&o, claims.Recipient)
	if err != nil || !ok {
		s.renderLookup(w, r, http.StatusNotFound, "page.lookup.expired")
		return nil, false
	}
	b := s.builder(o.Order, who, s.localizer(r, o.Order.Locale), now)
	b.revoked, b.expires = o.LinksRevoked, claims.Expires
	return b, true
}

// choicesPath returns the path of the choice of messages; "" for a reader who gets none. It is valid as long as the reader's own link.
func (s *Server) choicesPath(b *builder, r *http.Request) string {
	key, ready := link.Signing(s.Keys(), b.clock.Now, b.expires)
	if b.reader.recipient.Email == "" || !ready {
		return ""
	}
	claims := link.Claims{Purpose: link.Unsubscribe, OrderID: b.order.ID, Recipient: b.reader.linkRecipient(b.revoked), Expires: b.expires}
	return link.UnsubscribePath + link.Sign(key, claims) + s.chosenQuery(r)
}

// builder makes the view of one order, for one reader in one language.
type builder struct {
	server    *Server
	localizer *message.Localizer
	order     tracking.Order   // without what the reader may not see
	journey   tracking.Journey // without what the merchant hides
	reader    reader
	clock     message.Clock
	lead      message.Words // about the subject of the headline
	onlyPart  bool          // one parcel or shipment goes to the shopper, and nothing else is to come
	data      message.Data  // of the order as a whole
	revoked   bool          // links that name no recipient are refused
	expires   time.Time     // of the reader's link
}

func (s *Server) builder(o tracking.Order, who reader, v *message.Localizer, now time.Time) *builder {
	b := &builder{server: s, localizer: v, order: who.redacted(o), reader: who, clock: s.words.Clock(o, now)}
	b.journey = tracking.Project(b.order, s.setting(), now)
	s.visibility.hide(&b.order, &b.journey)
	b.lead = v.Lead(b.order, b.journey, b.clock)
	b.onlyPart = b.journey.Total <= 1 && (len(b.journey.Unsent) == 0 || b.journey.Total == 0)
	b.data = v.OrderData(b.order, b.journey, who.recipient)
	return b
}

func (b *builder) say(key string) string { return b.localizer.Say(key, b.data) }

func (b *builder) shows(field string) bool { return b.server.visibility.shows(field) }

// leading returns the parcel that the headline is about; nil if it is about none.
func (b *builder) leading() *tracking.ParcelJourney {
	if b.journey.Lead < 0 {
		return nil
	}
	return &b.journey.Parcels[b.journey.Lead]
}

// refreshes reports whether news may come within minutes.
func (b *builder) refreshes() bool {
	near := []tracking.Status{tracking.OutForDelivery, tracking.DeliveryAttemptFailed, tracking.InTransit}
	return slices.ContainsFunc(b.journey.Parcels, func(p tracking.ParcelJourney) bool {
		return p.Direction == tracking.Outbound && !p.Withdrawn && slices.Contains(near, p.Status)
	})
}

func (b *builder) view() orderView {
	v := orderView{
		Answer: b.answer(), Cards: b.cards(), Unsent: b.unsent(), Gone: b.gone(), Steps: b.orderSteps(),
		Items: b.items(), Place: b.destination(), Help: b.help(),
	}
	if v.Total, v.Refunded = b.totals(); len(v.Items.Shown) == 0 && v.Refunded != "" && !strings.Contains(v.Answer.Headline, v.Refunded) {
		v.Answer.Also = append(v.Answer.Also, v.Refunded) // no list of items is left to show it in
	}
	d := b.data
	d.When = b.localizer.When(b.clock.Now, b.clock)
	v.Updated = b.localizer.Say("page.updated", d)
	return v
}
