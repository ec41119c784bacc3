package message

import (
	"net/url"
	"strings"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// ActionWords are the words for what the shopper must do with a parcel.
type ActionWords struct {
	Heading   string // imperative
	Body      string // what to do, and by when where that is known
	Button    string
	URL       string // where; "" = the carrier named no page
	Otherwise string // what happens if nothing is done
}

// Action says what the shopper must do with the parcel that d is of; the zero value where that is nothing.
func (v *Voice) Action(a *tracking.Action, d Data) ActionWords {
	if a == nil {
		return ActionWords{}
	}
	if d.Reason = ""; a.Reason != "" { // its own, whatever the parcel's present state is due to
		d.Reason = v.Say("page.reason."+string(a.Reason), d)
	}
	say := func(part string) string { return v.Say(v.actionKey(a.Reason, part), d) }
	return ActionWords{Heading: say("heading"), Body: say("body"), Button: say("button"), URL: d.ActionURL, Otherwise: say("otherwise")}
}

// actionKey is the key of a part of the words for an action; one whose reason has no words of its own has those of "other".
func (v *Voice) actionKey(reason tracking.Reason, part string) string {
	if key := "action." + string(reason) + "." + part; v.Has(key) {
		return key
	}
	return "action.other." + part
}

// actionBy is until when something must be done; "" once that has passed, as nobody can do it by then.
func (v *Voice) actionBy(a tracking.Action, c Clock) string {
	if end := a.Ends(c.Zone); !end.IsZero() && end.Before(c.Now) {
		return ""
	}
	switch {
	case !a.ByDay.IsZero():
		return v.By(a.ByDay, c)
	case !a.By.IsZero():
		return v.By(locale.DayOf(a.By, c.Zone), c) + " " + v.date("at", dateData{From: v.Time(a.By, c)})
	}
	return ""
}

// webPage refuses what a carrier's payload might bring instead of a page.
func webPage(link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}
