// Command prober tries from inside a pod's network what NetworkPolicies allow and forbid: it succeeds when everything that
// its arguments name can be reached, and fails otherwise. It must not send or read anything but a DNS question.
//
//	prober HOST:PORT...          opens a TCP connection
//	prober dns:NAME@SERVER:PORT  asks a DNS server, over UDP
//	prober listen:HOST:PORT      takes TCP connections until it is ended, as a target for other probers
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

const patience = 3 * time.Second

func main() {
	for _, target := range os.Args[1:] {
		if err := try(target); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func try(target string) error {
	kind, rest, _ := strings.Cut(target, ":")
	switch kind {
	case "listen":
		return listen(rest)
	case "dns":
		name, server, _ := strings.Cut(rest, "@")
		return resolve(name, server)
	default:
		return reach(target)
	}
}

func reach(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return connection.Close()
}

func resolve(name, server string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "udp", server)
	}}
	_, err := resolver.LookupHost(ctx, name)
	return err
}

func listen(address string) error {
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		if err := connection.Close(); err != nil {
			return err
		}
	}
}
