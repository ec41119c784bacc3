package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

type options struct {
	shops, peers, foreign, nodes int
	extras, releases             bool
}

// run takes the measurements one after the other, so that none slows down another.
func run(ctx context.Context, o options) error {
	programs, err := build(ctx, o)
	if err != nil {
		return err
	}
	var table []result
	if o.shops > 0 {
		atRest, err := withoutPods(ctx, programs, o)
		if err != nil {
			return err
		}
		table = append(table, atRest...)
	}
	if o.nodes > 0 {
		withPods, err := onNodes(ctx, programs, o.nodes)
		if err != nil {
			return err
		}
		table = append(table, withPods)
	}
	report(table)
	return nil
}

// withoutPods measures with Deployments that are set to ready and have no pods. The bare client and helm get an API server of
// their own, because creating a Service takes longer with every Service that exists.
func withoutPods(ctx context.Context, p programs, o options) ([]result, error) {
	byWismo, like, err := ours(ctx, p, o)
	if err != nil {
		return nil, err
	}
	byOthers, err := others(ctx, like, o)
	return append(byWismo, byOthers...), err
}

// playground starts an API server and a stand-in for the Deployment controller, and returns a function that stops both.
func playground(ctx context.Context, o options) (*control, func(), error) {
	c, err := startControl(ctx, o.foreign)
	if err != nil {
		return nil, nil, err
	}
	endPlay := playDeployments(ctx, c)
	end := func() { endPlay(); c.stop() }
	if err := c.foreignSecrets(ctx, o.foreign); err != nil {
		end()
		return nil, nil, err
	}
	return c, end, nil
}

// model is what wismo created for one minimal Shop, and that Shop's status.
type model struct {
	documents []document
	status    map[string]any
}

// ours measures wismo, and returns what it created for one Shop.
func ours(ctx context.Context, p programs, o options) ([]result, model, error) {
	c, end, err := playground(ctx, o)
	if err != nil {
		return nil, model{}, err
	}
	defer end()
	w := &wismo{control: c, binary: p.manager}
	defer w.stop()
	onboarded, err := w.onboard(ctx, o.shops)
	if err != nil {
		return nil, model{}, err
	}
	table := []result{onboarded}
	like := model{}
	if like.documents, err = c.templates(ctx, w.namespaces[0], createdKinds...); err != nil {
		return nil, like, err
	}
	if o.releases {
		released, err := w.releases(ctx)
		if err != nil {
			return nil, like, err
		}
		table = append(table, released...)
	}
	if like.status, err = c.statusOf(ctx, w.namespaces[0]); err != nil {
		return nil, like, err
	}
	if o.extras {
		err = w.extras(ctx)
	}
	return table, like, err
}

// others measures the bare client and helm, which create the objects that wismo created.
func others(ctx context.Context, like model, o options) ([]result, error) {
	c, end, err := playground(ctx, o)
	if err != nil {
		return nil, err
	}
	defer end()
	bare, err := onboardBare(ctx, c, like.documents, o.shops)
	if err != nil {
		return nil, err
	}
	table := []result{bare}
	if o.releases {
		again, err := releaseBare(ctx, c, like.status, o.shops)
		if err != nil {
			return nil, err
		}
		table = append(table, again)
	}
	if o.peers == 0 {
		return table, nil
	}
	byHelm, err := onboardHelm(ctx, c, like.documents, o.peers)
	if err != nil {
		return nil, fmt.Errorf("helm: %w", err)
	}
	return append(table, byHelm), nil
}

// programs holds the paths of the binaries.
type programs struct{ manager, kwok string }

func build(ctx context.Context, o options) (programs, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return programs{}, err
	}
	dir := filepath.Join(cache, "wismo-scale") // kept, so that the next run need not link again
	p := programs{manager: filepath.Join(dir, "manager"), kwok: filepath.Join(dir, "kwok")}
	for _, b := range []struct {
		needed                   bool
		module, target, packages string
	}{
		{true, filepath.Join("..", ".."), p.manager, "./cmd/manager"},
		{o.nodes > 0, "kwok", p.kwok, "sigs.k8s.io/kwok/cmd/kwok"},
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
