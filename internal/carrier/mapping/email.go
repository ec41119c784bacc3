package mapping

import (
	"net/mail"
	"strings"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// email evaluates to a mail address as RFC 5322 writes it, without the name that may stand before it. What is none is absent.
func (r *run) email(e *definition.Expr) string {
	text := strings.TrimSpace(r.raw(e))
	if text == "" {
		return ""
	}
	address, err := mail.ParseAddress(text)
	if err != nil || len(address.Address) > maxEmail || strings.ContainsFunc(address.Address, isSpace) {
		r.degrade(r.problem(e, "must yield a mail address, such as noor@example.org"))
		return ""
	}
	return address.Address
}

func isSpace(c rune) bool { return c <= ' ' || c == 0x7f }
