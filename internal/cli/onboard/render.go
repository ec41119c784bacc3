package onboard

import (
	"bytes"
	_ "embed"
	"fmt"
	"net"
	"slices"
	"strings"
	"text/template"

	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
)

// File is one file with documents.
type File struct {
	Name string
	Text string
	// Apart is true if the file must not be applied or committed as it is.
	Apart bool
}

//go:embed documents.tmpl
var documents string

// merchant is the data of the templates.
type merchant struct {
	Answers
	Carriers []source
	Orders   []source
	SMTPHost string
	SMTPPort string
	Secrets  []secret
}

// secret is a Secret that the user has to provide.
type secret struct {
	Name string
	Of   string // the provider's title
	Keys []compile.SecretKey
}

// Render returns the documents. The answers must be complete.
func Render(a Answers) ([]File, error) {
	m, err := newMerchant(a)
	if err != nil {
		return nil, err
	}
	t, err := template.New("").Funcs(template.FuncMap{"yaml": scalar, "list": list, "placeholder": placeholder}).Parse(documents)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, f := range m.files() {
		var b bytes.Buffer
		if err := t.ExecuteTemplate(&b, f.Text, m); err != nil {
			return nil, err
		}
		files = append(files, File{Name: f.Name, Text: b.String(), Apart: f.Apart})
	}
	return append(files, kustomization(files)), nil
}

func newMerchant(a Answers) (merchant, error) {
	m := merchant{Answers: a}
	if !slices.Contains(waysOfSecrets, a.Secrets) {
		return m, fmt.Errorf("--secrets: %q must be one of %s", a.Secrets, strings.Join(waysOfSecrets, ", "))
	}
	var err error
	if m.Carriers, err = sources(a.Carriers, bundle.Carrier); err != nil {
		return m, fmt.Errorf("--carrier: %w", err)
	}
	if m.Orders, err = sources(a.Orders, bundle.Orders); err != nil {
		return m, fmt.Errorf("--orders: %w", err)
	}
	if (a.SMTP == "") != (a.From == "") {
		return m, fmt.Errorf("--smtp and --from must be set together: a mail server needs a sender's address")
	}
	if a.SMTP != "" {
		if m.SMTPHost, m.SMTPPort, err = net.SplitHostPort(a.SMTP); err != nil {
			return m, fmt.Errorf("--smtp: %q must be a host and a port, such as smtp.linden.example:587", a.SMTP)
		}
		m.Secrets = append(m.Secrets, secret{"smtp", "the mail server " + m.SMTPHost, compile.SecretKeysOfSender(v1alpha1.EmailSenderSMTP)})
	}
	for _, s := range slices.Concat(m.Orders, m.Carriers) {
		if s.Secret != "" && !slices.ContainsFunc(m.Secrets, func(have secret) bool { return have.Name == s.Secret }) {
			m.Secrets = append(m.Secrets, secret{s.Secret, s.Title, s.Keys})
		}
	}
	return m, nil
}

// files returns the names of the files, with the name of the template as Text.
func (m merchant) files() []File {
	files := []File{{Name: "namespace.yaml", Text: "namespace"}, {Name: "shop.yaml", Text: "shop"}}
	if len(m.Carriers) > 0 {
		files = append(files, File{Name: "carriers.yaml", Text: "carriers"})
	}
	if len(m.Secrets) == 0 {
		return files
	}
	switch m.Answers.Secrets {
	case ExternalSecrets:
		files = append(files, File{Name: "secrets.yaml", Text: "external"})
	case Plain:
		files = append(files, File{Name: "secrets.yaml", Text: "secrets"})
	case SealedSecrets, SOPS:
		files = append(files, File{Name: "secrets.plain.yaml", Text: "secrets", Apart: true})
	}
	return files
}

func kustomization(files []File) File {
	text := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
	for _, f := range files {
		if f.Apart {
			text += "# - secrets.yaml # create it from " + f.Name + ", which must not be committed\n"
			continue
		}
		text += "- " + f.Name + "\n"
	}
	return File{Name: "kustomization.yaml", Text: text}
}

// scalar quotes a value where YAML needs it: NO is Norway, not false.
func scalar(value any) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSpace(string(text)), err
}

func list(values []string) (string, error) {
	var all []string
	for _, v := range values {
		text, err := scalar(v)
		if err != nil {
			return "", err
		}
		all = append(all, text)
	}
	return "[" + strings.Join(all, ", ") + "]", nil
}

// placeholder returns a text that the user has to replace by the secret value.
func placeholder(k compile.SecretKey) (string, error) { return scalar("replace me: " + k.Description) }
