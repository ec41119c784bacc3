package message

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestAnyAccentColourIsReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accent := fmt.Sprintf("#%06x", rapid.IntRange(0, 1<<24-1).Draw(t, "accent"))
		p := NewPalette(accent)
		for _, pair := range []struct {
			use, a, b string
			least     float64
		}{
			{"text on a button", p.OnAccent, p.Accent, 4.5}, {"a button on paper", p.Accent, Paper, 3},
			{"a link on paper", p.Text, Paper, 4.5}, {"a date on its tint", p.Text, p.Tint, 4.5},
			{"text on a dark button", p.DarkOnAccent, p.DarkAccent, 4.5}, {"a button on dark paper", p.DarkAccent, DarkPaper, 3},
			{"a link on dark paper", p.DarkText, DarkPaper, 4.5}, {"a date on its dark tint", p.DarkText, p.DarkTint, 4.5},
		} {
			if got := Contrast(pair.a, pair.b); got < pair.least {
				t.Fatalf("%s with %s: %s on %s has %.2f, needs %.1f", pair.use, accent, pair.a, pair.b, got, pair.least)
			}
		}
	})
}

func TestAReadableAccentIsKeptAsItIs(t *testing.T) {
	if p := NewPalette("#1F5C4D"); p.Accent != "#1f5c4d" || p.Text != "#1f5c4d" || p.OnAccent != "#ffffff" {
		t.Errorf("got %+v", p)
	}
	for _, bad := range []string{"", "red", "#12345", "#12345g"} {
		if NewPalette(bad) != NewPalette(defaultAccent) {
			t.Errorf("%q has a look of its own", bad)
		}
	}
}

func TestContrastIsWCAGs(t *testing.T) {
	if got := Contrast("#000000", "#ffffff"); got != 21 {
		t.Errorf("black on white has %v", got)
	}
	if got := Contrast("#767676", "#ffffff"); got < 4.5 || got > 4.6 {
		t.Errorf("#767676 on white has %v", got)
	}
}
