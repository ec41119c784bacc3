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

// chunkRun is the run of one chunk.
type chunkRun struct {
	Config
	dataPlane *dataPlane
	journeys  []corpus.Journey
	checkers  []*check.Checker
	sources   map[corpus.Source]string
	refs      map[string][]orderRef          // by order number
	ids       map[string]orderRef            // by the id of the stored order
	open      map[orderRef]string            // the id of the stored order, until the next delivery of its journey
	counts    map[orderRef]map[string]*count // by address
	due       time.Time
	dueKnown  bool // due is up to date
	problem   error
	words     map[string][]sentWords // by the id of the stored order
}

type sentWords struct {
	at      time.Time
	subject string
}

// orderRef names an order of a journey of the chunk.
type orderRef struct {
	journey int
	number  string
}

func newChunkRun(c Config, p *dataPlane, journeys []corpus.Journey) *chunkRun {
	s := &chunkRun{
		Config: c, dataPlane: p, journeys: journeys, sources: sourcesOf(c.Document), refs: map[string][]orderRef{}, ids: map[string]orderRef{}, open: map[orderRef]string{},
		counts: map[orderRef]map[string]*count{}, words: map[string][]sentWords{},
	}
	others := check.NewOthers(journeys)
	for i, j := range journeys {
		s.checkers = append(s.checkers, check.New(j, c.Limits, others))
		for _, o := range j.Truth.Orders {
			ref := orderRef{i, o.Number}
			s.refs[plainNumber(o.Number)] = append(s.refs[plainNumber(o.Number)], ref)
			s.counts[ref] = map[string]*count{}
		}
	}
	return s
}

func plainNumber(number string) string {
	return strings.ToLower(strings.TrimPrefix(strings.Join(strings.Fields(number), ""), "#"))
}

// until does everything that is due before at, and moves the clock to at.
func (s *chunkRun) until(ctx context.Context, at time.Time) error {
	idle := 0
	for {
		if !s.dueKnown {
			due, err := s.dataPlane.nextDue(ctx)
			if err != nil {
				return err
			}
			s.due, s.dueKnown = due, true
		}
		if s.due.IsZero() || s.due.After(at) {
			s.dataPlane.advance(at)
			return nil
		}
		before := s.dataPlane.Clock()
		s.dataPlane.advance(s.due)
		if err := s.settle(ctx); err != nil {
			return err
		}
		if idle++; s.dataPlane.Clock().After(before) {
			idle = 0
		}
		if idle > maxIdleRounds {
			return fmt.Errorf("at %s: %w", s.dataPlane.Clock().Format(time.RFC3339), errStuck)
		}
	}
}

// settle runs what is due now, and reads the mails that are sent.
func (s *chunkRun) settle(ctx context.Context) error {
	s.dueKnown = false
	if err := s.dataPlane.settle(ctx); err != nil {
		return err
	}
	return s.problem
}

func (s *chunkRun) do(ctx context.Context, m action) error {
	if m.deliveries == nil {
		return s.look(ctx, m.journey)
	}
	j := s.journeys[m.journey]
	for _, o := range j.Truth.Orders {
		delete(s.open, orderRef{m.journey, o.Number})
	}
	for i, d := range m.deliveries { // deliveries of one instant are all stored before the notifier runs
		_, err := s.dataPlane.store.AppendReceipt(ctx, store.Receipt{
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
func (s *chunkRun) look(ctx context.Context, journey int) error {
	for _, o := range s.checkers[journey].Orders() {
		id, err := s.find(ctx, orderRef{journey, o.Number})
		if err != nil {
			return err
		}
		var body []byte
		if id != "" {
			if body, err = s.dataPlane.open(ctx, id); err != nil {
				return err
			}
		}
		if s.Spoil.Page != nil && body != nil {
			body = s.Spoil.Page(o.Number, body)
		}
		if err := s.checkers[journey].Page(s.dataPlane.Clock(), o.Number, body); err != nil {
			return err
		}
	}
	return nil
}

// find returns the id of the stored order; "" = there is none.
func (s *chunkRun) find(ctx context.Context, ref orderRef) (string, error) {
	if id, ok := s.open[ref]; ok {
		return id, nil
	}
	found, err := s.dataPlane.orders(ctx, ref.number)
	if err != nil {
		return "", err
	}
	for _, o := range found {
		if s.refOf(o) == ref {
			s.open[ref] = o.id
			return o.id, nil
		}
	}
	return "", nil
}

// refOf returns which order of the corpus a stored order is.
func (s *chunkRun) refOf(o stored) orderRef {
	if ref, ok := s.ids[o.id]; ok {
		return ref
	}
	candidates := s.refs[plainNumber(o.number)]
	if len(candidates) == 0 {
		return orderRef{journey: -1}
	}
	ref := candidates[0]
	for _, candidate := range candidates {
		order, _ := s.journeys[candidate.journey].Truth.Order(candidate.number)
		if slices.ContainsFunc(order.Recipients, func(r corpus.Recipient) bool { return r.Email != "" && strings.EqualFold(r.Email, o.email) }) {
			ref = candidate
		}
	}
	if o.email != "" || len(candidates) == 1 {
		s.ids[o.id] = ref
	}
	return ref
}

// mailSent is called while the notifier sends a mail.
func (s *chunkRun) mailSent(m channel.Mail) {
	if err := s.read(context.Background(), m); err != nil && s.problem == nil {
		s.problem = err
	}
}

func (s *chunkRun) read(ctx context.Context, m channel.Mail) error {
	id, ok := s.dataPlane.orderOf(m)
	if !ok {
		return fmt.Errorf("the mail %q has no link that opens an order", m.Subject)
	}
	o, err := s.dataPlane.order(ctx, id)
	if err != nil {
		return err
	}
	ref := s.refOf(o)
	if ref.journey < 0 {
		return fmt.Errorf("the mail %q is about order %s, which is in no journey", m.Subject, o.number)
	}
	if s.dataPlane.Clock().After(s.journeys[ref.journey].Truth.Until) {
		return nil
	}
	about, level, err := s.dataPlane.sendingMessage(ctx, id)
	if err != nil {
		return err
	}
	mails := []check.Mail{{
		At: s.dataPlane.Clock(), Order: ref.number, About: s.numberIn(ref.journey, about), To: m.To, Subject: m.Subject, Text: m.Text, Level: level,
	}}
	if s.Spoil.Mail != nil {
		mails = s.Spoil.Mail(mails[0])
	}
	s.words[id] = append(s.words[id], sentWords{s.dataPlane.Clock(), m.Subject})
	for _, mail := range mails {
		to := s.counts[ref][mail.To]
		if to == nil {
			to = &count{}
			s.counts[ref][mail.To] = to
		}
		if to.all++; mail.Level == check.Routine {
			to.routine++
		}
		if err := s.checkers[ref.journey].Mail(mail); err != nil {
			return err
		}
	}
	return nil
}

// numberIn returns the tracking number of the journey that the key contains.
func (s *chunkRun) numberIn(journey int, key string) string {
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

// most returns the highest counts of any recipient.
func most(counts map[string]*count) count {
	var m count
	for _, c := range counts {
		m.all, m.routine = max(m.all, c.all), max(m.routine, c.routine)
	}
	return m
}

// tooMany is the finding of an order with more messages than the bars allow.
func tooMany(journey, order string, sent count, now time.Time) check.Finding {
	return check.Finding{
		Kind: check.TooManyMessages, Journey: journey, Order: order, At: now, Where: "mail", Times: 1,
		Truth: fmt.Sprintf("%d messages to one recipient, %d of them routine; at most %d and %d are allowed",
			sent.all, sent.routine, Bars.MessagesPerOrderMax, Bars.RoutinePerOrderMax),
	}
}

// end finishes the checks and returns the result of the chunk.
func (s *chunkRun) end(ctx context.Context) (played, error) {
	p := played{journeys: s.journeys}
	for i, c := range s.checkers {
		c.Finish()
		p.findings = append(p.findings, c.Findings()...)
		p.tally = p.tally.Add(c.Tally())
		for _, o := range c.Orders() {
			sent := most(s.counts[orderRef{i, o.Number}])
			p.perOrder = append(p.perOrder, sent)
			if sent.all > Bars.MessagesPerOrderMax || sent.routine > Bars.RoutinePerOrderMax {
				p.findings = append(p.findings, tooMany(s.journeys[i].Name, o.Number, sent, s.dataPlane.Clock()))
			}
		}
	}
	if !s.Diary {
		return p, nil
	}
	for i, c := range s.checkers {
		for _, o := range c.Orders() {
			entries, err := s.entries(ctx, orderRef{i, o.Number})
			if err != nil {
				return p, err
			}
			p.diary = append(p.diary, entries...)
		}
	}
	return p, nil
}
