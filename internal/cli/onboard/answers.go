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

// Ways to bring Secrets into the cluster.
const (
	ExternalSecrets = "external-secrets"
	SealedSecrets   = "sealed-secrets"
	SOPS            = "sops"
	Plain           = "plain"
	NoSecrets       = "none"
)

var waysOfSecrets = []string{ExternalSecrets, SealedSecrets, SOPS, Plain, NoSecrets}

// Answers are what a person or a script says.
type Answers struct {
	Name        string
	Namespace   string // "" = as the Shop is called
	DisplayName string // "" = from the name
	Hostname    string
	Country     string
	TimeZone    string
	Locales     []string
	Support     string // e-mail address
	Rehearsal   string // inbox; "" = live at once
	Carriers    []string
	Orders      []string // DEFINITION or DEFINITION=ACCOUNT-URL
	From        string   // address that mails come from; "" = the platform's
	SMTP        string   // host:port
	Policy      string   // of the library; "" = the built-in one
	Secrets     string
	Store       string // of External Secrets
}

// complete fills in what follows from the rest.
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

// missing are the flags without which there is no Shop.
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
	Secret     string              // "" = it needs none
	Keys       []compile.SecretKey // of that Secret
}

// sources looks the providers up.
func sources(names []string, kind bundle.SourceKind) ([]source, error) {
	var all []source
	for _, name := range names {
		name, account, _ := strings.Cut(name, "=")
		d, err := definition.Load(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(d.Kinds, kind) {
			return nil, fmt.Errorf("%s sends no %s; there are %s", name, speaks(kind), strings.Join(providers(kind), ", "))
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

func speaks(kind bundle.SourceKind) string {
	if kind == bundle.Orders {
		return "orders"
	}
	return "parcel events"
}

// providers are those of the catalog that speak of the kind; the built-in source needs no document.
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
