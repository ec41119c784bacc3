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

// Check renders every text of mails and of the page in each of the Shop's languages on sample orders, and says everything
// that is wrong; none means that a workload can serve the Document completely.
func Check(doc *bundle.Document) []Problem {
	r, problems := prepare(doc)
	if len(problems) > 0 {
		return problems
	}
	for _, v := range r.voices {
		problems = append(problems, v.check(r)...)
	}
	for name := range r.blocks {
		for _, d := range sampleData(r.voices[0], r) {
			if _, err := execute(r.blocks[name], d); err != nil {
				problems = append(problems, Problem{Source: name + BlockSuffix, Key: name, Message: reasonOf(err)})
				break
			}
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Source+a.Key, b.Source+b.Key) })
	return problems
}

// check renders the texts that the Shop says otherwise. Our own are rendered once, by a test.
func (v *Voice) check(r *Renderer) []Problem {
	own := slices.Sorted(maps.Keys(v.doc.Texts[v.Locale]))
	if len(own) == 0 {
		return nil
	}
	return v.checkKeys(r, own)
}

func (v *Voice) checkKeys(r *Renderer, keys []string) []Problem {
	var problems []Problem
	data := sampleData(v, r)
	for _, key := range keys {
		t := v.templates[key]
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
			problems = append(problems, Problem{Source: v.Locale + TextsSuffix, Key: key, Message: message})
		}
	}
	return problems
}

// checkText renders one text on every sample. What may be absent in life may not leave it empty.
func checkText[T any](key string, t executor, samples []T) string {
	for _, d := range samples {
		text, err := execute(t, d)
		switch {
		case err != nil:
			return reasonOf(err)
		case strings.TrimSpace(text) == "" && !silent(key):
			return "the text is empty when some fields are; keep words outside of {{if}}"
		case strings.HasSuffix(key, ".subject") && len([]rune(text)) > maxSubjectRunes:
			return fmt.Sprintf("the subject has up to %d characters; at most %d are readable", len([]rune(text)), maxSubjectRunes)
		}
	}
	return ""
}

// silent says that a text may say nothing where some fields are empty.
func silent(key string) bool {
	return optional(key) || key == "mail.help" || key == "mail.SilentOrder.body" || strings.HasPrefix(key, "mail.ActionRequired.")
}

// reasonOf leaves out where in Go a template failed.
func reasonOf(err error) string {
	if inner := errors.Unwrap(err); inner != nil && strings.HasPrefix(err.Error(), "template: ") {
		return inner.Error()
	}
	if fault := (*templateError)(nil); errors.As(syntaxError(err), &fault) {
		return fault.message
	}
	return err.Error()
}

// sampleData are the fields with everything known, with little known, and for a parcel that is late.
func sampleData(v *Voice, r *Renderer) []Data {
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
