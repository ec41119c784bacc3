package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// lived is an order as it stands when it has arrived: three lines, a parcel, ten scans that came one by one, three dates.
func lived(i int) (id string, records []tracking.Record) {
	external, number, parcel := fmt.Sprint(4507890000+i), fmt.Sprint("#", 10000+i), fmt.Sprintf("3SABC%07d", i)
	order := orderSaid("webshop", external, number)
	order.Order.Customer = tracking.Recipient{Name: "Noor Jansen", FirstName: "Noor", Email: fmt.Sprintf("noor.%d@example.org", i), Phone: "+31600000000", ID: fmt.Sprint(i)}
	order.Order.Destination = tracking.Address{Street: fmt.Sprint("Keizersgracht ", i), Postcode: "1015 CJ", City: "Amsterdam", Country: "NL"}
	order.Order.Lines = nil
	for n := range 3 {
		order.Order.Lines = append(order.Order.Lines, tracking.Line{
			ID: fmt.Sprint(i*10 + n), SKU: fmt.Sprint("SKU-", n), Name: fmt.Sprint("Oak stool number ", n), Variant: "Large", Quantity: one, PriceMinor: 4995,
			ImageURL: fmt.Sprintf("https://cdn.shop.example/products/%d.jpg", n), URL: fmt.Sprintf("https://shop.example/products/%d", n),
		})
	}
	shipment := shipmentSaid("webshop", fmt.Sprint(2558580000+i), external, parcel)
	shipment.Shipment.Parcels[0].URL = "https://carrier.example/track/" + parcel
	tracker := trackerSaid("carrier-postnl", parcel)
	tracker.Tracker.URL = "https://carrier.example/track/" + parcel
	places := []string{"Utrecht", "Amsterdam", "Rotterdam sorting centre", "Den Haag"}
	for n := range 10 {
		at := noon.Add(time.Duration(n)*3*time.Hour + time.Duration(i)*time.Second)
		tracker.Scans = append(tracker.Scans, tracking.Scan{
			ID: fmt.Sprintf("%08x%08x", i*7919, n*104729), Status: tracking.Statuses()[n%9], Told: at, Heard: at.Add(73 * time.Second), Sequence: n,
			Location: places[n%len(places)], Country: "NL", Text: "The parcel has been sorted at the depot", Language: "en", Code: fmt.Sprint("J0", n),
		})
	}
	for n := range 3 {
		day := noon.AddDate(0, 0, n).Truncate(24 * time.Hour)
		at := tracker.Scans[n*3].Told
		tracker.Dates = append(tracker.Dates, tracking.StatedDate{ETA: tracking.ETA{From: day, To: day, DayOnly: true, Source: tracking.ETAFromCarrier}, At: at, Heard: at.Add(73 * time.Second)})
	}
	return store.NewOrderID(), []tracking.Record{order, shipment, tracker}
}

// tell stores what is decided and told of an order until it has arrived: seven decisions at queueing, five at sending, five messages.
func tell(tx *store.Tx, b testing.TB, id string, i int) error {
	subject := tracking.Subject{Kind: tracking.SubjectParcel, Ref: fmt.Sprintf("3SABC%07d", i)}
	occasions := []tracking.Occasion{"OrderReceived", "Shipped", "EtaFirstKnown", "OutForDelivery", "EtaMoved", "Delivered", "Packed"}
	row := store.OrderRow{ID: id, PlacedAt: noon, EvaluatedAt: noon, NextLook: noon.AddDate(0, 0, 1), BundleHash: "sha256-0123456789abcdef"}
	for n, occasion := range occasions {
		d := store.Decision{
			OrderID: id, Occasion: occasion, Subject: subject, Instance: "2026-11-17", Asked: store.AtQueue, At: noon, Verdict: "Send", Channel: "Email",
			NotBefore: noon, Rule: "level", Words: "the policy tells this by e-mail, as routine news of the parcel",
		}
		if err := tx.RecordDecision(b.Context(), d); err != nil {
			return err
		}
		row.Seen = append(row.Seen, tracking.News{Occasion: occasion, Subject: subject, Instance: d.Instance}.ID())
		if n >= 5 { // for the page only
			continue
		}
		d.Asked = store.AtSend
		if err := tx.RecordDecision(b.Context(), d); err != nil {
			return err
		}
		_, err := tx.QueueMessage(b.Context(), store.Message{
			OrderID: id, Occasion: occasion, Subject: subject, Instance: d.Instance, Recipient: store.RecipientHash(fmt.Sprintf("noor.%d@example.org", i)),
			About: store.LegacyAbout(subject, "postnl"), Channel: "Email", Level: "Routine", At: noon, Heard: noon, NotBefore: noon.AddDate(1, 0, 0),
		})
		if err != nil {
			return err
		}
	}
	return tx.PutOrder(b.Context(), row)
}

// fill stores so many orders that have arrived.
func fill(b testing.TB, s *store.Store, orders int) {
	b.Helper()
	for from := 0; from < orders; from += 500 {
		err := s.Update(b.Context(), func(tx *store.Tx) error {
			for i := from; i < min(from+500, orders); i++ {
				id, records := lived(i)
				if err := tx.PutOrder(b.Context(), store.OrderRow{ID: id, PlacedAt: noon}); err != nil {
					return err
				}
				for _, r := range records {
					if err := tx.SaveRecord(b.Context(), r, store.RecordJoined, id); err != nil {
						return err
					}
				}
				order, err := tx.Order(b.Context(), id)
				if err != nil {
					return err
				}
				if err := tx.WriteLegacy(b.Context(), order); err != nil {
					return err
				}
				if err := tell(tx, b, id, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// TestAnOrderCostsAtMostTenKilobytes measures an order with all that is kept of it once its receipts have aged out.
func TestAnOrderCostsAtMostTenKilobytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	s := open(t, path)
	empty := size(t, s, path)
	const orders = 300
	fill(t, s, orders)
	each := (size(t, s, path) - empty) / orders
	t.Logf("%d bytes an order", each)
	if each > 10<<10 {
		t.Errorf("an order costs %d bytes, want at most 10 KiB", each)
	}
}

// size is that of the database when all of it is in its file.
func size(t *testing.T, s *store.Store, path string) int64 {
	t.Helper()
	store.Checkpoint(t, s)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// inbox stores receipts of a source in bulk.
func inbox(b *testing.B, s *store.Store, source string, receipts int) {
	b.Helper()
	err := store.Exec(b, s, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO receipts (source, dedupe_key, header, body, received_at) SELECT ?, i, '{}', randomblob(700), ? FROM n`, receipts, source, noon.UnixMilli())
	if err != nil {
		b.Fatal(err)
	}
}

func BenchmarkAppendReceipt(b *testing.B) {
	s := fresh(b)
	body := make([]byte, 720)
	for i := 0; b.Loop(); i++ {
		r := receipt(fmt.Sprint(i))
		r.Body = body
		if _, err := s.AppendReceipt(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// A claim costs the same whatever waits behind it.
func BenchmarkClaimReceipts(b *testing.B) {
	for name, waiting := range map[string]map[string]int{
		"1000":            {"api": 1_000},
		"100000":          {"api": 100_000},
		"100000-unknown":  {"strange": 100_000, "api": 1_000},
		"100000-finished": {"done": 100_000, "api": 1_000},
	} {
		b.Run(name, func(b *testing.B) {
			s := fresh(b)
			for source, n := range waiting {
				if source != "api" {
					inbox(b, s, source, n)
				}
			}
			if waiting["strange"] > 0 { // they are set aside once
				if _, err := s.ClaimReceipts(b.Context(), noon, time.Minute, 20, []string{"api"}); err != nil {
					b.Fatal(err)
				}
			}
			if err := store.Exec(b, s, `UPDATE receipts SET state = 'Done' WHERE source = 'done'`); err != nil {
				b.Fatal(err)
			}
			inbox(b, s, "api", waiting["api"])
			now := noon
			for b.Loop() {
				claims, err := s.ClaimReceipts(b.Context(), now, time.Minute, 20, []string{"api", "webshop", "carrier"})
				if err != nil || len(claims) == 0 {
					b.Fatalf("%d claims, %v", len(claims), err)
				}
				now = now.Add(time.Millisecond)
				b.StopTimer()
				again(b, s)
				b.StartTimer()
			}
		})
	}
}

// again makes the claimed receipts fresh.
func again(b *testing.B, s *store.Store) {
	b.Helper()
	if err := store.Exec(b, s, `UPDATE receipts SET due_at = 0 WHERE state = 'New' AND due_at > 0`); err != nil {
		b.Fatal(err)
	}
}

// A join costs the same whatever else waits for its order.
func BenchmarkNeighbours(b *testing.B) {
	for _, orphans := range []int{0, 100_000} {
		b.Run(fmt.Sprint(orphans), func(b *testing.B) {
			s := fresh(b)
			fill(b, s, 100)
			for from := 0; from < orphans; from += 1000 {
				var part []tracking.Record
				for i := range 1000 {
					part = append(part, trackerSaid("aggregator", fmt.Sprint("OTHER", from+i), tracking.InTransit))
				}
				wait(b, s, part...)
			}
			for i := 0; b.Loop(); i++ {
				err := s.Update(b.Context(), func(tx *store.Tx) error {
					found, _, err := tx.Neighbours(b.Context(), []string{fmt.Sprintf("p:3SABC%07d", i%100)}, 100)
					if len(found) != 3 {
						b.Fatalf("%d records", len(found))
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSaveRecord(b *testing.B) {
	s := fresh(b)
	fill(b, s, 100)
	_, records := lived(1)
	for b.Loop() {
		wait(b, s, records[2])
	}
}

func BenchmarkClaimLooks(b *testing.B) {
	for _, orders := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(orders), func(b *testing.B) {
			s := fresh(b)
			for from := 0; from < orders; from += 1000 {
				err := s.Update(b.Context(), func(tx *store.Tx) error {
					for i := range 1000 {
						if err := tx.PutOrder(b.Context(), store.OrderRow{ID: fmt.Sprint("o", from+i), PlacedAt: noon, NextLook: noon.Add(time.Duration(from+i) * time.Second)}); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			now := noon.AddDate(0, 1, 0)
			for b.Loop() {
				now = now.Add(time.Hour / 2) // the leases of the last round have ended
				claims, err := s.ClaimLooks(b.Context(), now, time.Minute, 20)
				if err != nil || len(claims) != 20 {
					b.Fatalf("%d claims, %v", len(claims), err)
				}
			}
		})
	}
}

// written100000 is a database of the previous version: 100,000 orders with a parcel, ten events and five messages each, and 500,000
// receipts.
func written100000(b *testing.B) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "before.db")
	db := store.MigratedTo(b, path, 2)
	for _, query := range []string{
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
			INSERT INTO orders (id, source, external_id, number_key, placed_at, body) SELECT lower(hex(randomblob(13))), 'webshop', i, 'WEB-' || i, i,
			'{"ID":"x","Number":"#WEB-' || i || '","ExternalID":"' || i || '","Source":"webshop","PlacedAt":"2026-11-16T09:00:00Z","Phase":"Shipped","PhaseTimes":{"OrderReceived":"2026-11-16T09:00:00Z","Shipped":"2026-11-16T14:00:00Z"},"Customer":{"Name":"Noor Jansen","Email":"h@example.org","Phone":""},"To":{"Street":"Keizersgracht 1","Postcode":"1015 CJ","City":"Amsterdam","Country":"NL"},"Items":[{"Name":"Oak stool - Large","SKU":"OAK-1","Quantity":2,"PriceMinor":1995}],"Currency":"EUR","TotalMinor":3990,"Promise":null,"Parcels":null,"UpdatedAt":"2026-11-16T09:00:00Z"}' FROM n`,
		`INSERT INTO parcels (order_id, carrier, number, number_key, shipment_id, url, first_at, last_at, hint_number, hint_external)
			SELECT id, 'postnl', '3S' || rowid, '3S' || rowid, rowid, 'https://carrier.example/', 1794819600000, 1794819600000, '', '' FROM orders`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
			INSERT INTO events (parcel_id, event_key, at, body) SELECT p.id, 'key' || i, 1794819600000 + i,
			'{"Key":"key' || i || '","Status":"InTransit","Reason":"","Delayed":false,"Returning":false,"ActionRequired":false,"Time":"2026-11-16T10:00:00Z","Recorded":"2026-11-16T10:00:10Z","Location":"Utrecht","Text":"On its way","Code":"Q1","ETA":null}' FROM parcels p, n`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
			INSERT INTO messages (order_id, occasion, parcel, about, channel, level, occurred_at, heard_at, not_before, state, finished_at)
			SELECT id, 'Occasion' || i, '', '', 'Email', 'Routine', 1794819600000, 1794819600000, 1794819600000, 'Sent', 1794819600000 FROM orders, n`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)
			INSERT INTO receipts (source, dedupe_key, header, body, received_at, state) SELECT 'webshop', i, '{}', zeroblob(1200), i, 'Done' FROM n`,
		`INSERT INTO sources (name, received_at) VALUES ('webshop', 1)`,
	} {
		if _, err := db.ExecContext(b.Context(), query); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// The first start after an upgrade moves no order: what is left to convert is converted while the notifier works.
func BenchmarkUpgradeOf100000Orders(b *testing.B) {
	path := written100000(b)
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			copied := filepath.Join(b.TempDir(), "copy.db")
			if err := os.WriteFile(copied, data, 0o600); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			s := open(b, copied)
			b.StopTimer()
			_ = s.Close()
			b.StartTimer()
		}
	})
	b.Run("convert", func(b *testing.B) {
		s := open(b, path)
		for after := ""; b.Loop(); {
			ids, err := s.LegacyOrders(b.Context(), after, 100)
			if err != nil || len(ids) == 0 {
				b.Fatalf("%d orders left, %v", len(ids), err)
			}
			after = ids[len(ids)-1]
			convertAll(b, s, ids)
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100, "µs/order")
	})
}

func convertAll(b *testing.B, s *store.Store, ids []string) {
	b.Helper()
	err := s.Update(b.Context(), func(tx *store.Tx) error {
		for _, id := range ids {
			if _, err := tx.ConvertLegacy(b.Context(), id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
