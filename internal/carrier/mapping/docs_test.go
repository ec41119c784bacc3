package mapping

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Every JSON document in docs/api-source.md is understood as it stands there, and the page names every word there is.
func TestTheDocumentedFormatIsTheOneWeRead(t *testing.T) {
	text, err := os.ReadFile("../../../docs/api-source.md")
	if err != nil {
		t.Fatal(err)
	}
	m := mapper(t, "api")
	blocks := strings.Split(string(text), "```json\n")[1:]
	if len(blocks) != 3 {
		t.Fatalf("%d documents", len(blocks))
	}
	for i, block := range blocks {
		body, _, _ := strings.Cut(block, "```")
		r, err := m.Map(t.Context(), nil, []byte(body), received)
		if err != nil || len(r.Unmapped) > 0 {
			t.Errorf("document %d: %v, unmapped %v", i+1, err, r.Unmapped)
		}
	}
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
	if missing := slices.DeleteFunc(words, func(w string) bool { return strings.Contains(string(text), "`"+w+"`") }); len(missing) > 0 {
		t.Errorf("the page does not name %v", missing)
	}
}
