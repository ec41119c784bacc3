package compile

import (
	"strings"
	"testing"
)

// kubectl puts a file that is not UTF-8 into binaryData, whatever its name.
func TestAFileThatIsNotTextIsNamedByItsEncoding(t *testing.T) {
	for name, tc := range map[string]struct {
		key, data, want string
	}{
		"UTF-16, as PowerShell writes it": {"de.yaml", "\xff\xfem\x00a\x00", "UTF-16"},
		"UTF-16, the other way round":     {"layout.html", "\xfe\xff\x00m\x00a", "UTF-16"},
		"Latin-1":                         {"de.yaml", "mail: Gr\xfc\xdfe", "not UTF-8"},
		"text in the wrong field":         {"de.yaml", "mail: Danke", "move it to data"},
		"a file of another kind":          {"logo.png", "\x89PNG", "nothing else"},
	} {
		var c compiler
		c.template(&words{}, "spec.templates[0]", "texts", Content{BinaryData: map[string][]byte{tc.key: []byte(tc.data)}})
		if len(c.problems) != 1 || !strings.Contains(c.problems[0].Message, tc.want) || c.problems[0].Source != "texts/"+tc.key {
			t.Errorf("%s: %+v, want %s", name, c.problems, tc.want)
		}
	}
}
