package page

import (
	"errors"
	"net/http"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
)

type unsubscription struct {
	frame
	Action string
}

// unsubscribeForm shows a button: a GET changes nothing, because mail scanners follow links.
func (s *Server) unsubscribeForm(w http.ResponseWriter, r *http.Request) {
	v, _, ok := s.unsubscribing(w, r)
	if !ok {
		return
	}
	view := unsubscription{frame: s.frame(v, v.ShopData(), "page.unsubscribe.title"), Action: r.URL.Path + s.chosenQuery(r)}
	s.render(w, http.StatusOK, "unsubscribe", view)
}

// unsubscribe is RFC 8058's one click, by a mail provider or by the button: no login, and twice is once.
func (s *Server) unsubscribe(w http.ResponseWriter, r *http.Request) {
	v, orderID, ok := s.unsubscribing(w, r)
	if !ok {
		return
	}
	// Whoever clicks in a rehearsal is the merchant, to whom the shopper's mails went.
	if s.Document.Activity != bundle.Rehearsal {
		if err := s.Orders.Unsubscribe(r.Context(), orderID, s.Now()); err != nil && !errors.Is(err, store.ErrNotFound) {
			s.fail(w, r, "unsubscribing", err)
			return
		}
	}
	f := s.frame(v, v.ShopData(), "page.unsubscribe.title")
	s.render(w, http.StatusOK, "notice", notice{frame: f, Heading: f.T("page.unsubscribe.doneHeading"), Body: f.T("page.unsubscribe.doneBody")})
}

// unsubscribing reads the token and answers when it is none of ours, or too old. An order that has been forgotten since
// counts as one that is there: there is nothing left to send.
func (s *Server) unsubscribing(w http.ResponseWriter, r *http.Request) (*message.Voice, string, bool) {
	claims, err := link.Verify(s.Keys(), r.PathValue("token"), link.Unsubscribe, s.Now())
	if err != nil {
		s.lookupPage(w, r, http.StatusNotFound, "page.lookup.expired")
		return nil, "", false
	}
	locale := ""
	order, err := s.Orders.OrderByID(r.Context(), claims.OrderID)
	switch {
	case err == nil:
		locale = order.Locale
	case !errors.Is(err, store.ErrNotFound):
		s.fail(w, r, "reading an order", err)
		return nil, "", false
	}
	return s.voice(r, locale), claims.OrderID, true
}
