package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/store/legacy"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// takeOver converts all that the previous version has written, as the notifier does in the background, and says which orders it was.
func takeOver(t *testing.T, s *store.Store) (orders []string) {
	t.Helper()
	for {
		ids, err := s.LegacyOrders(t.Context(), "", 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			convert(t, s, id)
		}
		orders = append(orders, ids...)
		parcels := 0
		update(t, s, func(tx *store.Tx) (err error) {
			parcels, err = tx.ConvertLegacyParcels(t.Context(), 3)
			return err
		})
		if len(ids) == 0 && parcels == 0 {
			slices.Sort(orders)
			return orders
		}
	}
}

// convert takes one order over and writes it back, in one transaction.
func convert(t *testing.T, s *store.Store, id string) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		converted, err := tx.ConvertLegacy(t.Context(), id)
		if err != nil || !converted {
			t.Errorf("%s: converted %t, %v", id, converted, err)
		}
		order, err := tx.Order(t.Context(), id)
		if err != nil {
			return err
		}
		return tx.WriteLegacy(t.Context(), order)
	})
}

func orderOf(t *testing.T, s *store.Store, id string) *tracking.Order {
	t.Helper()
	o, err := s.OrderByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var quantities = cmpopts.EquateComparable(tracking.Quantity{})

// numbers are those of the orders in testdata/before.sql.
var numbers = []string{"1001", "WEB-1002", "1003", "1004", "1005", "1006", "1007", "1008", "1009", "#2001"}

func TestEveryOrderOfTheVersionBeforeIsReadBeforeAndAfterItIsConverted(t *testing.T) {
	path := writtenBefore(t)
	old := startBefore(t, path)
	was := map[string]legacy.Order{}
	for _, number := range numbers {
		id := old.id(number)
		was[id] = old.order(id)
	}
	s := open(t, path)
	unconverted := map[string]*tracking.Order{}
	for id, o := range was {
		unconverted[id] = orderOf(t, s, id)
		wantSameFacts(t, o, unconverted[id])
	}
	if converted := takeOver(t, s); len(converted) != len(was) {
		t.Errorf("%d orders were converted, want %d", len(converted), len(was))
	}
	for id, want := range unconverted {
		if diff := cmp.Diff(want, orderOf(t, s, id), quantities); diff != "" {
			t.Errorf("%s changed with its conversion:\n%s", want.Number, diff)
		}
	}
}

// wantSameFacts compares what both versions know of an order.
func wantSameFacts(t *testing.T, was legacy.Order, is *tracking.Order) {
	t.Helper()
	got := legacy.Of(*is, legacy.Lead{ExternalID: was.ExternalID, UpdatedAt: was.UpdatedAt})
	for i := range got.Parcels {
		got.Parcels[i].FirstAt = time.Time{}
	}
	for _, o := range []legacy.Order{was, got} {
		for _, p := range o.Parcels {
			for i := range p.Events { // which it neither shows nor decides by
				p.Events[i].Recorded, p.Events[i].Code = time.Time{}, ""
				if p.Events[i].Status != "" {
					p.Events[i].Text = ""
				}
			}
		}
	}
	if was.PhaseTimes["OrderReceived"].IsZero() {
		delete(got.PhaseTimes, "OrderReceived") // which every order that was placed has reached
	}
	byTime := cmpopts.SortSlices(func(a, b legacy.Event) bool { return a.Time.Before(b.Time) || (a.Time.Equal(b.Time) && a.Key < b.Key) })
	byNumber := cmpopts.SortSlices(func(a, b legacy.Parcel) bool { return a.Number < b.Number })
	if diff := cmp.Diff(was, got, cmpopts.EquateEmpty(), byTime, byNumber); diff != "" {
		t.Errorf("%s (-before +now):\n%s", was.Number, diff)
	}
}

func TestAnOrderOfTheVersionBeforeIsFoundBeforeItIsConverted(t *testing.T) {
	path := writtenBefore(t)
	old := startBefore(t, path)
	s := open(t, path)
	for number, parcel := range map[string]string{"web 1002": "pweb1002", "#2001": "3SH2001", "1003": "P-1003"} {
		byNumber, err := s.OrdersByNumber(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		byParcel, err := s.OrdersByParcelNumber(t.Context(), parcel)
		if err != nil {
			t.Fatal(err)
		}
		if len(byNumber) != 1 || len(byParcel) != 1 || byNumber[0].ID != byParcel[0].ID {
			t.Errorf("%s: %d orders, and %d by the parcel", number, len(byNumber), len(byParcel))
		}
	}
	if none, err := s.OrdersByNumber(t.Context(), ""); err != nil || len(none) != 0 {
		t.Errorf("no number: %d orders, %v", len(none), err)
	}
	if got := orderOf(t, s, old.id("2001")).Number; got != "#2001" {
		t.Errorf("its number is %s", got)
	}
}

func TestANewReceiptFindsWhatTheVersionBeforeKnows(t *testing.T) {
	for key, want := range map[string]string{
		"n:WEB1002":           "api/Order/ext-1002",
		"x:ext-1002":          "api/Order/ext-1002",
		"p:PWEB1002":          "api/Order/ext-1002",
		"x:450789469":         "webshop/Order/450789469",
		"s:webshop/255858046": "webshop/Order/450789469",
		"p:G9001":             "_earlier/Tracker/parcel/8",
		"n:WEB9001":           "_earlier/Tracker/parcel/8",
		"p:EZ9002":            "_earlier/Tracker/parcel/9",
		"x:9003":              "Tracker/parcel/11",
	} {
		s := open(t, writtenBefore(t))
		update(t, s, func(tx *store.Tx) error {
			found, _, err := tx.Neighbours(t.Context(), []string{key}, 100)
			has := slices.ContainsFunc(found, func(f store.Stored) bool {
				k := f.Record.Key
				return strings.HasSuffix(k.Source+"/"+string(k.Kind)+"/"+k.Ref, want)
			})
			if !has {
				t.Errorf("%s finds %d records, and not %s", key, len(found), want)
			}
			return err
		})
	}
}

func TestAnUpgradeLeavesEveryOrderToBeEvaluatedAndKnowsWhoWasTold(t *testing.T) {
	s := open(t, writtenBefore(t))
	takeOver(t, s)
	stale, err := s.StaleOrders(t.Context(), "new bundle", "", 100)
	if err != nil || len(stale) != len(numbers) {
		t.Errorf("%d orders are still to be evaluated, want %d (%v)", len(stale), len(numbers), err)
	}
	update(t, s, func(tx *store.Tx) error {
		told, err := tx.ToldTo(t.Context(), store.RecipientHash("c@example.org"), time.Time{})
		var got []string
		for _, m := range told {
			got = append(got, string(m.Occasion))
			if !m.Unidentified {
				t.Errorf("%s is said to be of this version", m.Occasion)
			}
		}
		if diff := cmp.Diff([]string{"OrderReceived", "Shipped", "Delivered"}, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func TestTheVersionBeforeReadsWhatThisOneHasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	s := open(t, path)
	put(t, s, "o1", orderSaid("shop", "77", "#A-1001"), shipmentSaid("shop", "f1", "77", "3S1"),
		trackerSaid("postnl", "3S1", tracking.InTransit, tracking.OutForDelivery))
	old := startBefore(t, path)
	if got := old.id("a-1001"); got != "o1" {
		t.Fatalf("by its number it finds %q", got)
	}
	o := old.order("o1")
	wantSameFacts(t, o, orderOf(t, s, "o1"))
	if len(o.Parcels) != 1 || len(o.Parcels[0].Events) != 2 || o.Customer.Email != "noor@example.org" || o.ExternalID != "77" {
		t.Errorf("it reads %+v", o)
	}
	if left, err := s.LegacyOrders(t.Context(), "", 10); err != nil || len(left) != 0 {
		t.Errorf("this version takes over what it wrote itself: %v, %v", left, err)
	}
	put(t, s, "o1", trackerSaid("postnl", "3S1", tracking.InTransit, tracking.OutForDelivery, tracking.Delivered))
	if got := old.order("o1"); len(got.Parcels) != 1 || len(got.Parcels[0].Events) != 3 {
		t.Errorf("after one more scan it reads %+v", got.Parcels)
	}
}

func TestWhatTheVersionBeforeAddedMeanwhileIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	s := open(t, path)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"), shipmentSaid("shop", "f1", "77", "3S1"), trackerSaid("postnl", "3S1", tracking.InTransit))
	put(t, s, "o2", orderSaid("shop", "78", "#1002"))
	old := startBefore(t, path)
	later := noon.Add(24 * time.Hour)
	o := old.order("o1")
	o.Customer.Email, o.UpdatedAt = "corrected@example.org", later
	o.Phase, o.PhaseTimes["Shipped"] = "Shipped", later
	old.save(o)
	old.scan("o1", "3S1", legacy.Event{Key: "k1", Status: "Delivered", Time: later, Recorded: later})
	old.scan("o1", "3S2", legacy.Event{Key: "k2", Status: "InTransit", Time: later, Recorded: later.Add(time.Minute)})
	old.queue("o1", "Delivered")

	before := orderOf(t, s, "o1")
	if got := takeOver(t, s); !slices.Equal(got, []string{"o1"}) {
		t.Fatalf("taken over: %v", got)
	}
	got := orderOf(t, s, "o1")
	if diff := cmp.Diff(before, got, quantities); diff != "" {
		t.Errorf("the page showed something else before:\n%s", diff)
	}
	if got.Buyer.Email != "corrected@example.org" || !slices.Equal(got.Tags, []string{"gift"}) || got.Lines[0].ID != "1" {
		t.Errorf("the order is now %+v", got)
	}
	if got, want := scansOf(got), []string{"3S1 InTransit", "3S1 Delivered", "3S2 InTransit"}; !slices.Equal(got, want) {
		t.Errorf("scans %v, want %v", got, want)
	}
	if stale, err := s.StaleOrders(t.Context(), "b1", "", 10); err != nil || !slices.Equal(stale, []string{"o1"}) {
		t.Errorf("to be evaluated: %v, %v", stale, err)
	}
	if again := takeOver(t, s); len(again) != 0 {
		t.Errorf("taken over again: %v", again)
	}
}

// scansOf lists the scans of an order, parcel by parcel.
func scansOf(o *tracking.Order) (scans []string) {
	for _, shipment := range o.Shipments {
		for _, parcel := range shipment.Parcels {
			for _, scan := range parcel.Scans {
				scans = append(scans, parcel.Number+" "+string(scan.Status))
			}
		}
	}
	return scans
}

func TestANewerWordIsNotUndoneByWhatTheVersionBeforeHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	s := open(t, path)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	old := startBefore(t, path)
	o := old.order("o1")
	o.Customer.Email = "stale@example.org" // by a word that is as old
	newer := orderSaid("shop", "77", "#1001")
	newer.Take(tracking.Statement{
		Key: newer.Key, Speaker: newer.Speaker, Stamp: tracking.Stamp{Version: noon.Add(time.Hour), Heard: noon.Add(time.Hour)},
		Fields: []string{"Customer"}, Order: &tracking.OrderSaid{Customer: tracking.Recipient{Email: "right@example.org"}},
	})
	put(t, s, "o1", newer)
	old.save(o)
	takeOver(t, s)
	if got := orderOf(t, s, "o1").Buyer.Email; got != "right@example.org" {
		t.Errorf("the address is %s", got)
	}
}

func TestAnOrderThatTheVersionBeforeBringsIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	s := open(t, path)
	old := startBefore(t, path)
	old.exec(`INSERT INTO sources (name, received_at) VALUES ('shop', 1) ON CONFLICT (name) DO NOTHING`)
	old.scan("", "3S1", legacy.Event{Key: "k1", Status: "InTransit", Time: noon, Recorded: noon})
	old.save(legacy.Order{ID: "o1", Number: "#1001", ExternalID: "77", Source: "shop", PlacedAt: noon, UpdatedAt: noon})
	if got, _ := neighbours(t, s, 10, "x:77"); !slices.Equal(got, []string{"77"}) {
		t.Errorf("by its id: %v", got)
	}
	if got, _ := neighbours(t, s, 10, "p:3S1"); len(got) != 1 {
		t.Errorf("what a carrier said before: %v", got)
	}
}

func TestTheVersionBeforeSendsOnlyWhatItKnows(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	s := open(t, path)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	for _, m := range []store.Message{
		{Occasion: "Shipped", Channel: "Email"},
		{Occasion: "Packed", Channel: "SMS"},
		{Occasion: "Stalled", Channel: "Email"},
		{Occasion: "Delivered", Channel: "Email", Role: tracking.RoleGift},
	} {
		m.OrderID, m.NotBefore = "o1", noon
		queue(t, s, m, true)
	}
	if got := startBefore(t, path).claimMessages(noon); !slices.Equal(got, []string{"Shipped"}) {
		t.Errorf("the previous version claims %v", got)
	}
}

func TestWhatTheVersionBeforeQueuedIsSent(t *testing.T) {
	path := writtenBefore(t)
	s := open(t, path)
	m := claimMessages(t, s, noon.AddDate(0, 0, 2), 1)[0]
	if m.Occasion != "OrderReceived" || m.Subject != (tracking.Subject{}) {
		t.Errorf("claimed %+v", m)
	}
	update(t, s, func(tx *store.Tx) error { return tx.FinishMessage(t.Context(), m, store.MessageSent, noon, "") })
	update(t, s, func(tx *store.Tx) error {
		messages, err := tx.Messages(t.Context(), startBefore(t, path).id("1007"))
		if err == nil && messages[1].Subject != (tracking.Subject{Kind: tracking.SubjectParcel, Ref: "P1007"}) {
			t.Errorf("its parcel is read as %+v", messages[1].Subject)
		}
		return err
	})
}

func TestWhoUnsubscribedBeforeIsToldProblemsOnlyAndMayTakeItBack(t *testing.T) {
	path := writtenBefore(t)
	old := startBefore(t, path)
	id := old.id("1006")
	s := open(t, path)
	unsubscribed := func() string {
		return old.text(`SELECT count(*) FROM preferences WHERE (kind = ? AND subject = ?) OR (kind = ? AND subject = ?)`, "order", id, "order", "")
	}
	if got := preference(t, s, id, "f@example.org"); got.Choice != store.ChoiceOnlyProblems || unsubscribed() != "1" {
		t.Errorf("the choice is %q, and the previous version has %s", got.Choice, unsubscribed())
	}
	if got := preference(t, s, old.id("1001"), "F@example.org "); got.Choice != store.ChoiceOnlyProblems {
		t.Errorf("in another order of the address it is %q", got.Choice)
	}
	update(t, s, func(tx *store.Tx) error {
		return tx.SetPreference(t.Context(), id, store.ChoiceKeyMoments, noon.AddDate(0, 0, 3))
	})
	if got := preference(t, s, id, "f@example.org"); got.Choice != store.ChoiceKeyMoments || unsubscribed() != "0" {
		t.Errorf("taken back it is %q, and the previous version has %s", got.Choice, unsubscribed())
	}
	old.exec(`INSERT INTO preferences (kind, subject, unsubscribed_at) VALUES (?, ?, ?) ON CONFLICT (kind, subject) DO NOTHING`, "order", id, noon.AddDate(0, 0, 4).UnixMilli())
	if got := preference(t, s, id, "f@example.org"); got.Choice != store.ChoiceOnlyProblems {
		t.Errorf("unsubscribed again by the previous version it is %q", got.Choice)
	}
}

func TestReceiptsAreWorkedOffByEitherVersion(t *testing.T) {
	path := writtenBefore(t)
	s, old := open(t, path), startBefore(t, path)
	appended(t, s, receipt("1"), true)
	result := old.exec(`UPDATE receipts SET attempts = attempts + 1, due_at = ? WHERE id IN (SELECT id FROM receipts WHERE state = 'New' AND attempts = 0 AND due_at <= ? ORDER BY id LIMIT ?)`,
		noon.Add(time.Minute).UnixMilli(), noon.UnixMilli(), 1)
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		t.Errorf("the previous version claims %d (%v)", n, err)
	}
	if got, _ := claimOf(t, s, noon, "api"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("this one claims %v beside it", got)
	}
	if n, _, err := s.Replay(t.Context(), store.ReplayFilter{Source: "unknown-carrier", Definition: "d1"}, true, 10); err != nil || n != 1 {
		t.Errorf("what it put aside for its source is replayed: %d, %v", n, err)
	}
	if got, _ := claimOf(t, s, noon, "unknown-carrier"); len(got) != 1 {
		t.Errorf("and claimed: %v", got)
	}
}

func TestADatabaseThatANewerVersionHasMigratedIsRefusedWithTheReason(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `UPDATE schema_readable SET min_reader = 99`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Options{Path: path}); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("got %v", err)
	}
}

func TestTheSchemaCanBeTakenBackAndBroughtForwardAgain(t *testing.T) {
	path := writtenBefore(t)
	id := startBefore(t, path).id("1003")
	s := open(t, path)
	want := orderOf(t, s, id)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.MigratedTo(t, path, 2).Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, orderOf(t, open(t, path), id), quantities); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
