package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Choice is what a shopper wants to be told.
type Choice string

// The choices, from the most to the least.
const (
	Everything   Choice = "Everything"
	KeyMoments   Choice = "KeyMoments"
	OnlyProblems Choice = "OnlyProblems" // what it means to have unsubscribed
	Nothing      Choice = "Nothing"
)

// Choices lists every choice.
func Choices() []Choice { return []Choice{Everything, KeyMoments, OnlyProblems, Nothing} }

// unsubscribed says how the version before reads a choice, which knows one only.
func (c Choice) unsubscribed() bool { return c == OnlyProblems || c == Nothing }

// Kinds of subjects that a choice is kept for.
const (
	ofOrder     = "order" // of its buyer
	ofAddress   = "address"
	ofRecipient = "recipient" // of a further recipient of an order; the version before knows none
)

// Preference is a choice and when it was made; the zero value is none.
type Preference struct {
	Choice Choice
	At     time.Time
}

// SetPreference records what the buyer of an order wants to be told of it; the choice goes with the order. It returns ErrNotFound
// for an order that is not there.
func (tx *Tx) SetPreference(ctx context.Context, orderID string, choice Choice, at time.Time) error {
	id, err := tx.Resolve(ctx, orderID)
	if err != nil {
		return err
	}
	return tx.choose(ctx, ofOrder, id, Preference{choice, at})
}

// SetFurtherPreference records what a further recipient of an order wants to be told of it, whatever its buyer chose. The address is
// kept as a hash only.
func (tx *Tx) SetFurtherPreference(ctx context.Context, orderID, address string, choice Choice, at time.Time) error {
	id, err := tx.Resolve(ctx, orderID)
	if err != nil {
		return err
	}
	return tx.choose(ctx, ofRecipient, recipientSubject(id, address), Preference{choice, at})
}

func recipientSubject(orderID, address string) string {
	return orderID + "/" + sha(normalAddress(address))
}

// SetAddressPreference records what the owner of an address wants to be told of every order of this Shop. The address is kept as
// a hash only.
func (tx *Tx) SetAddressPreference(ctx context.Context, address string, choice Choice, at time.Time) error {
	normal := normalAddress(address)
	if normal == "" {
		return fmt.Errorf("storing a preference: there is no address that it could be of: %w", ErrNotFound)
	}
	return tx.choose(ctx, ofAddress, sha(normal), Preference{choice, at})
}

func (tx *Tx) choose(ctx context.Context, kind, subject string, p Preference) error {
	query, args := `DELETE FROM preferences WHERE kind = ? AND subject = ?`, []any{kind, subject}
	if p.Choice.unsubscribed() && kind != ofRecipient {
		query = `INSERT INTO preferences (kind, subject, unsubscribed_at) VALUES (?, ?, ?) ON CONFLICT (kind, subject) DO NOTHING`
		args = append(args, millis(p.At))
	}
	if _, err := tx.tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("storing a preference: %w", err)
	}
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO choices (kind, subject, choice, at) VALUES (?, ?, ?, ?)`, kind, subject, string(p.Choice), millis(p.At))
	if err != nil {
		return fmt.Errorf("storing a preference: %w", err)
	}
	return nil
}

// RecipientChoices are the choices of one recipient; the zero Preference is none.
type RecipientChoices struct {
	Order Preference // for one order
	Shop  Preference // for every order of the Shop
}

// Newest is the choice that counts for the order.
func (c RecipientChoices) Newest() Preference {
	if c.Order.Choice == "" || c.Shop.At.After(c.Order.At) {
		return c.Shop
	}
	return c.Order
}

// RecipientChoices returns what a recipient of an order wants to be told. Further says that the recipient is not the buyer: what the
// buyer chose for the order is then of no account.
func (tx *Tx) RecipientChoices(ctx context.Context, orderID, address string, further bool) (c RecipientChoices, err error) {
	id, err := tx.Resolve(ctx, orderID)
	if err != nil {
		return c, err
	}
	kind, subject := ofOrder, id
	if further {
		kind, subject = ofRecipient, recipientSubject(id, address)
	}
	if c.Order, err = tx.preference(ctx, kind, subject); err != nil {
		return c, err
	}
	if normal := normalAddress(address); normal != "" {
		c.Shop, err = tx.preference(ctx, ofAddress, sha(normal))
	}
	return c, err
}

// PreferenceFor returns what is to be told of an order to the address of its buyer: the newer one of the order's choice and the
// address's. The zero value says that neither was made.
func (tx *Tx) PreferenceFor(ctx context.Context, orderID, address string) (Preference, error) {
	c, err := tx.RecipientChoices(ctx, orderID, address, false)
	return c.Newest(), err
}

// preference is the choice that counts. The version before writes preferences only, and whom that has a row of has unsubscribed.
func (tx *Tx) preference(ctx context.Context, kind, subject string) (p Preference, err error) {
	var at int64
	err = tx.tx.QueryRowContext(ctx, `SELECT choice, at FROM choices WHERE kind = ? AND subject = ? ORDER BY id DESC LIMIT 1`, kind, subject).Scan(&p.Choice, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("reading preferences: %w", err)
	}
	p.At = fromMillis(at)
	if p.Choice.unsubscribed() {
		return p, nil
	}
	err = tx.tx.QueryRowContext(ctx, `SELECT unsubscribed_at FROM preferences WHERE kind = ? AND subject = ?`, kind, subject).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("reading preferences: %w", err)
	}
	return Preference{OnlyProblems, fromMillis(at)}, nil
}

// mergePreference gives an order the choice of another one, where that is the newer.
func (tx *Tx) mergePreference(ctx context.Context, from, into string) error {
	_, err := tx.tx.ExecContext(ctx, `UPDATE choices SET subject = ? || substr(subject, ?) WHERE kind = ? AND subject LIKE ? || '/%'`,
		into, len(from)+1, ofRecipient, from)
	if err != nil {
		return fmt.Errorf("merging preferences: %w", err)
	}
	theirs, err := tx.preference(ctx, ofOrder, from)
	if err != nil || theirs.Choice == "" {
		return err
	}
	ours, err := tx.preference(ctx, ofOrder, into)
	if err != nil || (ours.Choice != "" && !theirs.At.After(ours.At)) {
		return err
	}
	return tx.choose(ctx, ofOrder, into, theirs)
}
