package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/store/legacy"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// LongestLease bounds every lease, and every wait of a receipt: a later end was written under a wrong clock, and the row is due.
const LongestLease = time.Hour

// maxTold bounds how many messages ToldTo returns of each kind.
const maxTold = 500

// Message is one news for one recipient of an order on one channel, sent at most once. Its identity is (OrderID, Occasion, Subject,
// Instance, Recipient, Channel).
type Message struct {
	ID        int64
	OrderID   string
	Occasion  tracking.Occasion
	Subject   tracking.Subject
	Instance  string
	Role      tracking.RecipientRole // of the recipient; "" = the buyer
	Recipient string                 // RecipientHash of the address; "" = not known
	About     string                 // the parcel of Subject in the form of the previous version, see LegacyAbout
	Channel   string
	Level     string
	DayTold   locale.Day // the day of delivery that the message names; zero = none
	At        time.Time  // when it happened, by the carrier's clock
	Heard     time.Time  // when wismo learned of it
	NotBefore time.Time  // of a claimed message: when its lease ends
	State     MessageState
	Attempt   int // counts claims, starts at 1; fences out a worker whose lease has ended
	Tries     int // attempts that failed for this recipient, see DeferMessage
	Finished  time.Time
	Problem   string
	// Unidentified: the previous version queued it, without an identity of the news; only occasion and subject are known.
	Unidentified bool
}

// MessageState is the state of a message.
type MessageState string

// The states of a message.
const (
	MessageWaiting    MessageState = "Waiting"
	MessageSending    MessageState = "Sending"
	MessageSent       MessageState = "Sent"
	MessageFailed     MessageState = "Failed"
	MessageSuperseded MessageState = "Superseded" // newer news has made it stale
	MessageSuppressed MessageState = "Suppressed" // a rule no longer allows it
)

// The stored forms of MessageWaiting and MessageSending of a message that the previous version must not claim.
const (
	storedQueued  = "Queued"
	storedHanding = "Handing"
)

// RecipientHash returns a hash of an address, to compare messages by recipient: 22 characters for 128 bits; "" for no address.
func RecipientHash(address string) string {
	normal := normalAddress(address)
	if normal == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(normal))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func normalAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// LegacyAbout returns the parcel of a subject in the form of the previous version, with the carrier's slug; "" = the whole order.
func LegacyAbout(s tracking.Subject, carrier string) string {
	if s.Kind != tracking.SubjectParcel {
		return ""
	}
	return legacy.ParcelKey(carrier, s.Ref)
}

// identity identifies a message among those of its order, occasion and channel. It is stored in the column that held the parcel
// before, and is a hash to keep the table and its index small.
func (m Message) identity() string {
	return "~" + sha(m.Subject.String() + "\x00" + m.Instance + "\x00" + cmp.Or(m.Recipient, string(m.Role)))[:16]
}

// legacySendable reports whether the previous version may send the message too.
func (m Message) legacySendable() bool {
	return m.Channel == "Email" && (m.Role == "" || m.Role == tracking.RoleBuyer) && slices.Contains(legacy.Occasions(), string(m.Occasion))
}

const messageColumns = `id, order_id, occasion, subject, instance, recipient_role, recipient_hash, about, channel, level, day_told,
	occurred_at, heard_at, not_before, state, attempts, tries, finished_at, problem, parcel NOT LIKE '~%'`

func scanMessage(scan func(...any) error) (Message, error) {
	var m Message
	var subject, day string
	var at, heard, notBefore, finished int64
	err := scan(&m.ID, &m.OrderID, &m.Occasion, &subject, &m.Instance, &m.Role, &m.Recipient, &m.About, &m.Channel, &m.Level, &day,
		&at, &heard, &notBefore, &m.State, &m.Attempt, &m.Tries, &finished, &m.Problem, &m.Unidentified)
	if err != nil {
		return m, err
	}
	m.At, m.Heard, m.NotBefore, m.Finished = fromMillis(at), fromMillis(heard), fromMillis(notBefore), fromMillis(finished)
	m.Subject = subjectOf(subject, m.About)
	switch m.State {
	case storedQueued:
		m.State = MessageWaiting
	case storedHanding:
		m.State = MessageSending
	default:
	}
	if day != "" {
		m.DayTold, err = locale.ParseDay(day)
	}
	return m, err
}

// subjectOf parses the result of Subject.String, or if that is empty, the parcel in the form of the previous version.
func subjectOf(text, parcel string) tracking.Subject {
	if kind, ref, ok := strings.Cut(text, ":"); ok {
		return tracking.Subject{Kind: tracking.SubjectKind(kind), Ref: ref}
	}
	if _, number, ok := strings.Cut(parcel, ":"); ok {
		return tracking.Subject{Kind: tracking.SubjectParcel, Ref: tracking.NormalNumber(number)}
	}
	return tracking.Subject{}
}

// QueueMessage adds a waiting message; fresh is false if the same message was queued before, in whatever state it is now.
func (tx *Tx) QueueMessage(ctx context.Context, m Message) (fresh bool, err error) {
	state := storedQueued
	if m.legacySendable() {
		state = string(MessageWaiting)
	}
	result, err := tx.tx.ExecContext(ctx, `INSERT INTO messages (order_id, occasion, parcel, about, channel, level, occurred_at, heard_at, not_before,
			state, subject, instance, recipient_role, recipient_hash, day_told)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id, occasion, channel, parcel) DO NOTHING`,
		m.OrderID, string(m.Occasion), m.identity(), m.About, m.Channel, m.Level, toMillis(m.At), toMillis(m.Heard), toMillis(m.NotBefore),
		state, m.Subject.String(), m.Instance, string(m.Role), m.Recipient, dayText(m.DayTold))
	if err != nil {
		return false, fmt.Errorf("queueing a message: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Messages returns all messages of an order, the oldest first.
func (tx *Tx) Messages(ctx context.Context, orderID string) ([]Message, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT `+messageColumns+` FROM messages WHERE order_id = ? ORDER BY id`, orderID)
	if err != nil {
		return nil, fmt.Errorf("reading messages: %w", err)
	}
	return collect(rows, scanMessage, nil)
}

// ToldTo returns the messages that were sent to a recipient since then, over all orders, and those that wait; of each the newest 500,
// sorted by when they were finished, the waiting ones last. It returns none for the recipient "".
func (tx *Tx) ToldTo(ctx context.Context, recipient string, since time.Time) ([]Message, error) {
	if recipient == "" {
		return nil, nil
	}
	var all []Message
	for _, part := range []struct {
		where string
		args  []any
	}{
		{`finished_at >= ? AND state = 'Sent' ORDER BY finished_at DESC`, []any{max(toMillis(since), 1)}},
		{`finished_at = 0 AND state IN ('Waiting', 'Sending', 'Queued', 'Handing') ORDER BY id DESC`, nil},
	} {
		rows, err := tx.tx.QueryContext(ctx, `SELECT `+messageColumns+` FROM messages WHERE recipient_hash <> '' AND recipient_hash = ? AND `+part.where+` LIMIT ?`,
			slices.Concat([]any{recipient}, part.args, []any{maxTold})...)
		if err != nil {
			return nil, fmt.Errorf("reading the messages of a recipient: %w", err)
		}
		found, err := collect(rows, scanMessage, nil)
		if err != nil {
			return nil, err
		}
		slices.Reverse(found)
		all = append(all, found...)
	}
	return all, nil
}

// Queries of the messages that are due: those whose time has come, and those with a lease longer than any worker can have.
const (
	pendingMessages = `FROM messages WHERE channel = ? AND state IN ('Waiting', 'Sending', 'Queued', 'Handing') AND not_before <= ?`
	overlongLeases  = `FROM messages WHERE channel = ? AND state IN ('Sending', 'Handing') AND not_before > ?`
	dueMessages     = `SELECT id FROM (SELECT id, not_before ` + pendingMessages + ` ORDER BY not_before, id LIMIT ?) AS pending
		UNION ALL SELECT id FROM (SELECT id ` + overlongLeases + ` LIMIT ?) AS overlong`
)

// ClaimMessages leases up to limit messages of a channel that are due, the longest due first. A message whose worker died while
// sending is due again when its lease ends. The lease is at most LongestLease.
func (s *Store) ClaimMessages(ctx context.Context, channel string, now time.Time, lease time.Duration, limit int) ([]Message, error) {
	ids, err := s.ids(ctx, dueMessages, channel, toMillis(now), limit, channel, toMillis(now.Add(LongestLease)), limit)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	ids = ids[:min(limit, len(ids))]
	among, args := list(ids)
	args = slices.Concat([]any{toMillis(now.Add(min(lease, LongestLease)))}, args, []any{toMillis(now), toMillis(now.Add(LongestLease))})
	rows, err := s.write.QueryContext(ctx, `UPDATE messages SET attempts = attempts + 1, not_before = ?,
			state = CASE state WHEN 'Waiting' THEN 'Sending' WHEN 'Queued' THEN 'Handing' ELSE state END
		WHERE id IN `+among+` AND state IN ('Waiting', 'Sending', 'Queued', 'Handing') AND (not_before <= ? OR not_before > ?)
		RETURNING `+messageColumns, args...)
	if err != nil {
		return nil, s.failed(fmt.Errorf("claiming messages: %w", err))
	}
	claims, err := collect(rows, scanMessage, func(a, b Message) int { return int(a.ID - b.ID) })
	return claims, s.failed(err)
}

// HoldMessage extends the lease of a claim until the given time, right before the message is given to the mail server. It returns ErrLost
// if another worker has the lease, which may be sending the message now.
func (tx *Tx) HoldMessage(ctx context.Context, m Message, until time.Time) error {
	return fenced(tx.tx.ExecContext(ctx, `UPDATE messages SET not_before = ? WHERE id = ? AND attempts = ? AND state IN ('Sending', 'Handing')`,
		toMillis(until), m.ID, m.Attempt))
}

// FinishMessage ends a claim with the final state of the message. It returns ErrLost if another worker has claimed it meanwhile.
func (tx *Tx) FinishMessage(ctx context.Context, m Message, state MessageState, at time.Time, problem string) error {
	return fenced(tx.tx.ExecContext(ctx, `UPDATE messages SET state = ?, finished_at = ?, problem = ?, day_told = ?, recipient_hash = ?
		WHERE id = ? AND attempts = ? AND state IN ('Sending', 'Handing')`,
		string(state), toMillis(at), problem, dayText(m.DayTold), m.Recipient, m.ID, m.Attempt))
}

// DeferMessage releases a claim until the given time. Counted: the attempt failed for this recipient, and counts as a try.
func (tx *Tx) DeferMessage(ctx context.Context, m Message, until time.Time, problem string, counted bool) error {
	tries := 0
	if counted {
		tries = 1
	}
	return fenced(tx.tx.ExecContext(ctx, `UPDATE messages SET state = CASE state WHEN 'Handing' THEN 'Queued' ELSE 'Waiting' END,
			not_before = ?, problem = ?, tries = tries + ?
		WHERE id = ? AND attempts = ? AND state IN ('Sending', 'Handing')`, toMillis(until), problem, tries, m.ID, m.Attempt))
}

func dayText(d locale.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// mergeMessages moves the messages of an order to another. Of two with one identity it keeps the one that is further.
func (tx *Tx) mergeMessages(ctx context.Context, from, into string) error {
	theirs, err := tx.Messages(ctx, from)
	if err != nil {
		return err
	}
	ours, err := tx.Messages(ctx, into)
	if err != nil {
		return err
	}
	for _, m := range theirs {
		drop, err := tx.sameMessage(ctx, ours, m)
		if err != nil {
			return err
		}
		query, args := `UPDATE messages SET order_id = ? WHERE id = ?`, []any{into, m.ID}
		switch {
		case drop == m.ID:
			query, args = `DELETE FROM messages WHERE id = ?`, []any{m.ID}
		case drop != 0:
			if _, err := tx.tx.ExecContext(ctx, `DELETE FROM messages WHERE id = ?`, drop); err != nil {
				return err
			}
		}
		if _, err := tx.tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// sameMessage finds a message with the identity of m, and returns the id of the one of both to drop; 0 = there is none.
func (tx *Tx) sameMessage(ctx context.Context, ours []Message, m Message) (drop int64, err error) {
	var id int64
	err = tx.tx.QueryRowContext(ctx, `SELECT o.id FROM messages o JOIN messages m ON m.occasion = o.occasion AND m.channel = o.channel AND m.parcel = o.parcel
		WHERE m.id = ? AND o.order_id = ?`, m.ID, orderOf(ours)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(ours, func(o Message) bool { return o.ID == id })
	if i >= 0 && progress(ours[i].State) < progress(m.State) {
		return id, nil
	}
	return m.ID, nil
}

func orderOf(messages []Message) string {
	if len(messages) == 0 {
		return ""
	}
	return messages[0].OrderID
}

// progress ranks states: a sent message before one that may have been sent, before all others.
func progress(s MessageState) int {
	switch s {
	case MessageSent:
		return 2
	case MessageSending:
		return 1
	default:
		return 0
	}
}
