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

// Action returns what the shopper must do with the parcel that d is of; the zero value if there is nothing to do.
func (l *Localizer) Action(a *tracking.RequiredAction, d Data) ActionWords {
	if a == nil {
		return ActionWords{}
	}
	if d.Reason = ""; a.Reason != "" { // its own, whatever the parcel's present state is due to
		d.Reason = l.Say("page.reason."+string(a.Reason), d)
	}
	say := func(part string) string { return l.Say(l.actionKey(a.Reason, part), d) }
	return ActionWords{Heading: say("heading"), Body: say("body"), Button: say("button"), URL: d.ActionURL, Otherwise: say("otherwise")}
}

// actionKey returns the key of a part of the words for an action. A reason without words of its own uses those of "other".
func (l *Localizer) actionKey(reason tracking.Reason, part string) string {
	if key := "action." + string(reason) + "." + part; l.Has(key) {
		return key
	}
	return "action.other." + part
}

// actionBy returns until when something must be done; "" once that has passed, because it is too late to do it.
func (l *Localizer) actionBy(a tracking.RequiredAction, c Clock) string {
	if end := a.Ends(c.Zone); !end.IsZero() && end.Before(c.Now) {
		return ""
	}
	switch {
	case !a.ByDay.IsZero():
		return l.By(a.ByDay, c)
	case !a.By.IsZero():
		return l.By(locale.DayOf(a.By, c.Zone), c) + " " + l.date("at", dateData{From: l.Time(a.By, c)})
	}
	return ""
}

// webPage returns the link if it is an https URL, else "": it comes from a carrier's payload.
func webPage(link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}
