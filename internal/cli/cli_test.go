package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/wismo-dev/wismo/internal/cli"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/testing/golden"
)

// outcome is what a person sees of a command.
type outcome struct {
	out, err string
	code     int
}

func run(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none")) // no test may find a cluster
	var out, errs bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &out, ErrOut: &errs}
	code := cli.Run(t.Context(), "v1.2.3", args, streams)
	return outcome{out.String(), errs.String(), code}
}

// want compares with a golden file: the standard output, then what else there is.
func (o outcome) want(t *testing.T, code int, file string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d", o.code, code)
	}
	if code != cmdutil.ExitUnable && o.err != "" {
		t.Errorf("the standard error is for errors only, and says %q", o.err)
	}
	golden.File(t, filepath.Join("testdata", file), o.out+o.err)
}

func TestLintFindsEveryFaultWithItsLine(t *testing.T) {
	run(t, "", "lint", "-f", "testdata/faulty.yaml").want(t, cmdutil.ExitProblem, "faulty.txt")
	run(t, "", "lint", "-f", "testdata/faulty.yaml", "-o", "json").want(t, cmdutil.ExitProblem, "faulty.json")
}

func TestLintLooksAtWhatNoShopAmongTheDocumentsUses(t *testing.T) {
	run(t, "", "lint", "-f", "testdata/library.yaml").want(t, cmdutil.ExitProblem, "library.txt")
}

func TestTheSamplesAreClean(t *testing.T) {
	if got := run(t, "", "lint", "--strict", "-f", "../../config/samples/linden.yaml"); got.code != cmdutil.ExitFine {
		t.Errorf("exit code %d:\n%s%s", got.code, got.out, got.err)
	}
	all := []string{"lint", "-R", "-f", "../../config/samples", "-f", "../../config/manager/config.yaml"}
	got := run(t, "", all...)
	if got.code != cmdutil.ExitFine {
		t.Errorf("exit code %d:\n%s%s", got.code, got.out, got.err)
	}
	for line := range strings.Lines(got.out) {
		if strings.Contains(line, ": error: ") || strings.Contains(line, ": warning: ") && !strings.Contains(line, "FieldsInactive") {
			t.Error(line)
		}
	}
	// The complete sample sets every field of the API, and strict means that none may be without effect.
	if got := run(t, "", append(all, "--strict")...); got.code != cmdutil.ExitProblem {
		t.Errorf("exit code %d for fields without effect:\n%s", got.code, got.out)
	}
}

func TestLintNamesANamespaceThatTakesTheOrdersOfARetainedShopAlong(t *testing.T) {
	namespace := func(annotations string) string {
		return "apiVersion: v1\nkind: Namespace\nmetadata: {name: linden, annotations: {" + annotations + "}}\n---\n"
	}
	shop := func(storage string) string {
		return "apiVersion: tracking.wismo.dev/v1alpha1\nkind: Shop\nmetadata: {name: linden, namespace: linden}\n" +
			"spec: {displayName: Linden, hostname: track.linden.example, homeCountry: NL" + storage + "}\n"
	}
	const flux, argo = "kustomize.toolkit.fluxcd.io/prune: disabled", `argocd.argoproj.io/sync-options: "Prune=false,Delete=false"`
	for _, c := range []struct {
		documents string
		strict    int    // exit code
		says      string // "" = nothing of the namespace
	}{
		{namespace("") + shop(""), cmdutil.ExitProblem, "deletes the namespace with the orders and link keys of the Shop linden"},
		{namespace(flux) + shop(""), cmdutil.ExitProblem, "deletes the namespace with the orders"},
		{namespace(argo) + shop(", storage: {type: SQLite, deletionPolicy: Retain}"), cmdutil.ExitProblem, "deletes the namespace with the orders"},
		{namespace(flux+", "+argo) + shop(""), cmdutil.ExitFine, "kubectl delete of this document also deletes the orders"},
		{namespace("") + shop(", storage: {type: SQLite, deletionPolicy: Delete}"), cmdutil.ExitFine, ""},
		{namespace(""), cmdutil.ExitUnable, ""},
	} {
		got := run(t, c.documents, "lint", "--strict", "-f", "-")
		if got.code != c.strict || !strings.Contains(got.out, c.says) || c.says == "" && strings.Contains(got.out, "Namespace") {
			t.Errorf("%s: exit code %d:\n%s%s", c.documents, got.code, got.out, got.err)
		}
	}
}

func TestLintNeverPrintsASecret(t *testing.T) {
	got := run(t, secretDocuments, "lint", "-f", "-")
	if got.code != cmdutil.ExitProblem || !strings.Contains(got.out, "webhook-signature-key has 5 bytes, at least 16 are needed") {
		t.Errorf("exit code %d:\n%s", got.code, got.out)
	}
	for _, secret := range []string{"hush!", "aHVzaCE="} {
		if strings.Contains(got.out+got.err, secret) {
			t.Errorf("the output holds %q:\n%s", secret, got.out)
		}
	}
}

const secretDocuments = `
apiVersion: tracking.wismo.dev/v1alpha1
kind: Shop
metadata: {name: linden, namespace: linden}
spec: {displayName: Linden Living, hostname: track.linden.example, homeCountry: NL}
---
apiVersion: tracking.wismo.dev/v1alpha1
kind: CarrierIntegration
metadata: {name: sendcloud, namespace: linden}
spec:
  shopRef: {name: linden}
  definition: {name: sendcloud, source: Catalog}
  credentialsSecretRef: {name: sendcloud}
  intake: {mode: Webhook}
---
apiVersion: v1
kind: Secret
metadata: {name: sendcloud, namespace: linden}
data: {webhook-signature-key: aHVzaCE=}
`

// Of each way to bring Secrets, and whichever of them is among the documents, lint says which keys it lacks.
func TestLintKnowsEveryWayToBringASecret(t *testing.T) {
	before, _, _ := strings.Cut(secretDocuments, "---\napiVersion: v1\nkind: Secret")
	for name, c := range map[string]struct {
		document string
		lacks    bool
	}{
		"a SOPS file":                        {`{apiVersion: v1, kind: Secret, metadata: {name: sendcloud, namespace: linden}, stringData: {webhook-signature-key: "ENC[AES256_GCM,data:x]"}, sops: {version: "3"}}`, false},
		"a SealedSecret":                     {`{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: sendcloud, namespace: linden}, spec: {encryptedData: {webhook-signature-key: AgB}}}`, false},
		"an ExternalSecret":                  {`{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: any, namespace: linden}, spec: {target: {name: sendcloud}, data: [{secretKey: webhook-signature-key}]}}`, false},
		"an ExternalSecret that takes all":   {`{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: sendcloud, namespace: linden}, spec: {dataFrom: [{extract: {key: x}}]}}`, false},
		"an ExternalSecret of another key":   {`{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: sendcloud, namespace: linden}, spec: {data: [{secretKey: secret}]}}`, true},
		"a SealedSecret of another key":      {`{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: sendcloud, namespace: linden}, spec: {encryptedData: {secret: AgB}}}`, true},
		"a Secret without the key in a file": {`{apiVersion: v1, kind: Secret, metadata: {name: sendcloud, namespace: linden}, stringData: {}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, before+"---\n"+c.document, "lint", "-f", "-")
			if lacks := strings.Contains(got.out, "SecretMalformed: lacks the key webhook-signature-key"); lacks != c.lacks || strings.Contains(got.out, "not among these documents") {
				t.Errorf("says that the key is missing: %t, want %t:\n%s", lacks, c.lacks, got.out)
			}
		})
	}
}

// The kubelet never reads an immutable Secret again, so a replacement of the same name is not seen.
func TestLintWarnsOfASecretThatCannotBeReplaced(t *testing.T) {
	before, _, _ := strings.Cut(secretDocuments, "---\napiVersion: v1\nkind: Secret")
	for name, c := range map[string]struct {
		document string
		warns    bool
	}{
		"an immutable Secret":          {`{apiVersion: v1, kind: Secret, immutable: true, metadata: {name: sendcloud, namespace: linden}, stringData: {webhook-signature-key: "0123456789012345678901234567890123456789"}}`, true},
		"one that an operator fetches": {`{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: any, namespace: linden}, spec: {target: {name: sendcloud, immutable: true}, data: [{secretKey: webhook-signature-key}]}}`, true},
		"one that is unsealed":         {`{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: sendcloud, namespace: linden}, spec: {template: {immutable: true}, encryptedData: {webhook-signature-key: AgB}}}`, true},
		"one that no document names":   {`{apiVersion: v1, kind: Secret, immutable: true, metadata: {name: other, namespace: linden}, stringData: {a: b}}`, false},
		"one that can be replaced":     {`{apiVersion: v1, kind: Secret, metadata: {name: sendcloud, namespace: linden}, stringData: {webhook-signature-key: "0123456789012345678901234567890123456789"}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, before+"---\n"+c.document, "lint", "-f", "-")
			if warns := strings.Contains(got.out, "is immutable"); warns != c.warns {
				t.Errorf("warns: %t, want %t:\n%s", warns, c.warns, got.out)
			}
		})
	}
}

func TestOnboardWritesDocumentsThatPassLint(t *testing.T) {
	for name, args := range map[string][]string{
		"small":    {"linden", "--hostname", "track.linden.example", "--country", "NL"},
		"external": {"linden", "--hostname", "track.linden.example", "--country", "NL", "--carrier", "sendcloud", "--carrier", "easypost", "--secrets", "external-secrets", "--store", "platform-vault"},
		"norway":   {"fjord", "--hostname", "spor.fjord.example", "--country", "NO", "--locale", "en", "--display-name", "yes", "--secrets", "sops", "--orders", "shopify=https://fjord.myshopify.com", "--carrier", "postnord", "--smtp", "smtp.fjord.example:465", "--from", "post@fjord.example", "--rehearsal", "try@fjord.example", "--support-email", "hei@fjord.example", "--policy", "house", "-n", "merchants"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, "", append([]string{"onboard"}, args...)...)
			got.want(t, cmdutil.ExitFine, "onboard-"+name+".yaml")
			if checked := run(t, got.out, "lint", "-f", "-"); checked.code != cmdutil.ExitFine {
				t.Errorf("lint says:\n%s%s", checked.out, checked.err)
			}
		})
	}
}

func TestOnboardWritesAKustomizationAndNeverOverAFile(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "linden")
	args := []string{"onboard", "linden", "--hostname", "track.linden.example", "--country", "NL", "--carrier", "sendcloud", "--secrets", "sealed-secrets", "-d", directory}
	if got := run(t, "", append(args, "--dry-run")...); got.code != cmdutil.ExitFine || !strings.Contains(got.out, "shop.yaml written (dry run)") {
		t.Errorf("a dry run ends with %d:\n%s", got.code, got.out)
	}
	if _, err := os.Stat(directory); !os.IsNotExist(err) {
		t.Errorf("a dry run wrote something: %v", err)
	}
	if got := run(t, "", args...); got.code != cmdutil.ExitFine || !strings.Contains(got.out, "kubeseal -o yaml < secrets.plain.yaml > secrets.yaml") {
		t.Fatalf("exit code %d:\n%s%s", got.code, got.out, got.err)
	}
	kustomization, err := os.ReadFile(filepath.Join(directory, "kustomization.yaml"))
	if err != nil || strings.Contains(string(kustomization), "\n- secrets.plain.yaml") {
		t.Errorf("the kustomization applies what must not be committed (%v):\n%s", err, kustomization)
	}
	if got := run(t, "", args...); got.code != cmdutil.ExitProblem || !strings.Contains(got.err, "exists already") {
		t.Errorf("the second run ends with %d: %s", got.code, got.err)
	}
}

func TestOnboardSaysWhichAnswerCannotBe(t *testing.T) {
	for says, args := range map[string][]string{
		"missing: --hostname, --country":                    {"onboard", "linden"},
		"spec.timeZone: Invalid value: must be set because": {"onboard", "linden", "--hostname", "track.linden.example", "--country", "US"},
		`the catalog has no definition "postnrd"`:           {"onboard", "linden", "--hostname", "track.linden.example", "--country", "SE", "--carrier", "postnrd"},
		"shopify sends no parcel events":                    {"onboard", "linden", "--hostname", "track.linden.example", "--country", "SE", "--carrier", "shopify"},
		"spec.hostname: Invalid value":                      {"onboard", "linden", "--hostname", "linden", "--country", "SE"},
		`--secrets: "vault" must be one of`:                 {"onboard", "linden", "--hostname", "track.linden.example", "--country", "SE", "--secrets", "vault"},
	} {
		if got := run(t, "", args...); got.code != cmdutil.ExitUnable || !strings.Contains(got.err, says) || got.out != "" {
			t.Errorf("%v: exit code %d\n%s%s\nwant %q", args, got.code, got.out, got.err, says)
		}
	}
}

// A new language starts complete, and one of ours as comments: both are accepted as they are.
func TestTemplateInitPrintsEveryText(t *testing.T) {
	for _, locale := range []string{"nl", "da"} {
		got := run(t, "", "template", "init", "--locale", locale, "--configmap", "linden-texts", "-n", "linden")
		shop := `
---
apiVersion: tracking.wismo.dev/v1alpha1
kind: Shop
metadata: {name: linden, namespace: linden}
spec:
  displayName: Linden Living
  hostname: track.linden.example
  homeCountry: NL
  locales: [` + locale + `]
  templates: [{configMapRef: {name: linden-texts}, source: Local}]
`
		if checked := run(t, got.out+shop, "lint", "--strict", "-f", "-"); got.code != cmdutil.ExitFine || checked.code != cmdutil.ExitFine {
			t.Errorf("%s: exit code %d, and lint says:\n%s%s", locale, got.code, checked.out, checked.err)
		}
		if lines := strings.Count(got.out, "\n"); lines < 200 {
			t.Errorf("%s: only %d lines", locale, lines)
		}
	}
	if got := run(t, "", "template", "init", "--locale", "xx-nonsense-1"); got.code != cmdutil.ExitUnable || got.err == "" {
		t.Errorf("a language that is none: exit code %d, %s", got.code, got.err)
	}
}

func TestAnErrorInTheUsageNamesTheHelp(t *testing.T) {
	for _, c := range []struct {
		help string // "" = the error is not about the usage
		args []string
	}{
		{"kubectl wismo --help", []string{"lnt"}},
		{"kubectl wismo release --help", []string{"release", "stauts"}},
		{"kubectl wismo template --help", []string{"template", "nonsense"}},
		{"kubectl wismo completion bash --help", []string{"completion", "bash", "nonsense"}},
		{"kubectl wismo status --help", []string{"status", "--nonsense"}},
		{"kubectl wismo status --help", []string{"status", "-o"}},
		{"kubectl wismo simulate --help", []string{"simulate", "--generate", "many"}},
		{"kubectl wismo rotate --help", []string{"rotate"}},
		{"kubectl wismo release pin --help", []string{"release", "pin", "a", "b", "c"}},
		{"", []string{"lint", "-f", "testdata/absent.yaml"}},
		{"", []string{"onboard", "linden"}},
	} {
		got := run(t, "", c.args...)
		_, printed, _ := strings.Cut(got.err, "\nSee '")
		if got.code != cmdutil.ExitUnable || strings.TrimSuffix(printed, "'.\n") != c.help {
			t.Errorf("%v: exit code %d, help %q, want %q:\n%s", c.args, got.code, printed, c.help, got.err)
		}
	}
	if got := run(t, "", "release", "stauts"); !strings.Contains(got.err, "Did you mean this?\n\tstatus\n") {
		t.Errorf("no suggestion: %s", got.err)
	}
}

func TestWrongUsageIsToldOnTheStandardErrorWithItsExitCode(t *testing.T) {
	for says, args := range map[string][]string{
		`unknown command "lnt" for "kubectl wismo"`: {"lnt"},
		"unknown flag: --nonsense":                  {"status", "--nonsense"},
		"no documents: name a file":                 {"lint"},
		"no such file":                              {"lint", "-f", "testdata/absent.yaml"},
		`--output: "csv" must be one of`:            {"lint", "-f", "testdata/faulty.yaml", "-o", "csv"},
		"name what to rotate as shop/NAME":          {"rotate", "linden"},
		`--dry-run: "maybe" must be`:                {"uninstall", "--dry-run=maybe"},
		"accepts 1 arg(s), received 0":              {"rotate"},
	} {
		if got := run(t, "", args...); got.code != cmdutil.ExitUnable || got.out != "" || !strings.Contains(got.err, says) {
			t.Errorf("%v: exit code %d, output %q, error %q; want %q", args, got.code, got.out, got.err, says)
		}
	}
}

func TestEveryCommandExplainsItselfWithAnExample(t *testing.T) {
	root := cli.New(cmdutil.New(genericiooptions.NewTestIOStreamsDiscard(), "v1.2.3"))
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			if c.Short == "" || c.Long == "" || !strings.HasPrefix(c.Example, "  ") || strings.HasSuffix(c.Short, ".") {
				t.Errorf("%s lacks an explanation or an example", c.CommandPath())
			}
			if !strings.HasPrefix(c.CommandPath(), "kubectl wismo ") {
				t.Errorf("%s is not called as kubectl calls it", c.CommandPath())
			}
			walk(c)
		}
	}
	walk(root)
	// What changes something can be tried out.
	for _, name := range []string{"onboard", "rotate", "uninstall"} {
		if cmd, _, err := root.Find([]string{name}); err != nil || cmd.Flags().Lookup("dry-run") == nil {
			t.Errorf("%s has no --dry-run (%v)", name, err)
		}
	}
}

func TestTheVersionIsTold(t *testing.T) {
	if got := run(t, "", "version"); got.code != cmdutil.ExitFine || !strings.HasPrefix(got.out, "kubectl-wismo v1.2.3 (go") {
		t.Errorf("exit code %d: %s", got.code, got.out)
	}
	if got := run(t, "", "version", "-o", "json"); !strings.Contains(got.out, `"version": "v1.2.3"`) {
		t.Error(got.out)
	}
}

// kubectl runs kubectl_complete-wismo, which asks for this.
func TestTheShellCompletesCommandsAndValues(t *testing.T) {
	for want, args := range map[string][]string{
		"lint\t":      {"__complete", "li"},
		"sendcloud\n": {"__complete", "onboard", "--carrier", ""},
		"server\n":    {"__complete", "rotate", "--dry-run="},
		"json\n":      {"__complete", "status", "-o", ""},
	} {
		if got := run(t, "", args...); !strings.Contains(got.out, want) {
			t.Errorf("%v: %q, want %q", args, got.out, want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := run(t, "", "completion", shell); got.code != cmdutil.ExitFine || len(got.out) < 500 {
			t.Errorf("%s: exit code %d, %d bytes", shell, got.code, len(got.out))
		}
	}
}

func TestTheReferenceIsWhatTheCommandsSay(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	reference := cli.Reference(cli.New(cmdutil.New(genericiooptions.NewTestIOStreamsDiscard(), "")))
	if !strings.HasSuffix(string(content), reference) {
		t.Error("docs/cli.md is not up to date: hack/generate.sh writes it")
	}
}
