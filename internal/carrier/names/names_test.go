package names

import (
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestOneCarrierHasOneSlugHoweverItIsSpelled(t *testing.T) {
	for want, spellings := range map[string][]string{
		"postnord":    {"PostNord", "PostNord SE", "postnord", "POSTNORD-SE", "Post Nord"},
		"dhl":         {"DHL", "DHL Paket Deutschland", "DHL Paket", "DHL Germany"},
		"dhl-express": {"DHL Express", "DHLExpress", "dhl-express", "DHL_EXPRESS", "DHL Express Germany"},
		"gls":         {"GLS", "GLS Germany", "GLS Netherlands", "GLS NL"},
		"gls-es":      {"GLS Spain", "gls-es"},
		"dpd":         {"DPD Netherlands", "DPD", "dpd_de", "DPD AT"},
		"dpd-uk":      {"DPD UK", "DPD Local"},
		"postnl":      {"PostNL", "Post NL BE", "PostNL International"},
		"fedex":       {"FedEx", "Fedex Ground"},
		"royal-mail":  {"Royal Mail", "RoyalMail"},
		"ontrac":      {"OnTrac"},
		"quay-post":   {"Quay Post", "quay-post", "  Quay  Post!"},
		"":            {"", "  ", "---", "Other", "other", "Custom", "Manual", "N/A", "Unknown", "None"},
	} {
		for _, spelling := range spellings {
			if got := Slug(spelling); got != want {
				t.Errorf("%q is %q, want %q", spelling, got, want)
			}
		}
	}
}

func TestASlugIsItsOwnSlug(t *testing.T) {
	for slug := range known().names {
		if got := Slug(slug); got != slug {
			t.Errorf("%q is %q", slug, got)
		}
	}
}

func TestACarrierIsWrittenAsItWritesItself(t *testing.T) {
	for slug, want := range map[string]string{
		"postnl": "PostNL", "dhl-express": "DHL Express", "bpost": "bpost", "quay-post": "Quay Post", "évri": "Évri", "": "",
	} {
		if got := Name(slug); got != want {
			t.Errorf("%q is %q, want %q", slug, got, want)
		}
	}
}

func TestNoSpellingBelongsToTwoCarriers(t *testing.T) {
	var carriers map[string]carrier
	if err := yaml.Unmarshal(carriersYAML, &carriers); err != nil || len(carriers) < 20 {
		t.Fatalf("%d carriers: %v", len(carriers), err)
	}
	owner := map[string]string{}
	for slug, c := range carriers {
		if c.Name == "" {
			t.Errorf("%s has no name", slug)
		}
		for _, spelling := range append(slices.Clone(c.Aliases), slug, c.Name) {
			if other := owner[Squash(spelling)]; other != "" && other != slug {
				t.Errorf("%q means %s and %s", spelling, slug, other)
			}
			owner[Squash(spelling)] = slug
		}
	}
}
