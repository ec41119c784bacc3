package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

type options struct {
	shops, peers, foreign int
	extras                bool
}

// run measures one after the other, so that nobody pays for another one.
func run(ctx context.Context, o options) error {
	programs, err := build(ctx, o)
	if err != nil {
		return err
	}
	c, err := startControl(ctx)
	if err != nil {
		return err
	}
	defer c.stop()
	defer playDeployments(ctx, c)()
	if err := c.foreignSecrets(ctx, o.foreign); err != nil {
		return err
	}
	var table []result
	w := &wismo{control: c, binary: programs.manager}
	onboarded, err := w.onboard(ctx, o.shops)
	if err != nil {
		return err
	}
	table = append(table, onboarded)
	sample, err := c.tenant(ctx, w.namespaces[0])
	if err != nil {
		return err
	}
	if o.extras {
		if err := w.extras(ctx); err != nil {
			return err
		}
	}
	w.stop()
	bare, err := onboardBare(ctx, c, w.namespaces)
	if err != nil {
		return err
	}
	table = append(table, bare)
	if o.peers > 0 {
		peers, err := onboardPeers(ctx, c, programs, sample, o.peers)
		if err != nil {
			return err
		}
		table = append(table, peers...)
	}
	report(table)
	return nil
}

// onboardPeers measures helm and kro with the objects of one of wismo's tenants.
func onboardPeers(ctx context.Context, c *control, p programs, sample []document, n int) ([]result, error) {
	byHelm, err := onboardHelm(ctx, c, sample, n)
	if err != nil {
		return nil, fmt.Errorf("helm: %w", err)
	}
	byKro, err := onboardKro(ctx, c, p.kro, sample, n)
	if err != nil {
		return nil, fmt.Errorf("kro: %w", err)
	}
	return []result{byHelm, byKro}, nil
}

// programs are what is measured, built as it is released.
type programs struct{ manager, kro string }

func build(ctx context.Context, o options) (programs, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return programs{}, err
	}
	dir := filepath.Join(cache, "wismo-scale") // so that the next run need not link again
	p := programs{manager: filepath.Join(dir, "manager"), kro: filepath.Join(dir, "kro")}
	for _, b := range []struct {
		needed                   bool
		module, target, packages string
	}{
		{true, filepath.Join("..", ".."), p.manager, "./cmd/manager"},
		{o.peers > 0, "kro", p.kro, "github.com/kubernetes-sigs/kro/cmd/controller"},
	} {
		if !b.needed {
			continue
		}
		say("building %s", filepath.Base(b.target))
		if err := command(ctx, b.module, "go", "build", "-o", b.target, b.packages); err != nil {
			return p, err
		}
	}
	return p, nil
}

var began = time.Now()

// say shows progress, with the time since the start.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%7.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}
