// Command mailbox is an SMTP inbox for demonstrations and tests: it accepts every mail, keeps the last ones in memory and serves them
// over HTTP. For some recipients it returns the errors of real relays.
// It must not know about shops, orders or the cluster it runs in, and it must never forward a mail.
package main
