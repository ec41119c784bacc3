package message

import (
	"bytes"
	_ "embed" // the templates
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Links are where a mail leads.
type Links struct {
	Page        string // the signed link to the order's page
	Unsubscribe string
}

// Mail is a message ready to be sent as multipart/alternative.
type Mail struct {
	Locale, Subject, Preheader, Text, HTML string
	// Day is the delivery day that the mail names, the last of several; zero where it names none.
	Day locale.Day
}

// ErrNoDate means that an occasion about a delivery day has no day: there is nothing to send.
var ErrNoDate = errors.New("no delivery day is known")

// ErrNoAction means that the action an occasion asks for is done: there is nothing to send.
var ErrNoAction = errors.New("the shopper has nothing left to do")

// maxItems is the number of lines of goods that a mail lists; the page lists all.
const maxItems = 20

// mailContent is a mail's content in its order; both forms are made of it.
type mailContent struct {
	Locale, Subject, Preheader, Shop string
	Logo                             string // URL, "" = the shop's name in words
	Heading, Greeting                string
	Body                             []string // paragraphs
	Expected                         fact
	Facts                            []fact // of the subject
	Button                           link
	NextTitle, Next                  string
	ItemsTitle                       string
	Items                            []Entry
	More                             string // how many lines are not listed
	Total                            fact
	Help, Why                        string
	Address                          string // the legal name and address behind the shop
	Footer                           []link
	HeaderBlock, FooterBlock         template.HTML
	Colors                           map[string]template.CSS
}

// fact is a value with its label; a sentence has no label.
type fact struct{ Label, Value, Detail, By string }

type link struct{ Text, URL string }

//go:embed mail.html.tmpl
var mailHTML string

//go:embed mail.txt.tmpl
var mailText string

var (
	htmlMail = template.Must(template.New("mail.html").Parse(mailHTML))
	textMail = texttemplate.Must(texttemplate.New("mail.txt").Parse(mailText))
)

// aboutDate are the occasions whose whole content is a delivery day.
var aboutDate = []tracking.Occasion{tracking.EtaFirstKnown, tracking.EtaMoved, tracking.ArrivesTomorrow}

// Mail renders the message for news in the order's language, for one recipient, as read at the instant now. Every fact in it is of the
// news' subject.
func (r *Renderer) Mail(n tracking.News, o tracking.Order, j tracking.Journey, to tracking.Recipient, links Links, now time.Time) (Mail, error) {
	v := r.Localizer(o.Locale)
	w := r.newDraft(v, n, &o, &j, to, now)
	if err := w.prepare(); err != nil {
		return Mail{}, err
	}
	m, err := w.content(links).render()
	if w.data.Eta != "" {
		eta, _ := w.subject.eta(v.setting)
		_, m.Day, _, _ = bounds(*eta, &w.about.Clock)
	}
	return m, err
}

// draft collects what one mail is rendered from.
type draft struct {
	*Renderer
	localizer *Localizer
	subject   subject
	about     About
	data      Data
	key       string // of the mail's texts, up to their last part
	reopens   bool   // the news is that a delivery was taken back
}

func (r *Renderer) newDraft(v *Localizer, n tracking.News, o *tracking.Order, j *tracking.Journey, to tracking.Recipient, now time.Time) *draft {
	return &draft{
		Renderer: r, localizer: v, subject: v.subjectOf(o, j, n.Subject, n.Occasion, n.At),
		reopens: n.Reopens(),
		about:   About{Order: o, Journey: j, Subject: n.Subject, Occasion: n.Occasion, At: n.At, To: to, Clock: r.Clock(*o, now), Mail: true},
	}
}

// prepare finds the facts and the texts, or why there is nothing to send. After it nothing can fail: a text that cannot be rendered is
// replaced by the built-in one, and the built-in layout accepts any text.
func (m *draft) prepare() error {
	s := m.subject
	m.key = m.localizer.mailKey(s)
	if m.reopens {
		m.key = "mail.reopened." + string(s.occasion)
	}
	if !m.localizer.Has(m.key + ".subject") {
		return fmt.Errorf("there is no mail for the occasion %q", s.occasion)
	}
	m.data = m.localizer.facts(s, m.about)
	switch {
	case s.isReturn():
	case slices.Contains(aboutDate, s.occasion) && m.data.Eta == "":
		return fmt.Errorf("mail for %s: %w", s.occasion, ErrNoDate)
	case s.occasion == tracking.ActionRequired && m.data.Action == "":
		return fmt.Errorf("mail for %s: %w", s.occasion, ErrNoAction)
	}
	m.data.State = m.localizer.Headline(*m.about.Order, *m.about.Journey, m.about.Clock)
	if m.reopens && s.parcel != nil {
		i := slices.IndexFunc(m.about.Journey.Parcels, func(p tracking.ParcelJourney) bool { return p.Subject == s.parcel.Subject })
		m.data.State = m.localizer.Parcel(*m.about.Order, *m.about.Journey, i, m.about.Clock).State
	}
	return nil
}

func (m *draft) say(key string) string { return m.localizer.Say(key, m.data) }

func (m *draft) content(links Links) mailContent {
	d := m.data
	body := m.say(m.key + ".body")
	if m.subject.occasion == tracking.LastAttempt && !m.subject.isReturn() {
		// One mail covers the failed attempt and what follows from it.
		body = m.say("mail."+string(tracking.DeliveryAttemptFailed)+".body") + "\n\n" + body
	}
	if m.key == "mail.part."+string(tracking.Shipped) && m.subject.method(m.localizer.setting) == tracking.MethodLetter {
		body += " " + m.say("page.method."+string(tracking.MethodLetter))
	}
	l := mailContent{
		Locale: m.localizer.Locale, Subject: m.subjectLine(), Preheader: oneLine(m.say(m.key + ".preheader")), Shop: d.Shop, Logo: m.logoURL(),
		Heading: m.say(m.key + ".heading"), Greeting: m.say("mail.greeting"), Body: paragraphs(body),
		Button: link{m.say("mail.button"), links.Page},
		Help:   m.say("mail.help"), Why: m.say(m.whyKey()), Address: d.Company,
		HeaderBlock: m.Block("mail-header", d), FooterBlock: m.Block("mail-footer", d), Colors: m.mailColors(),
	}
	if l.Preheader == "" {
		l.Preheader = oneLine(body)
	}
	m.addAction(&l)
	m.addDate(&l)
	m.addFacts(&l)
	m.addItems(&l)
	m.addFooter(&l, links)
	if strings.Contains(body, d.Contact) {
		l.Help = "" // said already
	}
	return l
}

// subjectLine names the parcel where the order has several, unless the text does so itself.
func (m *draft) subjectLine() string {
	line := oneLine(m.say(m.key + ".subject"))
	if m.data.Parcel == "" || strings.HasPrefix(m.key, "mail.last.") || strings.Contains(line, m.data.Parcel) {
		return line
	}
	return line + " (" + m.data.Parcel + ")"
}

func (m *draft) whyKey() string {
	switch m.about.To.Role {
	case tracking.RoleGift:
		return "mail.whyGift"
	case tracking.RoleCopied:
		return "mail.whyCopied"
	case tracking.RoleBuyer:
		fallthrough
	default:
		return "mail.why"
	}
}

// addAction makes the shopper's action the only call to action of the mail, and adds what happens if it is not done.
func (m *draft) addAction(l *mailContent) {
	p := m.subject.parcel
	if m.subject.labelled() {
		label := m.subject.shipment.ReturnLabel
		if page := webPage(label.URL); page != "" && !hasPassed(label.Until, m.about.Clock) {
			l.Footer = append(l.Footer, l.Button)
			l.Button = link{m.localizer.ReturnLabel(*label, m.about.Clock), page}
		}
	}
	if p != nil && p.Action != nil {
		action := m.localizer.Action(p.Action, m.data)
		if action.URL != "" {
			l.Footer = append(l.Footer, l.Button)
			l.Button = link{action.Button, action.URL}
		}
		if m.subject.occasion != tracking.ActionRequired {
			l.NextTitle, l.Next = action.Heading, action.Body+" "+action.Otherwise
		}
		return
	}
	if next := m.say(m.localizer.afterKey(m.subject)); next != "" {
		l.NextTitle, l.Next = m.say("mail.next"), next
	}
}

// hasPassed reports whether a day has passed; false for the zero day.
func hasPassed(day locale.Day, c Clock) bool { return !day.IsZero() && day.Before(c.today()) }

func (m *draft) addDate(l *mailContent) {
	eta, _ := m.subject.eta(m.localizer.setting)
	if eta == nil {
		return
	}
	c := m.about.Clock
	l.Expected = fact{
		Label: m.say("mail.expected"), Value: Capital(m.localizer.EtaDay(*eta, c)), Detail: m.localizer.EtaTime(*eta, c), By: m.data.EtaBy,
	}
}

// addFacts lists what identifies the parcel for the shopper, and what is needed to collect it.
func (m *draft) addFacts(l *mailContent) {
	d := m.data
	add := func(label, value string) {
		if value != "" {
			l.Facts = append(l.Facts, fact{Label: label, Value: value})
		}
	}
	order := m.say("page.order")
	if d.Parcel != "" {
		order += ", " + d.Parcel
	}
	add("", order)
	add("", d.Together)
	if p := m.subject.parcel; p != nil && p.Carrier != "" {
		add(m.say("page.parcel.carrier"), d.Carrier)
	}
	add(m.say("page.parcel.number"), d.TrackingNumber)
	if !m.subject.isReturn() && m.subject.travels(m.localizer.setting) {
		add(m.say("page.section.destination"), d.City)
	}
	if p := m.subject.parcel; p != nil && p.Pickup != nil {
		add(m.say("page.pickup.where"), d.Pickup)
		add("", m.localizer.untilWords(p, d))
		add(m.say("page.pickup.code"), d.PickupCode)
		add(m.say("page.pickup.hours"), d.PickupHours)
	}
}

// untilWords returns until when a parcel waits, and whether that is an estimate.
func (l *Localizer) untilWords(p *tracking.ParcelJourney, d Data) string {
	switch {
	case d.PickupUntil == "":
		return ""
	case p.PickupReckoned:
		return l.Say("page.pickup.untilReckoned", d)
	}
	return l.Say("page.pickup.until", d)
}

// addItems lists the goods of the subject where they are known, else those of an order that comes as one. Prices are in the
// confirmation only, and not in what the recipient of a gift reads.
func (m *draft) addItems(l *mailContent) {
	confirms := !m.subject.isReturn() && m.subject.occasion == tracking.Occasion(tracking.OrderReceived) && m.about.To.Role != tracking.RoleGift
	title, entries := m.goods(confirms)
	if len(entries) == 0 {
		return
	}
	l.ItemsTitle, l.Items = m.say(title), entries
	if more := len(entries) - maxItems; more > 0 {
		l.Items, l.More = entries[:maxItems], m.localizer.SayCount("mail.more", more, m.data)
	}
	if money := m.about.Order.Money; confirms && money.Currency != "" && money.TotalMinor > 0 {
		l.Total = fact{Label: m.say("page.total"), Value: m.localizer.Money(money.TotalMinor, money.Currency)}
	}
}

// goods returns what the mail lists, and the key of its heading; none where it is not known, or nothing of it comes any more.
func (m *draft) goods(priced bool) (title string, entries []Entry) {
	s, o := m.subject, m.about.Order
	if o.Cancelled {
		return "", nil
	}
	received := s.occasion == tracking.Occasion(tracking.OrderReceived) && m.about.Subject.String() == ""
	if !received && (s.parcel != nil || s.shipment != nil) {
		if known := s.contents(m.localizer); len(known) > 0 {
			return "mail.contents", known
		}
		if !s.alone() {
			return "", nil
		}
	}
	return m.allGoods(priced)
}

// allGoods lists what the order holds, or what of it has not left where that is meant.
func (m *draft) allGoods(priced bool) (title string, entries []Entry) {
	s := m.subject
	switch {
	case s.isReturn() || s.order.Emptied:
		return "", nil
	case s.unsentLate():
		return "page.unsent", m.localizer.Contents(s.order, s.journey.Unsent)
	}
	return "mail.items", m.localizer.Lines(s.order, priced)
}

func (m *draft) addFooter(l *mailContent, links Links) {
	for _, a := range []link{
		{m.say("mail.privacy"), m.data.Privacy}, {m.say("page.imprint"), m.data.Imprint}, {m.say("mail.unsubscribe"), links.Unsubscribe},
	} {
		if a.URL != "" {
			l.Footer = append(l.Footer, a)
		}
	}
}

func (l mailContent) render() (Mail, error) {
	var html, text bytes.Buffer
	if err := htmlMail.Execute(&html, l); err != nil {
		return Mail{}, fmt.Errorf("rendering the mail: %w", err)
	}
	if err := textMail.Execute(&text, l); err != nil {
		return Mail{}, fmt.Errorf("rendering the mail: %w", err)
	}
	return Mail{Locale: l.Locale, Subject: l.Subject, Preheader: l.Preheader, Text: strings.TrimSpace(text.String()) + "\n", HTML: html.String()}, nil
}

// logoURL returns the logo's URL; "" for SVG, which no mail client shows: the mail has the shop's name instead.
func (r *Renderer) logoURL() string {
	if r.doc.Theme.Logo == nil || r.doc.Theme.Logo.MediaType == "image/svg+xml" {
		return ""
	}
	return r.doc.BaseURL + LogoPath
}

// LogoPath is where the page serves the logo.
const LogoPath = "/logo"

func (r *Renderer) mailColors() map[string]template.CSS {
	p := r.palette
	return map[string]template.CSS{
		"accent": template.CSS(p.Accent), "onAccent": template.CSS(p.OnAccent), "text": template.CSS(p.Text), "tint": template.CSS(p.Tint),
	}
}

func paragraphs(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// oneLine removes line ends, which must not get into header fields.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
