package page

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// The scopes of a choice.
const (
	forOrder = "order"
	forShop  = "shop"
)

// repeatWindow is how long a second click counts as a repetition of the first: mail providers repeat a request that seems lost.
const repeatWindow = time.Hour

// choiceRequest is a request for the page on which a reader chooses messages.
type choiceRequest struct {
	voice   *message.Localizer
	data    message.Data
	orderID string
	reader  reader
	now     store.RecipientChoices
}

// choicesView is the page with the choices, or with the choice that was saved.
type choicesView struct {
	pageFrame
	Action string
	Scopes []scope
	Done   *chosen
}

// scope is what a choice applies to: this order, or all orders at the shop.
type scope struct {
	Name, Title string
	Options     []option
}

type option struct {
	ID, Value, Title, Means string
	Chosen                  bool
}

// chosen is the saved choice, with the form that undoes it.
type chosen struct {
	Scope, Means string
	UndoAction   string // "" = there is nothing to undo
	UndoValue    string
}

// choiceForm shows what can be chosen: a GET changes nothing, because mail scanners follow links.
func (s *Server) choiceForm(w http.ResponseWriter, r *http.Request) {
	c, ok := s.readChoice(w, r)
	if !ok {
		return
	}
	view := choicesView{pageFrame: s.newFrame(c.voice, c.data, "page.preferences.title"), Action: r.URL.Path + s.chosenQuery(r)}
	view.Scopes = append(view.Scopes, c.scope(forOrder, "page.preferences.scopeOrder", c.now.Newest()))
	if c.reader.recipient.Email != "" {
		view.Scopes = append(view.Scopes, c.scope(forShop, "page.preferences.scopeAll", c.now.Shop))
	}
	s.render(w, http.StatusOK, "choices", view)
}

func (c *choiceRequest) scope(name, title string, p store.Preference) scope {
	sc := scope{Name: name, Title: c.voice.Say(title, c.data)}
	for _, choice := range store.Choices() {
		sc.Options = append(sc.Options, option{
			ID: name + "-" + string(choice), Value: string(choice), Title: c.voice.Say("page.preferences."+string(choice), c.data),
			Means: c.voice.Say("page.preferences.done."+string(choice), c.data), Chosen: cmp.Or(p.Choice, store.ChoiceEverything) == choice,
		})
	}
	return sc
}

// choose saves a choice. A request without one is RFC 8058's one click, by a mail provider: no login, and for this order only.
func (s *Server) choose(w http.ResponseWriter, r *http.Request) {
	c, ok := s.readChoice(w, r)
	if !ok {
		return
	}
	choice, scope := store.Choice(r.PostFormValue("choice")), r.FormValue("scope")
	if !slices.Contains(store.Choices(), choice) {
		choice, scope = c.oneClick(s.Now()), forOrder
	}
	if scope != forShop || c.reader.recipient.Email == "" {
		scope = forOrder
	}
	if err := s.save(r, c, scope, choice); err != nil {
		s.fail(w, r, "failed to save a choice of messages; answered 503", err)
		return
	}
	view := choicesView{pageFrame: s.newFrame(c.voice, c.data, "page.preferences.title"), Action: r.URL.Path + s.chosenQuery(r)}
	view.Done = c.done(r, scope, choice)
	s.render(w, http.StatusOK, "choices", view)
}

// oneClick reduces messages to what the shopper must act on; a second click of the same reader stops those, too.
func (c *choiceRequest) oneClick(now time.Time) store.Choice {
	p := c.now.Newest()
	if p.Choice == store.ChoiceNothing || p.Choice == store.ChoiceOnlyProblems && now.Sub(p.At) > repeatWindow {
		return store.ChoiceNothing
	}
	return store.ChoiceOnlyProblems
}

// save stores a choice. In a rehearsal the mails went to the merchant, who must not choose for the shopper.
func (s *Server) save(r *http.Request, c *choiceRequest, scope string, choice store.Choice) error {
	if s.Activity().Activity == bundle.Rehearsal {
		return nil
	}
	p, address := store.Preference{Choice: choice, At: s.Now()}, c.reader.recipient.Email
	if scope == forShop {
		return s.Orders.SetShopChoice(r.Context(), address, p)
	}
	return s.Orders.SetOrderChoice(r.Context(), c.orderID, address, c.reader.further, p)
}

func (c *choiceRequest) done(r *http.Request, scope string, choice store.Choice) *chosen {
	title, before := "page.preferences.scopeOrder", c.now.Newest()
	if scope == forShop {
		title, before = "page.preferences.scopeAll", c.now.Shop
	}
	d := &chosen{Scope: c.voice.Say(title, c.data), Means: c.voice.Say("page.preferences.done."+string(choice), c.data)}
	if was := cmp.Or(before.Choice, store.ChoiceEverything); was != choice {
		query := url.Values{"scope": {scope}}
		if lang := r.URL.Query().Get("lang"); lang == c.voice.Locale {
			query.Set("lang", lang)
		}
		d.UndoAction, d.UndoValue = r.URL.Path+"?"+query.Encode(), string(was)
	}
	return d
}

// noLongerRecipient answers a reader who gets no messages about the order any more: it was deleted, or its address has changed.
func (s *Server) noLongerRecipient(w http.ResponseWriter, v *message.Localizer) {
	f := s.newFrame(v, v.ShopData(), "page.preferences.title")
	s.render(w, http.StatusOK, "notice", notice{pageFrame: f, Heading: f.T("page.unsubscribe.doneHeading")})
}

// readChoice reads the token. It writes the response itself when the token is invalid or too old, and when there is nothing to choose.
func (s *Server) readChoice(w http.ResponseWriter, r *http.Request) (*choiceRequest, bool) {
	claims, err := link.Verify(s.Keys(), r.PathValue("token"), link.Unsubscribe, s.Now())
	if err != nil {
		s.renderLookup(w, r, http.StatusNotFound, "page.lookup.expired")
		return nil, false
	}
	c := &choiceRequest{orderID: claims.OrderID}
	o, err := s.Orders.OpenOrder(r.Context(), claims.OrderID)
	known := false
	if err == nil {
		c.reader, known = readerOf(&o, claims.Recipient)
		if known {
			c.now, err = s.Orders.ChoicesOf(r.Context(), o.Order.ID, c.reader.recipient.Email, c.reader.further)
		}
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.fail(w, r, "failed to read a choice of messages; answered 503", err)
		return nil, false
	}
	c.voice = s.localizer(r, o.Order.Locale)
	if err != nil || !known || c.reader.guest {
		s.noLongerRecipient(w, c.voice)
		return nil, false
	}
	c.data = c.voice.OrderData(o.Order, tracking.Journey{}, tracking.Recipient{})
	return c, true
}
