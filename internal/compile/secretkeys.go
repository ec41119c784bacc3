package compile

import (
	"slices"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// SecretKey is one key that a user's Secret is expected to have: its name, which workload reads it, its least length in
// bytes, whether it may be absent, and where the user finds the value.
type SecretKey = definition.CredentialKey

// SecretKeysOfDefinition lists what the Secret of spec.credentialsSecretRef must hold for a provider, in the order of
// its definition; none where the provider needs no Secret. The definition comes from definition.Load (the catalog) or
// definition.Parse (a Library or Local one).
func SecretKeysOfDefinition(d *definition.Definition) []SecretKey {
	return slices.Clone(d.Secrets.CredentialKeys)
}

// SecretKeysOfSender lists what the Secret of a mail sender must hold; none where the platform's relay is used.
func SecretKeysOfSender(sender v1alpha1.EmailSenderType) []SecretKey {
	if sender != v1alpha1.EmailSenderSMTP {
		return nil
	}
	return []SecretKey{
		{Key: bundle.EmailUsernameKey, UsedBy: bundle.NotifierComponent, MinBytes: 1, Description: "the user name for the mail server"},
		{Key: bundle.EmailPasswordKey, UsedBy: bundle.NotifierComponent, MinBytes: 1, Description: "the password for the mail server"},
	}
}
