package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	shipped "github.com/wismo-dev/wismo/internal/release"
)

// Change is one part in which two releases differ.
type Change struct {
	Part string `json:"part"` // images.notifier, render, ConfigMap/house-texts nl.yaml
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
	Diff string `json:"diff,omitempty"` // unified, of texts
}

// Difference holds all changes between two releases.
type Difference struct {
	Old     string   `json:"old"`
	New     string   `json:"new"`
	Changes []Change `json:"changes"`
}

type diffOptions struct {
	operatorNamespaceFlag
	output *cmdutil.Output
}

func diffCommand(env *cmdutil.Env) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff [OLD [NEW]]",
		Short: "Show what changed between two releases",
		Long: `Show what changed between two releases: images, the render version, built-in content, and the library line by line.

Without names it compares the latest release with the one before it, with one name that release with the latest.

Exit codes: 0 compared, with or without a difference; 2 the releases could not be compared.`,
		Example: `  # What the latest release changes
  kubectl wismo release diff

  # What a rollback from rel-0042 to rel-0040 reverts
  kubectl wismo release diff rel-0040 rel-0042`,
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: completeReleases(env, &o.operatorNamespaceFlag, 0, 2),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, args) },
	}
	o.add(cmd)
	o.output = cmdutil.AddOutput(cmd)
	return env.AddClusterFlags(cmd)
}

func (o *diffOptions) run(ctx context.Context, env *cmdutil.Env, args []string) error {
	c, s, err := o.open(ctx, env, o.output)
	if err != nil {
		return err
	}
	before, after, err := pair(s, args)
	if err != nil {
		return err
	}
	d := Difference{Old: before.object.Name, New: after.object.Name, Changes: parts(before.document, after.document)}
	library, err := libraryChanges(ctx, c, o.namespace, before, after)
	if err != nil {
		return err
	}
	d.Changes = append(d.Changes, library...)
	if o.output.Structured() {
		return o.output.Print(env.Out, d)
	}
	printDifference(env, d)
	return nil
}

// pair returns the two releases that the arguments name.
func pair(s *releases, args []string) (before, after *storedRelease, err error) {
	after = s.latest()
	switch {
	case len(args) == 0 && len(s.revisions) == 1:
		return nil, nil, fmt.Errorf("%s is the only release; there is nothing to compare it with", after.object.Name)
	case len(args) == 0:
		before = s.revisions[1]
	default:
		before, err = s.named(args[0])
	}
	if err == nil && len(args) == 2 {
		after, err = s.named(args[1])
	}
	if err == nil {
		err = errors.Join(before.damaged, after.damaged)
	}
	return before, after, err
}

// parts returns the changes outside of the library.
func parts(a, b shipped.Document) []Change {
	changes := []Change{}
	note := func(part, before, after string) {
		if before != after {
			changes = append(changes, Change{Part: part, Old: before, New: after})
		}
	}
	note("images.trackingPage", a.Images.TrackingPage, b.Images.TrackingPage)
	note("images.notifier", a.Images.Notifier, b.Images.Notifier)
	note("images.pullPolicy", a.Images.PullPolicy, b.Images.PullPolicy)
	note("render version", fmt.Sprint(a.Render), fmt.Sprint(b.Render))
	note("hash version", fmt.Sprint(a.HashVersion), fmt.Sprint(b.HashVersion))
	note("built-in texts and carriers", a.Builtin, b.Builtin)
	before, after := text(a.Policy), text(b.Policy)
	if before != after {
		changes = append(changes, Change{Part: "built-in policy", Diff: udiff.Unified("before", "after", before, after)})
	}
	return changes
}

// text returns a value as YAML.
func text(value any) string {
	out, err := yaml.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// libraryChanges compares the library object by object, and each object key by key.
func libraryChanges(ctx context.Context, c client.Client, namespace string, a, b *storedRelease) ([]Change, error) {
	var changes []Change
	for _, object := range shipped.Compare(a.document, b.document).Library {
		before, err := contentOf(ctx, c, namespace, a.document.Library[object])
		if err != nil {
			return nil, err
		}
		after, err := contentOf(ctx, c, namespace, b.document.Library[object])
		if err != nil {
			return nil, err
		}
		for _, key := range slices.Sorted(maps.Keys(union(before, after))) {
			if bytes.Equal(before[key], after[key]) && (before[key] == nil) == (after[key] == nil) {
				continue
			}
			changes = append(changes, compare(strings.TrimSpace(object+" "+key), a.object.Name, b.object.Name, before[key], after[key]))
		}
	}
	return changes, nil
}

func union(a, b map[string][]byte) map[string][]byte {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// compare returns the change of one text of the library.
func compare(part, a, b string, before, after []byte) Change {
	switch {
	case bytes.ContainsRune(before, 0) || bytes.ContainsRune(after, 0):
		return Change{Part: part, Old: fmt.Sprintf("%d bytes", len(before)), New: fmt.Sprintf("%d bytes", len(after))}
	case before == nil:
		a = "/dev/null"
	case after == nil:
		b = "/dev/null"
	}
	return Change{Part: part, Diff: udiff.Unified(a, b, string(before), string(after))}
}

// contentOf reads an object of the library as a release keeps it, by its keys; a policy has one key, "". If name is "", the
// release did not have the object.
func contentOf(ctx context.Context, c client.Client, namespace, name string) (map[string][]byte, error) {
	keys := map[string][]byte{}
	if name == "" {
		return keys, nil
	}
	object := &appsv1.ControllerRevision{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object); apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("the ControllerRevision %s/%s, which holds content of the release, no longer exists", namespace, name)
	} else if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	content, err := shipped.DecodeContent(object.Data.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for key, value := range content.Data {
		keys[key] = []byte(value)
	}
	maps.Copy(keys, content.BinaryData)
	if content.Policy != nil {
		keys[""] = []byte(text(content.Policy))
	}
	return keys, nil
}

// printDifference prints the difference as text.
func printDifference(env *cmdutil.Env, d Difference) {
	paint := env.Painter()
	env.Printf("%s -> %s\n", d.Old, d.New)
	if len(d.Changes) == 0 {
		env.Printf("No difference.\n")
	}
	for _, c := range d.Changes {
		if c.Diff == "" {
			env.Printf("\n%s: %s -> %s\n", paint.Paint(cmdutil.Bold, c.Part), paint.Paint(cmdutil.Red, dash(c.Old)), paint.Paint(cmdutil.Green, dash(c.New)))
			continue
		}
		env.Printf("\n%s\n", paint.Paint(cmdutil.Bold, c.Part))
		for line := range strings.Lines(c.Diff) {
			env.Printf("%s\n", coloured(paint, strings.TrimSuffix(line, "\n")))
		}
	}
}

func coloured(paint cmdutil.Painter, line string) string {
	switch {
	case strings.HasPrefix(line, "+"):
		return paint.Paint(cmdutil.Green, line)
	case strings.HasPrefix(line, "-"):
		return paint.Paint(cmdutil.Red, line)
	}
	return line
}
