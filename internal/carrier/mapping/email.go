package mapping

import (
	"net/mail"
	"strings"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// email evaluates to a mail address as RFC 5322 writes it, without the name that may stand before it; of several, as people type them
// into one field, to the first. What is none is absent.
func (r *run) email(e *definition.Expr) string {
	text := strings.TrimSpace(r.raw(e))
	if text == "" {
		return ""
	}
	if address, ok := mailAddress(text); ok {
		return address
	}
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ',' || c == ';' }) {
		if address, ok := mailAddress(strings.TrimSpace(part)); ok {
			return address
		}
	}
	r.degrade(r.problem(e, "must yield a mail address, such as noor@example.org"))
	return ""
}

func mailAddress(text string) (string, bool) {
	const scheme = "mailto:"
	if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
		text = text[len(scheme):]
	}
	address, err := mail.ParseAddress(text)
	if err != nil || len(address.Address) > maxEmail || strings.ContainsFunc(address.Address, isSpace) {
		return "", false
	}
	return address.Address, true
}

func isSpace(c rune) bool { return c <= ' ' || c == 0x7f }
