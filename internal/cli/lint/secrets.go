package lint

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/compile"
)

// held describes a Secret's keys as far as the document names them. It keeps the length of each value, never the value.
type held struct {
	lengths map[string]int // bytes by key; -1 = unknown
	open    bool           // the Secret may have more keys than the document names
	fixed   bool           // it is immutable
}

// addSecret records which keys a Secret will have: plain, encrypted by SOPS, sealed, or fetched from a store.
func (s *set) addSecret(d *Document) {
	s.remember(d)
	name, h := d.GetName(), held{lengths: map[string]int{}}
	switch d.GetKind() {
	case "ExternalSecret":
		if target, ok := nested(d, "spec", "target")["name"].(string); ok {
			name = target
		}
		h.external(d)
	case "SealedSecret":
		if template, ok := nested(d, "spec", "template", "metadata")["name"].(string); ok {
			name = template
		}
		for k := range nested(d, "spec", "encryptedData") {
			h.lengths[k] = -1
		}
		h.fixed = nested(d, "spec", "template")["immutable"] == true
	default:
		h.plain(d)
		h.fixed = d.Object["immutable"] == true
	}
	s.secrets[key{"Secret", d.GetNamespace(), name}] = typed[held]{d, h}
}

func (h *held) external(d *Document) {
	spec := nested(d, "spec")
	_, h.open = spec["dataFrom"]
	h.fixed = nested(d, "spec", "target")["immutable"] == true
	entries, _ := spec["data"].([]any)
	for _, entry := range entries {
		if fields, ok := entry.(map[string]any); ok {
			if k, ok := fields["secretKey"].(string); ok {
				h.lengths[k] = -1
			}
		}
	}
	for k := range nested(d, "spec", "target", "template", "data") {
		h.lengths[k] = -1
	}
}

func (h *held) plain(d *Document) {
	for k, v := range nested(d, "data") {
		text, _ := v.(string)
		h.lengths[k] = -1
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
			h.lengths[k] = len(raw)
		}
	}
	for k, v := range nested(d, "stringData") {
		text, _ := v.(string)
		h.lengths[k] = len(text)
		if strings.HasPrefix(text, "ENC[") {
			h.lengths[k] = -1
		}
	}
}

// wanted is a Secret that a document names, and the keys it must have.
type wanted struct {
	by   *Document
	path string
	name v1alpha1.ObjectName
	keys []compile.SecretKey
}

// expectSecrets compares the Secrets that a Shop and its integrations name with those among the documents.
func (s *set) expectSecrets(in compile.Input, own map[string]*Document) []Finding {
	var findings []Finding
	for _, w := range s.wantedSecrets(in, own) {
		secret, ok := s.secrets[key{"Secret", in.Shop.Namespace, string(w.name)}]
		if !ok {
			findings = append(findings, w.by.finding(Note, w.path, "Secret %s/%s is not among these documents; it must have these keys: %s", in.Shop.Namespace, w.name, keyList(w.keys)))
			continue
		}
		if secret.object.fixed {
			findings = append(findings, secret.finding(Warning, "", "is immutable, which %s names in %s: the kubelet never reads an immutable Secret again, so pods do not see a replacement of the same name; leave out immutable", w.by.Title(), w.path))
		}
		for _, k := range w.keys {
			if text := secret.object.lack(k); text != "" {
				findings = append(findings, secret.finding(Error, "", "SecretMalformed: %s, which %s names in %s", text, w.by.Title(), w.path))
			}
		}
	}
	return findings
}

// lack returns what is wrong with one key, without its value; "" if nothing is.
func (h held) lack(k compile.SecretKey) string {
	length, there := h.lengths[k.Key]
	switch {
	case !there && (k.Optional || h.open):
		return ""
	case !there:
		return fmt.Sprintf("lacks the key %s (%s)", k.Key, k.Description)
	case length >= 0 && length < k.MinBytes:
		return fmt.Sprintf("the key %s has %d bytes, at least %d are needed (%s)", k.Key, length, k.MinBytes, k.Description)
	}
	return ""
}

func keyList(keys []compile.SecretKey) string {
	var names []string
	for _, k := range keys {
		name := k.Key
		if k.Optional {
			name += " (optional)"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "none in particular"
	}
	return strings.Join(names, ", ")
}

func (s *set) wantedSecrets(in compile.Input, own map[string]*Document) []wanted {
	var all []wanted
	shop := own[compile.ShopObject]
	if o := in.Shop.Spec.Orders; o != nil {
		for i, source := range o.Sources {
			all = append(all, s.wantedBySource(in, shop, fmt.Sprintf("spec.orders.sources[%d].credentialsSecretRef", i), source.CredentialsSecretRef, source.Definition)...)
		}
	}
	for _, ci := range in.Integrations {
		d := own[compile.IntegrationObject(ci.Name)]
		all = append(all, s.wantedBySource(in, d, "spec.credentialsSecretRef", ci.Spec.CredentialsSecretRef, ci.Spec.Definition)...)
	}
	if senders := in.Shop.Spec.Senders; senders != nil && senders.Email != nil && senders.Email.SMTP != nil {
		if ref := senders.Email.SMTP.CredentialsSecretRef; ref != nil {
			all = append(all, wanted{shop, "spec.senders.email.smtp.credentialsSecretRef", ref.Name, compile.SecretKeysOfSender(senders.Email.Type)})
		}
	}
	return all
}

func (s *set) wantedBySource(in compile.Input, d *Document, path string, ref *v1alpha1.SecretReference, by v1alpha1.DefinitionReference) []wanted {
	if ref == nil {
		return nil
	}
	def := s.definition(in, by)
	if def == nil {
		return nil // the keys depend on the definition, for which another finding says that it is missing or invalid
	}
	return []wanted{{d, path, ref.Name, compile.SecretKeysOfDefinition(def)}}
}

func (s *set) definition(in compile.Input, by v1alpha1.DefinitionReference) *definition.Definition {
	if by.Source == v1alpha1.DefinitionCatalog {
		def, err := definition.Load(string(by.Name))
		if err != nil {
			return nil
		}
		return def
	}
	namespace := in.Shop.Namespace
	if by.Source == v1alpha1.DefinitionLibrary {
		namespace = s.o.LibraryNamespace
	}
	content := in.Content[compile.Ref{Kind: compile.ConfigMapKind, Namespace: namespace, Name: string(by.Name)}]
	def, err := definition.Parse([]byte(content.Data["definition.yaml"]))
	if err != nil {
		return nil
	}
	return def
}
