package corpus

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const docsPage = "../../docs/simulate.md"

func TestTheJourneyFileOfTheDocumentationIsOne(t *testing.T) {
	page, err := os.ReadFile(docsPage)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "## The journey file")
	_, rest, _ = strings.Cut(rest, "```json\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the section on the journey file has no example")
	}
	journey, err := Read([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	for fact := range facts(journey) {
		if fact.Kind == FactPlace && fact.Value == "Utrecht" {
			return
		}
	}
	t.Error("the example's place is not known at its last delivery")
}

func TestTheDocumentationNamesEveryFieldOfATruth(t *testing.T) {
	page, err := os.ReadFile(docsPage)
	if err != nil {
		t.Fatal(err)
	}
	for journey := range Generate(1, 500) {
		for field := range named(encode(journey.Truth)) {
			if !strings.Contains(string(page), "`"+field+"`") && !strings.Contains(string(page), "`"+field+"[]`") {
				t.Fatalf("the page does not name the field %q of a truth", field)
			}
		}
	}
}

// fieldName is a field in a JSON document.
var fieldName = regexp.MustCompile(`"([A-Za-z]+)":`)

// named returns the names of all fields in a document.
func named(document []byte) map[string]bool {
	names := map[string]bool{}
	for _, match := range fieldName.FindAllSubmatch(document, -1) {
		names[string(match[1])] = true
	}
	return names
}
