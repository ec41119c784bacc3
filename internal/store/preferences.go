package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Choice is which messages a shopper has chosen to get.
type Choice string

// The choices, from the most to the least.
const (
	ChoiceEverything   Choice = "Everything"
	ChoiceKeyMoments   Choice = "KeyMoments"
	ChoiceOnlyProblems Choice = "OnlyProblems" // the effect of unsubscribing
	ChoiceNothing      Choice = "Nothing"
)

// Choices returns every choice.
func Choices() []Choice {
	return []Choice{ChoiceEverything, ChoiceKeyMoments, ChoiceOnlyProblems, ChoiceNothing}
}

// unsubscribed reports whether the previous version, which has no other choice, takes the shopper as unsubscribed.
func (c Choice) unsubscribed() bool { return c == ChoiceOnlyProblems || c == ChoiceNothing }

// The kinds of what a choice is for.
const (
	ofOrder     = "order" // of its buyer
	ofAddress   = "address"
	ofRecipient = "recipient" // of a further recipient of an order; the previous version has none
)

// Preference is a choice and its time; the zero value is no choice.
type Preference struct {
	Choice Choice
	At     time.Time
}

// SetPreference stores the choice of the buyer for an order. It returns ErrNotFound if there is no such order.
func (tx *Tx) SetPreference(ctx context.Context, orderID string, choice Choice, at time.Time) error {
	id, err := tx.Resolve(ctx, orderID)
	if err != nil {
		return err
	}
	return tx.choose(ctx, ofOrder, id, Preference{choice, at})
}

// SetFurtherPreference stores the choice of a further recipient for an order, which is independent of the buyer's. It stores the
// address as a hash only.
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

// SetAddressPreference stores the choice of an address for every order of this Shop. It stores the address as a hash only.
func (tx *Tx) SetAddressPreference(ctx context.Context, address string, choice Choice, at time.Time) error {
	normal := normalAddress(address)
	if normal == "" {
		return fmt.Errorf("storing a preference: the address is empty: %w", ErrNotFound)
	}
	return tx.choose(ctx, ofAddress, sha(normal), Preference{choice, at})
}

func (tx *Tx) choose(ctx context.Context, kind, subject string, p Preference) error {
	query, args := `DELETE FROM preferences WHERE kind = ? AND subject = ?`, []any{kind, subject}
	if p.Choice.unsubscribed() && kind != ofRecipient {
		query = `INSERT INTO preferences (kind, subject, unsubscribed_at) VALUES (?, ?, ?) ON CONFLICT (kind, subject) DO NOTHING`
		args = append(args, toMillis(p.At))
	}
	if _, err := tx.tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("storing a preference: %w", err)
	}
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO choices (kind, subject, choice, at) VALUES (?, ?, ?, ?)`, kind, subject, string(p.Choice), toMillis(p.At))
	if err != nil {
		return fmt.Errorf("storing a preference: %w", err)
	}
	return nil
}

// RecipientChoices are the choices of one recipient; a zero Preference is no choice.
type RecipientChoices struct {
	Order Preference // for one order
	Shop  Preference // for every order of the Shop
}

// Newest returns the newer choice, which applies to the order.
func (c RecipientChoices) Newest() Preference {
	if c.Order.Choice == "" || c.Shop.At.After(c.Order.At) {
		return c.Shop
	}
	return c.Order
}

// RecipientChoices returns the choices of a recipient of an order. Further: the recipient is not the buyer, whose choice for the order
// then does not apply.
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

// PreferenceFor returns the choice that applies to the buyer of an order: the newer one of the choice for the order and the choice of
// the address; zero = neither was made.
func (tx *Tx) PreferenceFor(ctx context.Context, orderID, address string) (Preference, error) {
	c, err := tx.RecipientChoices(ctx, orderID, address, false)
	return c.Newest(), err
}

// preference returns the choice that applies. The previous version writes the table preferences only, where a row means unsubscribed.
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
	return Preference{ChoiceOnlyProblems, fromMillis(at)}, nil
}

// mergePreference copies the choice for an order to another one, if it is the newer.
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
