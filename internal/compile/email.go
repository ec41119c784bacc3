package compile

import (
	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// senderDirectory is where the credentials of the mail sender are mounted; no source may have this name.
const senderDirectory = "email"

// email returns the Shop's own mail server, or the platform's relay; without either, no address: mails wait.
func (c *compiler) email() bundle.Email {
	spec := &c.shop.Spec
	out := bundle.Email{Type: bundle.House, FromName: spec.DisplayName}
	if spec.Support != nil {
		out.ReplyTo = string(spec.Support.Email)
	}
	if s := spec.Senders; s != nil && s.Email != nil && s.Email.Type == v1alpha1.EmailSenderSMTP {
		c.smtp(&out, s.Email)
		return out
	}
	relay := c.in.Platform.HouseRelay
	if relay.Host == "" || relay.Domain == "" {
		return out
	}
	out.FromAddress = c.shop.Name + "@" + relay.Domain
	out.Host, out.Port, out.TLS = relay.Host, relay.Port, relay.TLS
	return out
}

func (c *compiler) smtp(out *bundle.Email, s *v1alpha1.EmailSender) {
	if s.SMTP == nil {
		c.problem("spec.senders.email.smtp", "must be set when type is SMTP")
		return
	}
	out.Type = bundle.SMTP
	out.FromAddress = string(s.FromAddress)
	out.Host, out.Port, out.TLS = string(s.SMTP.Host), int(s.SMTP.Port), transportSecurity(s.SMTP.TLS)
	if ref := s.SMTP.CredentialsSecretRef; ref != nil {
		out.Credential = senderDirectory
		c.credentials = append(c.credentials, Credential{
			Directory: senderDirectory, SecretName: string(ref.Name), NotifierKeys: keyNames(SecretKeysOfSender(s.Type)),
		})
	}
}

// transportSecurity says in the bundle's words what the API calls ImplicitTLS.
func transportSecurity(tls v1alpha1.SMTPTLS) string {
	if tls == v1alpha1.SMTPImplicitTLS {
		return "Implicit"
	}
	return string(tls)
}
