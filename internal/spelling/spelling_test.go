package spelling_test

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/spelling"
)

func TestTheWordThatWasMeantIsFound(t *testing.T) {
	words := []string{"displayName", "homeCountry", "hostname", "locales"}
	for wrote, meant := range map[string]string{"hostName": "hostname", "HOSTNAME": "hostname", "local": "locales", "display_name": "displayName", "country": "homeCountry"} {
		if got := spelling.Nearest(wrote, words); got != meant || !spelling.Alike(wrote, got) {
			t.Errorf("%s: got %q (alike: %t), want %s", wrote, got, spelling.Alike(wrote, got), meant)
		}
	}
	if spelling.Alike("senders", "budget") || spelling.Alike("x", "locales") {
		t.Error("words that have nothing in common are offered for each other")
	}
	if got := spelling.Nearest("x", nil); got != "" {
		t.Errorf("of no words, %q is the nearest", got)
	}
}
