package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

type options struct {
	starts   int
	rest     time.Duration
	rate     int
	duration time.Duration
	alone    bool
}

// The page has one core of its own; the client has the other.
const pageCore, loadCore = "1", "0"

// on is the command that runs a program on some cores.
func (o options) on(cores, program string, args ...string) []string {
	command := []string{"taskset", "-c", cores}
	if o.alone {
		command = append(command, "chrt", "--fifo", "10")
	}
	return append(append(command, program), args...)
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "wismo-tenant-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, program := range []string{"./cmd/tracking-page", "./cmd/notifier", "./hack/load"} {
		if err := build(ctx, program, dir); err != nil {
			return err
		}
	}
	s, err := newShop(dir)
	if err != nil {
		return err
	}
	for _, program := range programs(s, o) {
		if err := startTimes(ctx, program, o.starts); err != nil {
			return err
		}
	}
	return together(ctx, s, o)
}

// build compiles a program as the images hold it.
func build(ctx context.Context, program, dir string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", dir, program)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// startTimes starts a program again and again, on a Shop's volume as it finds it.
func startTimes(ctx context.Context, p program, times int) error {
	var took []time.Duration
	for range times {
		began := time.Now()
		running, err := p.start(ctx)
		if err != nil {
			return err
		}
		took = append(took, time.Since(began))
		running.stop()
	}
	slices.Sort(took)
	fmt.Printf("%s: start to ready %d ms (%d to %d, %d starts)\n", p.name, took[len(took)/2].Milliseconds(),
		took[0].Milliseconds(), took[len(took)-1].Milliseconds(), times)
	return nil
}

// together runs page and notifier on one volume: at rest, after one journey and after many readers.
func together(ctx context.Context, s *shop, o options) error {
	var running []*process
	for _, program := range programs(s, o) {
		p, err := program.start(ctx)
		if err != nil {
			return err
		}
		defer p.stop()
		running = append(running, p)
	}
	tell := func(when string) {
		time.Sleep(o.rest)
		for _, p := range running {
			fmt.Printf("%s, %s: %s\n", p.name, when, p.memory())
		}
	}
	tell("at rest, no order yet")
	order, err := s.journey(ctx)
	if err != nil {
		return err
	}
	tell("at rest after a journey")
	if err := weigh(ctx, order); err != nil {
		return err
	}
	if err := s.readers(ctx, order, o, running[0]); err != nil {
		return err
	}
	tell("at rest after the readers")
	return nil
}

// readers ask for the order page at a steady rate, each a request of its own.
func (s *shop) readers(ctx context.Context, url string, o options, page *process) error {
	before := page.processorTime()
	command := o.on(loadCore, filepath.Join(s.dir, "load"), "-rate", strconv.Itoa(o.rate), "-duration", o.duration.String(), url)
	load := exec.CommandContext(ctx, command[0], command[1:]...)
	load.Stderr = os.Stderr
	said, err := load.Output()
	used := page.processorTime() - before
	fmt.Printf("page on one core, %d requests a second for %s: %s%.1f %% of the core, %.2f ms each\n", o.rate, o.duration, said,
		100*used.Seconds()/o.duration.Seconds(), 1000*used.Seconds()/(float64(o.rate)*o.duration.Seconds()))
	return err
}
