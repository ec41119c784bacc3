package page

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/store"
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
	pageFrame
	Action      string
	FactorLabel string
	FactorType  string // of the input element
	Complete    string // autocomplete token
	Problem     string // what went wrong, "" = nothing yet
	Number      string // as the reader typed it
}

func (s *Server) renderLookup(w http.ResponseWriter, r *http.Request, status int, problem string) {
	v := s.localizer(r, "")
	view := lookup{pageFrame: s.newFrame(v, v.ShopData(), "page.lookup.title"), Action: "/" + s.chosenQuery(r), FactorType: "text", Complete: "off"}
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

// find gives the same answer in the same time whether the number exists or not: only a reader who knows both factors learns anything.
func (s *Server) find(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	if err := r.ParseForm(); err != nil {
		s.renderLookup(w, r, http.StatusRequestEntityTooLarge, "page.lookup.miss")
		return
	}
	numbers, factor := numbersIn(r.PostForm.Get("number")), r.PostForm.Get("factor")
	if !s.limits.allow(clientOf(r), numbers) {
		w.Header().Set("Retry-After", retryAfterText)
		s.renderLookup(w, r, http.StatusTooManyRequests, "page.lookup.throttled")
		return
	}
	found, err := s.verified(r, numbers, factor)
	if err != nil {
		s.fail(w, r, "failed to look up an order; answered 503", err)
		return
	}
	now := s.Now()
	key, ready := link.Signing(s.Keys(), now, now.Add(viewTTL))
	if found == nil || !ready {
		waitUntil(r, start, s.MissDelay)
		s.renderLookup(w, r, http.StatusNotFound, "page.lookup.miss")
		return
	}
	token := link.Sign(key, link.Claims{Purpose: link.Order, OrderID: found.ID, Recipient: found.who, Expires: now.Add(viewTTL)})
	http.Redirect(w, r, link.OrderPath+token+s.chosenQuery(r), http.StatusSeeOther)
}

// maxSpellings bounds how many numbers one text is read as.
const maxSpellings = 6

// numbersIn returns the numbers, in their normal form, that a reader may mean by a text: the whole, then without the words before it
// ("order 2006"), then the digits alone. A text without a letter or a digit has no number.
func numbersIn(text string) []string {
	var all []string
	add := func(s string) {
		if n := tracking.NormalNumber(s); n != "" && !slices.Contains(all, n) && len(all) < maxSpellings {
			all = append(all, n)
		}
	}
	add(text)
	words := strings.Fields(text)
	for i := range words {
		add(strings.Join(words[i:], " "))
	}
	if whole := tracking.NormalNumber(text); whole != "" {
		add(strings.TrimLeftFunc(whole, unicode.IsLetter))
	}
	return all
}

// found is the order that a look-up opens, and for whom.
type found struct {
	ID  string
	who link.Recipient
}

// verified returns the newest order of one of the numbers whose second factor is right; nil when there is none. The number may be the
// order's or a parcel's. It compares with every candidate and every factor, whatever the result of the first comparison.
func (s *Server) verified(r *http.Request, numbers []string, factor string) (*found, error) {
	var best *found
	for _, number := range numbers {
		for _, read := range []func(context.Context, string) ([]tracking.Order, error){s.Orders.OrdersByNumber, s.Orders.OrdersByParcelNumber} {
			orders, err := read(r.Context(), number)
			if err != nil {
				return nil, err
			}
			for i := range orders {
				who, ok := s.recipientBy(&orders[i], factor)
				if ok && best == nil {
					best = &found{orders[i].ID, who}
				}
			}
		}
	}
	return s.ensureRecipient(r, best)
}

// ensureRecipient ensures that the new link opens the order: it has to name the buyer once links without a recipient are revoked.
func (s *Server) ensureRecipient(r *http.Request, f *found) (*found, error) {
	if f == nil || f.who != (link.Recipient{}) {
		return f, nil
	}
	o, err := s.Orders.OpenOrder(r.Context(), f.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f.who = reader{recipient: o.Order.Buyer}.linkRecipient(o.LinksRevoked)
	return f, nil
}

// recipientBy returns the recipient for whom the factor opens the order: an address its recipient, the postcode a guest.
func (s *Server) recipientBy(o *tracking.Order, factor string) (link.Recipient, bool) {
	var who link.Recipient
	known := 0
	take := func(right int, name link.Recipient) {
		if right == 1 && known == 0 {
			who = name
		}
		known |= right
	}
	if slices.Contains(s.Document.Page.VerifyBy, byEmail) {
		take(same(normalEmail(factor), normalEmail(o.Buyer.Email)), link.Recipient{})
		for _, r := range o.Recipients {
			take(same(normalEmail(factor), normalEmail(r.Email)), linkRecipientOf(r.Email))
		}
	}
	if slices.Contains(s.Document.Page.VerifyBy, byPostcode) {
		take(same(tracking.NormalPostcode(factor), tracking.NormalPostcode(o.To.Postcode)), guest)
	}
	return who, known == 1
}

// same compares in constant time; an empty stored value matches nothing.
func same(given, stored string) int {
	const least = 3 // characters; no postcode or address is shorter
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(stored))
	if len(stored) < least {
		return 0
	}
	return subtle.ConstantTimeCompare(a[:], b[:])
}

func normalEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
