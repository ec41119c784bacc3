package host

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestCheckRefusesPolitely(t *testing.T) {
	allowed := func() error { return nil }
	refused := func() error { return errors.New("operation not permitted") }
	for name, test := range map[string]struct {
		system string
		user   int
		try    func() error
		want   []string // nothing means that the cluster can run
	}{
		"another system": {"darwin", 0, allowed, []string{"needs Linux", "darwin", "kind create cluster", "KUBECONFIG"}},
		"not root":       {"linux", 1000, allowed, []string{"needs root", "user 1000", "sudo", "kind create cluster", "KUBECONFIG"}},
		"no rights":      {"linux", 0, refused, []string{"network namespaces", "not permitted", "--privileged", "KUBECONFIG"}},
		"fine":           {"linux", 0, allowed, nil},
	} {
		t.Run(name, func(t *testing.T) {
			err := check(test.system, test.user, test.try)
			if (err == nil) != (test.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, text := range test.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the message lacks %q: %v", text, err)
				}
			}
		})
	}
}

func TestMissingNamesEachPackageOnce(t *testing.T) {
	nothing := func(program string) (string, error) { return "", errors.New("no " + program) }
	want := []string{
		"containerd", "runc", "containernetworking-plugins", "nftables", "iptables", "conntrack", "iproute2",
	}
	if got := missing(requirements, nothing); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	everything := func(program string) (string, error) { return "/usr/bin/" + program, nil }
	if got := missing(requirements, everything); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}
