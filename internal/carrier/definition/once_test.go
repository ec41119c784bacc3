package definition

import "testing"

// The operator compiles a thousand Shops, each with the source api: the catalog is read once.
func TestADefinitionOfTheCatalogIsReadOnce(t *testing.T) {
	for _, name := range Names() {
		first, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Load(name); err != nil || again != first {
			t.Errorf("%s was read again (%v)", name, err)
		}
	}
	if _, err := Load("no-such-carrier"); err == nil {
		t.Error("a name that the catalog does not have is found")
	}
}
