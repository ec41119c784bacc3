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

// Gate checks the content of the library before it becomes part of a release. An object that is invalid keeps its content of the latest
// release; changes of other objects are released. It is for one goroutine.
type Gate struct {
	checked map[string][]LibraryProblem // by object and content: its problems without other objects
}

// LibraryProblem is one problem of an object in the library.
type LibraryProblem struct {
	Item    Item
	Source  string // the file, such as house-texts/nl.yaml; "" = the object itself
	Line    int    // in Source, from 1; 0 = unknown
	Path    string // in the object, such as spec.basePolicyRef; "" = none
	Message string
}

// Error returns the problem in one line: where, then what.
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

// Admitted is valid content, with its name in a release. The name is kept because it is a hash of the content.
type Admitted struct {
	Name    string
	Content release.Content
}

// Admit returns the content of the library for a new release, by key, and the problems of invalid objects. Latest may be nil.
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

// fallBack replaces an object by its content in the latest release, or leaves it out if that does not have it.
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

// check returns the problems of one object, without those of its base policy.
func (g *Gate) check(item Item) []LibraryProblem {
	if size := len(item.Content.Encode()); size > release.MaxContentBytes {
		return []LibraryProblem{{Item: item, Message: fmt.Sprintf("it has %d bytes and must not exceed %d: shorten it, or split it into several objects", size, release.MaxContentBytes)}}
	}
	if item.Content.Policy != nil {
		return nil // the API server has validated it; checkBasePolicies checks its base
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

// checkBasePolicies returns the problems of policies whose basePolicyRef names no policy of the library, or one that does not fit.
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

// checkBasePolicy returns why the policy named by basePolicyRef cannot be used as the base; nil = it can.
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

// Content returns the name of the content of each object, and the content by name.
func Content(admitted map[string]Admitted) (map[string]string, map[string]release.Content) {
	names, contents := map[string]string{}, map[string]release.Content{}
	for key, one := range admitted {
		names[key], contents[one.Name] = one.Name, one.Content
	}
	return names, contents
}
