package main

import (
	"fmt"
	"io"
	"time"
)

// narrator tells what happens, each line with the seconds since the start.
type narrator struct {
	out   io.Writer
	start time.Time
}

func newNarrator(out io.Writer) narrator { return narrator{out: out, start: time.Now()} }

// step tells what begins now.
func (n narrator) step(format string, args ...any) { n.line("==> ", format, args...) }

// note tells what came of it.
func (n narrator) note(format string, args ...any) { n.line("    ", format, args...) }

func (n narrator) line(prefix, format string, args ...any) {
	_, _ = fmt.Fprintf(n.out, "%7.1fs %s%s\n", time.Since(n.start).Seconds(), prefix, fmt.Sprintf(format, args...))
}

// plain prints what a program may want to read.
func (n narrator) plain(format string, args ...any) { _, _ = fmt.Fprintf(n.out, format+"\n", args...) }

// indented takes another program's progress.
func (n narrator) indented() io.Writer { return n.out }
