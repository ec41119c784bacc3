package page

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// order shows one order to whoever holds its link.
func (s *Server) order(w http.ResponseWriter, r *http.Request) {
	o, ok := s.linked(w, r)
	if !ok {
		return
	}
	now := s.Now()
	v := s.voice(r, o.Locale)
	b := s.builder(*o, v, now)
	view := b.view()
	view.frame = s.frame(v, b.data, "page.title")
	view.Calendar = calendarPath(r.PathValue("token"), b.eta)
	if b.refreshes() {
		view.Script = s.assets.script.path
	}
	view.Version = view.fingerprint()
	s.render(w, http.StatusOK, "order", view)
}

// linked is the order behind the link; otherwise it answers, for a forged, an expired and a forgotten one alike.
func (s *Server) linked(w http.ResponseWriter, r *http.Request) (*tracking.Order, bool) {
	claims, err := link.Verify(s.Keys(), r.PathValue("token"), link.Order, s.Now())
	if err != nil {
		s.lookupPage(w, r, http.StatusNotFound, "page.lookup.expired")
		return nil, false
	}
	o, err := s.Orders.OrderByID(r.Context(), claims.OrderID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.lookupPage(w, r, http.StatusNotFound, "page.lookup.expired")
		return nil, false
	case err != nil:
		s.fail(w, r, "reading an order", err)
		return nil, false
	}
	return o, true
}

// builder makes the view of one order in one language.
type builder struct {
	server *Server
	voice  *message.Voice
	order  tracking.Order
	trip   tracking.Journey
	state  tracking.Occasion // the word for where it is, see message.StateOf
	eta    *tracking.ETA     // worth showing; nil = none
	zone   *time.Location
	now    time.Time
	data   message.Data
}

func (s *Server) builder(o tracking.Order, v *message.Voice, now time.Time) *builder {
	b := &builder{server: s, voice: v, order: o, zone: s.words.Zone(o), now: now}
	b.trip = tracking.Project(o, s.Document.Promise, s.words.ShopZone(), now)
	b.state = message.StateOf(b.trip)
	b.eta = message.Expected(b.trip, b.zone)
	b.data = v.Data(o, b.trip, b.trip.State, b.zone, now)
	if !s.show.of(fieldCarrierName) {
		b.data.Carrier = v.ShopData().Carrier
	}
	if !s.show.of(fieldEventPlace) && b.trip.State != tracking.Occasion(tracking.AvailableForPickup) {
		b.data.Place = "" // where to collect it is not a scan
	}
	return b
}

func (b *builder) say(key string) string { return b.voice.Say(key, b.data) }

func (b *builder) shows(field string) bool { return b.server.show.of(field) }

// refreshes says that news may come within minutes.
func (b *builder) refreshes() bool {
	return slices.Contains([]tracking.Occasion{
		tracking.Occasion(tracking.OutForDelivery), tracking.Occasion(tracking.DeliveryAttemptFailed), tracking.Occasion(tracking.InTransit),
	}, b.trip.State)
}
