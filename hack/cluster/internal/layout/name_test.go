package layout

import (
	"net/netip"
	"strings"
	"testing"
)

func TestClustersOfDifferentNamesShareNothingButPrograms(t *testing.T) {
	l := Layout{Cache: "/cache"}
	seen := map[string]string{}
	for _, name := range []string{"", "a", "ab", "life", "gitops"} {
		t.Setenv(NameVariable, name)
		if err := checkName(); err != nil {
			t.Fatal(err)
		}
		for what, value := range map[string]string{
			"state": l.State(), "network namespace": NetworkNamespace(), "control group": Cgroup(), "address": Loopback(),
		} {
			if other, taken := seen[what+value]; taken {
				t.Errorf("%q and %q have the same %s %s", name, other, what, value)
			}
			seen[what+value] = name
		}
		if address, err := netip.ParseAddr(Loopback()); err != nil || !address.IsLoopback() {
			t.Errorf("%q is offered at %s", name, Loopback())
		}
		if l.Bin() != "/cache/bin" {
			t.Errorf("%q builds programs of its own in %s", name, l.Bin())
		}
	}
}

func TestANameThatCouldLeadElsewhereIsRefused(t *testing.T) {
	for _, name := range []string{"../x", "a-b", "A", "1a", strings.Repeat("a", 17)} {
		t.Setenv(NameVariable, name)
		if err := checkName(); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}
