package workload

import (
	"fmt"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// senderName is the source that a report names for the credential of the mail sender.
const senderName = "email"

// CredentialReports returns the state of every user secret that this workload reads, and of every generated key that is missing.
// It leaves out optional keys that are missing. A source whose definition cannot be resolved is an error: the operator has checked
// it, so the bundle is for another version of this binary.
func (s *Secrets) CredentialReports(doc *bundle.Document, by bundle.Component) ([]bundle.CredentialReport, error) {
	reports := s.missingKeyReports(bundle.LinkKeys)
	for _, source := range doc.Sources {
		d, err := definition.Resolve(source)
		if err != nil {
			return nil, fmt.Errorf("checking credentials: %w", err)
		}
		if by == bundle.PageComponent && d.NeedsGeneratedKey() {
			reports = append(reports, s.missingKeyReports(bundle.HookKeys+source.Name)...)
		}
		reports = append(reports, s.sourceReports(source, d.CredentialKeys(by))...)
	}
	if by == bundle.NotifierComponent && doc.Email.Credential != "" {
		for _, key := range []string{bundle.EmailUsernameKey, bundle.EmailPasswordKey} {
			_, state := s.Credential(doc.Email.Credential, key)
			reports = append(reports, bundle.CredentialReport{Source: senderName, Key: key, State: state})
		}
	}
	return reports, nil
}

// missingKeyReports reports the generated keys of a purpose whose Secret was deleted.
func (s *Secrets) missingKeyReports(purpose string) []bundle.CredentialReport {
	var reports []bundle.CredentialReport
	for _, number := range s.missingKeys(purpose) {
		reports = append(reports, bundle.CredentialReport{Source: purpose, Key: bundle.KeyFile, Number: number, State: bundle.Missing})
	}
	return reports
}

func (s *Secrets) sourceReports(source bundle.Source, keys []definition.CredentialKey) []bundle.CredentialReport {
	var reports []bundle.CredentialReport
	for _, key := range keys {
		value, state := s.Credential(source.Credential, key.Key)
		if state == bundle.Present && len(value) < key.MinBytes {
			state = bundle.Malformed
		}
		if state != bundle.Missing || !key.Optional {
			reports = append(reports, bundle.CredentialReport{Source: source.Name, Key: key.Key, State: state})
		}
	}
	return reports
}
