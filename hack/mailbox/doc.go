// Command mailbox is an SMTP inbox for demonstrations and tests: it accepts every mail, keeps the last ones in
// memory and shows them over HTTP. Towards chosen recipients it plays the failures that real relays have.
// It must not know about shops, orders or the cluster it runs in, and it must never relay a mail onwards.
package main
