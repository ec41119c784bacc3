// Package decision decides whether a recipient gets a message on a piece of news, now, later or not at all, and on which channel. A verdict
// has the name of the rule that decided and a sentence for support agents.
//
// It is called twice: when a message would be queued, and again when it would be sent, with the facts of that time. The rules are applied
// in a fixed order, and the first that objects decides:
//
//   - never sent: the Shop is suspended, the order is a test, a marketplace sends messages to the shopper itself, the recipient
//     gets the parcel as a gift, the policy shows the occasion on the page only, it happened before the order was imported;
//   - known to the recipient: the same news or the same day was told, or another message had the same information;
//   - no longer true: the subject of the news has progressed since, was cancelled, or too much time has passed;
//   - not wanted, or not now: no address, a preference, a carrier who tells it itself, budgets, pauses, quiet hours.
//
// Of several routine messages about the same subject that wait together, or follow within minutes, only the one with the newest news is
// sent. They wait together when one webhook brings all of them, over the quiet hours, and for the policy's minimum gap after the latest
// routine message. The first of them is sent at once.
//
// The package is pure, and must not know how messages are stored, rendered or sent, nor the clock: now is part of the input.
package decision
