package mapping

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

var (
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
	regionCode   = regexp.MustCompile(`^[A-Z0-9]{1,3}$`)
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	languageTag  = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$`)
)

// maxEmail is the longest address that SMTP carries (RFC 5321, section 4.5.3.1.3).
const maxEmail = 254

// Bounds of an order's small lists.
const (
	maxRecipients = 20
	maxRefunds    = 100
	maxLinks      = 10
)

var errNoOrder = errors.New("the order has neither a number nor an external id")

// order reads one order and its shipments.
func (r *run) order(p *definition.Orders) error {
	said := &tracking.OrderSaid{}
	ref, err := r.orderIdentity(p, said)
	if err != nil {
		return err
	}
	version := r.time(&p.At)
	f := r.fieldSetter(said, varOrder, p.Partial)
	phases := r.orderPhase(f, p, said, version)
	r.orderHeader(f, p, said)
	r.orderMoney(f, p, said)
	f.set("Lines", func() { said.Lines = r.items(&p.Items) }, &p.Items.List)

	place := len(r.statements)
	r.state(tracking.Statement{Key: tracking.Key{Kind: tracking.KindOrder}, Order: said, Phases: phases}, ref, version)
	r.orderShipments(f, p, said, ref, version)
	if said.ExternalID != "" {
		f.add("ExternalID")
	}
	if said.Number != "" {
		f.add("Number")
	}
	r.statements[place].Fields = f.given()
	return nil
}

// orderIdentity reads what an order is recognised by: one of the two is enough.
func (r *run) orderIdentity(p *definition.Orders, said *tracking.OrderSaid) (ref string, err error) {
	said.Number, said.ExternalID = r.word(&p.Number), r.word(&p.ExternalID)
	if said.ExternalID != "" {
		return said.ExternalID, nil
	}
	if said.Number == "" {
		return "", errNoOrder
	}
	return "#" + strings.TrimPrefix(said.Number, "#"), nil
}

// orderPhase reads the order's phase, by the table of statuses or by an expression.
func (r *run) orderPhase(f *fieldSetter, p *definition.Orders, said *tracking.OrderSaid, version time.Time) []tracking.PhaseChange {
	read := func() {
		if status := code(r.raw(&p.Status)); status != "" {
			meaning, ok := r.definition.Mapping.Statuses[status]
			if !ok {
				r.unmapped[status] = true
			}
			said.Phase = meaning.Phase
		}
		if phase := oneOf(r, &p.Phase, tracking.Phases()); phase != "" {
			said.Phase = phase
		}
	}
	f.set("Phase", read, &p.Status, &p.Phase)
	return r.phaseChange(said.Phase, r.past(&p.PhaseAt), version)
}

// phaseChange returns the entry of the log for a phase; it was reached when the source says so, else by when it was stated.
func (r *run) phaseChange(phase tracking.Phase, at, version time.Time) []tracking.PhaseChange {
	if phase == "" {
		return nil
	}
	if at.IsZero() {
		at = r.notAfterHeard(version)
	}
	if at.IsZero() {
		at = r.receipt.Heard
	}
	return []tracking.PhaseChange{{Phase: phase, At: at, Heard: r.receipt.Heard}}
}

func (r *run) orderHeader(f *fieldSetter, p *definition.Orders, said *tracking.OrderSaid) {
	f.set("PlacedAt", func() { said.PlacedAt = r.placed(&p.PlacedAt) }, &p.PlacedAt)
	f.set("Locale", func() { said.Locale = r.language(&p.Locale) }, &p.Locale)
	f.set("Channel", func() { said.Channel = r.word(&p.Channel) }, &p.Channel)
	f.set("Marketplace", func() { said.Marketplace = r.flag(&p.Marketplace) }, &p.Marketplace)
	f.set("Test", func() { said.Test = r.flag(&p.Test) }, &p.Test)
	c := &p.Customer
	f.set("Customer", func() { said.Customer = r.customer(c) }, &c.ID, &c.Name, &c.FirstName, &c.Email, &c.Phone, &c.Company, &c.Tags)
	f.set("Recipients", func() { said.Recipients = r.recipients(&p.Recipients) }, &p.Recipients.List)
	d := &p.Destination
	f.set("Destination", func() { said.Destination = r.destination(d) }, &d.Street, &d.Postcode, &d.City, &d.Region, &d.Country)
	promise := func() { said.Promise = r.eta(&p.Promise, tracking.ETAFromOrder, time.Time{}) }
	f.set("Promise", promise, &p.Promise.Day, &p.Promise.From, &p.Promise.To)
	f.set("Method", func() { said.Method = oneOf(r, &p.Method, tracking.Methods()) }, &p.Method)
	f.set("MethodTitle", func() { said.MethodTitle = r.text(&p.MethodTitle, maxName) }, &p.MethodTitle)
	f.set("Note", func() { said.Note = r.text(&p.Note, maxText) }, &p.Note)
	f.set("Tags", func() { said.Tags = r.tags(&p.Tags) }, &p.Tags)
	f.set("Links", func() { said.Links = r.links(&p.Links) }, &p.Links.List)
}

// placed drops a day of purchase that lies ahead: everything that happens to the order would come before it.
func (r *run) placed(e *definition.Expr) time.Time {
	at := r.time(e)
	if at.After(r.receipt.Heard.Add(maxFuture)) {
		r.bad(e, "lies in the future")
		return time.Time{}
	}
	return at
}

func (r *run) language(e *definition.Expr) string {
	return matching(languageTag, strings.ReplaceAll(r.word(e), "_", "-"))
}

func (r *run) country(e *definition.Expr) string {
	return matching(countryCode, strings.ToUpper(r.word(e)))
}

func (r *run) customer(p *definition.Customer) tracking.Recipient {
	return tracking.Recipient{
		ID:        r.word(&p.ID),
		Name:      r.text(&p.Name, maxName),
		FirstName: r.text(&p.FirstName, maxName),
		Email:     r.email(&p.Email),
		Phone:     r.word(&p.Phone),
		Company:   r.text(&p.Company, maxName),
		Tags:      r.tags(&p.Tags),
	}
}

func (r *run) recipients(p *definition.Recipients) []tracking.Recipient {
	var all []tracking.Recipient
	r.eachOptional(&p.List, varRecipient, maxRecipients, func() {
		one := tracking.Recipient{
			Role:      oneOf(r, &p.Role, []tracking.RecipientRole{tracking.RoleBuyer, tracking.RoleGift, tracking.RoleCopied}),
			Name:      r.text(&p.Name, maxName),
			FirstName: r.text(&p.FirstName, maxName),
			Email:     r.email(&p.Email),
			Phone:     r.word(&p.Phone),
			Company:   r.text(&p.Company, maxName),
			PO:        r.word(&p.PONumber),
		}
		if one.Role == "" {
			one.Role = tracking.RoleCopied
		}
		if one.Name+one.Email+one.Phone != "" {
			all = append(all, one)
		}
	})
	return all
}

func (r *run) destination(p *definition.Destination) tracking.Address {
	to := tracking.Address{
		Street:   r.joined(&p.Street, maxName),
		Postcode: r.word(&p.Postcode),
		City:     r.text(&p.City, maxLocation),
		Country:  r.country(&p.Country),
	}
	region := strings.TrimPrefix(strings.ToUpper(r.word(&p.Region)), to.Country+"-") // ISO 3166-2 in full
	to.Region = matching(regionCode, region)
	return to
}

func (r *run) orderMoney(f *fieldSetter, p *definition.Orders, said *tracking.OrderSaid) {
	f.set("Refunds", func() { said.Refunds = r.refunds(&p.Refunds) }, &p.Refunds.List)
	money := &said.Money
	f.set("Money.Currency", func() { money.Currency = matching(currencyCode, strings.ToUpper(r.word(&p.Currency))) }, &p.Currency)
	f.set("Money.TotalMinor", func() { money.TotalMinor = r.integer(&p.TotalMinor) }, &p.TotalMinor)
	f.set("Money.RefundedMinor", func() {
		if money.RefundedMinor = r.integer(&p.RefundedMinor); money.RefundedMinor == 0 {
			for _, refund := range said.Refunds {
				money.RefundedMinor += refund.AmountMinor
			}
		}
	}, &p.RefundedMinor, &p.Refunds.List)
	f.joinMoney()
}

func (r *run) refunds(p *definition.Refunds) []tracking.Refund {
	var all []tracking.Refund
	r.eachOptional(&p.List, varRefund, maxRefunds, func() {
		failures, told := r.failures, r.raw(&p.AmountMinor) != ""
		one := tracking.Refund{AmountMinor: r.integer(&p.AmountMinor)}
		told = told && r.failures == failures
		one.At = r.past(&p.At)
		switch {
		case one.AmountMinor < 0:
			r.bad(&p.AmountMinor, "must not be negative")
		case one.AmountMinor > 0, !told && !one.At.IsZero(): // that money went back is told without the amount
			all = append(all, one)
		default:
			r.unnamed(varRefund, &p.AmountMinor)
		}
	})
	return all
}

func (r *run) links(p *definition.Links) []tracking.Link {
	var all []tracking.Link
	r.eachOptional(&p.List, varLink, maxLinks, func() {
		if one := (tracking.Link{Name: r.word(&p.Name), URL: r.url(&p.URL)}); one.URL != "" {
			all = append(all, one)
		}
	})
	return all
}

func (r *run) items(p *definition.Items) []tracking.Line {
	var all []tracking.Line
	r.eachOptional(&p.List, varItem, MaxItems, func() {
		line := tracking.Line{
			ID:            r.word(&p.ID),
			SKU:           r.word(&p.SKU),
			Name:          r.text(&p.Name, maxName),
			Variant:       r.text(&p.Variant, maxName),
			Quantity:      r.quantity(&p.Quantity),
			PriceMinor:    r.integer(&p.PriceMinor),
			ImageURL:      r.url(&p.ImageURL),
			URL:           r.url(&p.URL),
			Tags:          r.tags(&p.Tags),
			Method:        oneOf(r, &p.Method, tracking.Methods()),
			AvailableFrom: r.day(&p.AvailableFrom),
			State:         oneOf(r, &p.State, []tracking.LineState{tracking.LineRefunded, tracking.LineCancelled, tracking.LineBackordered}),
		}
		if line.ID+line.SKU+line.Name == "" {
			r.bad(&p.Name, "names nothing, nor does another part of the item")
			return
		}
		all = append(all, line)
	})
	return all
}

// orderShipments reads the order's shipments, which become statements of their own, and lists them: what the list leaves out is
// withdrawn. A list that cannot be read withdraws nothing.
func (r *run) orderShipments(f *fieldSetter, p *definition.Orders, said *tracking.OrderSaid, ref string, version time.Time) {
	parent := parentOrder{ref: ref, version: version, hint: tracking.OrderHint{ExternalID: said.ExternalID, Number: said.Number}}
	refs := []string{}
	listed := false
	for i := range p.Shipments {
		s := &p.Shipments[i]
		if f.partial && !f.has([]*definition.Expr{&s.List}) || !r.applies(&s.When) {
			continue
		}
		found, ok := r.listedShipments(s, parent)
		if !ok {
			return
		}
		if f.partial && s.Name != "" && len(found) == 0 {
			said.Gone = append(said.Gone, parent.ref+"/"+s.Name) // it says nothing of shipments that are listed elsewhere
			f.add("Gone")
			continue
		}
		refs, listed = append(refs, found...), true
	}
	if listed {
		said.Shipments = &refs
		f.add("Shipments")
	}
}

// listedShipments reads one list of an order's shipments; ok tells that every one of them could be read.
func (r *run) listedShipments(p *definition.Shipments, parent parentOrder) (refs []string, ok bool) {
	ok = true
	err := r.each(&p.List, varShipment, MaxShipments, func(i int) error {
		ref, err := r.orderedShipment(p, parent, i)
		if err != nil {
			ok = false
			return err
		}
		if !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
		return nil
	})
	r.degrade(err)
	return refs, ok && err == nil
}

// matching keeps a word of the right form and drops any other: it is a detail that nothing else hangs on.
func matching(form *regexp.Regexp, s string) string {
	if form.MatchString(s) {
		return s
	}
	return ""
}
