package inbox

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAMailGivesThePathsOfItsLinks(t *testing.T) {
	m := Mail{
		Text:    "Volg je pakket: https://track.linden.example/o/AbC-_9 of bel ons",
		Headers: map[string][]string{"List-Unsubscribe": {"<mailto:x@linden.example>, <https://track.linden.example/u/Tok?x=1>"}},
	}
	if got := m.PagePath(); got != "/o/AbC-_9" {
		t.Errorf("page %q", got)
	}
	if got := m.UnsubscribePath(); got != "/u/Tok?x=1" {
		t.Errorf("unsubscribe %q", got)
	}
	if empty := (Mail{}); empty.PagePath() != "" || empty.UnsubscribePath() != "" {
		t.Error("a mail without links has paths")
	}
}

func TestOnlyTheRecipientsOwnMailsAreReturned(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"id":1,"to":["a@x.example"]},{"id":2,"to":["b@x.example"]},{"id":3,"to":["a@x.example"]}]`))
	}))
	defer server.Close()
	mails, err := Client{URL: server.URL}.To(t.Context(), "a@x.example")
	if err != nil || len(mails) != 2 || mails[1].ID != 3 {
		t.Errorf("got %+v, %v", mails, err)
	}
}
