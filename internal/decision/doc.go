// Package decision answers one question: may this recipient be told this news, now, and on which channel? The verdict comes with the
// name of the rule that gave it and with words that a support agent understands.
//
// It is asked twice: when a message would be queued, and once more when it would be sent, by the facts of then. The rules are asked
// in a fixed order and the first that objects decides:
//
//   - what ends the question: the Shop is suspended, the order is a test, a marketplace writes to the shopper itself, the recipient
//     got the parcel as a gift, the policy shows the occasion on the page only, what was true before an import is mute;
//   - what the recipient knows: the same news was told, the day was told, other messages said it;
//   - what is no longer true: the subject of the news has moved on, was cancelled, or too much time has passed;
//   - what the recipient wants: an address, a preference, a carrier who informs already, budgets, pauses, quiet hours.
//
// A burst is one message: while several routine messages about the same wait, or one has just been sent, only that with the newest
// news is sent. They wait together when one receipt brings all of them, over the quiet hours, and for the policy's minimum gap after
// the latest routine message. The first message of a burst is not held back: ordinary news leaves at once.
//
// It is pure, and must not know how messages are stored, rendered or sent, nor what time it is: now is part of the question.
package decision
