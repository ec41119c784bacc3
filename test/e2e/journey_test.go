//go:build e2e

package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/inbox"
)

// What the page and the mails say, in the shopper's language, at each step that is mailed about.
var words = map[string]struct {
	locale, zone string
	events       string            // the timeline's word for the scan that was sent ten times
	pages        map[string]string // occasion -> words of the page's first line
	subjects     map[string]string // occasion -> words of the subject
}{
	"linden": {
		locale: "nl", zone: "Europe/Amsterdam", events: "Zending is bezorgd",
		pages: map[string]string{
			"OrderReceived": "We hebben je bestelling ontvangen", "Shipped": "Je pakket is onderweg",
			"OutForDelivery": "De bezorger is onderweg met je pakket", "Delivered": "bezorgd",
		},
		subjects: map[string]string{
			"OrderReceived": "ontvangen", "Shipped": "is onderweg", "OutForDelivery": "wordt bezorgd", "Delivered": "bezorgd",
		},
	},
	"fjallro": {
		locale: "sv", zone: "Europe/Stockholm", events: "Försändelsen är utlämnad",
		pages: map[string]string{
			"OrderReceived": "Vi har tagit emot din beställning", "LabelCreated": "Ditt paket är aviserat",
			"Shipped": "Ditt paket är på väg", "OutForDelivery": "Ditt paket är ute för leverans", "Delivered": "levererades",
		},
		subjects: map[string]string{
			"OrderReceived": "Vi har tagit emot", "LabelCreated": "aviserad till transportören", "Shipped": "är på väg",
			"OutForDelivery": "ute för leverans", "Delivered": "Framme!", // the merchant's own words
		},
	},
}

func TestAParcelsWayIsOnThePageAndInOneMailForEachNamedOccasion(t *testing.T) {
	for _, m := range []merchant{linden, fjallro} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			number, now := newNumber(), time.Now()
			hooks, said := m.journey(number, now), words[m.name]
			var page string
			due := 0
			for _, hook := range hooks {
				m.send(t, hook)
				if hook.Mails == "" {
					continue
				}
				due++
				got := m.awaitMails(t, number, due)
				newest := got[len(got)-1]
				if !strings.Contains(newest.Subject, said.subjects[hook.Mails]) || !strings.Contains(newest.Subject, number) {
					t.Errorf("%s: the subject is %q, want %q and the number", hook.Mails, newest.Subject, said.subjects[hook.Mails])
				}
				page = newest.PagePath()
				m.awaitPage(t, page, `lang="`+said.locale+`"`, said.pages[hook.Mails], number)
			}
			final := m.awaitPage(t, page, said.pages["Delivered"])
			checkDeliveryTime(t, final, said.zone, hooks[len(hooks)-1].At)
			for _, mail := range m.exactMails(t, number, due) {
				m.checkMail(t, mail)
			}
			awaitCondition(t, m.key(), v1alpha1.ConditionReady, metav1.ConditionTrue, "", time.Minute)
			awaitCondition(t, m.key(), v1alpha1.ConditionOrdersFlowing, metav1.ConditionTrue, "", 2*time.Minute)
		})
	}
}

// checkDeliveryTime looks for the hour of the delivery on the shopper's clock.
func checkDeliveryTime(t *testing.T, page, zone string, at time.Time) {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	if clock := at.In(location).Format("15:04"); !strings.Contains(page, clock) {
		t.Errorf("the page does not say that the parcel arrived at %s:\n%s", clock, page)
	}
}

// checkMail holds what every mail promises: both forms, a link that opens, and a way out.
func (m merchant) checkMail(t *testing.T, mail inbox.Mail) {
	t.Helper()
	if !slices.Equal(mail.Types, []string{"text/plain", "text/html"}) {
		t.Errorf("%q consists of %v, want a text and an HTML part", mail.Subject, mail.Types)
	}
	if mail.PagePath() == "" {
		t.Errorf("%q has no link to the page", mail.Subject)
	} else if status, _ := m.get(t, mail.PagePath()); status != http.StatusOK {
		t.Errorf("the link of %q answers %d", mail.Subject, status)
	}
	if mail.UnsubscribePath() == "" || mail.Header("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("%q cannot be unsubscribed with one click: %q, %q", mail.Subject, mail.Header("List-Unsubscribe"), mail.Header("List-Unsubscribe-Post"))
	}
	for _, forbidden := range []string{"not available", "unknown", "pending", "<no value>", "{{"} {
		if strings.Contains(mail.Text, forbidden) {
			t.Errorf("%q says %q", mail.Subject, forbidden)
		}
	}
}

func TestOneClickEndsTheMailsAndThePageLivesOn(t *testing.T) {
	number := newNumber()
	hooks := linden.journey(number, onOneDay(t))
	linden.send(t, hooks[0])
	first := linden.awaitMails(t, number, 1)[0]
	status, body := linden.request(t, http.MethodPost, first.UnsubscribePath(), "application/x-www-form-urlencoded",
		strings.NewReader("List-Unsubscribe=One-Click"))
	if status/100 != 2 {
		t.Fatalf("one click answered %d: %s", status, body)
	}
	for _, hook := range hooks[1:] {
		linden.send(t, hook)
	}
	linden.awaitPage(t, first.PagePath(), words["linden"].pages["Delivered"])
	linden.exactMails(t, number, 1)
}

func TestALookUpNeedsMoreThanTheNumber(t *testing.T) {
	number := newNumber()
	linden.send(t, linden.journey(number, time.Now())[0])
	linden.awaitMails(t, number, 1)
	if !linden.lookUp(t, number) {
		t.Error("number and mail address do not find the order")
	}
	if status, body := linden.request(t, http.MethodPost, "/", "application/x-www-form-urlencoded", strings.NewReader("number="+number+"&factor=")); status != http.StatusNotFound || strings.Contains(body, "Utrecht") {
		t.Errorf("the number alone answers %d", status)
	}
}
