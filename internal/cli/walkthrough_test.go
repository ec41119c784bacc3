package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// walkedShop is whom the examples of docs/secrets.md are about.
const walkedShop = `apiVersion: tracking.wismo.dev/v1alpha1
kind: Shop
metadata: {name: fjallro, namespace: fjallro}
spec:
  displayName: Fjällro
  hostname: spara.fjallro.example
  homeCountry: SE
  orders:
    sources:
    - name: webshop
      definition: {name: shopify, source: Catalog}
      credentialsSecretRef: {name: shopify}
      intake: {mode: Webhook}
`

// walkthrough are the documents of docs/secrets.md that bring a Secret, by kind.
func walkthrough(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "secrets.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for part := range strings.SplitSeq(string(content), "```yaml\n") {
		block, _, _ := strings.Cut(part, "```")
		for _, kind := range []string{"ExternalSecret", "SealedSecret", "Secret"} {
			if strings.Contains(block, "\nkind: "+kind+"\n") {
				found[kind] = block
			}
		}
	}
	return found
}

// Each way that docs/secrets.md walks brings the keys that the provider's definition asks for, under the name that the Shop says.
func TestTheWaysOfSecretsBringWhatTheShopNeeds(t *testing.T) {
	ways := walkthrough(t)
	for _, kind := range []string{"ExternalSecret", "SealedSecret", "Secret"} {
		t.Run(kind, func(t *testing.T) {
			document := ways[kind]
			if document == "" {
				t.Fatal("docs/secrets.md shows none")
			}
			got := run(t, walkedShop+"---\n"+document, "lint", "--strict", "-f", "-")
			if got.code != cmdutil.ExitFine {
				t.Errorf("lint says:\n%s%s", got.out, got.err)
			}
			other := strings.ReplaceAll(document, "client-secret:", "secret:")
			other = strings.ReplaceAll(other, "secretKey: client-secret", "secretKey: secret")
			if got := run(t, walkedShop+"---\n"+other, "lint", "--strict", "-f", "-"); got.code != cmdutil.ExitProblem || !strings.Contains(got.out, "lacks the key client-secret") {
				t.Errorf("of another key lint says:\n%s%s", got.out, got.err)
			}
		})
	}
}

// The ExternalSecret of the page is the one that onboard prints for the same Shop.
func TestTheExternalSecretOfThePageIsOnboards(t *testing.T) {
	got := run(t, "", "onboard", "fjallro", "--hostname", "spara.fjallro.example", "--country", "SE", "--orders", "shopify=https://fjallro.myshopify.com")
	printed := ""
	for document := range strings.SplitSeq(got.out, "\n---\n") {
		if strings.Contains(document, "\nkind: ExternalSecret\n") {
			printed = document
		}
	}
	if diff := cmp.Diff(parsed(t, walkthrough(t)["ExternalSecret"]), parsed(t, printed)); diff != "" {
		t.Errorf("(-docs/secrets.md +onboard):\n%s", diff)
	}
}

func parsed(t *testing.T, document string) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := yaml.Unmarshal([]byte(document), &fields); err != nil || fields == nil {
		t.Fatalf("%v:\n%s", err, document)
	}
	return fields
}
