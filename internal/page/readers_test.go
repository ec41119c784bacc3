package page

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// gift serves an order in the parcel of Noor's, sent to Robin, with a copy to a purchasing department.
func gift(t *testing.T) *site {
	t.Helper()
	order := orderSaid(noon, func(o *tracking.OrderSaid) {
		o.Recipients = []tracking.Recipient{
			{Role: tracking.RoleGift, Name: "Robin Sample", Email: "robin@shopper.example"},
			{Role: tracking.RoleCopied, Email: "purchasing@company.example", PO: "4711"},
		}
		o.Refunds, o.Money.RefundedMinor = []tracking.Refund{{AmountMinor: 1500, At: hours(3)}}, 1500
	})
	return play(t, document("en"), hours(41), order, shipmentSaid("77", hours(2), nil, "RR1"), trackerSaid("RR1", hours(40), scanned(tracking.InTransit, hours(39), "Umeå")))
}

var private = []string{"€", "129", "159", "Noor", "noor@", "Jansen", "Total", "refunded", "#1002"}

func TestWhoIsSentAGiftSeesNoPriceNoBuyerAndNoOtherOrder(t *testing.T) {
	s := gift(t)
	s.change(func(o *tracking.Order) { o.Shipments[0].Parcels[0].Together = []string{"#1002"} })
	for name, recipient := range map[string]link.Recipient{"the gift's link": linkRecipientOf("Robin@shopper.example"), "a guest's link": guest} {
		w := s.get(link.OrderPath + s.tokenFor(link.Order, recipient))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Hiking boots") {
			t.Fatalf("%s answers %d", name, w.Code)
		}
		wantsNone(t, name, w.Body.String(), private...)
	}
	for name, recipient := range map[string]link.Recipient{"the buyer's link": {}, "the department's link": linkRecipientOf("purchasing@company.example")} {
		wants(t, name, s.get(link.OrderPath+s.tokenFor(link.Order, recipient)).Body.String(), "€159.00", "€15.00 has been refunded", "#1002")
	}
}

func TestALookUpByPostcodeShowsNoPriceAndOneByEmailShowsWhatItsOwnerMaySee(t *testing.T) {
	s := gift(t)
	for factor, priced := range map[string]bool{"903 22": false, "noor@shopper.example": true, "robin@shopper.example": false, "purchasing@company.example": true} {
		target := s.find("1001", factor).Header().Get("Location")
		body := s.get(target).Body.String()
		if !strings.Contains(body, "Hiking boots") {
			t.Errorf("%s opens %q", factor, target)
		}
		if got := strings.Contains(body, "€159.00"); got != priced {
			t.Errorf("%s: prices are shown: %v", factor, got)
		}
		if !priced {
			wantsNone(t, factor, body, private...)
		}
	}
}

func TestALinkThatWentToAWrongAddressOpensNothing(t *testing.T) {
	s := gift(t)
	s.revoke()
	for name, want := range map[link.Recipient]int{
		{}: http.StatusNotFound, linkRecipientOf("noor@shopper.example"): http.StatusOK, linkRecipientOf("nor@shopper.example"): http.StatusNotFound,
		linkRecipientOf("robin@shopper.example"): http.StatusOK, guest: http.StatusOK,
	} {
		w := s.get(link.OrderPath + s.tokenFor(link.Order, name))
		if w.Code != want {
			t.Errorf("%x is answered %d, want %d", name, w.Code, want)
		}
		if w.Code != http.StatusOK && strings.Contains(w.Body.String(), "Hiking boots") {
			t.Errorf("%x reads the order", name)
		}
		calendar := s.get(link.OrderPath + s.tokenFor(link.Order, name) + "/" + calendarFile)
		if want == http.StatusNotFound && !strings.Contains(calendar.Body.String(), "This link no longer works") {
			t.Errorf("%x reads the calendar", name)
		}
	}
	if target := s.find("1001", "noor@shopper.example").Header().Get("Location"); s.get(target).Code != http.StatusOK {
		t.Error("the buyer's look-up leads to a link that is refused")
	}
}

func TestARecipientWhoIsNoneOfTheOrdersAnyMoreIsRefused(t *testing.T) {
	s := gift(t)
	path := link.OrderPath + s.tokenFor(link.Order, linkRecipientOf("robin@shopper.example"))
	s.change(func(o *tracking.Order) { o.Recipients = nil })
	if w := s.get(path); w.Code != http.StatusNotFound {
		t.Errorf("got %d", w.Code)
	}
}

func TestAnOrderWithoutAnAddressIsNotOpenedByOneThatNamesNone(t *testing.T) {
	s := gift(t)
	s.change(func(o *tracking.Order) { o.Buyer.Email = "" })
	if w := s.get(link.OrderPath + s.tokenFor(link.Order, linkRecipientOf("x@shopper.example"))); w.Code != http.StatusNotFound {
		t.Errorf("got %d", w.Code)
	}
}

func TestANumberIsFoundHoweverItIsWritten(t *testing.T) {
	s := gift(t)
	for _, number := range []string{"1001", "#1001", " # 1001 ", "order 1001", "Order no. #1001", "order #1001", "order1001", "RR1", "rr 1", "tracking RR1"} {
		if w := s.find(number, "noor@shopper.example"); w.Code != http.StatusSeeOther {
			t.Errorf("%q: %d", number, w.Code)
		}
	}
}

func TestOneFactorAloneOpensNothing(t *testing.T) {
	s := gift(t)
	s.change(func(o *tracking.Order) { o.Number = "" })
	for _, number := range []string{"", "#", " ", "-", "order", "…"} {
		for _, factor := range []string{"903 22", "noor@shopper.example", ""} {
			if w := s.find(number, factor); w.Code == http.StatusSeeOther {
				t.Errorf("%q with %q opens an order", number, factor)
			}
		}
	}
}

func TestOfSeveralOrdersOfANumberTheOneOpensWhoseFactorFits(t *testing.T) {
	s := gift(t)
	other := s.order
	other.ID, other.PlacedAt = "otherotherotherotherother", s.order.PlacedAt.Add(time.Hour)
	other.Buyer = tracking.Recipient{Email: "ada@shopper.example"}
	other.To.Postcode, other.Recipients, other.Lines = "1017 AB", nil, []tracking.Line{{Name: "Tent", Quantity: s.order.Lines[0].Quantity}}
	s.orders[other.ID] = opened(other)
	for factor, want := range map[string]string{"ada@shopper.example": "Tent", "1017AB": "Tent", "noor@shopper.example": "Hiking boots", "90322": "Hiking boots"} {
		body := s.get(s.find("1001", factor).Header().Get("Location")).Body.String()
		if !strings.Contains(body, want) {
			t.Errorf("%s does not open the order of the %s", factor, want)
		}
	}
}

func TestAnotherSpellingIsNoWayAroundTheLimit(t *testing.T) {
	s := gift(t)
	now := noon
	l := newLimits(func() time.Time { return now })
	spellings := []string{"1001", "#1001", "order 1001", "a 1001", "b 1001", "c 1001", "xx1001", "order no 1001", "z1001", "d 1001", "e 1001", "f 1001"}
	refused := 0
	for i, text := range spellings {
		if !l.allow(string(rune('a'+i)), numbersIn(text)) {
			refused++
		}
	}
	if refused != len(spellings)-numberBurst {
		t.Errorf("%d of %d tries were refused", refused, len(spellings))
	}
	if got := numbersIn(strings.Repeat("1 ", 40)); len(got) > maxSpellings {
		t.Errorf("one text is read as %d numbers", len(got))
	}
	_ = s
}
