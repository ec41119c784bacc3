//go:build e2e

package e2e

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/inbox"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
)

// said is what a text must say, and what would be untrue.
type said struct{ says, never []string }

func (s said) check(t *testing.T, of, text string) {
	t.Helper()
	for _, words := range s.says {
		if !strings.Contains(text, words) {
			t.Errorf("%s does not say %q:\n%s", of, words, text)
		}
	}
	for _, words := range s.never {
		if strings.Contains(text, words) {
			t.Errorf("%s says %q, which is untrue:\n%s", of, words, text)
		}
	}
}

// story is an order that does not go straight, and what its shopper reads of it.
type story struct {
	tell     func(number string, now time.Time) []journey.Webhook
	ahead    time.Duration   // by which the story's now is ahead of the clock, where that must not reach it before all is sent
	mails    map[string]said // by occasion; of one that is told twice, both say it
	headline said            // of the page, in the end
	page     said            // the rest of it
}

// stories are told by the Dutch merchant's means to a Shop that speaks English.
func stories(now time.Time) map[string]story {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // the zones are linked in
	}
	in := func(days int) string { return now.In(amsterdam).AddDate(0, 0, days).Format("Monday 2 January") }
	first := now.Add(time.Hour).In(amsterdam) // as the journey says
	today, later := first.Format("Monday 2 January"), first.AddDate(0, 0, 2).Format("Monday 2 January")
	return map[string]story{
		"two parcels, one today, and something not sent yet": {
			tell: journey.Split,
			mails: map[string]said{
				"OutForDelivery": {says: []string{"out for delivery", "Linnen plaid", "not been sent yet"}, never: []string{later, "Eiken kruk"}},
			},
			headline: said{says: []string{"1 of 2 parcels", "the other", later}},
			page:     said{says: []string{today, "Not sent yet", "Wollen kussen"}, never: []string{"2 of 3", "delivered on"}},
		},
		"a parcel that is late": {
			tell: journey.Late, ahead: time.Minute,
			mails: map[string]said{
				"LateWithoutNews": {says: []string{"later than planned", "was due", "has not arrived"}, never: []string{"has been delivered"}},
			},
			headline: said{says: []string{"later than planned", "it was due"}},
			page:     said{says: []string{"new day"}, never: []string{"We tell you"}},
		},
		"a parcel that is not collected": {
			tell: journey.Pickup,
			mails: map[string]said{
				"AvailableForPickup": {says: []string{"Kiosk Noord", "4711", in(4)}},
				"PickupExpired":      {says: []string{"not collected"}, never: []string{"You can collect"}},
			},
			headline: said{says: []string{"not collected in time"}, never: []string{"4711"}},
		},
		"what the shopper sends back": {
			tell: journey.Returned,
			mails: map[string]said{
				"ReturnRequested": {says: []string{"Your return", "Linnen plaid"}},
				"ReturnInTransit": {says: []string{"Your return", "on its way to us"}, never: []string{"could not be delivered"}},
				"ReturnReceived":  {says: []string{"Your return has arrived"}, never: []string{"could not be delivered", "has been delivered"}},
			},
			headline: said{says: []string{"was delivered"}, never: []string{"on its way back"}},
			page:     said{says: []string{"Your return has arrived"}},
		},
		"two attempts on two days": {
			tell: journey.TwiceNotHome,
			mails: map[string]said{
				"DeliveryAttemptFailed": {says: []string{"could not be delivered", "No one was at home"}},
			},
			headline: said{says: []string{"could not deliver"}},
		},
	}
}

func TestWhatAShopperReadsOfAnOrderThatDoesNotGoStraightIsTrue(t *testing.T) {
	t.Parallel()
	m := live(t, "stories", "")
	m.change(t, func(s *v1alpha1.Shop) { s.Spec.Locales = []v1alpha1.Locale{"en"} })
	for name := range stories(time.Now()) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			number, now := newNumber(), onOneDay(t) // when it is its turn
			s := stories(now)[name]
			hooks := s.tell(number, now.Add(s.ahead))
			got := m.play(t, number, hooks)
			m.checkStory(t, s, hooks, got)
		})
	}
}

func (m merchant) checkStory(t *testing.T, s story, hooks []journey.Webhook, got []inbox.Mail) {
	t.Helper()
	hooks = slices.DeleteFunc(slices.Clone(hooks), func(h journey.Webhook) bool { return h.Mails == "" })
	if len(got) != len(hooks) {
		return // exactMails has said so
	}
	for i, hook := range hooks {
		m.checkMail(t, got[i])
		s.mails[hook.Mails].check(t, "the mail about "+hook.Mails, got[i].Subject+"\n"+got[i].Text)
	}
	page := m.awaitPage(t, got[len(got)-1].PagePath(), s.headline.says[0])
	s.headline.check(t, "the headline", headline(page))
	s.page.check(t, "the page", plainText(page))
}

var (
	firstHeading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
	notShown     = regexp.MustCompile(`(?s)<(script|style|head)[ >].*?</(script|style|head)>`)
	anyTag       = regexp.MustCompile(`<[^>]*>`)
)

// headline is the first line of a page.
func headline(page string) string {
	found := firstHeading.FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return plainText(found[1])
}

// plainText is what a page says, without its form.
func plainText(page string) string {
	text := html.UnescapeString(anyTag.ReplaceAllString(notShown.ReplaceAllString(page, " "), " "))
	return strings.Join(strings.Fields(text), " ")
}

// Each mail of a split order names the day and the contents of its own parcel, and no other's.
func TestOfTwoParcelsEachMailNamesItsOwnDay(t *testing.T) {
	number, now := newNumber(), onOneDay(t)
	got := linden.play(t, number, journey.Split(number, now))
	if len(got) != 4 {
		return
	}
	first := regexp.MustCompile(`(?m)^Verwacht: (.*) \(`)
	days := map[string]bool{}
	for i, contents := range map[int]said{
		1: {says: []string{"Linnen plaid"}, never: []string{"Eiken kruk"}},
		2: {says: []string{"Eiken kruk", "pakket 2 van 2"}, never: []string{"Linnen plaid"}},
	} {
		contents.check(t, fmt.Sprintf("mail %d", i+1), got[i].Subject+"\n"+got[i].Text)
		day := first.FindStringSubmatch(got[i].Text)
		if day == nil || days[day[1]] {
			t.Errorf("mail %d names no day of its own:\n%s", i+1, got[i].Text)
			continue
		}
		days[day[1]] = true
	}
}

func TestDutiesThatAreDueAreAskedForInTheMailAndOnThePage(t *testing.T) {
	number, now := newNumber(), onOneDay(t)
	hooks := journey.Duties(number, now)
	got := fjallro.play(t, number, hooks)
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	asks := said{
		says:  []string{"Pay the import duties", "Pay the duties", now.In(oslo).AddDate(0, 0, 5).Format("Monday 2 January"), "may go back"},
		never: []string{"tries again", "last time"},
	}
	mail := got[len(got)-1]
	asks.check(t, "the mail", mail.Subject+"\n"+mail.Text)
	pay := regexp.MustCompile(`https://carrier\.example/pay/[A-Z0-9]+`).FindString(mail.Text)
	if pay == "" {
		t.Fatalf("the mail does not lead to the payment:\n%s", mail.Text)
	}
	page := fjallro.awaitPage(t, mail.PagePath(), `href="`+pay+`"`)
	asks.check(t, "the page", plainText(page))
	if h1 := headline(page); h1 != "Pay the import duties" {
		t.Errorf("the page begins with %q", h1)
	}
}

// What is left of a corrected number is nothing: one parcel, which is delivered.
func TestACorrectedNumberLeavesOneParcelAndARefundIsTold(t *testing.T) {
	number, now := newNumber(), onOneDay(t)
	hooks := journey.Corrected(number, now)
	got := fjallro.play(t, number, hooks)
	last := got[len(got)-1]
	codes := regexp.MustCompile(`FJ[0-9]{9}SE`)
	mistyped, right := codes.FindString(string(hooks[1].Body)), codes.FindString(string(hooks[2].Body))
	said{says: []string{"Framme!", right}, never: []string{mistyped, "Paket 1 av 2", "inte skickats"}}.check(t, "the last mail", last.Subject+"\n"+last.Text)
	refunded := slices.IndexFunc(got, func(m inbox.Mail) bool { return strings.Contains(m.Subject, "249,00") })
	if refunded < 0 {
		t.Errorf("no mail says how much was paid back: %q", subjects(got))
	}
	page := plainText(fjallro.awaitPage(t, last.PagePath(), "levererades"))
	said{says: []string{right, "249,00"}, never: []string{mistyped, "Paket 1 av 2", "inte skickat"}}.check(t, "the page", page)
}

// By night all but the critical waits until the morning of where the shopper is.
func TestQuietHoursHoldBackAllButTheCritical(t *testing.T) {
	t.Parallel()
	m := live(t, "night", "")
	amsterdam := zoneNamed(t, "Europe/Amsterdam")
	clock := func(d time.Duration) v1alpha1.TimeOfDay {
		return v1alpha1.TimeOfDay(time.Now().In(amsterdam).Add(d).Format("15:04"))
	}
	night := anyHour(m.name)
	night.Name, night.Spec.QuietHours = "night", &v1alpha1.QuietHours{Start: clock(-time.Hour), End: clock(2 * time.Hour)}
	if err := cluster.Create(t.Context(), night); err != nil {
		t.Fatal(err)
	}
	m.act(t, func(s *v1alpha1.Shop) { s.Spec.NotificationPolicyRef.Name = "night" })
	number := newNumber()
	hooks := journey.TwiceNotHome(number, time.Now())
	for _, hook := range hooks {
		m.send(t, hook)
	}
	m.awaitMails(t, number, 1)
	time.Sleep(quiet)
	got := m.awaitMails(t, number, 1)
	for _, mail := range got {
		if !strings.Contains(mail.Subject, "kon niet worden bezorgd") {
			t.Errorf("%q was sent in the quiet hours", mail.Subject)
		}
	}
	m.awaitPage(t, got[0].PagePath(), number)
}
