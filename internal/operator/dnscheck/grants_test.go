package dnscheck_test

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
)

func TestAGrantCoversItsSuffixAndNothingThatOnlyEndsLikeIt(t *testing.T) {
	grants := dnscheck.Grants{
		{Namespaces: []string{"linden"}, Suffixes: []string{"linden.example"}},
		{Namespaces: []string{"*"}, Suffixes: []string{"{namespace}.shops.platform.example"}},
	}
	for _, c := range []struct {
		namespace, hostname string
		want                bool
	}{
		{"linden", "linden.example", true},
		{"linden", "track.linden.example", true},
		{"linden", "a.b.linden.example", true},
		{"linden", "track.notlinden.example", false},
		{"linden", "linden.example.attacker.example", false},
		{"other", "track.linden.example", false},
		{"other", "track.other.shops.platform.example", true},
		{"other", "track.linden.shops.platform.example", false},
		{"linden", "linden.shops.platform.example", true},
		{"linden", "shops.platform.example", false},
		{"a", "track.xa.shops.platform.example", false},
	} {
		if got := grants.Allow(c.namespace, c.hostname); got != c.want {
			t.Errorf("%s in namespace %s is allowed: %v, want %v", c.hostname, c.namespace, got, c.want)
		}
	}
	if !(dnscheck.Grants)(nil).Allow("any", "any.example") {
		t.Error("without grants everything is allowed")
	}
}
