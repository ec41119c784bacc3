package message

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Palette is a merchant's accent colour made readable: WCAG 2.2 AA in every use named here, on light and on dark.
// All colours are #rrggbb.
type Palette struct {
	Accent       string // fills: buttons, progress; at least 3:1 on Paper
	OnAccent     string // text on Accent; at least 4.5:1
	Text         string // the accent as text and focus ring on Paper and on Tint; at least 4.5:1
	Tint         string // a background with a little of the accent
	DarkAccent   string // the same on DarkPaper; text a little lighter, because thin light strokes blur
	DarkOnAccent string
	DarkText     string
	DarkTint     string
}

// The backgrounds that a Palette is made for.
const (
	Paper     = "#ffffff"
	DarkPaper = "#15181c"
)

// defaultAccent is the look of a Shop that names no colour.
const defaultAccent = "#2f5d62"

// NewPalette makes a Palette of #rrggbb; anything else gives the default look.
func NewPalette(accent string) Palette {
	c, ok := parseColor(accent)
	if !ok {
		c, _ = parseColor(defaultAccent)
	}
	paper, dark := knownColor(Paper), knownColor(DarkPaper)
	var p Palette
	tint, darkTint := paper.mix(c, 0.07), dark.mix(c, 0.22)
	fill := c.adjust(black, func(x color) bool { return contrast(x, paper) >= 3 && readableOn(x) })
	darkFill := c.adjust(white, func(x color) bool { return contrast(x, dark) >= 3 && readableOn(x) })
	text := c.adjust(black, func(x color) bool { return contrast(x, tint) >= 4.5 })
	darkText := c.adjust(white, func(x color) bool { return contrast(x, darkTint) >= 6 })
	p.Accent, p.OnAccent, p.Text, p.Tint = fill.String(), textColorOn(fill).String(), text.String(), tint.String()
	p.DarkAccent, p.DarkOnAccent, p.DarkText, p.DarkTint = darkFill.String(), textColorOn(darkFill).String(), darkText.String(), darkTint.String()
	return p
}

// Contrast returns the WCAG contrast ratio of two #rrggbb colours, 1 to 21; 0 when a or b is not a colour.
func Contrast(a, b string) float64 {
	ca, okA := parseColor(a)
	cb, okB := parseColor(b)
	if !okA || !okB {
		return 0
	}
	return contrast(ca, cb)
}

type color struct{ r, g, b float64 } // sRGB, 0 to 255

var (
	black = color{17, 20, 24} // not pure black
	white = color{255, 255, 255}
)

func parseColor(s string) (color, bool) {
	digits, ok := strings.CutPrefix(s, "#")
	if !ok || len(digits) != 6 {
		return color{}, false
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return color{}, false
	}
	return color{float64(n >> 16), float64(n >> 8 & 0xff), float64(n & 0xff)}, true
}

func knownColor(s string) color {
	c, _ := parseColor(s)
	return c
}

// String returns the colour as #rrggbb.
func (c color) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c.r)), int(math.Round(c.g)), int(math.Round(c.b)))
}

// mix moves c towards other by share (0 to 1).
func (c color) mix(other color, share float64) color {
	blend := func(a, b float64) float64 { return math.Round(a + (b-a)*share) }
	return color{blend(c.r, other.r), blend(c.g, other.g), blend(c.b, other.b)}
}

// adjust moves c towards end in small steps and returns the first colour for which good is true.
func (c color) adjust(end color, good func(color) bool) color {
	for step := range 51 {
		if x := c.mix(end, float64(step)/50); good(x) {
			return x
		}
	}
	return end
}

func textColorOn(fill color) color {
	if contrast(white, fill) >= 4.5 {
		return white
	}
	return black
}

func readableOn(fill color) bool { return contrast(textColorOn(fill), fill) >= 4.5 }

// luminance and contrast are WCAG 2.2's "relative luminance" and "contrast ratio".
func (c color) luminance() float64 {
	linear := func(v float64) float64 {
		v /= 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

func contrast(a, b color) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}
