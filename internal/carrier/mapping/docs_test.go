package mapping

import (
	"os"
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

func TestEveryDocumentOnTheApisPageIsUnderstoodAsItStandsThere(t *testing.T) {
	m := mapper(t, "api")
	blocks := strings.Split(documentation(t), "```json\n")[1:]
	if len(blocks) != 3 {
		t.Fatalf("%d documents", len(blocks))
	}
	for i, block := range blocks {
		body, _, _ := strings.Cut(block, "```")
		r, err := m.Map(t.Context(), receipt("", []byte(body)))
		if err != nil || len(r.Unmapped) > 0 {
			t.Errorf("document %d: %v, unmapped %v", i+1, err, r.Unmapped)
		}
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
	if missing := slices.DeleteFunc(words, func(w string) bool { return strings.Contains(text, "`"+w+"`") }); len(missing) > 0 {
		t.Errorf("the page does not name %v", missing)
	}
}
