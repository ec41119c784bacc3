package forward

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	good := Spec{Name: "web", Listen: "127.0.0.1:8080", To: "default/web:80"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*Spec)
		want   string
	}{
		"a path as name":     {func(s *Spec) { s.Name = "../web" }, "lower-case"},
		"the kubeconfig's":   {func(s *Spec) { s.Name = APIServer }, "kubeconfig needs"},
		"all addresses":      {func(s *Spec) { s.Listen = "0.0.0.0:8080" }, "not a loopback address"},
		"a host name":        {func(s *Spec) { s.Listen = "example.com:8080" }, "not a loopback address"},
		"no port":            {func(s *Spec) { s.Listen = "127.0.0.1" }, "--listen"},
		"port zero":          {func(s *Spec) { s.Listen = "127.0.0.1:0" }, "between 1 and 65535"},
		"no namespace":       {func(s *Spec) { s.To = "web:80" }, "NAMESPACE/SERVICE:PORT"},
		"an address as goal": {func(s *Spec) { s.To = "10.0.0.1:80" }, "NAMESPACE/SERVICE:PORT"},
	} {
		spec := good
		test.change(&spec)
		if err := spec.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
	}
}

func TestDirectory(t *testing.T) {
	directory := Directory(t.TempDir())
	spec := Spec{Name: "web", Listen: "127.0.0.1:8080", To: "default/web:80"}
	if err := directory.Put(spec); err != nil {
		t.Fatal(err)
	}
	specs, err := directory.List()
	if err != nil || len(specs) != 1 || specs[0] != spec {
		t.Fatalf("got %v %v", specs, err)
	}
	if err := directory.Remove(APIServer); err == nil {
		t.Error("the kubeconfig would stop working")
	}
	if err := directory.Remove("web"); err != nil {
		t.Error(err)
	}
	if err := directory.Remove("web"); err == nil || !strings.Contains(err.Error(), "forward list") {
		t.Errorf("got %v", err)
	}
}

func TestTaken(t *testing.T) {
	spec := Spec{Name: "web", Listen: "127.0.0.1:8080", To: "default/web:80"}
	if other, taken := Taken([]Spec{spec}, spec.Listen, "new"); !taken || other != spec {
		t.Error("the address should be taken")
	}
	if _, taken := Taken([]Spec{spec}, spec.Listen, spec.Name); taken {
		t.Error("a forward does not stand in its own way")
	}
}

func TestDaemon(t *testing.T) {
	server := echo(t)
	listen := freeAddress(t)
	directory := Directory(t.TempDir())
	run(t, &Daemon{
		Directory: directory,
		Resolve: func(_ context.Context, target Target) (string, error) {
			if target != (Target{"default", "echo", "80"}) {
				return "", errors.New("unknown Service")
			}
			return server, nil
		},
		Dial: new(net.Dialer).DialContext,
		Log:  slog.New(slog.DiscardHandler),
	})

	put(t, directory, Spec{Name: "echo", Listen: listen, To: "default/echo:80"})
	if got := exchange(t, listen, "hello"); got != "hello" {
		t.Errorf("got %q", got)
	}
	put(t, directory, Spec{Name: "echo", Listen: listen, To: "default/other:80"})
	eventually(t, func() bool { return exchange(t, listen, "hello") == "" })
	put(t, directory, Spec{Name: "echo", Listen: listen, To: server})
	eventually(t, func() bool { return exchange(t, listen, "again") == "again" })
	if err := directory.Remove("echo"); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", listen)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
}

func run(t *testing.T, daemon *Daemon) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- daemon.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// echo starts a server that returns everything once the client has closed its side, and returns its address.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				said, _ := io.ReadAll(conn)
				_, _ = conn.Write(said)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// exchange sends a text, closes its side, and returns the answer.
func exchange(t *testing.T, address, text string) string {
	t.Helper()
	var conn net.Conn
	eventually(t, func() (ok bool) {
		var err error
		conn, err = new(net.Dialer).DialContext(t.Context(), "tcp", address)
		return err == nil
	})
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, text)
	if half, ok := conn.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

// freeAddress returns a free address of a loopback network that no other test uses, so that it stays free until the daemon listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.70.87.68:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func put(t *testing.T, directory Directory, spec Spec) {
	t.Helper()
	if err := directory.Put(spec); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, done func() bool) {
	t.Helper()
	const longest = time.Minute
	for deadline := time.Now().Add(longest); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not happen within %s", longest)
		}
	}
}
