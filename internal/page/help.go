package page

import (
	"cmp"
	"html/template"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// help returns how to reach the shop, for the problems that the state of the order makes likely.
func (b *builder) help() help {
	var h help
	support := b.server.Document.Support
	for _, key := range b.problemKeys() {
		if c := b.contact(key); c.URL != "" {
			h.Cases = append(h.Cases, c)
		}
	}
	if support.Phone != "" {
		h.Phone = phone{b.localizer.Titled(b.say("page.support.phone"), support.Phone), dial(support.Phone)}
	}
	h.Hours = support.Hours
	return h
}

// contact returns how to reach the shop about one problem: the merchant's own page for questions, else by mail.
func (b *builder) contact(key string) anchor {
	support, text := b.server.Document.Support, b.say(key)
	own, ok := b.configured(contactSupport)
	switch {
	case ok && key == contactKey:
		return anchor{text, own.URL}
	case support.Email != "":
		return anchor{text, "mailto:" + support.Email + "?subject=" + url.PathEscape(text+" ("+b.order.Number+")")}
	default:
		return anchor{text, cmp.Or(support.URL, own.URL)}
	}
}

// contactKey is the key of the text for any other question.
const contactKey = "page.action." + contactSupport

// problemKeys returns the keys of the problems that a reader may report.
func (b *builder) problemKeys() []string {
	p := b.leading()
	switch {
	case p != nil && p.Status == tracking.Delivered:
		return []string{"page.support.lost", "page.support.damaged"}
	case p != nil && p.Status == tracking.Damaged:
		return []string{"page.support.damaged"}
	case b.journey.Arrived > 0:
		return []string{contactKey, "page.support.lost", "page.support.damaged"}
	default:
		return []string{contactKey}
	}
}

// dial keeps only what a telephone can dial, which makes a safe tel: URL: templates do not know the scheme.
func dial(number string) template.URL {
	return template.URL("tel:" + strings.Map(func(r rune) rune {
		if r == '+' || (r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, number))
}

// destination returns the town, with the part of the postcode that names a district: enough to recognise, too little to find the address. A postcode
// without a town looks like a mistake, and what is collected from the shop, or not sent, has no destination.
func (b *builder) destination() string {
	if !b.shows(fieldAddress) || b.order.To.City == "" || b.lead.Method != "" && b.onlyPart && !b.isLetter() {
		return ""
	}
	if code := shortPostcode(b.order.To.Postcode); code != "" {
		return b.order.To.City + " (" + code + ")"
	}
	return b.order.To.City
}

func (b *builder) isLetter() bool {
	var sh *tracking.Shipment
	if i := b.journey.LeadShipment; b.journey.Lead < 0 && i >= 0 {
		sh = &b.order.Shipments[i]
	}
	return tracking.MethodOf(b.order, sh, b.server.setting()) == tracking.MethodLetter
}

// shortPostcode keeps the part that names a district, and a dot for each character that is left out: "1017 ··" of "1017 AB",
// "SW1A ···" of "SW1A 1AA", "28···" of "28013", "01··" of "0150".
func shortPostcode(postcode string) string {
	code := strings.TrimSpace(postcode)
	if i := strings.IndexAny(code, " -"); i > 0 {
		return code[:i] + " " + dots(code[i+1:])
	}
	runes := []rune(code)
	if letters := strings.TrimLeftFunc(code, unicode.IsDigit); len(letters) == 2 && len(code) > len(letters) { // "1017AB"
		return strings.TrimSuffix(code, letters) + " " + dots(letters)
	}
	const short = 4 // characters of a code that names little more than a district
	hidden := 3
	if len(runes) <= short {
		hidden = 2
	}
	kept := max(len(runes)-hidden, 0)
	return string(runes[:kept]) + dots(string(runes[kept:]))
}

func dots(s string) string { return strings.Repeat("·", utf8.RuneCountInString(strings.TrimSpace(s))) }
