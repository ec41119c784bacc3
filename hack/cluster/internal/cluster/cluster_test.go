package cluster

import (
	"errors"
	"net"
	"reflect"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/hack/cluster/internal/forward"
	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/progress"
)

func TestMountsBelow(t *testing.T) {
	const table = `proc /proc proc rw 0 0
tmpfs /cache/state/kubelet/pods/1/volumes/token tmpfs rw 0 0
tmpfs /cache/state/with\040space tmpfs rw 0 0
tmpfs /cache/state2/other tmpfs rw 0 0
tmpfs /other/cache/state/x tmpfs rw 0 0
`
	want := []string{"/cache/state/kubelet/pods/1/volumes/token", "/cache/state/with space"}
	if got := mountsBelow(table, "/cache/state"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNamespacesIn(t *testing.T) {
	const record = `{"result":{"interfaces":[{"name":"eth0","sandbox":"/var/run/netns/cni-0a1b-2c"}]},"other":"/run/netns/mine"}`
	if got := namespacesIn(record); !reflect.DeepEqual(got, []string{"cni-0a1b-2c"}) {
		t.Errorf("got %q", got)
	}
}

func TestParseExtra(t *testing.T) {
	got, err := parseExtra([]string{"inbox=./test/inbox"})
	if err != nil || !reflect.DeepEqual(got, []program{{"inbox", "./test/inbox"}}) {
		t.Errorf("got %v: %v", got, err)
	}
	for _, text := range []string{"inbox", "=./test", "inbox=", "In Box=./test", "../inbox=./test"} {
		if _, err := parseExtra([]string{text}); err == nil || !strings.Contains(err.Error(), "NAME=GO_PACKAGE") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestModuleOf(t *testing.T) {
	for pkg, want := range map[string][2]string{
		"./cmd/manager":       {"/repo/cmd/manager", "."},
		"/elsewhere/tool":     {"/elsewhere/tool", "."},
		"example.com/m/inbox": {"/repo", "example.com/m/inbox"},
	} {
		if dir, within := moduleOf("/repo", pkg); dir != want[0] || within != want[1] {
			t.Errorf("%s: got %s %s", pkg, dir, within)
		}
	}
}

func TestRenderManifests(t *testing.T) {
	text, err := renderManifests("wismo.dev/coredns:abc")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"image: wismo.dev/coredns:abc", "clusterIP: 10.96.0.10", "kubernetes cluster.local", "provisioner: wismo.dev/hostpath",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q", want)
		}
	}
}

func TestWithoutACluster(t *testing.T) {
	c := New(layout.Layout{Source: t.TempDir(), Cache: t.TempDir()}, progress.New(&strings.Builder{}))
	for name, run := range map[string]func() error{
		"load": func() error { return c.Load(t.Context(), Load{}) },
		"forward": func() error {
			return c.Forward(t.Context(), forward.Spec{Name: "web", Listen: "127.0.0.1:8080", To: "default/web:80"})
		},
		"status": func() error { _, err := c.Status(t.Context()); return err },
	} {
		if err := run(); !errors.Is(err, ErrDown) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAPIPort(t *testing.T) {
	c := New(layout.Layout{Cache: t.TempDir()}, progress.New(&strings.Builder{}))
	if port, err := c.apiPort(0); err != nil || port != 6443 {
		t.Errorf("by default: got %d: %v", port, err)
	}
	if _, err := c.apiPort(70000); err == nil {
		t.Error("accepted a port that does not exist")
	}
	wanted, free := occupy(t)
	if err := c.offerAPI(t.Context(), wanted); err == nil || !strings.Contains(err.Error(), "--api-port") {
		t.Errorf("a port in use: got %v", err)
	}
	free()
	if err := c.offerAPI(t.Context(), wanted); err != nil {
		t.Fatal(err)
	}
	if port, err := c.apiPort(0); err != nil || port != wanted {
		t.Errorf("the port was not remembered: got %d: %v", port, err)
	}
}

func occupy(t *testing.T) (port int, free func()) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, _ := listener.Addr().(*net.TCPAddr)
	return address.Port, func() { _ = listener.Close() }
}
