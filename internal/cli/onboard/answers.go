package onboard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/compile"
)

// Values of --secrets.
const (
	ExternalSecrets = "external-secrets"
	SealedSecrets   = "sealed-secrets"
	SOPS            = "sops"
	Plain           = "plain"
	NoSecrets       = "none"
)

var waysOfSecrets = []string{ExternalSecrets, SealedSecrets, SOPS, Plain, NoSecrets}

// Answers are the values of the flags, or the user's answers.
type Answers struct {
	Name        string
	Namespace   string // "" = the name of the Shop
	DisplayName string // "" = from the name
	Hostname    string
	Country     string
	TimeZone    string
	Locales     []string
	Support     string // e-mail address
	Rehearsal   string // e-mail address; "" = live from the start
	Carriers    []string
	Orders      []string // DEFINITION or DEFINITION=ACCOUNT-URL
	From        string   // sender's address; "" = the platform's
	SMTP        string   // host:port
	Policy      string   // of the library; "" = the built-in one
	Secrets     string
	Store       string // of External Secrets
}

// complete sets the defaults.
func (a *Answers) complete() {
	if a.Namespace == "" {
		a.Namespace = a.Name
	}
	if a.DisplayName == "" {
		words := strings.Split(a.Name, "-")
		for i, w := range words {
			words[i] = strings.ToUpper(w[:min(1, len(w))]) + w[min(1, len(w)):]
		}
		a.DisplayName = strings.Join(words, " ")
	}
	if a.Secrets == "" {
		a.Secrets = ExternalSecrets
	}
	if a.Store == "" {
		a.Store = "platform-vault"
	}
}

// missing returns the required flags that are not set.
func (a *Answers) missing() []string {
	var flags []string
	for _, f := range []struct{ value, flag string }{{a.Name, "NAME"}, {a.Hostname, "--hostname"}, {a.Country, "--country"}} {
		if f.value == "" {
			flags = append(flags, f.flag)
		}
	}
	return flags
}

// source is one provider of parcels or orders.
type source struct {
	Name       string
	Definition string
	Title      string
	AccountURL string
	Mode       v1alpha1.IntakeMode
	Secret     string              // name; "" = none is needed
	Keys       []compile.SecretKey // of Secret
}

// sources looks up the providers in the catalog.
func sources(names []string, kind bundle.SourceKind) ([]source, error) {
	var all []source
	for _, name := range names {
		name, account, _ := strings.Cut(name, "=")
		d, err := definition.Load(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(d.Kinds, kind) {
			return nil, fmt.Errorf("%s sends no %s; choose from %s", name, subjectOf(kind), strings.Join(providers(kind), ", "))
		}
		s := source{Name: name, Definition: name, Title: d.Title, AccountURL: account, Mode: v1alpha1.IntakeWebhook, Keys: compile.SecretKeysOfDefinition(d)}
		if !d.Receives() {
			s.Mode = v1alpha1.IntakePoll
		}
		if slices.ContainsFunc(s.Keys, func(k compile.SecretKey) bool { return !k.Optional }) {
			s.Secret = name
		}
		all = append(all, s)
	}
	return all, nil
}

func subjectOf(kind bundle.SourceKind) string {
	if kind == bundle.Orders {
		return "orders"
	}
	return "parcel events"
}

// providers returns the providers of the catalog that send the kind, without the built-in source, which needs no document.
func providers(kind bundle.SourceKind) []string {
	var names []string
	for _, name := range definition.Names() {
		d, err := definition.Load(name)
		if err == nil && name != definition.APISource && slices.Contains(d.Kinds, kind) {
			names = append(names, name)
		}
	}
	return names
}
