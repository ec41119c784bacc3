package compile

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// The order sources of a Shop and its CarrierIntegrations become the sources of the bundle, with the endpoints to which their webhooks go,
// the keys that they are signed with, and the credentials that are mounted for them.

const (
	// IntegrationPrefix keeps the names of CarrierIntegrations apart from those of order sources.
	IntegrationPrefix = "carrier-"
	// DefinitionKey is the key of a ConfigMap that holds a Library or Local definition.
	DefinitionKey = "definition.yaml"
	// endpointIDLength is 100 bits in base32, which cannot be guessed.
	endpointIDLength = 20
)

// EndpointID returns the last part of a webhook URL. It depends on its arguments only, so that the URL stays the same when the object is
// created again or restored.
func EndpointID(installationID, namespace, kind, name, source string) string {
	mac := hmac.New(sha256.New, []byte(installationID))
	mac.Write([]byte(strings.Join([]string{namespace, kind, name, source}, "/")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)))[:endpointIDLength]
}

// origin is the place where a source is configured.
type origin struct {
	object string // the object as problems name it, see Problem.Object
	kind   string // of the object: Shop or CarrierIntegration
	name   string // of the object
	path   string // of the source's field in the object, such as spec.orders.sources[0]
	source string // name of the source in the object's status
}

// sourceRequest is what an object, a Shop or a CarrierIntegration, asks for in one source.
type sourceRequest struct {
	origin
	speaksOf    bundle.SourceKind // orders, or parcels of a carrier
	definition  v1alpha1.DefinitionReference
	accountURL  v1alpha1.HTTPSURL
	credentials *v1alpha1.SecretReference
	intake      v1alpha1.Intake
}

// sources returns the sources of the bundle: the built-in one, those of the Shop in their order, and the Shop's integrations by name.
func (c *compiler) sources() []bundle.Source {
	shopOrigin := origin{object: ShopObject, kind: "Shop", name: c.shop.Name, path: "spec", source: v1alpha1.SourceAPI}
	all := []bundle.Source{c.source(v1alpha1.SourceAPI, sourceRequest{
		origin: shopOrigin, speaksOf: bundle.Orders, definition: builtIn, intake: c.builtInIntake(),
	})}
	if o := c.shop.Spec.Orders; o != nil {
		for i, s := range o.Sources {
			from := shopOrigin
			from.path, from.source = fmt.Sprintf("spec.orders.sources[%d]", i), string(s.Name)
			if configuresBuiltIn(s) {
				continue
			}
			c.checkSourceName(from)
			all = append(all, c.source(from.source, sourceRequest{from, bundle.Orders, s.Definition, s.AccountURL, s.CredentialsSecretRef, s.Intake}))
		}
	}
	integrations := slices.SortedFunc(slices.Values(c.in.Integrations), func(a, b v1alpha1.CarrierIntegration) int {
		return strings.Compare(a.Name, b.Name)
	})
	for _, ci := range integrations {
		from := origin{object: IntegrationObject(ci.Name), kind: "CarrierIntegration", name: ci.Name, path: "spec", source: ci.Name}
		s := c.source(IntegrationPrefix+ci.Name, sourceRequest{from, bundle.Carrier, ci.Spec.Definition, ci.Spec.AccountURL, ci.Spec.CredentialsSecretRef, ci.Spec.Intake})
		s.Carriers = carrierRules(ci.Spec.Carriers)
		all = append(all, s)
		f := c.inactiveFieldsOf(from.object)
		f.checkIntegration(&ci)
		c.collect(f)
	}
	return all
}

// builtIn is the definition of the source that every Shop has.
var builtIn = v1alpha1.DefinitionReference{Name: definition.APISource, Source: v1alpha1.DefinitionCatalog}

// configuresBuiltIn reports whether the entry is no source of its own but configures the built-in one, such as the rotation of its key.
func configuresBuiltIn(s v1alpha1.OrderSource) bool {
	return s.Name == v1alpha1.SourceAPI && s.Definition == builtIn && s.CredentialsSecretRef == nil && s.Intake.Mode == v1alpha1.IntakeWebhook
}

// builtInIntake returns the intake of the built-in source: as configured, else webhooks.
func (c *compiler) builtInIntake() v1alpha1.Intake {
	if o := c.shop.Spec.Orders; o != nil {
		if i := slices.IndexFunc(o.Sources, configuresBuiltIn); i >= 0 {
			return o.Sources[i].Intake
		}
	}
	return v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook}
}

// checkSourceName records a problem if the name is reserved, because sources have directories of that name for credentials and keys.
func (c *compiler) checkSourceName(o origin) {
	reserved := []string{v1alpha1.SourceAPI, senderDirectory}
	if slices.Contains(reserved, o.source) || strings.HasPrefix(o.source, IntegrationPrefix) {
		c.problem(o.path+".name", "must not be %q: wismo reserves api (except to configure the built-in source, with its definition and no credentials), email, and names that start with carrier-", o.source)
	}
}

// carrierRules returns what an integration sets for its carriers, sorted by carrier.
func carrierRules(carriers []v1alpha1.Carrier) []bundle.CarrierRules {
	var rules []bundle.CarrierRules
	for _, c := range carriers {
		rules = append(rules, bundle.CarrierRules{
			Name: string(c.Name), MaxDeliveryAttempts: int(c.MaxDeliveryAttempts), PickupHoldDays: int(c.PickupHoldDays),
			Notices: notices(c.Notices),
		})
	}
	slices.SortFunc(rules, func(a, b bundle.CarrierRules) int { return strings.Compare(a.Name, b.Name) })
	return rules
}

// notices returns who tells the recipient of an occasion, sorted by occasion.
func notices(all []v1alpha1.Notice) []bundle.Notice {
	var out []bundle.Notice
	for _, n := range all {
		out = append(out, bundle.Notice{Occasion: string(n.Occasion), Responsible: bundle.Responsible(n.Responsible)})
	}
	slices.SortFunc(out, func(a, b bundle.Notice) int { return strings.Compare(a.Occasion, b.Occasion) })
	return out
}

// source returns one Source of the bundle, and adds what belongs to it: its endpoint, its generated key, its credentials.
func (c *compiler) source(name string, req sourceRequest) bundle.Source {
	s := bundle.Source{
		Name: name, Kind: req.speaksOf, Definition: string(req.definition.Name), Intake: string(req.intake.Mode),
		AccountURL: string(req.accountURL),
		EndpointID: EndpointID(c.in.Platform.InstallationID, c.shop.Namespace, req.kind, req.name, req.source),
	}
	def := c.definition(&s, req)
	if def == nil {
		return s
	}
	c.checkIntake(def, req)
	if req.credentials != nil {
		s.Credential = name
		c.mount(name, req.credentials, def)
	} else {
		c.checkCredentials(def, req)
	}
	if req.intake.Mode == v1alpha1.IntakePoll || !def.Receives() {
		return s
	}
	c.endpoints = append(c.endpoints, Endpoint{
		Object: req.object, Name: req.source, Source: name,
		URL: baseURL(c.in.Platform, c.webhookHost()) + bundle.HookPath + s.EndpointID,
	})
	if def.NeedsGeneratedKey() {
		c.keys = append(c.keys, hookKey(name, req.intake.Webhook))
	}
	return s
}

// webhookHost returns the hostname of the URLs to which webhooks are sent.
func (c *compiler) webhookHost() v1alpha1.Hostname {
	if e := c.shop.Spec.Exposure; e != nil && e.WebhookHostname != "" {
		return e.WebhookHostname
	}
	return c.shop.Spec.Hostname
}

// definition returns the definition that the source names, or nil after recording why it cannot be loaded. It puts the text of a definition
// that is not from the catalog into the source.
func (c *compiler) definition(s *bundle.Source, req sourceRequest) *definition.Definition {
	at := req.path + ".definition"
	ref, own := definitionRef(c.shop.Namespace, c.in.Platform.LibraryNamespace, req.definition)
	if !own {
		def, err := definition.Load(s.Definition)
		if err != nil {
			c.requestProblem(req, at+".name", "", 0, err.Error())
			return nil
		}
		return def
	}
	content, ok := c.content(ref)
	if !ok {
		return nil
	}
	def, problems := CheckDefinition(ref.Name, content)
	for _, p := range problems {
		c.requestProblem(req, at, p.Source, p.Line, p.Message)
	}
	s.Document = content.Data[DefinitionKey]
	return def
}

// definitionProblems returns the problems of a definition's file that are in the error.
func definitionProblems(file string, err error) []Problem {
	faults, ok := errors.AsType[definition.Problems](err)
	if !ok {
		return []Problem{{Source: file, Message: err.Error()}}
	}
	var problems []Problem
	for _, f := range faults {
		message := f.Text
		if f.Path != "" {
			message = f.Path + ": " + f.Text
		}
		problems = append(problems, Problem{Source: file, Line: f.Line, Message: message})
	}
	return problems
}

// requestProblem records a problem of the object that asked for a source.
func (c *compiler) requestProblem(req sourceRequest, path, file string, line int, message string) {
	c.problems = append(c.problems, Problem{Object: req.object, Path: path, Source: file, Line: line, Message: message})
}

// checkIntake records a problem if the provider does not support what is asked for.
func (c *compiler) checkIntake(def *definition.Definition, req sourceRequest) {
	if !slices.Contains(def.Kinds, req.speaksOf) {
		c.requestProblem(req, req.path+".definition.name", "", 0, fmt.Sprintf("%s sends no %s", def.Name, wordsFor(req.speaksOf)))
	}
	mode := req.path + ".intake.mode"
	switch {
	case req.intake.Mode == v1alpha1.IntakeWebhook && def.Capabilities.Push == "":
		c.requestProblem(req, mode, "", 0, def.Name+" sends no webhooks; it can only be polled (mode Poll), which this version does not do yet")
	case req.intake.Mode == v1alpha1.IntakePoll && def.Capabilities.Poll == "":
		c.requestProblem(req, mode, "", 0, def.Name+" cannot be polled; use Webhook")
	}
}

// wordsFor returns what sources of the kind speak of, in words.
func wordsFor(kind bundle.SourceKind) string {
	if kind == bundle.Orders {
		return "orders"
	}
	return "parcel events"
}

// mount adds the credentials of a source: which keys of the user's Secret are mounted into each workload.
func (c *compiler) mount(name string, secret *v1alpha1.SecretReference, def *definition.Definition) {
	c.credentials = append(c.credentials, Credential{
		Directory: name, SecretName: string(secret.Name),
		PageKeys:     keyNames(def.CredentialKeys(bundle.PageComponent)),
		NotifierKeys: keyNames(def.CredentialKeys(bundle.NotifierComponent)),
	})
}

// keyNames returns the names of the keys, sorted.
func keyNames(keys []definition.CredentialKey) []string {
	var names []string
	for _, k := range keys {
		names = append(names, k.Key)
	}
	slices.Sort(names)
	return names
}

// checkCredentials records a problem if webhooks of the source cannot be verified without a Secret, and it names none.
func (c *compiler) checkCredentials(def *definition.Definition, req sourceRequest) {
	if req.intake.Mode == v1alpha1.IntakePoll {
		return
	}
	for _, k := range def.CredentialKeys(bundle.PageComponent) {
		if !k.Optional {
			c.requestProblem(req, req.path+".credentialsSecretRef", "", 0, fmt.Sprintf(
				"must name a Secret with the key %s (%s); without it, webhooks from %s cannot be verified", k.Key, k.Description, def.Name))
		}
	}
}
