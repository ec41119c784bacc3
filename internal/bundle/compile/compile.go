package compile

import (
	"fmt"

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

// String is the form that people read: ConfigMap linden/texts.
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
}

// HouseRelay is the platform's mail relay, for Shops without a sender of their own. No Host: their mails wait.
type HouseRelay struct {
	Host   string
	Port   int
	TLS    string // Implicit, StartTLS or None
	Domain string // the House sender is <shop>@<Domain>
}

// Output is the compiled Document, or everything that is in its way.
type Output struct {
	// Document is nil when there are Problems or Missing referents; so are Data and Hash, Endpoints, Keys and Credentials.
	Document *bundle.Document
	Data     []byte // what bundle.Encode made of Document
	Hash     string

	// Endpoints are where the sources of the Document deliver, in its order.
	Endpoints []Endpoint
	// KeyPurposes are the purposes for which the Shop needs generated keys, sorted; bundle.LinkKeys is always one.
	KeyPurposes []string
	// Credentials are the user's Secrets that the workloads mount, sorted by Directory.
	Credentials []Credential

	Problems     []Problem // sorted by Object, Path, Source, Line, Message
	Missing      []Ref     // sorted
	NotYetActive []string  // set fields that this version keeps and does not act on, sorted; fields of other objects start with their kind and name
}

// Problem is one thing that a commit can mend.
type Problem struct {
	Object  string // "Shop", or kind/name of the object that holds the fault: "CarrierIntegration/easypost"
	Path    string // field path in that object, such as spec.templates[0]
	Source  string // the file, such as linden-texts/nl.yaml; "" when the fault is in the object itself
	Line    int    // in Source, from 1; 0 = unknown
	Message string
}

// Error is the problem in one line: where, then what.
func (p Problem) Error() string {
	where := p.Path
	if p.Object != ShopObject {
		where = p.Object + ": " + p.Path
	}
	if p.Source != "" {
		where += " (" + p.Source
		if p.Line > 0 {
			where += fmt.Sprintf(":%d", p.Line)
		}
		where += ")"
	}
	return where + ": " + p.Message
}

// ShopObject is Problem.Object of the Shop itself.
const ShopObject = "Shop"

// Endpoint is where one source of the Document delivers.
type Endpoint struct {
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
	return Output{}
}
