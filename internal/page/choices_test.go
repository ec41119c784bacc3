package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

func opened(o tracking.Order) store.Opened { return store.Opened{Order: o} }

func (s *site) choicesPath() string { return link.UnsubscribePath + s.token(link.Unsubscribe) }

// choice returns what the buyer chose for the order.
func (s *site) choice() store.Choice { return s.saved[whose(s.order.ID, "", false)].Choice }

func (s *site) shopChoice() store.Choice { return s.saved["shop|"+s.order.Buyer.Email].Choice }

func oneClick() url.Values { return url.Values{"List-Unsubscribe": {"One-Click"}} }

func TestOpeningTheChoiceOfMessagesChangesNothing(t *testing.T) {
	s := open(t, document("en"), "InTransit")
	w := s.get(s.choicesPath())
	if w.Code != http.StatusOK || len(s.saved) != 0 || len(reveals(w)) > 0 {
		t.Fatalf("%d, chosen %v, reveals %v", w.Code, s.saved, reveals(w))
	}
	p := parsePage(t, w.Body)
	if n := len(p.all("input")); n != 8 {
		t.Errorf("%d choices, want four for the order and four for the shop", n)
	}
	wants(t, "the choices", words(p.root), "For order #1001 only", "For all your orders at Linden Living", "Only when something is wrong", "even when something is wrong")
}

func TestAChoiceIsSavedForWhatItSaysAndCanBeUndone(t *testing.T) {
	s := open(t, document("en"), "InTransit")
	p := parsePage(t, s.post(s.choicesPath(), url.Values{"choice": {"OnlyProblems"}, "scope": {"order"}}).Body)
	if s.choice() != store.ChoiceOnlyProblems || s.shopChoice() != "" {
		t.Fatalf("chosen: %v", s.saved)
	}
	wants(t, "the answer", words(p.root), "For order #1001 only", "We write only when something is wrong or you have to do something", "Undo")
	form, button := p.all("form")[0], p.all("button")[0]
	w := s.post(attr(form, "action"), url.Values{attr(button, "name"): {attr(button, "value")}})
	if s.choice() != store.ChoiceEverything || w.Code != http.StatusOK || s.shopChoice() != "" {
		t.Errorf("undone: %d, %v", w.Code, s.saved)
	}
	s.post(s.choicesPath(), url.Values{"choice": {"Nothing"}, "scope": {"shop"}})
	if s.shopChoice() != store.ChoiceNothing || s.choice() != store.ChoiceEverything {
		t.Errorf("chosen: %v", s.saved)
	}
}

func TestOneClickEndsWhatNeedsNothingOfThisOrderOnly(t *testing.T) {
	s := open(t, document("en"), "InTransit")
	w := s.post(s.choicesPath(), oneClick())
	if s.choice() != store.ChoiceOnlyProblems || len(s.saved) != 1 {
		t.Fatalf("chosen: %v", s.saved)
	}
	wants(t, "the answer", words(parsePage(t, w.Body).root), "We write only when something is wrong or you have to do something", "For order #1001 only")
	s.now = s.now.Add(time.Minute)
	s.post(s.choicesPath(), oneClick())
	if s.choice() != store.ChoiceOnlyProblems {
		t.Error("a request that was repeated counts twice")
	}
	s.now = s.now.Add(48 * time.Hour)
	s.order = s.orders[s.order.ID].Order
	w = s.post(s.choicesPath(), oneClick())
	if s.choice() != store.ChoiceNothing || s.shopChoice() != "" {
		t.Errorf("who clicks in one of the few mails that are left still gets them: %v", s.saved)
	}
	wants(t, "the answer", words(parsePage(t, w.Body).root), "no messages, even when something is wrong")
}

func TestAMailProviderClicksFromElsewhere(t *testing.T) {
	s := open(t, document("en"), "InTransit")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://track.linden.example"+s.choicesPath(), strings.NewReader("List-Unsubscribe=One-Click"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://mail.example")
	if w := s.do(r); w.Code != http.StatusOK || s.choice() != store.ChoiceOnlyProblems {
		t.Errorf("got %d, chosen %v", w.Code, s.saved)
	}
	if w := s.post(s.orderPath(), nil); w.Code < 400 {
		t.Errorf("an order link takes a POST: %d", w.Code)
	}
	if w := s.post(link.UnsubscribePath+s.token(link.Order), nil); w.Code != http.StatusNotFound {
		t.Errorf("an order link chooses: %d", w.Code)
	}
}

func TestEachRecipientChoosesAlone(t *testing.T) {
	s := gift(t)
	s.post(link.UnsubscribePath+s.tokenFor(link.Unsubscribe, linkRecipientOf("robin@shopper.example")), url.Values{"choice": {"Nothing"}, "scope": {"order"}})
	if got := s.saved[whose(s.order.ID, "robin@shopper.example", true)]; got.Choice != store.ChoiceNothing || s.choice() != "" {
		t.Errorf("chosen: %v", s.saved)
	}
}

func TestAChoiceIsNotOfferedToWhoGetsNoMessages(t *testing.T) {
	s := gift(t)
	guests := s.get(link.OrderPath + s.tokenFor(link.Order, guest)).Body.String()
	wantsNone(t, "a guest's page", guests, link.UnsubscribePath)
	s.revoke()
	for name, recipient := range map[string]link.Recipient{"a revoked link": {}, "a former recipient": linkRecipientOf("old@shopper.example"), "a guest": guest} {
		w := s.post(link.UnsubscribePath+s.tokenFor(link.Unsubscribe, recipient), oneClick())
		if w.Code != http.StatusOK || len(s.saved) != 0 {
			t.Errorf("%s: %d, chosen %v", name, w.Code, s.saved)
		}
	}
}

func TestThePageOfAnOrderLeadsToTheChoiceOfMessages(t *testing.T) {
	s := gift(t)
	for _, who := range []link.Recipient{{}, linkRecipientOf("robin@shopper.example")} {
		p := parsePage(t, s.get(link.OrderPath+s.tokenFor(link.Order, who)).Body)
		for _, a := range p.all("a") {
			if strings.HasPrefix(attr(a, "href"), link.UnsubscribePath) {
				if w := s.post(attr(a, "href"), url.Values{"choice": {"KeyMoments"}, "scope": {"shop"}}); w.Code != http.StatusOK {
					t.Errorf("it leads to %d", w.Code)
				}
			}
		}
	}
	if s.saved["shop|robin@shopper.example"].Choice != store.ChoiceKeyMoments || s.saved["shop|noor@shopper.example"].Choice != store.ChoiceKeyMoments {
		t.Errorf("chosen: %v", s.saved)
	}
}

func TestARehearsalChoosesForNoShopper(t *testing.T) {
	doc := document("en")
	doc.Activity = bundle.Rehearsal
	s := open(t, doc, "InTransit")
	if w := s.post(s.choicesPath(), oneClick()); w.Code != http.StatusOK || len(s.saved) != 0 {
		t.Errorf("got %d: the merchant, who reads the shopper's mails, has chosen for the shopper", w.Code)
	}
}

func TestWhoseOrderWasForgottenGetsNoMoreUpdates(t *testing.T) {
	s := open(t, document("en"), "InTransit")
	path := s.choicesPath()
	delete(s.orders, s.order.ID)
	for _, w := range []*httptest.ResponseRecorder{s.post(path, oneClick()), s.get(path)} {
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "You get no more updates") {
			t.Errorf("got %d", w.Code)
		}
	}
}
