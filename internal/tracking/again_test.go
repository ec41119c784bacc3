package tracking

import (
	"math/rand/v2"
	"testing"
)

// scanByScan makes each scan a receipt of its own, heard when it was made.
func scanByScan(number string, scans ...Scan) []Statement {
	var all []Statement
	for _, s := range scans {
		all = append(all, trackerSaid("easypost", number, s.Told, s))
	}
	return all
}

func TestWhatComesBackReadsTheSameInAnyOrder(t *testing.T) {
	again := shipmentSaid("shopify", "78", hours(300), "3SB")
	one := orderSaid("shopify", "4501", "#1001", t0, func(o *OrderSaid) { o.Lines = o.Lines[:min(len(o.Lines), 1)] })
	stories := map[string][]Statement{
		"delivered, taken back, delivered": append(placed("3SA"), scanByScan("3SA",
			scanned(Delivered, hours(30), ""), scanned(Exception, hours(32), ""), scanned(OutForDelivery, hours(33), ""), scanned(Delivered, hours(37), ""))...),
		"delivered twice with the depot between": append(placed("3SA"), scanByScan("3SA",
			scanned(Delivered, hours(30), ""), scanned(InTransit, hours(32), "Depot"), scanned(Delivered, hours(37), ""))...),
		"sent back under its number": append(placed("3SA"), scanByScan("3SA",
			scanned(Delivered, hours(30), ""), scanned(ReturnInTransit, hours(230), ""), scanned(Delivered, hours(260), ""))...),
		"sent again": append([]Statement{one, placed("3SA")[1], again}, append(scanByScan("3SA",
			scanned(ReturnInTransit, hours(30), ""), scanned(ReturnedToSender, hours(60), "")), scanByScan("3SB", scanned(Delivered, hours(330), ""))...)...),
	}
	for name, story := range stories {
		want, news := hear(story...).page(t, hours(400)), newsOf(t, testSetting(), hours(400), story...)
		for range 50 {
			rand.Shuffle(len(story), func(i, j int) { story[i], story[j] = story[j], story[i] })
			if got := hear(story...).page(t, hours(400)); got != want {
				t.Fatalf("%s: the page differs:\n%s\n%s", name, got, want)
			}
			same(t, newsOf(t, testSetting(), hours(400), story...), news...)
		}
	}
}

func TestADeliveryThatIsTakenBackIsNewsAndSoIsTheNext(t *testing.T) {
	same(t, only(newsOf(t, testSetting(), hours(100), append(placed("3SA"), scanByScan("3SA",
		scanned(Delivered, hours(30), ""), scanned(OutForDelivery, hours(33), ""), scanned(Delivered, hours(35), ""))...)...), Occasion(Delivered), Occasion(Exception)),
		"Wed 25 18:00 Delivered Parcel:3SA 2026-11-25",
		"Wed 25 21:00 Exception Parcel:3SA reopened:2026-11-25",
		"Wed 25 23:00 Delivered Parcel:3SA 2026-11-25T23:00")
}

func TestWhatIsSentBackUnderItsNumberStaysDelivered(t *testing.T) {
	_, j := project(t, hours(300), append(placed("3SA"), scanByScan("3SA",
		scanned(Delivered, hours(30), ""), scanned(ReturnInTransit, hours(230), ""), scanned(Delivered, hours(260), ""))...)...)
	if j.State != Occasion(Delivered) || j.Total != 1 || j.Arrived != 1 || len(j.Parcels) != 2 || j.Parcels[1].Direction != Return || j.Parcels[1].Status != ReturnedToSender {
		t.Errorf("%s, %d of %d: %+v", j.State, j.Arrived, j.Total, j.Parcels)
	}
}
