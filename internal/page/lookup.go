package page

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// viewTTL is how long the link lasts that a look-up leads to; the links in mails last longer.
const viewTTL = 2 * time.Hour

// What a look-up may ask for besides the number, see bundle.Page.VerifyBy.
const (
	byPostcode = "Postcode"
	byEmail    = "Email"
)

type lookup struct {
	frame
	Action      string
	FactorLabel string
	FactorType  string // of the input element
	Complete    string // autocomplete token
	Problem     string // what went wrong, "" = nothing yet
	Number      string // as the reader typed it
}

func (s *Server) lookupPage(w http.ResponseWriter, r *http.Request, status int, problem string) {
	v := s.voice(r, "")
	view := lookup{frame: s.frame(v, v.ShopData(), "page.lookup.title"), Action: "/" + s.chosenQuery(r), FactorType: "text", Complete: "off"}
	for i := range view.Languages {
		view.Languages[i].URL = "/" + view.Languages[i].URL // this page answers at other paths, too
	}
	if problem != "" {
		view.Problem = view.T(problem)
	}
	if r.Method == http.MethodPost {
		view.Number = r.PostFormValue("number")
	}
	postcode, email := slices.Contains(s.Document.Page.VerifyBy, byPostcode), slices.Contains(s.Document.Page.VerifyBy, byEmail)
	switch {
	case postcode && email:
		view.FactorLabel = view.T("page.lookup.either")
	case email:
		view.FactorLabel, view.FactorType, view.Complete = view.T("page.lookup.email"), "email", "email"
	default:
		view.FactorLabel, view.Complete = view.T("page.lookup.postcode"), "postal-code"
	}
	s.render(w, status, "lookup", view)
}

// find answers alike, and in the same time, whether the number exists or not: only who knows both learns anything.
func (s *Server) find(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	if err := r.ParseForm(); err != nil {
		s.lookupPage(w, r, http.StatusRequestEntityTooLarge, "page.lookup.miss")
		return
	}
	number, factor := r.PostForm.Get("number"), r.PostForm.Get("factor")
	if !s.limits.allow(clientOf(r), tracking.NormalNumber(number)) {
		w.Header().Set("Retry-After", retryAfterText)
		s.lookupPage(w, r, http.StatusTooManyRequests, "page.lookup.throttled")
		return
	}
	order, err := s.verified(r, number, factor)
	if err != nil {
		s.fail(w, r, "looking an order up", err)
		return
	}
	now := s.Now()
	key, ready := link.Signing(s.Keys(), now, now.Add(viewTTL))
	if order == nil || !ready {
		since(r, start, s.MissDelay)
		s.lookupPage(w, r, http.StatusNotFound, "page.lookup.miss")
		return
	}
	token := link.Sign(key, link.Claims{Purpose: link.Order, OrderID: order.ID, Expires: now.Add(viewTTL)})
	http.Redirect(w, r, link.OrderPath+token+s.chosenQuery(r), http.StatusSeeOther)
}

// verified is the newest order of that number whose second factor is right; nil when there is none. It compares with
// every candidate and every factor, whatever the first comparison says.
func (s *Server) verified(r *http.Request, number, factor string) (*tracking.Order, error) {
	orders, err := s.Orders.OrdersByNumber(r.Context(), number)
	if err != nil {
		return nil, err
	}
	var found *tracking.Order
	for i := range orders {
		if s.knows(orders[i], factor) && found == nil {
			found = &orders[i]
		}
	}
	return found, nil
}

func (s *Server) knows(o tracking.Order, factor string) bool {
	known := 0
	for _, kind := range s.Document.Page.VerifyBy {
		switch kind {
		case byPostcode:
			known |= same(normalPostcode(factor), normalPostcode(o.To.Postcode))
		case byEmail:
			known |= same(normalEmail(factor), normalEmail(o.Customer.Email))
		}
	}
	return known == 1
}

// same compares in a time that does not depend on the content; what the order does not have matches nothing.
func same(given, stored string) int {
	const least = 3 // characters; no postcode or address is shorter
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(stored))
	if len(stored) < least {
		return 0
	}
	return subtle.ConstantTimeCompare(a[:], b[:])
}

func normalPostcode(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

func normalEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
