package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// Input is everything that one Shop's bundle depends on. Compile does not change it.
type Input struct {
	Shop *v1alpha1.Shop
	// Integrations are those of this Shop, in any order.
	Integrations []v1alpha1.CarrierIntegration
	// Policy is what spec.notificationPolicyRef names and BasePolicy what that policy's basePolicyRef names;
	// nil where nothing is named, and where the named object does not exist (then it is in Output.Missing).
	Policy, BasePolicy *v1alpha1.NotificationPolicy
	// Content holds the ConfigMaps that Refs names; one that is absent here is in Output.Missing.
	Content  map[Ref]Content
	Platform Platform
	// Returning says that the Shop goes back to a release on which it served before. It must be able to, so what that
	// release does not act on is named in Output.NotYetActive even where it is otherwise a Problem.
	Returning bool
}

// Kinds of a Ref.
const (
	ConfigMapKind = "ConfigMap"
	PolicyKind    = "NotificationPolicy"
)

// Ref names an object that a Shop refers to.
type Ref struct {
	Kind      string // ConfigMapKind or PolicyKind
	Namespace string
	Name      string
}

// String returns the form that people read: ConfigMap linden/texts.
func (r Ref) String() string { return fmt.Sprintf("%s %s/%s", r.Kind, r.Namespace, r.Name) }

// Content is the data of a ConfigMap.
type Content struct {
	Data       map[string]string
	BinaryData map[string][]byte
}

// Platform is what the operator's configuration contributes to every Shop.
type Platform struct {
	InstallationID   string // of this installation; endpoint ids derive from it
	LibraryNamespace string // where source Library is looked up
	LinkScheme       string // of links in messages and of webhook URLs: https, or http on a local cluster
	LinkPort         int    // of the same links; 0 = the scheme's own
	HouseRelay       HouseRelay
	// Policy is the built-in policy, from which every Shop's own starts, and Render the version by which package desired
	// counts changes of compiling, too; 0 = this build's. Both are the release's.
	Policy bundle.Policy
	Render int
}

// HouseRelay is the platform's mail server, for Shops without their own. No Host: their mails wait.
type HouseRelay struct {
	Host   string
	Port   int
	TLS    string // Implicit, StartTLS or None
	Domain string // the House sender is <shop>@<Domain>
}

// Output is the compiled Document, or everything that is in its way.
type Output struct {
	// Document is nil when there are Problems or Missing referents, and then every field up to Keys is empty.
	Document *bundle.Document
	Data     []byte // what bundle.Encode made of Document
	Hash     string

	// Endpoints are where the sources of the Document deliver, in its order.
	Endpoints []Endpoint
	// Credentials are the user's Secrets that the workloads mount, sorted by Directory.
	Credentials []Credential

	// Keys are the purposes for which the Shop needs generated keys, sorted; bundle.LinkKeys is always one. They are known
	// beside Problems, too, so that a leak can be answered at any time; those of a source that cannot be read are not.
	Keys []GeneratedKey

	Problems     []Problem // sorted by Object, Path, Source, Line, Message
	Missing      []Ref     // sorted
	NotYetActive []string  // set fields that this version keeps and does not act on, sorted; those of other objects start with the object, see NotYetActiveOf
}

// Endpoint is where one source of the Document delivers.
type Endpoint struct {
	Object string // whose status shows it: ShopObject, or kind/name of a CarrierIntegration
	Name   string // in that status: api, webshop, easypost
	Source string // Document.Sources[].Name
	URL    string // holds no secret
}

// Credential is a user's Secret that workloads mount below bundle.CredentialsDir.
type Credential struct {
	Directory    string // Document.Sources[].Credential, or bundle's directory of the mail sender
	SecretName   string
	PageKeys     []string // keys that the page mounts (verification secrets), sorted
	NotifierKeys []string // keys that the notifier mounts (API and sender credentials), sorted
}

// Compile makes the Document, or says everything that is in its way, not only the first thing.
func Compile(in Input) Output {
	c := &compiler{in: in, shop: in.Shop, reader: readerOf(in.Platform.Render), missing: map[Ref]bool{}}
	doc := c.fit(c.document())
	if len(c.problems) == 0 && len(c.missing) == 0 {
		c.render(doc)
	}
	out := Output{
		Keys:         sortedKeys(c.keys),
		Problems:     sortedProblems(c.problems),
		Missing:      sortedRefs(c.missing),
		NotYetActive: slices.Compact(slices.Sorted(slices.Values(c.notYetActive))),
	}
	if len(out.Problems) > 0 || len(out.Missing) > 0 {
		return out
	}
	data, hash, err := bundle.Encode(doc)
	if err != nil {
		out.Problems = []Problem{{Object: ShopObject, Path: "spec", Message: err.Error()}}
		return out
	}
	out.Document, out.Data, out.Hash = doc, data, hash
	out.Endpoints = c.endpoints
	out.Credentials = slices.SortedFunc(slices.Values(c.credentials), func(a, b Credential) int {
		return strings.Compare(a.Directory, b.Directory)
	})
	return out
}

// compiler gathers what the steps of one Compile find.
type compiler struct {
	in           Input
	shop         *v1alpha1.Shop
	reader       int // of the workloads that the Document is for
	endpoints    []Endpoint
	keys         []GeneratedKey
	credentials  []Credential
	problems     []Problem
	missing      map[Ref]bool
	notYetActive []string
}

// problem records a fault of the Shop itself.
func (c *compiler) problem(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Object: ShopObject, Path: path, Message: fmt.Sprintf(format, args...)})
}

// namespace returns where a source is looked up.
func (c *compiler) namespace(source v1alpha1.Source) string {
	if source == v1alpha1.SourceLibrary {
		return c.in.Platform.LibraryNamespace
	}
	return c.shop.Namespace
}

// content returns a ConfigMap, or notes that it is missing.
func (c *compiler) content(ref Ref) (Content, bool) {
	content, ok := c.in.Content[ref]
	if !ok {
		c.missing[ref] = true
	}
	return content, ok
}
