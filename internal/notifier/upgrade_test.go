package notifier_test

import (
	"database/sql"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/store"
)

// upgraded returns a shop whose database the previous version has written, ten open and closed orders, five minutes after its last work.
func upgraded(t *testing.T) (*shop, *notifier.Notifier) {
	t.Helper()
	s := newShop(t)
	s.doc.Sources = append(s.doc.Sources, bundle.Source{Name: "webshop", Kind: bundle.Orders, EndpointID: "c", Definition: "shopify", Intake: "Webhook"})
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(s.path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	dump, err := os.ReadFile("../store/testdata/before.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+s.path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), string(dump))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s.store, s.sent = s.open(), 1000
	s.wait(22*time.Hour + 5*time.Minute)
	return s, s.notifier(s.store)
}

// takeOver does what a notifier does in the background once it has started.
func (s *shop) takeOver(n *notifier.Notifier) {
	s.t.Helper()
	ids, err := s.store.LegacyOrders(s.t.Context(), "", 100)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, id := range ids {
		err := s.store.Update(s.t.Context(), func(tx *store.Tx) error {
			_, err := tx.ConvertLegacy(s.t.Context(), id)
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if err := n.Refresh(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func TestAnUpgradeTellsNobodyTwiceAndThenGoesOn(t *testing.T) {
	s, n := upgraded(t)
	s.work(n) // one receipt was left: 1005 is on its way
	s.takeOver(n)
	s.work(n)
	want(t, "left over", s.messages("1005"), []string{"OrderReceived Superseded", "Shipped Sent"})
	want(t, "told before", s.messages("1003"), []string{"OrderReceived Sent", "Shipped Sent", "OutForDelivery Superseded", "Delivered Sent"})
	if mails := s.relay.mails(); len(mails) != 1 {
		t.Errorf("%d mails", len(mails))
	}
	s.pass(n, 8*24*time.Hour) // and nothing is heard of the parcel that was promised for the 20th
	if got := s.messages("WEB-1002"); !slices.ContainsFunc(got, func(m string) bool { return strings.HasPrefix(m, "LateWithoutNews Sent") }) {
		t.Errorf("an open order is not watched after the upgrade: %v", got)
	}
	s.post("api", event(t, "1007", "OutForDelivery", s.now()))
	s.work(n)
	if got := s.messages("1007"); got[len(got)-1] != "OutForDelivery Sent" {
		t.Errorf("live news after the upgrade: %v", got)
	}
}
