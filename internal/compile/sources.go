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

const (
	// IntegrationPrefix keeps the names of CarrierIntegrations apart from those of order sources.
	IntegrationPrefix = "carrier-"
	// DefinitionKey is the key of a ConfigMap that holds a Library or Local definition.
	DefinitionKey = "definition.yaml"
	// endpointIDLength is 100 bits in base32, which cannot be guessed.
	endpointIDLength = 20
)

// EndpointID derives the last part of a webhook URL. It survives a re-creation and a restore, because nothing random
// enters it but the installation's own id.
func EndpointID(installationID, namespace, kind, name, source string) string {
	mac := hmac.New(sha256.New, []byte(installationID))
	mac.Write([]byte(strings.Join([]string{namespace, kind, name, source}, "/")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)))[:endpointIDLength]
}

// origin is who a source comes from: the object and the path in it.
type origin struct {
	object string // Problem.Object
	kind   string
	name   string // of the object
	path   string // of the source in the object
	source string // name of the source in the object's status
}

// wanted is a source as it was asked for, whichever object asks.
type wanted struct {
	origin
	speaksOf    bundle.SourceKind
	definition  v1alpha1.DefinitionReference
	accountURL  v1alpha1.HTTPSURL
	credentials *v1alpha1.SecretReference
	intake      v1alpha1.Intake
}

// sources returns the built-in one, the Shop's in their order, and its integrations by name.
func (c *compiler) sources() []bundle.Source {
	shopOrigin := origin{object: ShopObject, kind: "Shop", name: c.shop.Name, path: "spec", source: v1alpha1.SourceAPI}
	all := []bundle.Source{c.source(v1alpha1.SourceAPI, wanted{
		origin: shopOrigin, speaksOf: bundle.Orders, definition: builtIn, intake: c.builtInIntake(),
	})}
	if o := c.shop.Spec.Orders; o != nil {
		for i, s := range o.Sources {
			from := shopOrigin
			from.path, from.source = fmt.Sprintf("spec.orders.sources[%d]", i), string(s.Name)
			if tunesBuiltIn(s) {
				continue
			}
			c.checkSourceName(from)
			all = append(all, c.source(from.source, wanted{from, bundle.Orders, s.Definition, s.AccountURL, s.CredentialsSecretRef, s.Intake}))
		}
	}
	integrations := slices.SortedFunc(slices.Values(c.in.Integrations), func(a, b v1alpha1.CarrierIntegration) int {
		return strings.Compare(a.Name, b.Name)
	})
	for _, ci := range integrations {
		from := origin{object: IntegrationObject(ci.Name), kind: "CarrierIntegration", name: ci.Name, path: "spec", source: ci.Name}
		s := c.source(IntegrationPrefix+ci.Name, wanted{from, bundle.Carrier, ci.Spec.Definition, ci.Spec.AccountURL, ci.Spec.CredentialsSecretRef, ci.Spec.Intake})
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

// tunesBuiltIn reports whether an entry speaks of the source that every Shop has, whose key can be rotated so.
func tunesBuiltIn(s v1alpha1.OrderSource) bool {
	return s.Name == v1alpha1.SourceAPI && s.Definition == builtIn && s.CredentialsSecretRef == nil && s.Intake.Mode == v1alpha1.IntakeWebhook
}

func (c *compiler) builtInIntake() v1alpha1.Intake {
	if o := c.shop.Spec.Orders; o != nil {
		if i := slices.IndexFunc(o.Sources, tunesBuiltIn); i >= 0 {
			return o.Sources[i].Intake
		}
	}
	return v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook}
}

// checkSourceName keeps directories of credentials and of keys apart.
func (c *compiler) checkSourceName(o origin) {
	reserved := []string{v1alpha1.SourceAPI, senderDirectory}
	if slices.Contains(reserved, o.source) || strings.HasPrefix(o.source, IntegrationPrefix) {
		c.problem(o.path+".name", "must not be %q: wismo reserves api (except to configure the built-in source, with its definition and no credentials), email, and names that start with carrier-", o.source)
	}
}

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

func notices(all []v1alpha1.Notice) []bundle.Notice {
	var out []bundle.Notice
	for _, n := range all {
		out = append(out, bundle.Notice{Occasion: string(n.Occasion), Responsible: bundle.Responsible(n.Responsible)})
	}
	slices.SortFunc(out, func(a, b bundle.Notice) int { return strings.Compare(a.Occasion, b.Occasion) })
	return out
}

// source makes one Source and what goes with it: its endpoint, its generated key, its credentials.
func (c *compiler) source(name string, w wanted) bundle.Source {
	s := bundle.Source{
		Name: name, Kind: w.speaksOf, Definition: string(w.definition.Name), Intake: string(w.intake.Mode),
		AccountURL: string(w.accountURL),
		EndpointID: EndpointID(c.in.Platform.InstallationID, c.shop.Namespace, w.kind, w.name, w.source),
	}
	def := c.definition(&s, w)
	if def == nil {
		return s
	}
	c.checkIntake(def, w)
	if w.credentials != nil {
		s.Credential = name
		c.mount(name, w.credentials, def)
	} else {
		c.checkCredentials(def, w)
	}
	if w.intake.Mode == v1alpha1.IntakePoll || !def.Receives() {
		return s
	}
	c.endpoints = append(c.endpoints, Endpoint{
		Object: w.object, Name: w.source, Source: name,
		URL: baseURL(c.in.Platform, c.webhookHost()) + bundle.HookPath + s.EndpointID,
	})
	if def.NeedsGeneratedKey() {
		c.keys = append(c.keys, hookKey(name, w.intake.Webhook))
	}
	return s
}

func (c *compiler) webhookHost() v1alpha1.Hostname {
	if e := c.shop.Spec.Exposure; e != nil && e.WebhookHostname != "" {
		return e.WebhookHostname
	}
	return c.shop.Spec.Hostname
}

// definition loads what the source names, or reports why it cannot; the text of an own definition goes into the source.
func (c *compiler) definition(s *bundle.Source, w wanted) *definition.Definition {
	at := w.path + ".definition"
	ref, own := definitionRef(c.shop.Namespace, c.in.Platform.LibraryNamespace, w.definition)
	if !own {
		def, err := definition.Load(s.Definition)
		if err != nil {
			c.fault(w, at+".name", "", 0, err.Error())
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
		c.fault(w, at, p.Source, p.Line, p.Message)
	}
	s.Document = content.Data[DefinitionKey]
	return def
}

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

// fault records a problem of the object that asked for a source.
func (c *compiler) fault(w wanted, path, file string, line int, message string) {
	c.problems = append(c.problems, Problem{Object: w.object, Path: path, Source: file, Line: line, Message: message})
}

// checkIntake compares what is asked for with what the provider can do.
func (c *compiler) checkIntake(def *definition.Definition, w wanted) {
	if !slices.Contains(def.Kinds, w.speaksOf) {
		c.fault(w, w.path+".definition.name", "", 0, fmt.Sprintf("%s sends no %s", def.Name, subject(w.speaksOf)))
	}
	mode := w.path + ".intake.mode"
	switch {
	case w.intake.Mode == v1alpha1.IntakeWebhook && def.Capabilities.Push == "":
		c.fault(w, mode, "", 0, def.Name+" sends no webhooks; it can only be polled (mode Poll), which this version does not do yet")
	case w.intake.Mode == v1alpha1.IntakePoll && def.Capabilities.Poll == "":
		c.fault(w, mode, "", 0, def.Name+" cannot be polled; use Webhook")
	}
}

func subject(kind bundle.SourceKind) string {
	if kind == bundle.Orders {
		return "orders"
	}
	return "parcel events"
}

// mount notes which keys of the user's Secret each workload reads.
func (c *compiler) mount(name string, secret *v1alpha1.SecretReference, def *definition.Definition) {
	c.credentials = append(c.credentials, Credential{
		Directory: name, SecretName: string(secret.Name),
		PageKeys:     keyNames(def.CredentialKeys(bundle.PageComponent)),
		NotifierKeys: keyNames(def.CredentialKeys(bundle.NotifierComponent)),
	})
}

func keyNames(keys []definition.CredentialKey) []string {
	var names []string
	for _, k := range keys {
		names = append(names, k.Key)
	}
	slices.Sort(names)
	return names
}

// checkCredentials asks for a Secret where webhooks cannot be verified without one.
func (c *compiler) checkCredentials(def *definition.Definition, w wanted) {
	if w.intake.Mode == v1alpha1.IntakePoll {
		return
	}
	for _, k := range def.CredentialKeys(bundle.PageComponent) {
		if !k.Optional {
			c.fault(w, w.path+".credentialsSecretRef", "", 0, fmt.Sprintf(
				"must name a Secret with the key %s (%s); without it, webhooks from %s cannot be verified", k.Key, k.Description, def.Name))
		}
	}
}
