package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// tuesday is the day on which the sentences are read.
var tuesday = date(2026, 12, 1)

func TestDaysAreReadAsTheyAreWritten(t *testing.T) {
	for sentence, want := range map[string]string{
		"Your parcel arrives tomorrow, Wednesday 2 December.":                      "expected 2026-12-02",
		"Your parcel arrives today between 17:00 and 19:00.":                       "expected 2026-12-01 17:00-19:00",
		"It should reach you between 3 December and 5 December.":                   "expected 2026-12-03..2026-12-05",
		"It should reach you 3–5 December.":                                        "expected 2026-12-03..2026-12-05",
		"Expected: Thursday 3 December, 14:00–16:00":                               "expected 2026-12-03 14:00-16:00",
		"Your parcel is later than planned; it was due yesterday.":                 "due 2026-11-30",
		"It was due on Monday 30 November and now arrives on Thursday 3 December.": "due 2026-11-30, expected 2026-12-03",
		"It waits for you until Monday 7 December.":                                "until 2026-12-07",
		"Pay by 4 December, otherwise it goes back.":                               "until 2026-12-04",
		"Your order was delivered yesterday at 14:05.":                             "arrived 2026-11-30 14:05-",
		"PostNL tried to deliver it on Monday 30 November at 10:12.":               "happened 2026-11-30 10:12-",
		"Last scan today at 08:00, Utrecht":                                        "happened 2026-12-01 08:00-",
		"The next try is tomorrow, Wednesday 2 December.":                          "expected 2026-12-02",
		"It arrives on 2 January.":                                                 "expected 2027-01-02",
		"It was delivered on Friday 19 June.":                                      "arrived 2026-06-19",
		"You ordered 2 lamps.":                                                     "",
		"Call us: +31 20 123 4567":                                                 "",
	} {
		var got []string
		for _, m := range Days(sentence, tuesday) {
			s := fmt.Sprintf("%s %s", m.Means, m.From.Format(time.DateOnly))
			if !m.To.Equal(m.From) {
				s += ".." + m.To.Format(time.DateOnly)
			}
			if m.Start != "" {
				s += " " + m.Start + "-" + m.End
			}
			if m.Wrong != "" {
				s += " wrong"
			}
			got = append(got, s)
		}
		if have := strings.Join(got, ", "); have != want {
			t.Errorf("%s\n got %s\nwant %s", sentence, have, want)
		}
	}
}

func TestADayThatContradictsItselfIsNoticed(t *testing.T) {
	for _, sentence := range []string{
		"It arrives on Friday 31 February.",
		"Your parcel arrives tomorrow, Thursday 3 December.",
		"It arrives on Friday 3 December 2026.",
	} {
		all := Days(sentence, tuesday)
		if !slices.ContainsFunc(all, func(m Mention) bool { return m.Wrong != "" }) {
			t.Errorf("%s is read as %+v", sentence, all)
		}
	}
}

const twoCards = `<!doctype html><html><head><title>Order</title></head><body><header>Shop</header><main>
<h1>Your first parcel was delivered today.</h1>
<section><h2>Parcel 1 of 2</h2><p>Delivered</p><dl><dt>Tracking number</dt><dd>3SAAA 111</dd></dl></section>
<section><h2>Parcel 2 of 2</h2><p>On its way, arrives <b>tomorrow</b>.</p><dl><dt>Tracking number</dt><dd>JD0002</dd></dl></section>
<ol><li>30 Nov <span>Packed</span></li></ol><p><a href="mailto:x">Something is damaged</a></p></main><footer>Company</footer></body></html>`

func TestALineIsAboutTheParcelInWhoseCardItStands(t *testing.T) {
	text, err := ReadPage([]byte(twoCards), []string{"3SAAA111", "JD0002"}, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range text {
		got = append(got, fmt.Sprintf("%s|%s|%t|%t", l.Words, l.About, l.Listed, l.Title))
	}
	want := []string{
		"Your first parcel was delivered today.||false|true",
		"Parcel 1 of 2|3SAAA111|false|true", "Delivered|3SAAA111|false|false", "Tracking number|3SAAA111|false|false", "3SAAA 111|3SAAA111|false|false",
		"Parcel 2 of 2|JD0002|false|true", "On its way, arrives tomorrow .|JD0002|false|false", "Tracking number|JD0002|false|false", "JD0002|JD0002|false|false",
		"30 Nov Packed||true|false", "Something is damaged||true|false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAMailEndsAtItsFooterAndAParagraphIsAboutTheNumberInIt(t *testing.T) {
	text := ReadMail("Two parcels", "Hello,\n\nThe one with JD0002 comes tomorrow.\n\nThe other is delivered.\n\n-- \nYou receive this mail because you ordered.\n", "3SAAA111", []string{"3SAAA111", "JD0002"})
	var got []string
	for _, l := range text {
		got = append(got, l.Words+"|"+l.About)
	}
	want := []string{"Two parcels|3SAAA111", "Hello,|3SAAA111", "The one with JD0002 comes tomorrow.|JD0002", "The other is delivered.|3SAAA111"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
