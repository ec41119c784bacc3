package message

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// maxSubjectRunes keeps a subject whole in a list of mails.
const maxSubjectRunes = 150

// Check renders every text of mails and of the page in each of the Shop's languages on sample orders, and returns everything
// that is wrong; none means that a workload can serve the Document completely.
func Check(doc *bundle.Document) []Problem {
	r, problems := prepare(doc)
	if len(problems) > 0 {
		return problems
	}
	for _, v := range r.localizers {
		problems = append(problems, v.check(r)...)
	}
	for name := range r.blocks {
		for _, d := range sampleData(r.localizers[0], r) {
			if _, err := execute(r.blocks[name], d); err != nil {
				problems = append(problems, Problem{Source: name + BlockSuffix, Key: name, Message: reasonOf(err)})
				break
			}
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Source+a.Key, b.Source+b.Key) })
	return problems
}

// check renders the texts that the Shop overrides. A test renders the built-in ones once.
func (l *Localizer) check(r *Renderer) []Problem {
	own := slices.Sorted(maps.Keys(l.doc.Texts[l.Locale]))
	if len(own) == 0 {
		return nil
	}
	return l.checkKeys(r, own)
}

func (l *Localizer) checkKeys(r *Renderer, keys []string) []Problem {
	var problems []Problem
	data := sampleData(l, r)
	for _, key := range keys {
		t := l.templates[key]
		if t == nil {
			continue // plain words
		}
		message := ""
		if strings.HasPrefix(key, "date.") {
			message = checkText(key, t, []dateData{{Relative: "a", Day: "b", Date: "c", LastDate: "d", LastDay: "e", Weekday: "f", WeekdayOn: "g", From: "h", To: "i"}})
		} else {
			message = checkText(key, t, data)
		}
		if message != "" {
			problems = append(problems, Problem{Source: l.Locale + TextsSuffix, Key: key, Message: message})
		}
	}
	return problems
}

// checkText renders one text on every sample. A missing optional fact must not leave it empty.
func checkText[T any](key string, t executor, samples []T) string {
	for _, d := range samples {
		text, err := execute(t, d)
		switch {
		case err != nil:
			return reasonOf(err)
		case strings.TrimSpace(text) == "" && !mayBeEmpty(key):
			return "the text is empty when some fields are; keep words outside of {{if}}"
		case strings.HasSuffix(key, ".subject") && len([]rune(text)) > maxSubjectRunes:
			return fmt.Sprintf("the subject has up to %d characters; at most %d are readable", len([]rune(text)), maxSubjectRunes)
		}
	}
	return ""
}

// mayBeEmpty reports whether a text may render to nothing where some fields are empty.
func mayBeEmpty(key string) bool {
	return optional(key) || key == "mail.help" || key == "mail.SilentOrder.body" || strings.HasPrefix(key, "mail.ActionRequired.")
}

// reasonOf returns the message of a template's error without the position in the template package.
func reasonOf(err error) string {
	if inner := errors.Unwrap(err); inner != nil && strings.HasPrefix(err.Error(), "template: ") {
		return inner.Error()
	}
	if fault := (*templateError)(nil); errors.As(syntaxError(err), &fault) {
		return fault.message
	}
	return err.Error()
}

// sampleData returns the fields with everything known, with little known, and for a parcel that is late.
func sampleData(v *Localizer, r *Renderer) []Data {
	fact := func(occasion tracking.Occasion) Data {
		s := SampleOf(occasion, tracking.Outbound)
		return v.Facts(About{
			Order: &s.Order, Journey: &s.Journey, Subject: s.News.Subject, Occasion: occasion, At: s.News.At, To: s.Order.Buyer,
			Clock: r.Clock(s.Order, s.Now), Mail: true,
		})
	}
	rich := fact(tracking.Occasion(tracking.OutForDelivery))
	pickup, action, left := fact(tracking.Occasion(tracking.AvailableForPickup)), fact(tracking.ActionRequired), fact(tracking.Occasion(tracking.Delivered))
	rich.Pickup, rich.PickupUntil, rich.PickupCode, rich.PickupHours = pickup.Pickup, pickup.PickupUntil, pickup.PickupCode, pickup.PickupHours
	rich.Action, rich.ActionBody, rich.ActionBy, rich.ActionURL, rich.Otherwise = action.Action, action.ActionBody, action.ActionBy, action.ActionURL, action.Otherwise
	rich.Reason, rich.Left, rich.Item, rich.Count, rich.OtherEta, rich.First = v.Say("page.reason.NotHome", rich), left.Left, "Wool throw", "2", rich.Eta, rich.Eta
	rich.Index, rich.Total, rich.Refund = "1", "2", v.Money(2495, "EUR")
	rich.Parcel, rich.Rest, rich.State = v.Say("parcel", rich), v.SayCount("rest.parcels", 1, rich), v.Say("page.state.OutForDelivery", rich)
	late := rich
	late.Eta, late.Due = "", rich.Eta
	return []Data{rich, v.ShopData(), late}
}
