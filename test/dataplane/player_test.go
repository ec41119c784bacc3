package dataplane_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/store"
)

var diary = flag.Bool("diary", false, "print what was sent and decided in each case")

// TestSituations plays each file of testdata/cases, see doc.go.
func TestSituations(t *testing.T) {
	root := filepath.Join("testdata", "cases")
	kinds := map[string]int{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		kind, name := filepath.Base(filepath.Dir(path)), strings.TrimSuffix(filepath.Base(path), ".yaml")
		kinds[kind]++
		t.Run(kind+"/"+name, func(t *testing.T) {
			t.Parallel()
			s, err := readScenario(path)
			if err != nil {
				t.Fatal(err)
			}
			play(t, s)
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, n := range kinds {
		if n < 3 {
			t.Errorf("only %d cases of the kind %s: one that was seen and two relatives at least", n, kind)
		}
	}
}

// player plays one case.
type player struct {
	*dataPlane
	scenario
	read   int // mails that a step has listed
	visits int
	pages  []string
}

func play(t *testing.T, s scenario) {
	t.Helper()
	p := &player{dataPlane: newDataPlane(t, overlay(t, s.Shop)), scenario: s}
	if s.About == "" || len(s.Steps) == 0 {
		t.Fatal("a case says what it is about, and has steps")
	}
	for i, step := range s.Steps {
		t.Run(fmt.Sprintf("step-%d", i+1), func(t *testing.T) {
			p.t = t
			p.step(t, step)
		})
	}
	p.t = t
	p.everywhere(t)
	if t.Failed() || *diary {
		t.Logf("%s\n%s", s.About, p.diary(t))
	}
}

func (p *player) step(t *testing.T, s step) {
	t.Helper()
	if s.At != "" {
		at, err := instant(s.At, p.zone)
		if err != nil {
			t.Fatal(err)
		}
		p.until(at)
	}
	p.act(t, s)
	p.mails(t, s.Mails)
	p.stored(t, s)
	p.visit(t, s)
}

func (p *player) act(t *testing.T, s step) {
	t.Helper()
	if s.Relay != "" {
		p.relay.refusal = refusal(t, s.Relay)
	}
	if s.Unsubscribe != 0 {
		p.unsubscribe(t, s.Unsubscribe)
	}
	if s.Choose != nil {
		p.choose(t, *s.Choose)
	}
	if s.Change != nil {
		p.restart(overlayOn(t, p.doc, s.Change))
	}
	if s.Send == "" {
		return
	}
	source, topic, _ := strings.Cut(s.Send, " ")
	want := s.Answer
	if want == 0 {
		want = 200
	}
	if got := p.post(source, topic, body(t, s.Body, p.now())); got != want {
		t.Errorf("the webhook was answered %d, want %d", got, want)
	}
	p.settle()
}

func body(t *testing.T, raw json.RawMessage, now time.Time) []byte {
	t.Helper()
	v, err := decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := v.(string); ok {
		return []byte(text)
	}
	if v, err = expand(v, now); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func refusal(t *testing.T, word string) *channel.Failure {
	t.Helper()
	switch word {
	case "takes":
		return nil
	case "busy":
		return &channel.Failure{Sender: bundle.SenderAccepted, Words: "the mail server answered 451"}
	case "refuses":
		return &channel.Failure{Permanent: true, Sender: bundle.SenderAccepted, Words: "the mail server answered 550 5.1.1"}
	}
	t.Fatalf("relay: %q is unknown", word)
	return nil
}

// mails compares what was sent since the step before with what the step lists.
func (p *player) mails(t *testing.T, want []mail) {
	t.Helper()
	got := p.relay.mails[p.read:]
	p.read = len(p.relay.mails)
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(want):
			t.Errorf("a mail that is not listed: %s: %s\n%s", got[i].To, got[i].Subject, indent(got[i].Text))
		case i >= len(got):
			t.Errorf("no mail %q", want[i].Subject)
		default:
			compare(t, got[i], want[i])
		}
	}
}

func compare(t *testing.T, got channel.Mail, want mail) {
	t.Helper()
	to := want.To
	if to == "" {
		to = "noor@example.org"
	}
	if got.To != to {
		t.Errorf("%q went to %s, want %s", got.Subject, got.To, to)
	}
	if !strings.Contains(got.Subject, want.Subject) {
		t.Errorf("the subject is %q, want %q", got.Subject, want.Subject)
	}
	for name, part := range parts(got) {
		says(t, name+" of "+got.Subject, part, want.Says, want.Not)
	}
}

// parts are the two parts of a mail as they are read.
func parts(m channel.Mail) map[string]string {
	return map[string]string{"text": m.Subject + "\n" + flat(m.Text), "HTML": m.Subject + "\n" + readable(m.HTML)}
}

func says(t *testing.T, name, text string, want, not []string) {
	t.Helper()
	failed := false
	for _, one := range want {
		if !strings.Contains(text, one) {
			failed = true
			t.Errorf("%s does not say %q", name, one)
		}
	}
	for _, one := range not {
		if strings.Contains(text, one) {
			failed = true
			t.Errorf("%s says %q", name, one)
		}
	}
	if failed {
		t.Logf("%s:\n%s", name, indent(text))
	}
}

var (
	unseen = regexp.MustCompile(`(?s)<(style|script|head)\b.*?</(style|script|head)>|<!--.*?-->`)
	tag    = regexp.MustCompile(`<[^>]*>`)
	space  = regexp.MustCompile(`[\s\x{a0}\x{202f}]+`)
)

// readable is the text of an HTML document.
func readable(document string) string {
	return flat(html.UnescapeString(tag.ReplaceAllString(unseen.ReplaceAllString(document, " "), " ")))
}

func flat(text string) string { return strings.TrimSpace(space.ReplaceAllString(text, " ")) }

func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

// stored compares what the database holds.
func (p *player) stored(t *testing.T, s step) {
	t.Helper()
	for number, want := range s.Orders {
		orders, err := p.store.OrdersByNumber(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		if len(orders) != want {
			t.Errorf("%d orders %s, want %d", len(orders), number, want)
		}
	}
	if s.Messages != nil {
		of := s.Of
		if of == "" {
			of = "1001"
		}
		if got := p.messages(t, of); !slices.Equal(got, s.Messages) {
			t.Errorf("messages of %s: %q, want %q", of, got, s.Messages)
		}
	}
	if s.Counts != nil {
		p.counted(t, *s.Counts)
	}
}

func (p *player) messages(t *testing.T, number string) []string {
	t.Helper()
	var all []string
	orders, err := p.store.OrdersByNumber(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range orders {
		err = p.store.View(t.Context(), func(tx *store.Tx) error {
			messages, err := tx.Messages(t.Context(), o.ID)
			for _, m := range messages {
				all = append(all, fmt.Sprintf("%s %s", m.Occasion, m.State))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func (p *player) counted(t *testing.T, want counts) {
	t.Helper()
	c, err := p.store.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := counts{Quarantined: c.Inbox.Quarantined, Waiting: c.Records.Waiting, Doubtful: c.Records.Doubtful}
	for _, source := range c.BySource {
		got.Elements += source.Elements
		for _, d := range source.Degraded {
			got.Degraded = append(got.Degraded, d.Name)
		}
		for _, u := range source.Unmapped {
			got.Unmapped = append(got.Unmapped, u.Name)
		}
	}
	slices.Sort(got.Degraded)
	slices.Sort(got.Unmapped)
	if a, b := fmt.Sprint(got), fmt.Sprint(want); a != b {
		t.Errorf("the report counts %+v, want %+v", got, want)
	}
}

// gmailCut is the length at which Gmail cuts a mail, in bytes.
const gmailCut = 102 << 10

// everywhere checks what holds for every mail and page of a case.
func (p *player) everywhere(t *testing.T) {
	t.Helper()
	never := append([]string{"{{", "<no value>", "01 January 0001", "  ,", "%!"}, p.Never...)
	for _, m := range p.relay.mails {
		for name, part := range parts(m) {
			says(t, name+" of "+m.Subject, part, nil, never)
		}
		if len(m.HTML) > gmailCut {
			t.Errorf("the HTML of %q has %d bytes: Gmail cuts it off", m.Subject, len(m.HTML))
		}
	}
	for _, text := range p.pages {
		says(t, "the page", text, nil, never)
	}
}

// diary is what happened, to find out why a case fails.
func (p *player) diary(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for i, m := range p.relay.mails {
		fmt.Fprintf(&b, "%d. %s %s: %s\n%s\n", i+1, m.Date.In(p.zone).Format("Mon 2 Jan 15:04"), m.To, m.Subject, indent(strings.Join(bodyLines(m.Text), "\n")))
	}
	ids := map[string]bool{}
	for number := range p.numbers() {
		orders, err := p.store.OrdersByNumber(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orders {
			if ids[o.ID] {
				continue
			}
			ids[o.ID] = true
			fmt.Fprintf(&b, "order %s of %s\n", o.Number, o.Buyer.Email)
			p.decided(t, &b, o.ID)
		}
	}
	if c, err := p.store.Counts(t.Context()); err == nil {
		fmt.Fprintf(&b, "inbox %+v, records %+v, by source %+v\n", c.Inbox, c.Records, c.BySource)
	}
	return b.String()
}

func (p *player) decided(t *testing.T, b *strings.Builder, id string) {
	t.Helper()
	err := p.store.View(t.Context(), func(tx *store.Tx) error {
		decisions, err := tx.Decisions(t.Context(), id)
		for _, d := range decisions {
			fmt.Fprintf(b, "    %s %s %s %s %s\n", d.At.In(p.zone).Format("Mon 2 Jan 15:04"), d.Occasion, d.Asked, d.Rule, d.Words)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var orderNumber = regexp.MustCompile(`"(?:number|name|order_number)":\s*"([^"]+)"`)

// numbers are those that the case's webhooks speak of.
func (p *player) numbers() map[string]bool {
	all := map[string]bool{"1001": true, "1002": true}
	for _, s := range p.Steps {
		for _, found := range orderNumber.FindAllStringSubmatch(string(s.Body), -1) {
			all[found[1]] = true
		}
	}
	return all
}

// bodyLines leave a mail's footer out.
func bodyLines(text string) []string {
	text, _, _ = strings.Cut(text, "\n-- \n")
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "https://") {
			lines = append(lines, line)
		}
	}
	return lines
}
