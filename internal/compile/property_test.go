package compile_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
)

// mutated returns the value with some of its parts left out, emptied or replaced, as a document may arrive that the
// API server has not checked.
func mutated(t *rapid.T, value any) any {
	mutation := rapid.IntRange(0, 40).Draw(t, "mutation")
	if mutation == 0 {
		return nil
	}
	switch v := value.(type) {
	case string:
		if mutation == 1 {
			return rapid.SampledFrom([]string{"", "x", "../..", "\x00", "PostgreSQL", "Gateway", "Poll", "SMTP", "Local", "api"}).Draw(t, "text")
		}
	case float64:
		if mutation == 1 {
			return float64(rapid.IntRange(-5, 5).Draw(t, "number"))
		}
	case map[string]any:
		return mutatedMap(t, v)
	case []any:
		return mutatedList(t, v)
	}
	return value
}

func mutatedMap(t *rapid.T, in map[string]any) any {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(in)) {
		if child := mutated(t, in[key]); child != nil {
			out[key] = child
		}
	}
	return out
}

func mutatedList(t *rapid.T, in []any) any {
	var out []any
	for _, child := range in {
		if child := mutated(t, child); child != nil {
			out = append(out, child)
		}
	}
	return out
}

// mutate replaces an object's spec by a mutated one; specs that do not even decode stay as they are.
func mutate[T any](t *rapid.T, spec *T) {
	data, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(mutated(t, tree)); err != nil {
		t.Fatal(err)
	}
	var changed T
	if json.Unmarshal(data, &changed) == nil {
		*spec = changed
	}
}

func mutatedInput(t *rapid.T, base func() compile.Input) compile.Input {
	in := base()
	mutate(t, &in.Shop.Spec)
	for i := range in.Integrations {
		mutate(t, &in.Integrations[i].Spec)
	}
	mutate(t, &in.Policy.Spec)
	mutate(t, &in.BasePolicy.Spec)
	for _, ref := range slices.SortedFunc(maps.Keys(in.Content), func(a, b compile.Ref) int { return strings.Compare(a.String(), b.String()) }) {
		if rapid.IntRange(0, 9).Draw(t, "absent") == 0 {
			delete(in.Content, ref)
		}
	}
	return in
}

func TestNoShopMakesTheCompilerPanicAndEveryResultIsWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		out := compile.Compile(mutatedInput(rt, func() compile.Input { return compiletest.Fjallro(t) }))
		faults := len(out.Problems) > 0 || len(out.Missing) > 0
		if faults != (out.Document == nil) || (out.Document == nil) != (out.Data == nil) {
			rt.Fatalf("document %v with %v and %v", out.Document != nil, out.Problems, out.Missing)
		}
		for _, p := range out.Problems {
			if p.Object == "" || p.Path == "" || p.Message == "" {
				rt.Errorf("a problem without place or words: %+v", p)
			}
		}
	})
}

func TestTheSameShopIsTheSameBundleWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := mutatedInput(rt, func() compile.Input { return compiletest.Fjallro(t) })
		first := compile.Compile(in)
		again := in
		again.Integrations = rapid.Permutation(in.Integrations).Draw(rt, "integrations")
		again.Content = maps.Clone(in.Content) // another iteration order
		if diff := cmp.Diff(first, compile.Compile(again)); diff != "" {
			rt.Error(diff)
		}
	})
}

func TestCompilingChangesNothingOfItsInput(t *testing.T) {
	in, untouched := compiletest.Fjallro(t), compiletest.Fjallro(t)
	compile.Compile(in)
	if diff := cmp.Diff(untouched, in); diff != "" {
		t.Error(diff)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add([]byte(`{"displayName":"Linden","hostname":"track.linden.example","homeCountry":"NL"}`), []byte("mail.Delivered.subject: x\n"))
	f.Add([]byte(`{"homeCountry":"SE","orders":{"sources":[{"name":"a","definition":{"name":"texts","source":"Local"}}]},"theme":{"logo":{"configMapRef":{"name":"texts"},"key":"nl.yaml"}}}`), []byte("name: x\n"))
	f.Fuzz(func(_ *testing.T, spec, content []byte) {
		in := compile.Input{Shop: &v1alpha1.Shop{}, Platform: compile.Platform{InstallationID: "id", LibraryNamespace: v1alpha1.LibraryNamespace, Policy: bundle.BuiltinPolicy()}}
		in.Shop.Name, in.Shop.Namespace = "linden", "linden"
		if json.Unmarshal(spec, &in.Shop.Spec) != nil {
			return
		}
		in.Content = map[compile.Ref]compile.Content{}
		for _, ref := range compile.Refs(in.Shop, nil, in.Platform.LibraryNamespace) {
			in.Content[ref] = compile.Content{Data: map[string]string{
				"nl.yaml": string(content), "mail-footer.html": string(content), "definition.yaml": string(content), "logo.svg": string(content),
			}}
		}
		compile.Compile(in)
	})
}
