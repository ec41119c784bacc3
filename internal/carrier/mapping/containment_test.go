package mapping

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// recognised are the places in the payloads of the catalog by which something is recognised, and the elements themselves: a wrong form
// there costs what it is about, and nothing else does.
var recognised = map[string]*regexp.Regexp{
	"api": regexp.MustCompile(`^\.type$|^\.data$|^\.data\.(number|externalID|carrier|parcels|shipments.*)$|` +
		`^\.data\[\d+\](\.type|\.data|\.data\.(number|externalID|id|carrier|parcels|shipments.*))?$`),
	"easypost":  regexp.MustCompile(`^\.description$|^\.result(\.(id|tracking_code))?$`),
	"postnord":  regexp.MustCompile(`^\.TrackingInformationResponse(\.shipments(\[\d+\](\.items(\[\d+\](\.itemId)?)?)?)?)?$`),
	"sendcloud": regexp.MustCompile(`^\.(action|event_type|parcel|data)$|^\.parcel\.(id|tracking_number|status|status\.id)$|^\.data\.(parcel|event)$|^\.data\.(parcel\.(parcel_id|id|tracking_number)|event\.phase)$`),
	"shopify":   regexp.MustCompile(`^\.(id|order_id|fulfillment_id|status|shipment_status|tracking_numbers|fulfillments)$|^\.fulfillments\[\d+\](\.id)?$`),
}

// A wrong form in any other place of any payload costs itself: every statement is still made.
func TestAWrongFormCostsOnlyItself(t *testing.T) {
	for _, name := range definition.Names() {
		payloads, err := filepath.Glob(filepath.Join("testdata", name, "*.json"))
		if err != nil || recognised[name] == nil {
			t.Fatalf("%s: %v, or nothing is said of how its payloads are recognised", name, err)
		}
		m := mapper(t, name)
		for _, path := range payloads {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			topic := topics[strings.TrimSuffix(filepath.Base(path), ".json")]
			said, err := m.Map(t.Context(), receipt(topic, body))
			var payload any
			if err != nil || json.Unmarshal(body, &payload) != nil {
				continue
			}
			misshape(payload, "", func(any) {}, func(place, form string) {
				if place == "" || recognised[name].MatchString(place) {
					return
				}
				wrong, _ := json.Marshal(payload)
				got, err := m.Map(t.Context(), receipt(topic, wrong))
				if lost := missing(said.Statements, got.Statements); err != nil || len(lost) > 0 {
					t.Errorf("%s: %s at %s costs %v, %v", path, form, place, lost, err)
				}
			})
		}
	}
}

// misshape puts a wrong form into each place of a payload in turn.
func misshape(v any, place string, set func(any), try func(place, form string)) {
	for form, wrong := range map[string]any{"an object": map[string]any{"x": "y"}, "a list": []any{"x"}, "a number": -7, "a text": "x"} {
		set(wrong)
		try(place, form)
	}
	set(v)
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			misshape(field, place+"."+key, func(x any) { v[key] = x }, try)
		}
	case []any:
		for i, element := range v {
			misshape(element, fmt.Sprintf("%s[%d]", place, i), func(x any) { v[i] = x }, try)
		}
	}
}

// missing returns the keys of the statements that are made no more.
func missing(before, after []tracking.Statement) (lost []tracking.Key) {
	for _, s := range before {
		if !slices.ContainsFunc(after, func(o tracking.Statement) bool { return o.Key == s.Key }) {
			lost = append(lost, s.Key)
		}
	}
	return lost
}
