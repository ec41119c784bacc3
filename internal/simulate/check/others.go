package check

import (
	"regexp"
	"strings"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// Others maps numbers and addresses to their journeys, to find those of another shopper. It is safe for concurrent reading.
type Others struct{ owners map[string][]string }

// NewOthers reads the journeys that share a database.
func NewOthers(journeys []corpus.Journey) *Others {
	o := &Others{owners: map[string][]string{}}
	for _, j := range journeys {
		for _, order := range j.Truth.Orders {
			o.add(order.Number, j.Name)
			for _, r := range order.Recipients {
				o.add(r.Email, j.Name)
				o.add(r.Phone, j.Name)
			}
		}
		for _, p := range j.Truth.Parcels {
			for _, n := range p.Numbers {
				o.add(n.Number, j.Name)
			}
		}
	}
	return o
}

func (o *Others) add(what, journey string) {
	if key := tokenKey(what); len(key) >= 4 {
		o.owners[key] = append(o.owners[key], journey)
	}
}

func tokenKey(s string) string { return strings.ToLower(strings.Trim(squeeze(s), "#.,;:")) }

// token matches what may be a number or an address: every number has a digit.
var token = regexp.MustCompile(`#?[\pL\d][\pL\d._%+@-]*\d[\pL\d._%+@-]*|[\pL\d._%+-]+@[\pL\d.-]+`)

// foreign returns the first number or address that belongs only to other journeys; "" = none does.
func (o *Others) foreign(words, journey string) string {
	if o == nil || !strings.ContainsAny(words, "0123456789@") {
		return ""
	}
	for _, t := range token.FindAllString(words, -1) {
		owners, known := o.owners[tokenKey(t)]
		own := false
		for _, name := range owners {
			own = own || name == journey
		}
		if known && !own {
			return t
		}
	}
	return ""
}
