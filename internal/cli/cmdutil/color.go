package cmdutil

import (
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// Colour is a colour or weight of text on a terminal.
type Colour string

// Colours that the commands use.
const (
	Red    Colour = "31"
	Green  Colour = "32"
	Yellow Colour = "33"
	Bold   Colour = "1"
	Faint  Colour = "2"
)

// Painter colours text, or leaves it as it is.
type Painter bool

// Painter returns a Painter that colours only on a terminal, and never where NO_COLOR is set (see no-color.org).
func (env *Env) Painter() Painter {
	return Painter(terminal(env.Out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
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
