package workload

import (
	"fmt"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// senderName is how a report calls the mail sender's credential.
const senderName = "email"

// CredentialReports says of every user secret that this workload reads whether it is there and can be right, and of
// every generated key whether it is gone. Optional keys that are absent are no news. A source whose definition cannot be resolved is an error:
// the operator checked it, so the bundle and this binary do not belong together.
func (s *Secrets) CredentialReports(doc *bundle.Document, by bundle.Component) ([]bundle.CredentialReport, error) {
	reports := s.absentReports(bundle.LinkKeys)
	for _, source := range doc.Sources {
		d, err := definition.Resolve(source)
		if err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
		if by == bundle.PageComponent && d.NeedsGeneratedKey() {
			reports = append(reports, s.absentReports(bundle.HookKeys+source.Name)...)
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

// absentReports names the generated keys of a purpose whose Secret somebody has deleted.
func (s *Secrets) absentReports(purpose string) []bundle.CredentialReport {
	var reports []bundle.CredentialReport
	for _, number := range s.absentKeys(purpose) {
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
