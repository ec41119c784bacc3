// Package channel hands finished messages to those who deliver them: mail relays over SMTP.
// It must not know what a message says, whether it may be sent, or who queued it. Its errors hold no address and no
// word of the other side, only codes: both may be personal data.
package channel
