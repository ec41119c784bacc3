package simulate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/simulate/check"
	"github.com/wismo-dev/wismo/internal/store"
)

// stage is one chunk that is being played.
type stage struct {
	Config
	plane    *plane
	journeys []corpus.Journey
	checkers []*check.Checker
	sources  map[corpus.Source]string
	owners   map[string][]owner          // by order number
	ids      map[string]owner            // by the id of the stored order
	open     map[owner]string            // the id under which the order was found last, until a source speaks again
	counts   map[owner]map[string]*count // by the address that was written to
	due      time.Time
	known    bool // due is what the plane would answer
	problem  error
	words    map[string][]sentWords // by the id of the stored order
}

type sentWords struct {
	at      time.Time
	subject string
}

// owner is an order of a journey of the chunk.
type owner struct {
	journey int
	number  string
}

func newStage(c Config, p *plane, journeys []corpus.Journey) *stage {
	s := &stage{
		Config: c, plane: p, journeys: journeys, sources: sourcesOf(c.Document), owners: map[string][]owner{}, ids: map[string]owner{}, open: map[owner]string{},
		counts: map[owner]map[string]*count{}, words: map[string][]sentWords{},
	}
	others := check.NewOthers(journeys)
	for i, j := range journeys {
		s.checkers = append(s.checkers, check.New(j, c.Limits, others))
		for _, o := range j.Truth.Orders {
			own := owner{i, o.Number}
			s.owners[plainNumber(o.Number)] = append(s.owners[plainNumber(o.Number)], own)
			s.counts[own] = map[string]*count{}
		}
	}
	return s
}

func plainNumber(number string) string {
	return strings.ToLower(strings.TrimPrefix(strings.Join(strings.Fields(number), ""), "#"))
}

// until does everything that falls due before an instant, and moves the clock there.
func (s *stage) until(ctx context.Context, at time.Time) error {
	idle := 0
	for {
		if !s.known {
			due, err := s.plane.nextDue(ctx)
			if err != nil {
				return err
			}
			s.due, s.known = due, true
		}
		if s.due.IsZero() || s.due.After(at) {
			s.plane.advance(at)
			return nil
		}
		before := s.plane.Clock()
		s.plane.advance(s.due)
		if err := s.settle(ctx); err != nil {
			return err
		}
		if idle++; s.plane.Clock().After(before) {
			idle = 0
		}
		if idle > patience {
			return fmt.Errorf("at %s: %w", s.plane.Clock().Format(time.RFC3339), errStuck)
		}
	}
}

// settle lets the plane work, and reads the mails that it sends.
func (s *stage) settle(ctx context.Context) error {
	s.known = false
	if err := s.plane.settle(ctx); err != nil {
		return err
	}
	return s.problem
}

func (s *stage) moment(ctx context.Context, m moment) error {
	if m.deliveries == nil {
		return s.look(ctx, m.journey)
	}
	j := s.journeys[m.journey]
	for _, o := range j.Truth.Orders {
		delete(s.open, owner{m.journey, o.Number})
	}
	for i, d := range m.deliveries { // what arrives at one instant is understood before anything is said of it
		_, err := s.plane.store.AppendReceipt(ctx, store.Receipt{
			Source: s.sources[d.Source], DedupeKey: fmt.Sprintf("%s/%d", j.Name, m.serial+i), Header: d.Header, Body: d.Body, ReceivedAt: m.at,
		})
		if err != nil {
			return err
		}
	}
	if err := s.settle(ctx); err != nil {
		return fmt.Errorf("journey %s: %w", j.Name, err)
	}
	return s.look(ctx, m.journey)
}

// look reads the pages of a journey's orders.
func (s *stage) look(ctx context.Context, journey int) error {
	for _, o := range s.checkers[journey].Orders() {
		id, err := s.find(ctx, owner{journey, o.Number})
		if err != nil {
			return err
		}
		var body []byte
		if id != "" {
			if body, err = s.plane.open(ctx, id); err != nil {
				return err
			}
		}
		if s.Spoil.Page != nil && body != nil {
			body = s.Spoil.Page(o.Number, body)
		}
		if err := s.checkers[journey].Page(s.plane.Clock(), o.Number, body); err != nil {
			return err
		}
	}
	return nil
}

// find is the id of the stored order; "" = there is none.
func (s *stage) find(ctx context.Context, own owner) (string, error) {
	if id, ok := s.open[own]; ok {
		return id, nil
	}
	found, err := s.plane.orders(ctx, own.number)
	if err != nil {
		return "", err
	}
	for _, o := range found {
		if s.ownerOf(o) == own {
			s.open[own] = o.id
			return o.id, nil
		}
	}
	return "", nil
}

// ownerOf is the order of the corpus that a stored order is.
func (s *stage) ownerOf(o stored) owner {
	if own, ok := s.ids[o.id]; ok {
		return own
	}
	candidates := s.owners[plainNumber(o.number)]
	if len(candidates) == 0 {
		return owner{journey: -1}
	}
	own := candidates[0]
	for _, candidate := range candidates {
		order, _ := s.journeys[candidate.journey].Truth.Order(candidate.number)
		if slices.ContainsFunc(order.Recipients, func(r corpus.Recipient) bool { return r.Email != "" && strings.EqualFold(r.Email, o.email) }) {
			own = candidate
		}
	}
	if o.email != "" || len(candidates) == 1 {
		s.ids[o.id] = own
	}
	return own
}

// taken is called while the notifier sends a mail.
func (s *stage) taken(m channel.Mail) {
	if err := s.read(context.Background(), m); err != nil && s.problem == nil {
		s.problem = err
	}
}

func (s *stage) read(ctx context.Context, m channel.Mail) error {
	id, ok := s.plane.orderOf(m)
	if !ok {
		return fmt.Errorf("the mail %q leads to no order", m.Subject)
	}
	o, err := s.plane.order(ctx, id)
	if err != nil {
		return err
	}
	own := s.ownerOf(o)
	if own.journey < 0 {
		return fmt.Errorf("the mail %q is about order %s, which no journey has", m.Subject, o.number)
	}
	if s.plane.Clock().After(s.journeys[own.journey].Truth.Until) {
		return nil
	}
	about, level, err := s.plane.underWay(ctx, id)
	if err != nil {
		return err
	}
	mails := []check.Mail{{
		At: s.plane.Clock(), Order: own.number, About: s.numberIn(own.journey, about), To: m.To, Subject: m.Subject, Text: m.Text, Level: level,
	}}
	if s.Spoil.Mail != nil {
		mails = s.Spoil.Mail(mails[0])
	}
	s.words[id] = append(s.words[id], sentWords{s.plane.Clock(), m.Subject})
	for _, mail := range mails {
		to := s.counts[own][mail.To]
		if to == nil {
			to = &count{}
			s.counts[own][mail.To] = to
		}
		if to.all++; mail.Level == check.Routine {
			to.routine++
		}
		if err := s.checkers[own.journey].Mail(mail); err != nil {
			return err
		}
	}
	return nil
}

// numberIn is the tracking number of the journey that a key of the store holds.
func (s *stage) numberIn(journey int, key string) string {
	best := ""
	for _, p := range s.journeys[journey].Truth.Parcels {
		for _, n := range p.Numbers {
			if strings.Contains(plainNumber(key), plainNumber(n.Number)) && len(n.Number) > len(best) {
				best = n.Number
			}
		}
	}
	return best
}

// most is what the recipient was sent who was written to most.
func most(counts map[string]*count) count {
	var m count
	for _, c := range counts {
		m.all, m.routine = max(m.all, c.all), max(m.routine, c.routine)
	}
	return m
}

// tooMany names an order about which its recipient was sent more than the bars allow.
func tooMany(journey, order string, sent count, now time.Time) check.Finding {
	return check.Finding{
		Kind: check.TooManyMessages, Journey: journey, Order: order, At: now, Where: "mail", Times: 1,
		Truth: fmt.Sprintf("%d messages to one recipient, %d of them routine; at most %d and %d are allowed",
			sent.all, sent.routine, Bars.MessagesPerOrderMax, Bars.RoutinePerOrderMax),
	}
}

// end finishes the checks and gathers what came of the chunk.
func (s *stage) end(ctx context.Context) (played, error) {
	p := played{journeys: s.journeys}
	for i, c := range s.checkers {
		c.Finish()
		p.findings = append(p.findings, c.Findings()...)
		p.tally = p.tally.Add(c.Tally())
		for _, o := range c.Orders() {
			sent := most(s.counts[owner{i, o.Number}])
			p.perOrder = append(p.perOrder, sent)
			if sent.all > Bars.MessagesPerOrderMax || sent.routine > Bars.RoutinePerOrderMax {
				p.findings = append(p.findings, tooMany(s.journeys[i].Name, o.Number, sent, s.plane.Clock()))
			}
		}
	}
	if !s.Diary {
		return p, nil
	}
	for i, c := range s.checkers {
		for _, o := range c.Orders() {
			entries, err := s.entries(ctx, owner{i, o.Number})
			if err != nil {
				return p, err
			}
			p.diary = append(p.diary, entries...)
		}
	}
	return p, nil
}
