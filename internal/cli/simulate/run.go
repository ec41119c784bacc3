//go:build !windows

package simulate

import (
	"context"
	_ "embed" // the built-in Shop
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/cli/lint"
	"github.com/wismo-dev/wismo/internal/corpus"
	"github.com/wismo-dev/wismo/internal/simulate"
	"github.com/wismo-dev/wismo/internal/simulate/check"
)

//go:embed shop.yaml
var builtinShop []byte

// Run is the result of the journeys under one policy, as JSON and YAML show it.
type Run struct {
	Policy   string             `json:"policy,omitempty"` // the file; "" = the Shop's own
	Journeys int                `json:"journeys"`
	Orders   int                `json:"orders"`
	Mix      []simulate.Share   `json:"mix"`
	Levels   simulate.Levels    `json:"levels"`
	Broken   []string           `json:"broken"` // levels above their limits, and shares of the mix below their minimum, as sentences
	Counts   map[check.Kind]int `json:"findingsByKind"`
	Findings []check.Finding    `json:"findings"` // the first ones
	Diary    []simulate.Entry   `json:"diary,omitempty"`
}

// Comparison is two runs of the same journeys.
type Comparison struct {
	Runs       []Run              `json:"runs"`
	Difference map[string]float64 `json:"difference"` // of each level: the second less the first
}

func (o *options) run(ctx context.Context, env *cmdutil.Env) error {
	if err := o.check(); err != nil {
		return err
	}
	journeys, err := o.read()
	if err != nil {
		return err
	}
	policies := o.policies
	if len(policies) == 0 {
		policies = []string{""}
	}
	var runs []Run
	for _, policy := range policies {
		doc, err := o.document(env, policy)
		if err != nil {
			return err
		}
		one, err := o.simulate(ctx, env, doc, journeys())
		if err != nil {
			return err
		}
		one.Policy = policy
		runs = append(runs, one)
	}
	if err := o.print(env, runs); err != nil {
		return err
	}
	if slices.ContainsFunc(runs, func(r Run) bool { return len(r.Broken) > 0 }) {
		return cmdutil.ErrProblem
	}
	return nil
}

// read returns a function that returns the journeys, as often as it is called.
func (o *options) read() (func() iter.Seq[corpus.Journey], error) {
	if o.generate > 0 {
		return func() iter.Seq[corpus.Journey] { return corpus.Generate(o.seed, o.generate) }, nil
	}
	var all []corpus.Journey
	for _, name := range o.journeys {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		j, err := corpus.Read(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, j)
	}
	return func() iter.Seq[corpus.Journey] { return slices.Values(all) }, nil
}

// document compiles the Shop with the policy of a file; "" is the Shop's own.
func (o *options) document(env *cmdutil.Env, policy string) (*bundle.Document, error) {
	var documents []*lint.Document
	var findings []lint.Finding
	if len(o.shops) > 0 {
		var err error
		if documents, findings, err = lint.ReadAll(o.shops, true, env.In); err != nil {
			return nil, err
		}
	} else {
		documents, findings = lint.Read("built-in", builtinShop)
	}
	name, more, err := o.policy(documents, policy)
	if err != nil {
		return nil, err
	}
	compiled, found, err := lint.Shops(append(documents, more...), lint.Options{Namespace: o.namespace, LibraryNamespace: o.library}, name)
	if err != nil {
		return nil, err
	}
	for _, f := range append(findings, found...) {
		if f.Level == lint.Error || len(compiled) == 0 {
			env.Warnf("%s\n", f)
		}
	}
	if len(compiled) != 1 {
		return nil, fmt.Errorf("%s can be compiled from these documents, but exactly one is needed", cmdutil.Count(len(compiled), "Shop"))
	}
	return simulate.Prepare(compiled[0]), nil
}

// policy reads the NotificationPolicy of a file into the namespace of the Shop.
func (o *options) policy(documents []*lint.Document, file string) (name string, more []*lint.Document, err error) {
	if file == "" {
		return "", nil, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	read, findings := lint.Read(file, content)
	if len(findings) > 0 {
		return "", nil, errors.New(findings[0].String())
	}
	for _, d := range read {
		if d.GetKind() != "NotificationPolicy" {
			continue
		}
		if d.GetNamespace() != o.library {
			d.SetNamespace(o.namespaceOf(documents))
		}
		name, more = d.GetName(), append(more, d)
	}
	if name == "" {
		return "", nil, fmt.Errorf("%s holds no NotificationPolicy", file)
	}
	return name, more, nil
}

// namespaceOf returns the namespace of the Shop among the documents.
func (o *options) namespaceOf(documents []*lint.Document) string {
	for _, d := range documents {
		if d.GetKind() == "Shop" && d.GetNamespace() != "" {
			return d.GetNamespace()
		}
	}
	return o.namespace
}

// manyJourneys are enough for the shares of the mix to be meaningful.
const manyJourneys = 500

func (o *options) simulate(ctx context.Context, env *cmdutil.Env, doc *bundle.Document, journeys iter.Seq[corpus.Journey]) (Run, error) {
	c := simulate.Config{Document: doc, Limits: simulate.LimitsOf(doc), Diary: o.diary || o.generate == 0}
	if o.generate >= manyJourneys {
		tenth, said := o.generate/10, 0
		c.Progress = func(done int) {
			if done/tenth > said || done == o.generate {
				said = done / tenth
				env.Warnf("%d of %d journeys\n", done, o.generate)
			}
		}
	}
	result, err := simulate.Run(ctx, c, journeys)
	if err != nil {
		return Run{}, err
	}
	r := Run{
		Journeys: result.Journeys, Orders: result.Orders, Mix: result.Mix, Levels: result.Levels, Broken: result.Levels.Broken(),
		Counts: map[check.Kind]int{}, Diary: result.Diary, Findings: result.Findings[:min(o.findings, len(result.Findings))],
	}
	if o.generate >= manyJourneys {
		r.Broken = append(r.Broken, simulate.BelowFloor(result.Mix)...)
	}
	for _, f := range result.Findings {
		r.Counts[f.Kind]++
	}
	return r, nil
}

func (o *options) print(env *cmdutil.Env, runs []Run) error {
	if o.output.Structured() {
		if len(runs) == 1 {
			return o.output.Print(env.Out, runs[0])
		}
		return o.output.Print(env.Out, Comparison{runs, difference(runs[0], runs[1])})
	}
	for i, r := range runs {
		if i > 0 {
			env.Printf("\n")
		}
		if err := r.print(env, o.generate > 0); err != nil {
			return err
		}
	}
	if len(runs) == 2 {
		return printDifference(env, runs[0], runs[1])
	}
	return nil
}

func (r Run) print(env *cmdutil.Env, mix bool) error {
	paint := env.Painter()
	title := cmdutil.Count(r.Journeys, "journey") + ", " + cmdutil.Count(r.Orders, "order")
	if r.Policy != "" {
		title += ", " + filepath.Base(r.Policy)
	}
	env.Printf("%s\n", paint.Paint(cmdutil.Bold, title))
	if mix {
		rows := [][]string{}
		for _, s := range r.Mix {
			rows = append(rows, []string{"  " + s.Name, fmt.Sprintf("%d", s.Count), fmt.Sprintf("%.1f %%", s.Percent), fmt.Sprintf("at least %.0f %%", s.Floor)})
		}
		if err := cmdutil.Table(env.Out, rows); err != nil {
			return err
		}
	}
	if len(r.Diary) > 0 {
		env.Printf("\n%s\n", paint.Paint(cmdutil.Bold, "Diary of messages (UTC)"))
		for _, e := range r.Diary {
			env.Printf("  %s\n", e)
		}
	}
	r.printFindings(env)
	env.Printf("\n%s\n", paint.Paint(cmdutil.Bold, "Service levels"))
	rows := [][]string{{"", "actual", "limit"}}
	bars := simulate.Bars.List()
	for i, l := range r.Levels.List() {
		rows = append(rows, []string{"  " + l.Name, simulate.Number(l.Value), simulate.Number(bars[i].Value)})
	}
	if err := cmdutil.Table(env.Out, rows); err != nil {
		return err
	}
	for _, b := range r.Broken {
		env.Printf("%s %s\n", paint.Paint(cmdutil.Red, "broken:"), b)
	}
	return nil
}

func (r Run) printFindings(env *cmdutil.Env) {
	if len(r.Counts) == 0 {
		env.Printf("\nNo findings: everything that shoppers read was true, and nothing that could have been told was missing.\n")
		return
	}
	var counts []string
	for _, kind := range sortedKinds(r.Counts) {
		counts = append(counts, fmt.Sprintf("%s %d", kind, r.Counts[kind]))
	}
	env.Printf("\n%s %s\n", env.Painter().Paint(cmdutil.Bold, "Findings:"), strings.Join(counts, ", "))
	for _, f := range r.Findings {
		env.Printf("  %s\n", strings.ReplaceAll(f.String(), "\n", "\n  "))
	}
}

// sortedKinds returns the kinds, the most frequent first.
func sortedKinds(counts map[check.Kind]int) []check.Kind {
	kinds := make([]check.Kind, 0, len(counts))
	for kind := range counts {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b check.Kind) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(string(a), string(b))
	})
	return kinds
}

func difference(a, b Run) map[string]float64 {
	d := map[string]float64{}
	was := a.Levels.List()
	for i, l := range b.Levels.List() {
		d[l.Name] = l.Value - was[i].Value
	}
	return d
}

// printDifference shows both runs side by side.
func printDifference(env *cmdutil.Env, a, b Run) error {
	env.Printf("\n%s\n", env.Painter().Paint(cmdutil.Bold, "Difference"))
	rows := [][]string{{"", filepath.Base(a.Policy), filepath.Base(b.Policy), "difference"}}
	was := a.Levels.List()
	for i, l := range b.Levels.List() {
		sign := ""
		if l.Value > was[i].Value {
			sign = "+"
		}
		rows = append(rows, []string{"  " + l.Name, simulate.Number(was[i].Value), simulate.Number(l.Value), sign + simulate.Number(l.Value-was[i].Value)})
	}
	return cmdutil.Table(env.Out, rows)
}
