package compile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/compile"
)

func TestTheKeysThatASecretMustHaveAreTold(t *testing.T) {
	d, err := definition.Load("shopify")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, k := range compile.SecretKeysOfDefinition(d) {
		got[k.Key] = k.Optional
	}
	if diff := cmp.Diff(map[string]bool{"client-secret": false, "access-token": true}, got); diff != "" {
		t.Errorf("shopify, by key whether it is optional (-want +got):\n%s", diff)
	}
	var smtp []string
	for _, k := range compile.SecretKeysOfSender(v1alpha1.EmailSenderSMTP) {
		smtp = append(smtp, k.Key)
	}
	if diff := cmp.Diff([]string{"username", "password"}, smtp); diff != "" {
		t.Errorf("a mail server (-want +got):\n%s", diff)
	}
	if keys := compile.SecretKeysOfSender(v1alpha1.EmailSenderHouse); keys != nil {
		t.Errorf("the platform's relay wants %v of the user", keys)
	}
}

// The table of docs/secrets.md is the catalog's.
func TestTheDocumentedSecretKeysAreThoseOfTheCatalog(t *testing.T) {
	page, err := os.ReadFile("../../docs/secrets.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| definition | key | needed | what it is |\n|---|---|---|---|\n")
	for _, name := range definition.Names() {
		d, err := definition.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range compile.SecretKeysOfDefinition(d) {
			needed := "yes"
			if k.Optional {
				needed = "optional"
			}
			fmt.Fprintf(&want, "| `%s` | `%s` | %s | %s |\n", name, k.Key, needed, k.Description)
		}
	}
	_, table, _ := strings.Cut(string(page), "| definition |")
	table, _, _ = strings.Cut("| definition |"+table, "\n\n")
	if diff := cmp.Diff(want.String(), table+"\n"); diff != "" {
		t.Errorf("docs/secrets.md (-catalog +page):\n%s", diff)
	}
	for _, k := range compile.SecretKeysOfSender(v1alpha1.EmailSenderSMTP) {
		if !strings.Contains(string(page), "`"+k.Key+"`") {
			t.Errorf("docs/secrets.md does not name the key %s of a mail server", k.Key)
		}
	}
}
