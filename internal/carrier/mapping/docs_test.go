package mapping

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/tracking"
)

func documentation(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/api-source.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// examples maps every document on the page, by the heading under which it stands.
func examples(t *testing.T) map[string][]tracking.Statement {
	t.Helper()
	said := map[string][]tracking.Statement{}
	for _, section := range strings.Split(documentation(t), "\n### ")[1:] {
		section, _, _ = strings.Cut(section, "\n## ")
		heading, _, _ := strings.Cut(section, "\n")
		for _, block := range strings.Split(section, "```json\n")[1:] {
			body, _, _ := strings.Cut(block, "```")
			said[heading] = append(said[heading], says(t, "api", "", body)...)
		}
	}
	return said
}

// promises are what each heading of the page promises of the examples below it.
var promises = map[string]func(s []tracking.Statement) bool{
	"A simple order": func(s []tracking.Statement) bool {
		return s[0].Order.Lines[1].Quantity.String() == "0.5" && s[2].Shipment.Parcels[0].Carrier == "postnl" && s[3].Scans[0].Reason == tracking.ReasonNotHome && len(s[3].Dates) == 1
	},
	"An order in several shipments, with their contents": func(s []tracking.Statement) bool {
		return slices.Equal(*s[0].Order.Shipments, []string{"S-1", "S-2"}) && s[1].Shipment.Lines[0].ID == "1" && s[2].Shipment.Origin.Zone == "Europe/Berlin" &&
			s[2].Shipment.Promise.DayOnly && s[3].Key == s[2].Key && len(s[3].Shipment.Parcels) == 2
	},
	"A correction": func(s []tracking.Statement) bool {
		return s[0].Shipment.Parcels[0].Number == "3STEST0003" && s[1].Shipment.Replaces == s[0].Key.Ref
	},
	"A cancellation": func(s []tracking.Statement) bool { return s[0].Phases[0].Phase == tracking.OrderCancelled },
	"A refund": func(s []tracking.Statement) bool {
		o := s[0].Order
		return o.Money.RefundedMinor == 8900 && len(o.Refunds) == 1 && o.Lines[0].State == tracking.LineRefunded
	},
	"A pick-up point": func(s []tracking.Statement) bool {
		p := s[0].Tracker.Pickup
		return p.Code == "4711" && p.Until.String() == "2026-05-14" && p.URL != "" && p.Hours != "" && p.Address != ""
	},
	"Duties or another payment are due": func(s []tracking.Statement) bool {
		scan := s[0].Scans[0]
		return scan.ActionRequired && scan.Action.Reason == tracking.ReasonDutiesDue && scan.Action.ByDay.String() == "2026-05-14" && scan.Country == "GB"
	},
	"A return": func(s []tracking.Statement) bool {
		r := s[0].Shipment
		return r.Direction == tracking.Return && r.Phase == tracking.ReturnRequested && r.ReturnLabel.Until.String() == "2026-06-04"
	},
	"A gift, and further recipients": func(s []tracking.Statement) bool {
		r := s[0].Order.Recipients
		return r[0].Role == tracking.RoleGift && r[0].FirstName == "Noor" && r[1].Role == tracking.RoleCopied && r[1].PO == "PO-4711" && s[0].Order.Note != ""
	},
	"A letter": func(s []tracking.Statement) bool {
		return s[0].Order.Method == tracking.MethodLetter && s[1].Shipment.Phase == tracking.Shipped
	},
	"A pre-order": func(s []tracking.Statement) bool {
		l := s[0].Order.Lines
		return l[0].AvailableFrom.String() == "2026-06-15" && l[1].State == tracking.LineBackordered && l[2].Method == tracking.MethodDigital
	},
}

func TestEveryExampleOnTheApisPageSaysWhatItsHeadingPromises(t *testing.T) {
	said := examples(t)
	for heading, promised := range promises {
		if len(said[heading]) == 0 || !promised(said[heading]) {
			t.Errorf("%s: %+v", heading, said[heading])
		}
		delete(said, heading)
	}
	for heading := range said {
		t.Errorf("nothing is expected of the examples under %q", heading)
	}
}

func TestTheApisPageNamesEveryWordThereIs(t *testing.T) {
	m, text := mapper(t, "api"), documentation(t)
	var words []string
	for _, s := range tracking.Statuses() {
		words = append(words, string(s))
		if m.definition.Mapping.Codes[string(s)].Status != s {
			t.Errorf("the api does not know the status %s", s)
		}
	}
	for _, r := range tracking.Reasons() {
		words = append(words, string(r))
	}
	for _, p := range tracking.Phases() {
		words = append(words, string(p))
	}
	for _, m := range tracking.Methods() {
		words = append(words, string(m))
	}
	if missing := slices.DeleteFunc(words, func(w string) bool { return strings.Contains(text, "`"+w+"`") }); len(missing) > 0 {
		t.Errorf("the page does not name %v", missing)
	}
}

// Every field that the definition reads stands in the tables.
func TestTheApisPageNamesEveryFieldThereIs(t *testing.T) {
	m, text := mapper(t, "api"), documentation(t)
	tables := text[strings.Index(text, "\n## An order\n"):]
	named := map[string]bool{}
	for _, word := range regexp.MustCompile("`([a-zA-Z]+)(\\[\\])?`").FindAllStringSubmatch(tables, -1) {
		named[word[1]] = true
	}
	for _, p := range m.programs {
		for variable, keys := range p.reads {
			for _, key := range keys {
				if variable != varBody && variable != varElement && variable != "e" && !named[key] {
					t.Errorf("%s reads %s.%s, which the page does not name", p.path, variable, key)
				}
			}
		}
	}
}
