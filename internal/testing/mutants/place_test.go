package mutants

import (
	"os"
	"strings"
	"testing"
)

func TestAPlaceIsFoundByWhatItIsThereFor(t *testing.T) {
	for _, tc := range []struct {
		in   string
		at   Place
		gone string // what stood there
	}{
		{"qualifiedName", If(1), "if fn.Recv == nil {"},
		{"qualifiedName", Return(2), `return name.Name + "." + fn.Name.Name`},
		{"Kill", Case(1), "case err == nil:"},
		{"Mutant.overlay", Var("dir"), "dir := t.TempDir()"},
		{"Mutant.overlay", Var("overlay"), `filepath.Join(dir, "overlay.json")`},
	} {
		file, content, err := tc.at.replace(tc.in, "MISTAKE")
		if err != nil {
			t.Errorf("%s in %s: %v", tc.at.what, tc.in, err)
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lost := strings.Count(string(source), tc.gone) - strings.Count(string(content), tc.gone); lost != 1 || strings.Count(string(content), "MISTAKE") != 1 {
			t.Errorf("%s in %s took the place of something else than %q", tc.at.what, tc.in, tc.gone)
		}
	}
}

func TestAPlaceThatIsNotThereIsAnError(t *testing.T) {
	for in, at := range map[string]Place{"nowhere": If(1), "qualifiedName": Case(1), "Place.find": Field("nothing"), "Place.replace": Var("nothing")} {
		if _, _, err := at.replace(in, "MISTAKE"); err == nil {
			t.Errorf("%s was found in %s", at.what, in)
		}
	}
}
