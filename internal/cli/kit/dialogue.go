package kit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Why a person gave no answer.
var (
	ErrEnded       = errors.New("the answers ended")
	ErrInterrupted = errors.New("interrupted")
)

// Dialogue is a conversation with the person at the terminal. Its questions go to the standard error, so that the standard
// output can go into a file meanwhile.
type Dialogue struct {
	kit *Kit
	in  *bufio.Reader
}

// Dialogue begins one.
func (k *Kit) Dialogue() *Dialogue { return &Dialogue{k, bufio.NewReader(k.In)} }

// Ask puts a question and returns the answer without the space around it. When the answers end it returns ErrEnded, and when
// ctx does, as by Ctrl-C, ErrInterrupted at once; then the Dialogue is over.
func (d *Dialogue) Ask(ctx context.Context, question string) (string, error) {
	d.kit.Warnf("%s ", question)
	type answer struct {
		line string
		err  error
	}
	given := make(chan answer, 1)
	go func() { // reading from a terminal knows no context
		line, err := d.in.ReadString('\n')
		given <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		d.kit.Warnf("\n")
		return "", ErrInterrupted
	case a := <-given:
		line := strings.TrimSpace(a.line)
		if errors.Is(a.err, io.EOF) && line == "" {
			d.kit.Warnf("\n")
			return "", ErrEnded
		}
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			return "", fmt.Errorf("reading an answer: %w", a.err)
		}
		return line, nil
	}
}
