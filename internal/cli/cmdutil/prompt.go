package cmdutil

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Reasons for which a question got no answer.
var (
	ErrEnded       = errors.New("the answers ended")
	ErrInterrupted = errors.New("interrupted")
)

// Prompt asks the user at the terminal. Its questions go to the standard error, so that the standard output can be
// redirected into a file.
type Prompt struct {
	env *Env
	in  *bufio.Reader
}

// Prompt returns a Prompt for the streams of env.
func (env *Env) Prompt() *Prompt { return &Prompt{env, bufio.NewReader(env.In)} }

// Ask prints the question and returns the answer without the space around it. It returns ErrEnded at the end of the input,
// and ErrInterrupted when ctx ends, as by Ctrl-C; after that the Prompt must not be used again.
func (d *Prompt) Ask(ctx context.Context, question string) (string, error) {
	d.env.Warnf("%s ", question)
	type answer struct {
		line string
		err  error
	}
	given := make(chan answer, 1)
	go func() { // a read from a terminal cannot be cancelled
		line, err := d.in.ReadString('\n')
		given <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		d.env.Warnf("\n")
		return "", ErrInterrupted
	case a := <-given:
		line := strings.TrimSpace(a.line)
		if errors.Is(a.err, io.EOF) && line == "" {
			d.env.Warnf("\n")
			return "", ErrEnded
		}
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			return "", fmt.Errorf("reading an answer: %w", a.err)
		}
		return line, nil
	}
}
