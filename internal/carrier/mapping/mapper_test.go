package mapping

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/testing/golden"
)

// received is later than every event in testdata, except where a payload is meant to come from the future.
var received = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func mapper(t testing.TB, name string) *Mapper {
	t.Helper()
	d, err := definition.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return compiled(t, d)
}

// compiled returns patient: that a machine has much else to do is no outcome of a test.
func compiled(t testing.TB, d *definition.Definition) *Mapper {
	t.Helper()
	m, err := Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	m.timeout = time.Minute
	return m
}

// receipt returns a payload of the Shopify topic, or of a provider that has none, heard at `received`.
func receipt(topic string, body []byte) Receipt {
	return Receipt{Source: "test", Header: map[string]string{"X-Shopify-Topic": topic}, Body: body, Heard: received}
}

// topics are the Shopify topics of the payloads in testdata.
var topics = map[string]string{
	"orders_create": "orders/create", "orders_cancelled": "orders/cancelled",
	"orders_updated_with_fulfillment": "orders/updated", "products_update": "products/update",
	"fulfillments_create": "fulfillments/create", "fulfillments_update": "fulfillments/update",
	"fulfillments_create_without_number": "fulfillments/create",
	"fulfillment_events_create":          "fulfillment_events/create",
}

// outcome is what a golden file holds.
type outcome struct {
	Result Result
	Error  string `json:",omitempty"`
}

func TestEveryPayloadOfTheCatalogMeansWhatItsGoldenFileSays(t *testing.T) {
	for _, name := range definition.Names() {
		m := mapper(t, name)
		payloads, err := filepath.Glob(filepath.Join("testdata", name, "*.json"))
		if err != nil || len(payloads) == 0 {
			t.Fatalf("%s: no payloads: %v", name, err)
		}
		for _, path := range payloads {
			base := strings.TrimSuffix(filepath.Base(path), ".json")
			t.Run(name+"/"+base, func(t *testing.T) {
				body, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				result, err := m.Map(t.Context(), receipt(topics[base], body))
				got := outcome{Result: result}
				if err != nil {
					got.Error = err.Error()
				}
				golden.File(t, strings.TrimSuffix(path, ".json")+".golden", text(t, got))
			})
		}
	}
}

// text returns the outcome as JSON without what is empty: a golden file shows what was said.
func text(t *testing.T, got outcome) string {
	t.Helper()
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	data, err = json.MarshalIndent(said(tree), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data) + "\n"
}

// said drops what is empty; nil is nothing at all.
func said(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			if v[key] = said(field); v[key] == nil {
				delete(v, key)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = said(v[i])
		}
	default:
		if slices.Contains([]any{"", "0001-01-01T00:00:00Z", 0.0, false}, v) {
			return nil
		}
	}
	return v
}
