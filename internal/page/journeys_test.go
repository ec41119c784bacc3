package page

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// split serves an order in two parcels: the boots come today, the socks on Thursday.
func split(t testing.TB, doc *bundle.Document) *site {
	t.Helper()
	return play(t, doc, hours(46), splitSaid()...)
}

func splitSaid() []tracking.Statement {
	today := expected(trackerSaid("RR200713001SE", hours(45), scanned(tracking.InTransit, hours(30), "Umeå"), scanned(tracking.OutForDelivery, hours(44), "Umeå")), hours(53), hours(55))
	later := expected(trackerSaid("RR200713002SE", hours(41), scanned(tracking.InTransit, hours(40), "Göteborg")), hours(78), hours(80))
	return []tracking.Statement{
		orderSaid(noon, nil), shipmentSaid("77", hours(2), boots(), "RR200713001SE"), shipmentSaid("78", hours(3), socks(), "RR200713002SE"), today, later,
	}
}

// cardsOf returns the cards of a page, as words.
func (p parsed) cardsOf(class string) []string {
	var all []string
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(strings.Fields(attr(n, "class")), class) {
			all = append(all, words(n))
		}
	}
	return all
}

func wants(t *testing.T, where, text string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %q: %s", where, want, text)
		}
	}
}

func wantsNone(t *testing.T, where, text string, all ...string) {
	t.Helper()
	for _, bad := range all {
		if strings.Contains(text, bad) {
			t.Errorf("%s says %q: %s", where, bad, text)
		}
	}
}

func TestOfTwoParcelsEachHasItsOwnDayPlaceAndContents(t *testing.T) {
	p := split(t, document("en")).page()
	wants(t, "the headline", p.text("h1"), "today between 17:00 and 19:00", "Friday 27 November")
	wants(t, "the date", p.textOf("date"), "Thursday 26 November", "17:00–19:00", "Planned by PostNord")
	wantsNone(t, "the answer", p.textOf("answer"), "Göteborg", "27 November 18:00")
	cards := p.cardsOf("parcel")
	if len(cards) != 2 {
		t.Fatalf("cards: %q", cards)
	}
	wants(t, "the first card", cards[0], "Parcel 1 of 2", "out for delivery", "today between 17:00 and 19:00", "Hiking boots", "RR200713001SE", "Umeå", "PostNord")
	wantsNone(t, "the first card", cards[0], "Merino", "Göteborg", "27 November", "RR200713002SE")
	wants(t, "the second card", cards[1], "Parcel 2 of 2", "on its way", "Friday 27 November", "Merino socks", "RR200713002SE", "Göteborg")
	wantsNone(t, "the second card", cards[1], "boots", "Umeå", "17:00", "RR200713001SE")
}

func TestAnOrderHalfDeliveredIsNotDelivered(t *testing.T) {
	s := play(t, document("en"), hours(50), orderSaid(noon, nil), shipmentSaid("77", hours(2), boots(), "RR1"),
		trackerSaid("RR1", hours(47), scanned(tracking.InTransit, hours(30), "Umeå"), scanned(tracking.Delivered, hours(46), "Umeå")))
	p := s.page()
	wants(t, "the headline", p.text("h1"), "Part of your order has been delivered")
	wants(t, "the answer", p.textOf("answer"), "Part of your order has not been sent yet")
	var unsent string
	for _, n := range p.all("section") {
		if attr(n, "aria-labelledby") == "unsent" {
			unsent = words(n)
		}
	}
	wants(t, "what is not sent", unsent, "Not sent yet", "2 ×", "Merino socks")
	wantsNone(t, "what is not sent", unsent, "boots")
	if v := s.view(); slices.ContainsFunc(v.Answer.Buttons, func(a button) bool { return strings.Contains(a.URL, "LeaveReview") }) {
		t.Error("a review of half an order is asked for")
	}
}

func TestAnOrderIsCompleteOnTheDayOfItsLastParcel(t *testing.T) {
	delivered := func(number string, at float64) tracking.Statement {
		return trackerSaid(number, hours(at+1), scanned(tracking.InTransit, hours(30), "Umeå"), scanned(tracking.Delivered, hours(at), "Umeå"))
	}
	p := play(t, document("en"), hours(96), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1", "RR2"), delivered("RR1", 46), delivered("RR2", 94)).page()
	wants(t, "the headline", p.text("h1"), "complete")
	wantsNone(t, "the answer", p.textOf("answer"), "26 November", "Thursday")
	cards := p.cardsOf("parcel")
	wants(t, "the first card", cards[0], "Thursday 26 November")
	wants(t, "the second card", cards[1], "today at 10:00")
}

func TestARemovedLineIsGoneAndTheTotalIsThatOfNow(t *testing.T) {
	edited := orderSaid(hours(5), func(o *tracking.OrderSaid) {
		o.Lines[1].Quantity, o.Money.TotalMinor = locale.Quantity{}, 12900
	})
	body := play(t, document("en"), hours(6), orderSaid(noon, nil), edited).get
	text := words(parsePage(t, body(link.OrderPath+sign("orderorderorderorderorder", 6)).Body).root)
	wants(t, "the page", text, "Hiking boots", "€129.00")
	wantsNone(t, "the page", text, "Merino", "€159.00", "1 × Merino", "0 ×")
}

func sign(id string, at float64) string {
	return link.Sign(key, link.Claims{Purpose: link.Order, OrderID: id, Expires: hours(at + 1)})
}

func TestARefundedOrderPromisesNothing(t *testing.T) {
	refunded := orderSaid(hours(20), func(o *tracking.OrderSaid) {
		for i := range o.Lines {
			o.Lines[i].Quantity, o.Lines[i].State = locale.Quantity{}, tracking.LineRefunded
		}
		o.Refunds, o.Money.RefundedMinor, o.Money.TotalMinor = []tracking.Refund{{AmountMinor: 15900, At: hours(20)}}, 15900, 0
	})
	s := play(t, offering(), hours(21), orderSaid(noon, nil), refunded)
	text := words(s.page().root)
	wants(t, "the page", text, "€159.00 has been refunded")
	wantsNone(t, "the page", text, "Hiking boots", "Merino", "Expected", "prepare", "Total", "as soon as", "Cancel my order")
	if v := s.view(); len(v.Answer.Progress) > 0 {
		t.Errorf("steps to come: %v", v.Answer.Progress)
	}
}

func TestWhatIsCollectedAtTheCounterIsNeverSent(t *testing.T) {
	collect := func(phase tracking.Phase, at float64) tracking.Statement {
		s := orderSaid(hours(at), func(o *tracking.OrderSaid) {
			o.Method, o.Phase, o.Destination = tracking.MethodPickup, phase, tracking.Address{}
		})
		s.Phases = []tracking.PhaseChange{{Phase: phase, At: hours(at), Heard: hours(at)}}
		return s
	}
	s := play(t, offering(), hours(30), collect(tracking.OrderReceived, 0), collect(tracking.Collected, 20))
	text := words(s.page().root)
	wants(t, "the page", text, "collected")
	wantsNone(t, "the page", text, "carrier", "on its way", "scan", "has left us", "Out for delivery", "Delivery to")
}

func dutiesDue(number string) tracking.Statement {
	return trackerSaid(number, hours(41), scanned(tracking.InTransit, hours(30), "Arlanda"), tracking.Scan{
		Status: tracking.InCustoms, Told: hours(40), Location: "Arlanda", Reason: tracking.ReasonDutiesDue, ActionRequired: true,
		Action: &tracking.RequiredAction{Reason: tracking.ReasonDutiesDue, ByDay: locale.Day{Year: 2026, Month: 12, Day: 4}, URL: "https://duties.example/pay?n=1"},
	})
}

func TestWhatTheShopperMustDoStandsFirstWithOneButton(t *testing.T) {
	s := play(t, offering(), hours(42), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), dutiesDue("RR1"))
	p := s.page()
	if p.text("h1") != "Pay the import duties" {
		t.Errorf("the headline is %q", p.text("h1"))
	}
	answer := p.textOf("answer")
	wants(t, "the answer", answer, "by Friday 4 December", "may go back to the sender", "Pay the duties")
	wantsNone(t, "the answer", answer, "you will read it here", "Choose another day", "We are on it")
	if got := s.view().Answer; got.Tone != toneAct || got.Act.Button.URL != "https://duties.example/pay?n=1" {
		t.Errorf("tone %s, button %+v", got.Tone, got.Act.Button)
	}
}

func TestAWrongAddressLeadsToTheMerchantsOwnPageForIt(t *testing.T) {
	wrong := trackerSaid("RR1", hours(41), scanned(tracking.InTransit, hours(30), "Umeå"), tracking.Scan{
		Status: tracking.Exception, Told: hours(40), Reason: tracking.ReasonAddressWrong, ActionRequired: true,
	})
	s := play(t, offering(), hours(42), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), wrong)
	if got := s.view().Answer; got.Headline != "Complete your address" || got.Act.Button.URL != "https://linden.example/ChangeAddress" {
		t.Errorf("%q leads to %+v", got.Headline, got.Act.Button)
	}
}

func TestTheActionOfASecondParcelStandsOnItsOwnCard(t *testing.T) {
	p := play(t, document("en"), hours(42), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1", "RR2"), dutiesDue("RR1"), dutiesDue("RR2")).page()
	cards := p.cardsOf("parcel")
	wants(t, "the headline", p.text("h1"), "Parcel 1 of 2: Pay the import duties")
	wants(t, "the second card", cards[1], "Pay the duties", "by Friday 4 December")
	wantsNone(t, "the first card", cards[0], "Pay the duties")
}

func waiting(change func(*tracking.PickupPoint)) []tracking.Statement {
	tracker := trackerSaid("RR1", hours(50), scanned(tracking.InTransit, hours(30), "Umeå"),
		scanned(tracking.AvailableForPickup, hours(46), "ICA Maxi"), scanned("", hours(49), "Sundsvall sorting centre"))
	tracker.Tracker.Pickup = &tracking.PickupPoint{
		Name: "ICA Maxi", Address: "Formvägen 1, Umeå", Code: "4711", Hours: "8–22", Until: locale.Day{Year: 2026, Month: 12, Day: 14},
	}
	if change != nil {
		change(tracker.Tracker.Pickup)
	}
	return []tracking.Statement{orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), tracker}
}

func TestAPickUpSaysWhereUntilWhenAndWithWhichCode(t *testing.T) {
	s := play(t, offering(), hours(51), waiting(nil)...)
	p := s.page()
	wants(t, "the answer", p.textOf("answer"), "ready for you to collect", "ICA Maxi", "Formvägen 1, Umeå", "You can collect it until Monday 14 December", "4711", "8–22", "Add to my calendar")
	wantsNone(t, "the answer", p.textOf("answer"), "Sundsvall", "Choose another day")
	body := s.get(s.orderPath() + "/" + calendarFile).Body.String()
	wants(t, "the calendar", body, "DTSTART;VALUE=DATE:20261214", "DTEND;VALUE=DATE:20261215")
}

func TestAReckonedDayOfAPickUpIsCalledTheCarriersUsualOne(t *testing.T) {
	doc := document("en")
	doc.Sources[0].Carriers = []bundle.CarrierRules{{Name: "postnord", PickupHoldDays: 14}}
	p := play(t, doc, hours(51), waiting(func(at *tracking.PickupPoint) { at.Until = locale.Day{} })...).page()
	wants(t, "the answer", p.textOf("answer"), "PostNord usually keeps it until Thursday 10 December")
}

func TestWhereAParcelWasLeftStandsInTheAnswer(t *testing.T) {
	s := open(t, offering(), "Delivered")
	v := s.view()
	wants(t, "the answer", v.Answer.Left, "left with the neighbours at number 9")
	s.change(func(o *tracking.Order) { o.Shipments[0].Parcels[0].Shared, o.Shipments[0].Parcels[0].Proof = true, nil })
	wantsNone(t, "a shared parcel", words(s.page().root), "neighbours at number 9")
}

func TestAParcelOutForDeliveryForDaysIsNotOnTheWayToTheDoor(t *testing.T) {
	out := expected(trackerSaid("RR1", hours(45), scanned(tracking.OutForDelivery, hours(44), "Umeå")), hours(53), hours(55))
	p := play(t, offering(), hours(44+24*11), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), out).page()
	wants(t, "the headline", p.text("h1"), "later than planned", "26 November")
	wantsNone(t, "the answer", p.textOf("answer"), "out for delivery", "take the parcel in", "Choose another day")
	wants(t, "the answer", p.textOf("answer"), "Last scan")
}

func TestADayOfANamedZoneIsThatOfTheDestination(t *testing.T) {
	order := orderSaid(noon, func(o *tracking.OrderSaid) {
		o.Destination = tracking.Address{Postcode: "94107", City: "San Francisco", Region: "CA", Country: "US"}
	})
	tracker := expected(trackerSaid("1Z1", hours(20), scanned(tracking.InTransit, hours(19), "Oakland")), hours(60), hours(63)) // 26 November 15:00-18:00 there
	p := play(t, document("en"), hours(22.5), order, shipmentSaid("77", hours(2), nil, "1Z1"), tracker).page()
	wants(t, "the date", p.textOf("date"), "Thursday 26 November", "15:00–18:00")
	wantsNone(t, "the page", words(p.root), "00:00", "27 November")
}

func TestADeliveryThatWasDelayedIsADelivery(t *testing.T) {
	late := scanned(tracking.Delivered, hours(46), "Umeå")
	late.Delayed = true
	s := play(t, document("en"), hours(47), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), trackerSaid("RR1", hours(47), scanned(tracking.InTransit, hours(30), ""), late))
	if got := s.view().Cards[0].Steps.Shown[0].Title; got != "Delivered" {
		t.Errorf("the newest step reads %q", got)
	}
}

func TestAMovedDaySaysWhichWasTheFirst(t *testing.T) {
	tracker := expected(expected(trackerSaid("RR1", hours(20), scanned(tracking.InTransit, hours(19), "Umeå")), hours(53), hours(55)), hours(77), hours(79))
	tracker.Dates[0].At, tracker.Dates[0].Heard = hours(15), hours(15)
	p := play(t, document("en"), hours(21), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), tracker).page()
	wants(t, "the date", p.textOf("date"), "Friday 27 November", "The day has changed", "Thursday 26 November")
}

func TestAfterAFailedAttemptNoDayIsPutIntoTheCarriersMouth(t *testing.T) {
	tracker := expected(trackerSaid("RR1", hours(30), scanned(tracking.OutForDelivery, hours(29), "Umeå")), hours(32), hours(34))
	failed := scanned(tracking.DeliveryAttemptFailed, hours(33), "Umeå")
	failed.Reason = tracking.ReasonNotHome
	again := trackerSaid("RR1", hours(34), failed)
	doc := offering()
	doc.Promise = bundle.Promise{HandlingBusinessDays: 1, Transit: []bundle.Transit{{Name: "all", MinBusinessDays: 1, MaxBusinessDays: 3}}}
	s := play(t, doc, hours(35), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), tracker, again)
	answer := s.page().textOf("answer")
	wants(t, "the answer", answer, "No one was at home", "no new day yet", "Choose another day", "Choose a pick-up point")
	wantsNone(t, "the answer", answer, "tries again", "Our own estimate", "Expected")
	if b := s.view().Answer.Buttons; len(b) == 0 || b[0].URL != "https://linden.example/Reschedule" {
		t.Errorf("the first button is %+v", b)
	}
}

func TestACancelledShipmentIsToldInOneLine(t *testing.T) {
	s := play(t, offering(), hours(30), orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), trackerSaid("RR1", hours(20), scanned(tracking.ParcelCancelled, hours(19), "")))
	text := words(s.page().root)
	wants(t, "the page", text, "cancelled", "RR1")
	wantsNone(t, "the page", text, "We have received your order.", "as soon as")
	if v := s.view(); len(v.Cards) != 0 || len(v.Gone) != 1 || len(v.Answer.Progress) != 0 {
		t.Errorf("%d cards, %d gone", len(v.Cards), len(v.Gone))
	}
}

func TestAReplacedParcelIsSaidSoInOneLine(t *testing.T) {
	again := shipmentSaid("78", hours(60), boots(), "RR2")
	again.Shipment.Replaces = "77"
	v := play(t, document("en"), hours(90), orderSaid(noon, nil), shipmentSaid("77", hours(2), boots(), "RR1"), again,
		trackerSaid("RR2", hours(71), scanned(tracking.InTransit, hours(70), "Umeå"))).view()
	if len(v.Gone) != 1 || v.Gone[0].Number != "RR1" || len(v.Cards) != 1 || v.Cards[0].Number != "RR2" {
		t.Errorf("gone %+v, cards %+v", v.Gone, v.Cards)
	}
}

func TestAReturnHasACardOfItsOwnAndItsLabelUntilItsLastDay(t *testing.T) {
	back := shipmentSaid("79", hours(100), boots(), "RB1")
	back.Shipment.Direction, back.Shipment.Phase = tracking.Return, tracking.ReturnRequested
	back.Shipment.ReturnLabel = &tracking.ReturnLabel{URL: "https://linden.example/label/1", Until: locale.Day{Year: 2026, Month: 12, Day: 10}}
	all := []tracking.Statement{
		orderSaid(noon, nil), shipmentSaid("77", hours(2), nil, "RR1"), trackerSaid("RR1", hours(47), scanned(tracking.Delivered, hours(46), "")), back,
		trackerSaid("RB1", hours(120), scanned(tracking.LabelCreated, hours(101), "")),
	}
	s := play(t, document("en"), hours(121), all...)
	cards := s.page().cardsOf("parcel")
	last := cards[len(cards)-1]
	wants(t, "the return", last, "Your return", "Print the return label (until Thursday 10 December)", "Hiking boots", "RB1")
	wantsNone(t, "the return", last, "Delivered", "on its way to you", "RR1")
	s.now = hours(24 * 30)
	wantsNone(t, "the return after the label's last day", words(s.page().root), "Print the return label")
}

func TestALetterIsNeverExpectedToBeScanned(t *testing.T) {
	letter := shipmentSaid("77", hours(2), socks())
	letter.Shipment.Method, letter.Shipment.Phase = tracking.MethodLetter, tracking.Shipped
	letter.Phases = []tracking.PhaseChange{{Phase: tracking.Shipped, At: hours(2), Heard: hours(2)}}
	text := words(play(t, document("en"), hours(400), orderSaid(noon, nil), letter).page().root)
	wants(t, "the page", text, "letter post", "Merino socks")
	wantsNone(t, "the page", text, "first scan", "later than planned", "Out for delivery")
}

func TestAnOrderThatNoCarrierBringsSaysHowItComes(t *testing.T) {
	for method, want := range map[tracking.Method]string{
		tracking.MethodLetter: "By letter post", tracking.MethodPickup: "To be collected from the shop", tracking.MethodDigital: "Nothing is sent by post",
	} {
		order := orderSaid(noon, func(o *tracking.OrderSaid) { o.Method = method })
		p := play(t, document("en"), hours(3), order).page()
		wants(t, string(method), p.textOf("answer"), want)
		wantsNone(t, string(method), words(p.root), "Out for delivery", "as soon as it is known")
	}
}

func TestNothingIsAskedOfAReaderBeforeACarrierHasTheParcel(t *testing.T) {
	reroutes := []string{reschedule, choosePickupPoint, chooseNeighbour, chooseSafePlace}
	all := append([]string{}, reroutes...)
	for _, c := range []struct {
		occasion tracking.Occasion
		want     []string
	}{
		{"OrderReceived", []string{changeAddress, cancelOrder}},
		{"Packed", []string{changeAddress, cancelOrder}},
		{"OrderCancelled", nil},
		{"InTransit", all},
		{"OutForDelivery", all},
		{"DeliveryAttemptFailed", all},
		{"Exception", all},
		{"AvailableForPickup", nil},
		{"LateWithoutNews", nil},
		{"Lost", nil},
		{"ReturnInTransit", nil},
		{"Delivered", []string{startReturn, printReturnLabel, leaveReview}},
	} {
		want := append([]string{}, c.want...)
		var got []string
		for _, a := range open(t, offering(), c.occasion).view().Answer.Buttons {
			got = append(got, strings.TrimPrefix(a.URL, "https://linden.example/"))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s offers %v, want %v", c.occasion, got, want)
		}
	}
}

func TestAnActionEndsWithThePhaseThatTheMerchantNames(t *testing.T) {
	doc := document("en")
	doc.Page.Actions = []bundle.Action{{Name: cancelOrder, LastPhase: "AwaitingProcessing", Type: "Link", URL: "https://linden.example/cancel"}, {Name: contactSupport, Type: "Webhook", URL: "https://linden.example/hook"}}
	for occasion, want := range map[tracking.Occasion]int{"OrderReceived": 1, "Packed": 0} {
		if got := open(t, doc, occasion).view().Answer.Buttons; len(got) != want {
			t.Errorf("%s offers %v", occasion, got)
		}
	}
}

func TestHelpFitsTheState(t *testing.T) {
	for occasion, want := range map[tracking.Occasion][]string{
		"OrderReceived": {"Contact us"}, "Lost": {"Contact us"}, "InTransit": {"Contact us"},
		"Delivered": {"I never received it", "Something is damaged"}, "Damaged": {"Something is damaged"},
	} {
		var got []string
		for _, c := range open(t, document("en"), occasion).view().Help.Cases {
			got = append(got, c.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s helps with %q, want %q", occasion, got, want)
		}
	}
}

func TestAShopWithoutSupportAsksNobodyToWrite(t *testing.T) {
	doc := document("en")
	doc.Support = bundle.Support{}
	for _, occasion := range tracking.Occasions() {
		wantsNone(t, string(occasion), words(open(t, doc, occasion).page().root), "Write to", "rite to us", "Simply reply", "Can we help")
	}
}

func TestAFragmentOfAnAddressIsNotShown(t *testing.T) {
	for _, c := range []struct {
		to   tracking.Address
		want string
	}{
		{tracking.Address{Postcode: "1011", Country: "NL"}, ""},
		{tracking.Address{City: "Umeå", Postcode: "903 22", Country: "SE"}, "Umeå (903 ··)"},
		{tracking.Address{City: "Berlin", Postcode: "10115", Country: "DE"}, "Berlin (10···)"},
		{tracking.Address{City: "Galway", Country: "IE"}, "Galway"},
	} {
		s := open(t, document("en"), "InTransit")
		s.change(func(o *tracking.Order) { o.To = c.to })
		if got := s.view().Place; got != c.want {
			t.Errorf("%+v is shown as %q, want %q", c.to, got, c.want)
		}
	}
}

func TestThePageOfAReturnSaysNothingOfDeliveryToTheShopper(t *testing.T) {
	s := openGoing(t, document("en"), "ReturnedToSender", tracking.Return)
	cards := s.page().cardsOf("parcel")
	wantsNone(t, "the return", cards[len(cards)-1], "Delivered", "delivered")
}

func TestEveryWordOfThePageIsInItsVersion(t *testing.T) {
	s := open(t, document("en"), "AvailableForPickup")
	version := func() string {
		w := s.get(s.orderPath())
		if w.Code != http.StatusOK {
			t.Fatal(w.Code)
		}
		return attr(parsePage(t, w.Body).all("main")[0], "data-version")
	}
	before := version()
	for name, change := range map[string]func(o *tracking.Order){
		"the code":  func(o *tracking.Order) { o.Shipments[0].Parcels[0].Pickup.Code = "9" },
		"a line":    func(o *tracking.Order) { o.Lines[0].Name = "Cotton cushion" },
		"the total": func(o *tracking.Order) { o.Money.TotalMinor++ },
		"the town":  func(o *tracking.Order) { o.To.City = "Zaandam" },
		"the link":  func(o *tracking.Order) { o.Shipments[0].Parcels[0].URL = "https://carrier.example/1" },
		"the check": func(o *tracking.Order) { o.Shipments[0].Parcels[0].CheckedAt = s.now },
	} {
		s.change(change)
		after := version()
		if after == before {
			t.Errorf("%s is no news", name)
		}
		before = after
	}
}
