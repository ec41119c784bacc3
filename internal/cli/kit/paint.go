package kit

import (
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// Colour is one of the few that mean something.
type Colour string

// The colours of a terminal.
const (
	Red    Colour = "31"
	Green  Colour = "32"
	Yellow Colour = "33"
	Bold   Colour = "1"
	Faint  Colour = "2"
)

// Painter colours text, or leaves it as it is.
type Painter bool

// Painter paints only for a person at a terminal, and never where NO_COLOR is set (see no-color.org).
func (k *Kit) Painter() Painter {
	return Painter(terminal(k.Out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// Paint colours the text.
func (p Painter) Paint(c Colour, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// Table writes rows in columns, two spaces apart.
func Table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		if _, err := io.WriteString(t, strings.Join(row, "\t")+"\n"); err != nil {
			return err
		}
	}
	return t.Flush()
}
