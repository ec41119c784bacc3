package text

import (
	"strings"
	"testing"
)

func TestATruncatedTextIsWithinItsLimitAndCutsNoCharacter(t *testing.T) {
	for _, tc := range []struct{ given, want string }{
		{"short", "short"},
		{"ten bytes.", "ten bytes."},
		{"eleven byte", "eleven..."},
		{"aaaaaa" + strings.Repeat("ö", 3), "aaaaaa..."},
		{"aaaaa" + strings.Repeat("ö", 3), "aaaaaö..."},
		{strings.Repeat("日", 4), "日日..."},
	} {
		got := Truncate(tc.given, 10)
		if got != tc.want {
			t.Errorf("%q became %q, want %q", tc.given, got, tc.want)
		}
	}
}
