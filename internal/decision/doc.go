// Package decision answers one question: may this shopper be told this, now, and on which channel? The answer comes with
// the name of the rule that gave it and with words that a support agent understands. It is asked when a message would be
// queued and once more when it would be sent. It is pure, and must not know how messages are stored, rendered or sent.
package decision
