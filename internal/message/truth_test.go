package message

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// half is one of two parcels whose facts nothing else shares.
type half struct {
	carrier, name, number, line, place string
	day                                int // of December
}

var (
	parcelA = half{"postnl", "PostNL", "3SAAAA111", "l1", "Zwolle", 3}
	parcelB = half{"dhl", "DHL", "JJDBBB222", "l2", "Maastricht", 9}
)

func (h half) eta() *tracking.ETA {
	day := time.Date(2026, 12, h.day, 0, 0, 0, 0, time.UTC)
	return &tracking.ETA{From: day, To: day, DayOnly: true}
}

// days returns all ways to write the day in a language: none of them is part of another day's.
func (h half) days(l intl) []string {
	day := locale.Day{Year: 2026, Month: time.December, Day: h.day}
	return []string{l.fullDay(day, false), l.monthDay(day, false)}
}

// factIn returns a fact of the parcel that a mail names; "" = none.
func (h half) factIn(m Mail, l intl) string {
	goods := map[string]string{"l1": "Boots", "l2": "Socks"}[h.line]
	for _, fact := range append([]string{h.name, h.number, h.place, goods}, h.days(l)...) {
		if whole := regexp.MustCompile(`(^|[^0-9\pL])` + regexp.QuoteMeta(fact) + `([^0-9\pL]|$)`); whole.MatchString(m.Subject + "\n" + m.Text + m.Preheader) {
			return fact
		}
	}
	return ""
}

// twoParcels returns an order in two parcels that stand at random points of their ways.
func twoParcels(t *testing.T, random *rand.Rand) *purchase {
	p := buy(t)
	for _, h := range []half{parcelA, parcelB} {
		p.parcel(h.carrier, h.number, h.line)
		var scans []tracking.Scan
		for i := range 1 + random.IntN(4) {
			all := tracking.Statuses()
			scans = append(scans, tracking.Scan{
				Status: all[random.IntN(len(all))], Location: h.place, Told: hours(22 + float64(i*7)), Delayed: random.IntN(4) == 0,
				ActionRequired: random.IntN(5) == 0,
			})
		}
		p.scans(h.carrier, h.number, h.eta(), scans...)
	}
	return p
}

// TestAMailAboutOneParcelNeverSpeaksOfTheOther is the promise that a split order needs most.
func TestAMailAboutOneParcelNeverSpeaksOfTheOther(t *testing.T) {
	r := renderer(t, shop(BuiltinLocales()...))
	random := rand.New(rand.NewPCG(1, 2))
	told := 0
	for range 60 {
		p := twoParcels(t, random)
		o, j := p.at(hours(60))
		for _, occasion := range tracking.Occasions() {
			v := r.localizers[random.IntN(len(r.localizers))]
			o.Locale = v.Locale
			for _, pair := range [][2]half{{parcelA, parcelB}, {parcelB, parcelA}} {
				own, other := pair[0], pair[1]
				m, err := r.Mail(tracking.News{Occasion: occasion, Subject: parcelOf(own.number), At: hours(50)}, o, j, o.Buyer, links, hours(60))
				if errors.Is(err, ErrNoDate) || errors.Is(err, ErrNoAction) || occasion == tracking.SilentOrder {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				told++
				if fact := other.factIn(m, v.intl); fact != "" {
					t.Fatalf("%s %s about %s says %q of the other:\n%s\n%s", v.Locale, occasion, own.number, fact, m.Subject, m.Text)
				}
			}
		}
	}
	if told < 1000 {
		t.Fatalf("only %d mails were read", told)
	}
}

func TestTheSecondOfTwoParcelsIsToldWithItsOwnDay(t *testing.T) {
	r := renderer(t, shop("en"))
	p := buy(t).parcel("postnl", "3SA", "l1").parcel("dhl", "JJB", "l2")
	p.scans("postnl", "3SA", nil, tracking.Scan{Status: tracking.OutForDelivery, Told: hours(40), Location: "Zwolle"}, tracking.Scan{Status: tracking.Delivered, Told: hours(50), Location: "Zwolle"})

	part := p.mail(r, tracking.Occasion(tracking.Delivered), parcelOf("3SA"), hours(51))
	for _, want := range []string{"Part of your order #1001", "One of 2 parcels was delivered today at 14:00", "One more parcel is still to come.", "1 × Boots"} {
		if !strings.Contains(part.Subject+part.Text, want) {
			t.Errorf("the first half lacks %q:\n%s\n%s", want, part.Subject, part.Text)
		}
	}
	if strings.Contains(part.Text, "Socks") || strings.Contains(part.Text, "complete") {
		t.Errorf("the first half speaks of the whole:\n%s", part.Text)
	}

	p.scans("dhl", "JJB", nil, tracking.Scan{Status: tracking.Delivered, Told: hours(98), Location: "Zwolle"})
	last := p.mail(r, tracking.Occasion(tracking.Delivered), parcelOf("JJB"), hours(99))
	for _, want := range []string{"Your order #1001 is complete", "The last of 2 parcels was delivered today at 14:00", "2 × Socks"} {
		if !strings.Contains(last.Subject+last.Text, want) {
			t.Errorf("the second half lacks %q:\n%s\n%s", want, last.Subject, last.Text)
		}
	}
	o, j := p.at(hours(99))
	if got := r.Localizer("en").Headline(o, j, r.Clock(o, hours(99))); got != "Your order is complete. All 2 parcels have been delivered." {
		t.Errorf("the page says %q", got)
	}
}

func TestWhatIsSentOfAnOrderIsNotToldAsTheOrder(t *testing.T) {
	r := renderer(t, shop("en"))
	first := buy(t).parcel("postnl", "3SA", "l1")
	sent := func(ref string) tracking.Subject {
		return tracking.Subject{Kind: tracking.SubjectShipment, Ref: "api/" + ref}
	}
	m := first.mail(r, tracking.Occasion(tracking.Shipped), sent("3SA"), hours(21))
	if m.Subject != "Part of your order #1001 is on its way" || !strings.Contains(m.Text, "Part of your order has not been sent yet.") || strings.Contains(m.Text, "Socks") {
		t.Errorf("the first half:\n%s\n%s", m.Subject, m.Text)
	}
	second := first.parcel("dhl", "JJB", "l2")
	m = second.mail(r, tracking.Occasion(tracking.Shipped), sent("JJB"), hours(22))
	if m.Subject != "Part of your order #1001 is on its way (parcel 2 of 2)" || !strings.Contains(m.Text, "Parcel 2 of 2 has left us.") || strings.Contains(m.Text, "Boots") || strings.Contains(m.Text, "not been sent") {
		t.Errorf("the second half:\n%s\n%s", m.Subject, m.Text)
	}
	whole := buy(t).ship("9", tracking.ShipmentSaid{
		Phase: tracking.Shipped, Lines: []tracking.LineShare{{ID: "l1", Quantity: locale.Units(1)}, {ID: "l2", Quantity: locale.Units(2)}},
		Parcels: []tracking.ParcelSaid{{Carrier: "postnl", Number: "3SC"}},
	})
	if m = whole.mail(r, tracking.Occasion(tracking.Shipped), sent("9"), hours(22)); m.Subject != "Your order #1001 is on its way" {
		t.Errorf("the whole: %s", m.Subject)
	}
}

func TestAFailedAttemptIsToldOfItsOwnParcel(t *testing.T) {
	p := buy(t).parcel("postnl", "3SA", "l1").parcel("dhl", "JJB", "l2")
	p.scans("postnl", "3SA", nil, tracking.Scan{Status: tracking.DeliveryAttemptFailed, Reason: tracking.ReasonNotHome, Told: hours(28)})
	p.scans("dhl", "JJB", nil, tracking.Scan{Status: tracking.DeliveryAttemptFailed, Reason: tracking.ReasonAddressWrong, Told: hours(52)})
	m := p.mail(renderer(t, shop("en")), tracking.Occasion(tracking.DeliveryAttemptFailed), parcelOf("JJB"), hours(53))
	if !strings.Contains(m.Text, "DHL tried to deliver it today at 16:00, without success. The address is incomplete or not right. There is no new day yet.") || !strings.Contains(m.Subject, "(parcel 2 of 2)") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
}

func TestTheHeadlineSaysWhatComesNextAndWhatElse(t *testing.T) {
	r := renderer(t, shop("en"))
	today := &tracking.ETA{From: time.Date(2026, 11, 26, 16, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 26, 18, 0, 0, 0, time.UTC)}
	thursday := func() *tracking.ETA {
		return &tracking.ETA{From: time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC), DayOnly: true}
	}
	two := func() *purchase { return buy(t).parcel("postnl", "3SA", "l1").parcel("dhl", "JJB", "l2") }
	out := tracking.Scan{Status: tracking.OutForDelivery, Told: hours(44)}
	way := tracking.Scan{Status: tracking.InTransit, Told: hours(44)}
	gone := tracking.Scan{Status: tracking.Delivered, Told: hours(44)}
	for want, p := range map[string]*purchase{
		"1 of 2 parcels is expected today between 17:00 and 19:00, the other on Thursday 3 December.": two().scans("postnl", "3SA", today, out).scans("dhl", "JJB", thursday(), way),
		"All 2 parcels are expected on Thursday 3 December.":                                          two().scans("postnl", "3SA", thursday(), way).scans("dhl", "JJB", thursday(), way),
		"One of 2 parcels has been delivered. The other is expected on Thursday 3 December.":          two().scans("postnl", "3SA", nil, gone).scans("dhl", "JJB", thursday(), way),
		"Parcel 2 of 2: DHL could not deliver your parcel.":                                           two().scans("postnl", "3SA", nil, gone).scans("dhl", "JJB", nil, tracking.Scan{Status: tracking.DeliveryAttemptFailed, Told: hours(45)}),
		"Parcel 1 of 2: Pay the import duties":                                                        two().scans("postnl", "3SA", nil, tracking.Scan{Status: tracking.InCustoms, Reason: tracking.ReasonDutiesDue, ActionRequired: true, Told: hours(45)}),
		"Your parcel is on its way and should arrive on Thursday 3 December.":                         buy(t).parcel("postnl", "3SA", "l1").scans("postnl", "3SA", thursday(), way),
	} {
		o, j := p.at(hours(46))
		if got := r.Localizer("en").Headline(o, j, r.Clock(o, hours(46))); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// replyWords ask for a reply, in each language.
var replyWords = map[string][]string{
	"en": {"reply"}, "nl": {"beantwoord", "antwoord"}, "sv": {"svara"}, "es": {"respond"}, "pl": {"odpowied", "odpisz"}, "de": {"antwort"},
	"fr": {"répond", "réponse"}, "it": {"rispond", "risposta"},
}

func TestNoOneIsAskedToReplyWhereRepliesAreNotRead(t *testing.T) {
	for name, support := range map[string]bundle.Support{"nothing": {}, "mail": {Email: "hello@linden.example"}, "page": {URL: "https://linden.example/help"}, "phone": {Phone: "+31 20 123"}} {
		for _, l := range BuiltinLocales() {
			doc := shop(l)
			doc.Support = support
			r := renderer(t, doc)
			for _, s := range samples() {
				m := mailOf(t, r, s)
				for _, word := range replyWords[l] {
					if strings.Contains(strings.ToLower(m.Text), word) {
						t.Fatalf("%s, with %s: %q in\n%s", l, name, word, m.Text)
					}
				}
			}
			if d := r.localizers[0].ShopData(); (d.Contact == "") != (support == bundle.Support{}) {
				t.Errorf("%s, with %s: the way to reach the shop is %q", l, name, d.Contact)
			}
		}
	}
	doc := shop("en")
	doc.Email.ReplyTo = "hello@linden.example"
	if m := mailOf(t, renderer(t, doc), SampleOf(tracking.Occasion(tracking.Lost), tracking.Outbound)); !strings.Contains(m.Text, "Simply reply to this mail.") {
		t.Errorf("a reply is not asked for:\n%s", m.Text)
	}
}

func TestEveryOccasionInEveryDirectionAndLanguageHasWholeWords(t *testing.T) {
	for _, l := range BuiltinLocales() {
		for _, support := range []bundle.Support{{}, {Email: "hello@linden.example"}} {
			doc := shop(l)
			doc.Support = support
			r := renderer(t, doc)
			for _, s := range samples() {
				checkWhole(t, r, s)
			}
		}
	}
}

// checkWhole reads a sample's mail and page for holes.
func checkWhole(t *testing.T, r *Renderer, s Sample) {
	t.Helper()
	m, v := mailOf(t, r, s), r.localizers[0]
	text, _, _ := strings.Cut(m.Text, "\n- ") // goods and prices are set apart by spaces
	if m.Subject == "" || m.Preheader == "" {
		t.Errorf("%s %s has no subject or no body", v.Locale, s.News.Occasion)
	}
	c := r.Clock(s.Order, s.Now)
	w := v.Lead(s.Order, s.Journey, c)
	if w.State == "" || w.Next == "" && w.Method == "" {
		t.Errorf("%s: the page has no words for %s: %+v", v.Locale, s.Journey.State, w)
	}
	all := strings.Join([]string{m.Subject, m.Preheader, text, w.State, w.Next, v.Headline(s.Order, s.Journey, c)}, "\n")
	for _, hole := range []string{"unknown", "pending", "not available", "%!", "<no value>", "{{", "  ", " .", "..", "()"} {
		if strings.Contains(strings.ToLower(all), hole) {
			t.Errorf("%s %s %s says %q:\n%s", v.Locale, s.News.Occasion, s.News.Subject, hole, all)
		}
	}
}

func TestAReaderIsGreetedByTheirOwnFirstNameOrByNone(t *testing.T) {
	r := renderer(t, shop("en"))
	for name, test := range map[string]struct {
		to   tracking.Recipient
		want string
	}{
		"first and last":      {tracking.Recipient{Name: "Robin Sample"}, "Hi Robin,"},
		"stated":              {tracking.Recipient{Name: "Jansen, Noor", FirstName: "Noor"}, "Hi Noor,"},
		"gift":                {tracking.Recipient{Name: "Ada Jones", Role: tracking.RoleGift}, "Hi Ada,"},
		"last, first":         {tracking.Recipient{Name: "Jansen, Noor"}, "Hello,"},
		"mail address":        {tracking.Recipient{Name: "noor.jansen@shopper.example"}, "Hello,"},
		"telephone":           {tracking.Recipient{Name: "+31612345678"}, "Hello,"},
		"placeholder":         {tracking.Recipient{Name: "null null"}, "Hello,"},
		"company":             {tracking.Recipient{Name: "DE VRIES BV"}, "Hello,"},
		"title":               {tracking.Recipient{Name: "Mr Smith"}, "Hello,"},
		"initial":             {tracking.Recipient{Name: "R. Sample"}, "Hello,"},
		"link":                {tracking.Recipient{Name: "https://win.example/prize CLICK"}, "Hello,"},
		"stated link":         {tracking.Recipient{FirstName: "www.win.example"}, "Hello,"},
		"nothing":             {tracking.Recipient{}, "Hello,"},
		"right to left":       {tracking.Recipient{Name: "عبد الرحمن"}, "Hello,"},
		"household":           {tracking.Recipient{Name: "Familie Müller"}, "Hello,"},
		"further, no name":    {tracking.Recipient{Role: tracking.RoleCopied, Email: "purchasing@shopper.example"}, "Hello,"},
		"stated in capitals":  {tracking.Recipient{FirstName: "ASTRID"}, "Hi Astrid,"},
		"stated initials":     {tracking.Recipient{FirstName: "JP"}, "Hi JP,"},
		"double first name":   {tracking.Recipient{Name: "Anne-Marie de Vries"}, "Hi Anne-Marie,"},
		"capitals throughout": {tracking.Recipient{Name: "ASTRID LIND"}, "Hello,"},
	} {
		o, j := buy(t).at(hours(1))
		m, err := r.Mail(tracking.News{Occasion: tracking.Occasion(tracking.OrderReceived), At: t0}, o, j, test.to, links, hours(1))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text, "\n"+test.want+"\n") || strings.Contains(m.HTML, "win.example") {
			t.Errorf("%s: no %q in\n%s", name, test.want, m.Text)
		}
	}
}

func TestTheRecipientOfAGiftSeesNoPriceAndIsToldWhy(t *testing.T) {
	o, j := buy(t).at(hours(1))
	r := renderer(t, shop("en"))
	m, err := r.Mail(tracking.News{Occasion: tracking.Occasion(tracking.OrderReceived), At: t0}, o, j, tracking.Recipient{Role: tracking.RoleGift, Name: "Ada Jones"}, links, hours(1))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.HTML, "€") || strings.Contains(m.Text, "Noor") || !strings.Contains(m.Text, "on its way to you") {
		t.Errorf("%s", m.Text)
	}
}

func TestPricesStandInTheConfirmationOnly(t *testing.T) {
	r := renderer(t, shop("en"))
	for _, s := range samples() {
		m := mailOf(t, r, s)
		lists := strings.Contains(m.Text, "€49.90")
		if want := s.News.Occasion == tracking.Occasion(tracking.OrderReceived) && len(s.Order.Shipments) == 0; lists != want {
			t.Errorf("%s %s lists prices: %t", s.News.Occasion, s.News.Subject, lists)
		}
	}
}

func TestWhatWasTakenOffAnOrderIsNotListed(t *testing.T) {
	p := buy(t, func(o *tracking.OrderSaid) {
		o.Lines = append(o.Lines, tracking.Line{ID: "l3", Name: "Scarf"}, tracking.Line{ID: "l4", Name: "Hat", Quantity: locale.Units(1), State: tracking.LineRefunded},
			tracking.Line{ID: "l5", Name: "Ribbon", Quantity: quantity(t, "0.5")})
	})
	m := p.mail(renderer(t, shop("en", "nl")), tracking.Occasion(tracking.OrderReceived), tracking.Subject{}, hours(1))
	if strings.Contains(m.Text, "Scarf") || strings.Contains(m.Text, "Hat") || !strings.Contains(m.Text, "- 0.5 × Ribbon") {
		t.Errorf("%s", m.Text)
	}
	if got := renderer(t, shop("nl")).Localizer("").Quantity(quantity(t, "0.5")); got != "0,5 ×" {
		t.Errorf("half a metre is %q in Dutch", got)
	}
}

func TestAMailOfFiveHundredLinesIsShownWhole(t *testing.T) {
	p := buy(t, func(o *tracking.OrderSaid) {
		o.Lines = nil
		for i := range 500 {
			o.Lines = append(o.Lines, tracking.Line{ID: fmt.Sprint(i), Name: strings.Repeat("Refill pouch for glass bottles ", 8), Quantity: locale.Units(2), PriceMinor: 450})
		}
	})
	for _, l := range BuiltinLocales() {
		m := p.mail(renderer(t, shop(l)), tracking.Occasion(tracking.OrderReceived), tracking.Subject{}, hours(1))
		if len(m.HTML) > 100<<10 {
			t.Errorf("%s: %d bytes of HTML", l, len(m.HTML))
		}
		if !strings.Contains(m.HTML, "480") || !strings.Contains(m.HTML, links.Unsubscribe) {
			t.Errorf("%s: neither how many more there are nor the way to fewer messages:\n%s", l, m.Text)
		}
	}
}

func TestTimesAreToldByTheReadersClockOrNameTheirZone(t *testing.T) {
	pacific := time.FixedZone("", -8*3600)
	at := time.Date(2026, 12, 1, 16, 40, 0, 0, pacific)
	now := at.Add(10 * time.Minute)
	for name, test := range map[string]struct {
		to    tracking.Address
		scan  time.Time
		want  string
		shown string // a plain instant
	}{
		"the postcode tells the zone":             {tracking.Address{Country: "US", Postcode: "97123"}, at, "today at 16:40", "today at 16:40"},
		"the carrier's clock where no one else's": {tracking.Address{Country: "US"}, at, "today at 16:40 (UTC-8)", "today at 01:40 (CET)"},
		"no clock but the Shop's":                 {tracking.Address{Country: "US"}, at.UTC(), "today at 01:40 (CET)", "today at 01:40 (CET)"},
		"a scan in another zone":                  {tracking.Address{Country: "NL"}, at, "on Tuesday 1 December at 16:40 (UTC-8)", "today at 01:40"},
		"one zone, no carrier's clock":            {tracking.Address{Country: "GB"}, at.UTC(), "today at 00:40", "today at 00:40"},
	} {
		r := renderer(t, shop("en"))
		c := r.Clock(tracking.Order{To: test.to}, now)
		if got := r.Localizer("").Scanned(test.scan, c); got != test.want {
			t.Errorf("%s: a scan %q, want %q", name, got, test.want)
		}
		if got := r.Localizer("").When(test.scan, c); got != test.shown {
			t.Errorf("%s: an instant %q, want %q", name, got, test.shown)
		}
	}
	r := renderer(t, shop("en"))
	window := tracking.ETA{From: time.Date(2026, 12, 3, 15, 0, 0, 0, pacific), To: time.Date(2026, 12, 3, 18, 0, 0, 0, pacific)}
	if got := r.Localizer("").Eta(window, r.Clock(tracking.Order{To: tracking.Address{Country: "US"}}, now)); got != "on Thursday 3 December between 15:00 and 18:00 (UTC-8)" {
		t.Errorf("a window of an unknown zone is %q", got)
	}
}

func TestADayFarAwayHasItsYear(t *testing.T) {
	v := renderer(t, shop("en")).Localizer("")
	c := Clock{Zone: time.UTC, Now: t0}
	day := func(y int, m time.Month, d int) tracking.ETA {
		return tracking.ETA{From: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), DayOnly: true}
	}
	for _, test := range []struct {
		eta  tracking.ETA
		want string
	}{
		{day(2027, 4, 1), "on Thursday 1 April"}, {day(2027, 12, 1), "on Wednesday, 1 December 2027"}, {day(2025, 12, 1), "on Monday, 1 December 2025"},
	} {
		if got := v.Eta(test.eta, c); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestWhatTheShopperMustDoIsTheOneThingThatTheMailAsksFor(t *testing.T) {
	p := buy(t).parcel("postnl", "3SA", "l1")
	p.scans("postnl", "3SA", nil, tracking.Scan{
		Status: tracking.InCustoms, Reason: tracking.ReasonDutiesDue, ActionRequired: true, Told: hours(30),
		Action: &tracking.RequiredAction{Reason: tracking.ReasonDutiesDue, By: time.Date(2026, 12, 4, 16, 0, 0, 0, time.UTC), URL: "https://duties.example/pay"},
	})
	r := renderer(t, shop(BuiltinLocales()...))
	o, j := p.at(hours(31))
	for _, v := range r.Localizers() {
		o.Locale = v.Locale
		m, err := r.Mail(tracking.News{Occasion: tracking.ActionRequired, Subject: parcelOf("3SA"), At: hours(30)}, o, j, o.Buyer, links, hours(31))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"heading", "button", "otherwise"} {
			if text := v.plain["action.DutiesDue."+part]; !strings.Contains(m.Text, text) {
				t.Errorf("%s lacks %q:\n%s", v.Locale, text, m.Text)
			}
		}
		if !strings.Contains(m.Text, "https://duties.example/pay") || !strings.Contains(m.Text, "17:00") {
			t.Errorf("%s lacks where or by when:\n%s", v.Locale, m.Text)
		}
	}
	j.Parcels[0].Action = nil
	if _, err := r.Mail(tracking.News{Occasion: tracking.ActionRequired, Subject: parcelOf("3SA")}, o, j, o.Buyer, links, hours(31)); !errors.Is(err, ErrNoAction) {
		t.Errorf("what is done is still asked for: %v", err)
	}
}

func TestACarriersLinkIsFollowedOnlyToAPage(t *testing.T) {
	for raw, want := range map[string]string{"https://pay.example/1": "https://pay.example/1", "http://pay.example": "", "javascript:alert(1)": "", "": "", "//pay.example": ""} {
		if got := webPage(raw); got != want {
			t.Errorf("%q is %q", raw, got)
		}
	}
}

func TestALetterAPickupAndADownloadAreNoParcels(t *testing.T) {
	r := renderer(t, shop("en"))
	ordered := func(method tracking.Method) Mail {
		p := buy(t, func(o *tracking.OrderSaid) { o.Method = method })
		return p.mail(r, tracking.Occasion(tracking.OrderReceived), tracking.Subject{}, hours(1))
	}
	for method, want := range map[tracking.Method]string{
		tracking.MethodPickup: "when you can collect it", tracking.MethodLetter: "send it by letter post", tracking.MethodDigital: "Nothing is sent by post",
	} {
		m := ordered(method)
		if !strings.Contains(m.Text, want) || strings.Contains(m.Text, "parcel") || strings.Contains(m.Text, "carrier") {
			t.Errorf("%s:\n%s", method, m.Text)
		}
	}
	download := buy(t, func(o *tracking.OrderSaid) {
		o.Method, o.Promise = tracking.MethodDigital, &tracking.ETA{From: hours(48).Truncate(24 * time.Hour), DayOnly: true}
	}).ship("6", tracking.ShipmentSaid{Phase: tracking.Shipped})
	sentTo, trip := download.at(hours(21))
	if w := r.Localizer("").Lead(sentTo, trip, r.Clock(sentTo, hours(21))); w.State != "Your purchase has been sent to you electronically." || w.Eta != (EtaWords{}) {
		t.Errorf("a download: %+v", w)
	}
	p := buy(t).ship("7", tracking.ShipmentSaid{Method: tracking.MethodLetter, Phase: tracking.Shipped})
	sent := tracking.Subject{Kind: tracking.SubjectShipment, Ref: "api/7"}
	if m := p.mail(r, tracking.Occasion(tracking.Shipped), sent, hours(21)); !strings.Contains(m.Text, "Letters are not tracked") || strings.Contains(m.Text, "parcel") {
		t.Errorf("%s", m.Text)
	}
	counter := buy(t, func(o *tracking.OrderSaid) { o.Method = tracking.MethodPickup }).ship("8", tracking.ShipmentSaid{Phase: tracking.Shipped})
	o, j := counter.at(hours(30))
	if got := r.Localizer("").Headline(o, j, r.Clock(o, hours(30))); got != "You have collected your order." {
		t.Errorf("the page says %q", got)
	}
}

func TestAnEmptiedOrderPromisesAndListsNothing(t *testing.T) {
	p := buy(t, func(o *tracking.OrderSaid) {
		for i := range o.Lines {
			o.Lines[i].State = tracking.LineRefunded
		}
	})
	r := renderer(t, shop("en"))
	o, j := p.at(hours(5))
	w := r.Localizer("").Lead(o, j, r.Clock(o, hours(5)))
	if w.State != "Your order has been refunded." || len(w.Contents) > 0 || w.Eta != (EtaWords{}) {
		t.Errorf("%+v", w)
	}
}

func TestWhatTheShopperSendsBackHasWordsOfItsOwn(t *testing.T) {
	r := renderer(t, shop("en"))
	for _, s := range samples() {
		if !strings.HasSuffix(s.News.Subject.Ref, "Return") && s.News.Subject != parcelOf("3SWISMO0000002") {
			continue
		}
		m := mailOf(t, r, s)
		for _, wrong := range []string{"could not be delivered", "still like to have it", "should reach you", "take it in"} {
			if strings.Contains(m.Text, wrong) {
				t.Errorf("%s says %q of a return:\n%s", s.News.Occasion, wrong, m.Text)
			}
		}
		if !strings.Contains(m.Subject, "return") && !strings.Contains(m.Subject, "refund") {
			t.Errorf("%s: the subject is %q", s.News.Occasion, m.Subject)
		}
	}
}

func TestARefundIsToldWithTheAmountThatTheShopNamed(t *testing.T) {
	p := buy(t, func(o *tracking.OrderSaid) {
		o.Refunds = []tracking.Refund{{AmountMinor: 1000, At: hours(30)}, {AmountMinor: 500, At: hours(80)}}
	})
	r := renderer(t, shop("en"))
	if m := p.mail(r, tracking.Occasion(tracking.Refunded), tracking.Subject{}, hours(80)); m.Subject != "€5.00 refunded for order #1001" {
		t.Errorf("%s", m.Subject)
	}
	unsaid := buy(t, func(o *tracking.OrderSaid) { o.Phase = tracking.OrderCancelled })
	if m := unsaid.mail(r, tracking.Occasion(tracking.OrderCancelled), tracking.Subject{}, hours(5)); strings.Contains(m.Text, "refund") || strings.Contains(m.Text, "Boots") {
		t.Errorf("money or goods that the shop has not spoken of:\n%s", m.Text)
	}
}

func TestAPickupSaysWhereUntilWhenAndWithWhat(t *testing.T) {
	p := buy(t).parcel("postnl", "3SA", "l1")
	p.scans("postnl", "3SA", nil, tracking.Scan{Status: tracking.AvailableForPickup, Told: hours(30), Location: "Kiosk Noord"}, tracking.Scan{Told: hours(31), Location: "Utrecht sorting centre", Text: "Sorted"})
	key := tracking.Key{Source: "aggregator", Kind: tracking.KindTracker, Ref: "3SA"}
	p.records[key].Tracker.Pickup = &tracking.PickupPoint{Name: "Kiosk Noord", Address: "Plein 1", Until: locale.Day{Year: 2026, Month: 12, Day: 14}, Code: "4711", Hours: "08:00–22:00"}
	m := p.mail(renderer(t, shop("en")), tracking.Occasion(tracking.AvailableForPickup), parcelOf("3SA"), hours(32))
	for _, want := range []string{"Kiosk Noord, Plein 1", "until Monday 14 December", "4711", "08:00–22:00"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("no %q in\n%s", want, m.Text)
		}
	}
	if strings.Contains(m.Text, "Utrecht") {
		t.Errorf("the depot is named:\n%s", m.Text)
	}
}

func TestOneBoxOfTwoOrdersNamesBoth(t *testing.T) {
	o, j := buy(t).parcel("postnl", "3SA", "l1").at(hours(30))
	j.Parcels[0].Together = []string{"#1002"}
	r := renderer(t, shop("en"))
	news := tracking.News{Occasion: tracking.Occasion(tracking.Shipped), Subject: j.Parcels[0].Subject, At: hours(20)}
	m, err := r.Mail(news, o, j, o.Buyer, links, hours(30))
	if err != nil || !strings.Contains(m.Text, "Also in this parcel: order #1002.") {
		t.Errorf("%v\n%s", err, m.Text)
	}
	if m, err = r.Mail(news, o, j, tracking.Recipient{Role: tracking.RoleGift}, links, hours(30)); err != nil || strings.Contains(m.Text, "1002") {
		t.Errorf("who was sent a gift reads of another order: %v\n%s", err, m.Text)
	}
}

func TestTheMailSaysWhichDayItNamed(t *testing.T) {
	r := renderer(t, shop("en"))
	if m := mailOf(t, r, SampleOf(tracking.EtaMoved, tracking.Outbound)); m.Day != (locale.Day{Year: 2026, Month: time.November, Day: 27}) {
		t.Errorf("got %s", m.Day)
	}
	if m := mailOf(t, r, SampleOf(tracking.Occasion(tracking.Delivered), tracking.Outbound)); !m.Day.IsZero() {
		t.Errorf("a delivery names %s", m.Day)
	}
}

func TestCountsTakeThePluralOfTheirLanguage(t *testing.T) {
	for _, l := range BuiltinLocales() {
		texts := Builtin(l)
		for key := range texts {
			base, counted := strings.CutSuffix(key, ".one")
			if !counted {
				continue
			}
			for n := range 200 {
				if form := base + "." + string(locale.Plural(l, locale.Units(n))); texts[form] == "" {
					t.Fatalf("%s lacks %s for %d", l, form, n)
				}
			}
		}
	}
	v := renderer(t, shop("pl")).Localizer("")
	for n, want := range map[int]string{1: "Dotrze jeszcze jedna paczka.", 2: "Dotrą jeszcze 2 paczki.", 5: "Dotrze jeszcze 5 paczek.", 22: "Dotrą jeszcze 22 paczki.", 112: "Dotrze jeszcze 112 paczek."} {
		if got := v.SayCount("rest.parcels", n, Data{}); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
