package releases

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/release"
)

// Gate tries what the library holds before any Shop meets it. What does not pass stays as it was in the latest release;
// the rest goes on. It is for one goroutine.
type Gate struct {
	checked map[string][]LibraryProblem // by content: what is wrong with it on its own
}

// LibraryProblem is one thing that is wrong in the library.
type LibraryProblem struct {
	Item    Item
	Source  string // the file, such as house-texts/nl.yaml; "" = the object itself
	Line    int    // in Source, from 1; 0 = unknown
	Path    string // in the object, such as spec.basePolicyRef; "" = none
	Message string
}

// Error returns the fault in one line: where, then what.
func (f LibraryProblem) Error() string {
	where := f.Item.Key
	switch {
	case f.Source != "" && f.Line > 0:
		where = fmt.Sprintf("%s:%d", f.Source, f.Line)
	case f.Source != "":
		where = f.Source
	case f.Path != "":
		where += " " + f.Path
	}
	return where + ": " + f.Message
}

// Admitted is content that a release may have, with its name: working that out again would be reading the whole library
// again with each decision.
type Admitted struct {
	Name    string
	Content release.Content
}

// Admit returns the library as a release may have it, by key, and what does not pass. Latest may be nil.
func (g *Gate) Admit(items []Item, latest *Edition) (map[string]Admitted, []LibraryProblem) {
	admitted := map[string]Admitted{}
	var faults []LibraryProblem
	checked := map[string][]LibraryProblem{}
	for _, item := range items {
		found, known := g.checked[item.Key+item.Name]
		if !known {
			found = g.check(item)
		}
		checked[item.Key+item.Name] = found
		if len(found) == 0 {
			admitted[item.Key] = Admitted{item.Name, item.Content}
			continue
		}
		faults = append(faults, found...)
		fallBack(admitted, item.Key, latest)
	}
	g.checked = checked
	faults = append(faults, checkBasePolicies(items, admitted, latest)...)
	slices.SortFunc(faults, func(a, b LibraryProblem) int {
		return cmp.Or(strings.Compare(a.Item.Key, b.Item.Key), strings.Compare(a.Source, b.Source), cmp.Compare(a.Line, b.Line), strings.Compare(a.Message, b.Message))
	})
	return admitted, faults
}

// fallBack keeps an object as it is in the latest release; one that is not in it stays out.
func fallBack(admitted map[string]Admitted, key string, latest *Edition) {
	delete(admitted, key)
	if latest == nil || latest.Document.Library[key] == "" {
		return
	}
	kind, name, _ := strings.Cut(key, "/")
	before := Admitted{Name: latest.Document.Library[key]}
	if kind == release.NotificationPolicy {
		before.Content.Policy = latest.Policies[name].Spec.DeepCopy()
	} else {
		before.Content = release.Content{Data: latest.Content[name].Data, BinaryData: latest.Content[name].BinaryData}
	}
	admitted[key] = before
}

// check looks at one object alone.
func (g *Gate) check(item Item) []LibraryProblem {
	if size := len(item.Content.Encode()); size > release.MaxContentBytes {
		return []LibraryProblem{{Item: item, Message: fmt.Sprintf("it has %d bytes and must not exceed %d: shorten it, or split it into several", size, release.MaxContentBytes)}}
	}
	if item.Content.Policy != nil {
		return nil // the API server has looked at it; its base is another object
	}
	name := item.Object.GetName()
	content := compile.Content{Data: item.Content.Data, BinaryData: item.Content.BinaryData}
	problems := compile.CheckTemplate(name, content)
	if _, isDefinition := content.Data[compile.DefinitionKey]; isDefinition {
		_, problems = compile.CheckDefinition(name, content)
	}
	var faults []LibraryProblem
	for _, p := range problems {
		faults = append(faults, LibraryProblem{Item: item, Source: p.Source, Line: p.Line, Path: p.Path, Message: p.Message})
	}
	return faults
}

// checkBasePolicies looks at the policies together with those on which they stand.
func checkBasePolicies(items []Item, admitted map[string]Admitted, latest *Edition) []LibraryProblem {
	var faults []LibraryProblem
	for _, item := range items {
		if item.Content.Policy == nil {
			continue
		}
		if err := checkBasePolicy(item, admitted); err != nil {
			faults = append(faults, LibraryProblem{Item: item, Path: "spec.basePolicyRef", Message: err.Error()})
			fallBack(admitted, item.Key, latest)
		}
	}
	return faults
}

// checkBasePolicy returns an error if the policy's base cannot be one.
func checkBasePolicy(item Item, admitted map[string]Admitted) error {
	ref := item.Content.Policy.BasePolicyRef
	if ref == nil {
		return nil
	}
	base, ok := admitted[release.Key(release.NotificationPolicy, string(ref.Name))]
	if !ok {
		return fmt.Errorf("names the policy %s, which does not exist in the library", ref.Name)
	}
	problems := compile.CheckPolicy(policyOf(item.Object.GetName(), item.Content), policyOf(string(ref.Name), base.Content))
	if len(problems) > 0 {
		return errors.New(problems[0].Message)
	}
	return nil
}

func policyOf(name string, content release.Content) *v1alpha1.NotificationPolicy {
	policy := &v1alpha1.NotificationPolicy{Spec: *content.Policy}
	policy.Namespace, policy.Name = v1alpha1.LibraryNamespace, name
	return policy
}

// Content names the content of each object, and gives the content by name.
func Content(admitted map[string]Admitted) (map[string]string, map[string]release.Content) {
	names, contents := map[string]string{}, map[string]release.Content{}
	for key, one := range admitted {
		names[key], contents[one.Name] = one.Name, one.Content
	}
	return names, contents
}
