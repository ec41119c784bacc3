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

// ErrNoDate says that an occasion about a delivery day has none to tell: there is nothing to send.
var ErrNoDate = errors.New("no delivery day is known")

// ErrNoAction says that nothing is left to do where an occasion would ask for it: there is nothing to send.
var ErrNoAction = errors.New("the shopper has nothing left to do")

// maxItems is the number of lines of goods that a mail lists; the page lists all.
const maxItems = 20

// letter is a mail's content in its order; both forms are made of it.
type letter struct {
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
	Address                          string // who answers for the shop
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
	v := r.Voice(o.Locale)
	w := r.writing(v, n, &o, &j, to, now)
	if err := w.prepare(); err != nil {
		return Mail{}, err
	}
	m, err := w.letter(links).render()
	if w.data.Eta != "" {
		eta, _ := w.subject.eta(v.setting)
		_, m.Day, _, _ = bounds(*eta, &w.about.Clock)
	}
	return m, err
}

// writing is a mail that is being written.
type writing struct {
	*Renderer
	voice   *Voice
	subject subject
	about   About
	data    Data
	key     string // of the mail's texts, up to their last part
	reopens bool   // the news is that a delivery was taken back
}

func (r *Renderer) writing(v *Voice, n tracking.News, o *tracking.Order, j *tracking.Journey, to tracking.Recipient, now time.Time) *writing {
	return &writing{
		Renderer: r, voice: v, subject: v.subjectOf(o, j, n.Subject, n.Occasion, n.At),
		reopens: n.Reopens(),
		about:   About{Order: o, Journey: j, Subject: n.Subject, Occasion: n.Occasion, At: n.At, To: to, Clock: r.Clock(*o, now), Mail: true},
	}
}

// prepare finds the facts and the texts, or why there is nothing to send. Past this nothing can fail: a text that cannot be rendered is
// replaced by ours, and our own layout takes whatever texts say.
func (w *writing) prepare() error {
	s := w.subject
	w.key = w.voice.mailKey(s)
	if w.reopens {
		w.key = "mail.reopened." + string(s.occasion)
	}
	if !w.voice.Has(w.key + ".subject") {
		return fmt.Errorf("there is no mail for the occasion %q", s.occasion)
	}
	w.data = w.voice.facts(s, w.about)
	switch {
	case s.back():
	case slices.Contains(aboutDate, s.occasion) && w.data.Eta == "":
		return fmt.Errorf("mail for %s: %w", s.occasion, ErrNoDate)
	case s.occasion == tracking.ActionRequired && w.data.Action == "":
		return fmt.Errorf("mail for %s: %w", s.occasion, ErrNoAction)
	}
	w.data.State = w.voice.Headline(*w.about.Order, *w.about.Journey, w.about.Clock)
	if w.reopens && s.parcel != nil {
		i := slices.IndexFunc(w.about.Journey.Parcels, func(p tracking.ParcelJourney) bool { return p.Subject == s.parcel.Subject })
		w.data.State = w.voice.Parcel(*w.about.Order, *w.about.Journey, i, w.about.Clock).State
	}
	return nil
}

func (w *writing) say(key string) string { return w.voice.Say(key, w.data) }

func (w *writing) letter(links Links) letter {
	d := w.data
	body := w.say(w.key + ".body")
	if w.subject.occasion == tracking.LastAttempt && !w.subject.back() {
		// The attempt that failed is not told apart from what follows of it.
		body = w.say("mail."+string(tracking.DeliveryAttemptFailed)+".body") + "\n\n" + body
	}
	if w.key == "mail.part."+string(tracking.Shipped) && w.subject.method(w.voice.setting) == tracking.MethodLetter {
		body += " " + w.say("page.method."+string(tracking.MethodLetter))
	}
	l := letter{
		Locale: w.voice.Locale, Subject: w.subjectLine(), Preheader: oneLine(w.say(w.key + ".preheader")), Shop: d.Shop, Logo: w.logoURL(),
		Heading: w.say(w.key + ".heading"), Greeting: w.say("mail.greeting"), Body: paragraphs(body),
		Button: link{w.say("mail.button"), links.Page},
		Help:   w.say("mail.help"), Why: w.say(w.whyKey()), Address: d.Company,
		HeaderBlock: w.Block("mail-header", d), FooterBlock: w.Block("mail-footer", d), Colors: w.mailColors(),
	}
	if l.Preheader == "" {
		l.Preheader = oneLine(body)
	}
	w.addAction(&l)
	w.addDate(&l)
	w.addFacts(&l)
	w.addItems(&l)
	w.addFooter(&l, links)
	if strings.Contains(body, d.Contact) {
		l.Help = "" // said already
	}
	return l
}

// subjectLine names the parcel where the order has several, unless the text does so itself.
func (w *writing) subjectLine() string {
	line := oneLine(w.say(w.key + ".subject"))
	if w.data.Parcel == "" || strings.HasPrefix(w.key, "mail.last.") || strings.Contains(line, w.data.Parcel) {
		return line
	}
	return line + " (" + w.data.Parcel + ")"
}

func (w *writing) whyKey() string {
	switch w.about.To.Role {
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

// addAction makes what the shopper must do the one thing that the mail asks for, and says what follows otherwise.
func (w *writing) addAction(l *letter) {
	p := w.subject.parcel
	if w.subject.labelled() {
		label := w.subject.shipment.ReturnLabel
		if page := webPage(label.URL); page != "" && !over(label.Until, w.about.Clock) {
			l.Footer = append(l.Footer, l.Button)
			l.Button = link{w.voice.ReturnLabel(*label, w.about.Clock), page}
		}
	}
	if p != nil && p.Action != nil {
		action := w.voice.Action(p.Action, w.data)
		if action.URL != "" {
			l.Footer = append(l.Footer, l.Button)
			l.Button = link{action.Button, action.URL}
		}
		if w.subject.occasion != tracking.ActionRequired {
			l.NextTitle, l.Next = action.Heading, action.Body+" "+action.Otherwise
		}
		return
	}
	if next := w.say(w.voice.afterKey(w.subject)); next != "" {
		l.NextTitle, l.Next = w.say("mail.next"), next
	}
}

// over says that a day has passed; no day never does.
func over(day locale.Day, c Clock) bool { return !day.IsZero() && day.Before(c.today()) }

func (w *writing) addDate(l *letter) {
	eta, _ := w.subject.eta(w.voice.setting)
	if eta == nil {
		return
	}
	c := w.about.Clock
	l.Expected = fact{
		Label: w.say("mail.expected"), Value: Capital(w.voice.EtaDay(*eta, c)), Detail: w.voice.EtaTime(*eta, c), By: w.data.EtaBy,
	}
}

// addFacts lists by what a shopper recognises the parcel, and what it takes to collect it.
func (w *writing) addFacts(l *letter) {
	d := w.data
	add := func(label, value string) {
		if value != "" {
			l.Facts = append(l.Facts, fact{Label: label, Value: value})
		}
	}
	order := w.say("page.order")
	if d.Parcel != "" {
		order += ", " + d.Parcel
	}
	add("", order)
	add("", d.Together)
	if p := w.subject.parcel; p != nil && p.Carrier != "" {
		add(w.say("page.parcel.carrier"), d.Carrier)
	}
	add(w.say("page.parcel.number"), d.TrackingNumber)
	if !w.subject.back() && w.subject.travels(w.voice.setting) {
		add(w.say("page.section.destination"), d.City)
	}
	if p := w.subject.parcel; p != nil && p.Pickup != nil {
		add(w.say("page.pickup.where"), d.Pickup)
		add("", w.voice.untilWords(p, d))
		add(w.say("page.pickup.code"), d.PickupCode)
		add(w.say("page.pickup.hours"), d.PickupHours)
	}
}

// untilWords say until when a parcel waits, and whether that is reckoned.
func (v *Voice) untilWords(p *tracking.ParcelJourney, d Data) string {
	switch {
	case d.PickupUntil == "":
		return ""
	case p.PickupReckoned:
		return v.Say("page.pickup.untilReckoned", d)
	}
	return v.Say("page.pickup.until", d)
}

// addItems lists the goods of the subject where they are known, else those of the order where that comes as one. Prices stand in the
// confirmation only, and not in what the recipient of a gift reads.
func (w *writing) addItems(l *letter) {
	confirms := !w.subject.back() && w.subject.occasion == tracking.Occasion(tracking.OrderReceived) && w.about.To.Role != tracking.RoleGift
	title, entries := w.goods(confirms)
	if len(entries) == 0 {
		return
	}
	l.ItemsTitle, l.Items = w.say(title), entries
	if more := len(entries) - maxItems; more > 0 {
		l.Items, l.More = entries[:maxItems], w.voice.SayCount("mail.more", more, w.data)
	}
	if money := w.about.Order.Money; confirms && money.Currency != "" && money.TotalMinor > 0 {
		l.Total = fact{Label: w.say("page.total"), Value: w.voice.Money(money.TotalMinor, money.Currency)}
	}
}

// goods are what the mail lists, and the key of its heading; none where it is not known, or nothing of it comes any more.
func (w *writing) goods(priced bool) (title string, entries []Entry) {
	s, o := w.subject, w.about.Order
	if o.Cancelled {
		return "", nil
	}
	received := s.occasion == tracking.Occasion(tracking.OrderReceived) && w.about.Subject.String() == ""
	if !received && (s.parcel != nil || s.shipment != nil) {
		if known := s.contents(w.voice); len(known) > 0 {
			return "mail.contents", known
		}
		if !s.alone() {
			return "", nil
		}
	}
	return w.allGoods(priced)
}

// allGoods lists what the order holds, or what of it has not left where that is meant.
func (w *writing) allGoods(priced bool) (title string, entries []Entry) {
	s := w.subject
	switch {
	case s.back() || s.order.Emptied:
		return "", nil
	case s.unsentLate():
		return "page.unsent", w.voice.Contents(s.order, s.journey.Unsent)
	}
	return "mail.items", w.voice.Lines(s.order, priced)
}

func (w *writing) addFooter(l *letter, links Links) {
	for _, a := range []link{
		{w.say("mail.privacy"), w.data.Privacy}, {w.say("page.imprint"), w.data.Imprint}, {w.say("mail.unsubscribe"), links.Unsubscribe},
	} {
		if a.URL != "" {
			l.Footer = append(l.Footer, a)
		}
	}
}

func (l letter) render() (Mail, error) {
	var html, text bytes.Buffer
	if err := htmlMail.Execute(&html, l); err != nil {
		return Mail{}, fmt.Errorf("rendering the mail: %w", err)
	}
	if err := textMail.Execute(&text, l); err != nil {
		return Mail{}, fmt.Errorf("rendering the mail: %w", err)
	}
	return Mail{Locale: l.Locale, Subject: l.Subject, Preheader: l.Preheader, Text: strings.TrimSpace(text.String()) + "\n", HTML: html.String()}, nil
}

// logoURL is the picture that every mail client shows; none shows SVG, so that the shop's name stands in for it.
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

// oneLine keeps header fields free of line ends, whatever a field brought.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
