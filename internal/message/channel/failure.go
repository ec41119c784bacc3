package channel

import (
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"slices"

	"github.com/wneessen/go-mail"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// Failure is the reason why the mail server did not accept a message, and what that means for the next one.
type Failure struct {
	Permanent bool               // retrying this message cannot succeed
	Sender    bundle.SenderState // the state of the mail server that follows from it
	LogIn     bool               // the mail server does not accept the user name or the password
	Words     string             // for logs and support: codes only
}

// Error implements error.
func (f *Failure) Error() string { return f.Words }

// failure translates go-mail's errors, whose text holds addresses.
//
// A refused sender or log-in (5xx to AUTH or MAIL FROM) concerns every message and is fixed in the configuration, so this
// message is kept; a refused recipient or content (5xx to RCPT TO or DATA) concerns this one only. See RFC 5321, 4.2.1.
// Where the mail server refuses the content over security or policy (x.7.x, RFC 3463, 3.8: no valid SPF or DKIM, not authorised), it
// means the sender again.
func failure(err error) *Failure {
	var refused *mail.SendError
	if errors.As(err, &refused) {
		return refusal(refused)
	}
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 400 {
		return &Failure{
			Sender: bundle.SenderRefused, LogIn: slices.Contains(logInCodes, reply.Code),
			Words: fmt.Sprintf("the mail server refused the connection or log-in with %d", reply.Code),
		}
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return &Failure{Sender: bundle.SenderUnreachable, Words: "the mail server did not answer in time"}
	}
	return &Failure{Sender: bundle.SenderUnreachable, Words: "no session with the mail server: check host, port and TLS mode"}
}

// logInCodes refuse the credentials (RFC 4954, 6): none were given, too weak a mechanism, wrong ones, encryption needed.
var logInCodes = []int{530, 534, 535, 538}

var policyCode = regexp.MustCompile(`^5\.7\.\d+$`)

func isData(reason mail.SendErrReason) bool {
	return reason == mail.ErrSMTPData || reason == mail.ErrSMTPDataClose
}

func refusal(err *mail.SendError) *Failure {
	code := fmt.Sprintf("%d %s", err.ErrorCode(), err.EnhancedStatusCode())
	permanent := err.ErrorCode() >= 500
	switch {
	case err.ErrorCode() == 0:
		return &Failure{Sender: bundle.SenderUnreachable, Words: "the session with the mail server was interrupted"}
	case err.Reason == mail.ErrSMTPMailFrom && permanent:
		return &Failure{Sender: bundle.SenderRefused, Words: "the mail server refused the sender's address with " + code}
	case isData(err.Reason) && permanent && policyCode.MatchString(err.EnhancedStatusCode()):
		return &Failure{Sender: bundle.SenderRefused, Words: "the mail server refused the sender by its policy with " + code}
	case err.Reason == mail.ErrSMTPRcptTo:
		return &Failure{Permanent: permanent, Sender: bundle.SenderAccepted, Words: "the mail server answered the recipient with " + code}
	}
	return &Failure{Permanent: permanent, Sender: bundle.SenderAccepted, Words: "the mail server answered the message with " + code}
}
