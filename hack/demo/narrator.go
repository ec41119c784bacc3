package main

import (
	"fmt"
	"io"
	"time"
)

// narrator prints progress, each line with the seconds since the start.
type narrator struct {
	out   io.Writer
	start time.Time
}

func newNarrator(out io.Writer) narrator { return narrator{out: out, start: time.Now()} }

// step prints what begins.
func (n narrator) step(format string, args ...any) { n.line("==> ", format, args...) }

// note prints a result.
func (n narrator) note(format string, args ...any) { n.line("    ", format, args...) }

func (n narrator) line(prefix, format string, args ...any) {
	_, _ = fmt.Fprintf(n.out, "%7.1fs %s%s\n", time.Since(n.start).Seconds(), prefix, fmt.Sprintf(format, args...))
}

// plain prints a line without the time, for programs.
func (n narrator) plain(format string, args ...any) { _, _ = fmt.Fprintf(n.out, format+"\n", args...) }

// indented returns a writer for another program's output.
func (n narrator) indented() io.Writer { return n.out }
