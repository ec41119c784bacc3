// Package channel sends finished messages over SMTP, through a mail server.
// It must not know what a message says, whether it may be sent, or who queued it. Its errors hold no address and no
// text of the mail server, only codes: both may contain personal data.
package channel
