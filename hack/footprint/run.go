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

// The cores on which the tracking page and its client run while it is measured.
const pageCore, loadCore = "1", "0"

// pinned returns the command that runs a program on the given cores only.
func (o options) pinned(cores, program string, args ...string) []string {
	command := []string{"taskset", "-c", cores}
	if o.alone {
		command = append(command, "chrt", "--fifo", "10")
	}
	return append(append(command, program), args...)
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "wismo-footprint-")
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

// build compiles a program with the flags of the released images.
func build(ctx context.Context, program, dir string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", dir, program)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// startTimes starts a program several times on the same volume, and prints the median time until it is ready.
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

// together runs page and notifier on one volume, and prints their memory while idle: before the first order, after one order, and
// after many page views.
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
	printMemory := func(when string) {
		time.Sleep(o.rest)
		for _, p := range running {
			fmt.Printf("%s, %s: %s\n", p.name, when, p.memory())
		}
	}
	printMemory("idle, no order yet")
	order, err := s.journey(ctx)
	if err != nil {
		return err
	}
	printMemory("idle after one order")
	if err := printPageSize(ctx, order); err != nil {
		return err
	}
	if err := s.load(ctx, order, o, running[0]); err != nil {
		return err
	}
	printMemory("idle after the page views")
	return nil
}

// load requests the order page at a steady rate, and prints latencies and CPU time.
func (s *shop) load(ctx context.Context, url string, o options, page *process) error {
	before := page.processorTime()
	command := o.pinned(loadCore, filepath.Join(s.dir, "load"), "-rate", strconv.Itoa(o.rate), "-duration", o.duration.String(), url)
	client := exec.CommandContext(ctx, command[0], command[1:]...)
	client.Stderr = os.Stderr
	latencies, err := client.Output()
	used := page.processorTime() - before
	fmt.Printf("page on one core, %d requests per second for %s: %s%.1f %% of the core, %.2f ms each\n", o.rate, o.duration, latencies,
		100*used.Seconds()/o.duration.Seconds(), 1000*used.Seconds()/(float64(o.rate)*o.duration.Seconds()))
	return err
}
