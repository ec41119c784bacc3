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
}

// ErrNoDate says that an occasion about a delivery day has none to tell: there is nothing to send.
var ErrNoDate = errors.New("no delivery day is known")

// letter is a mail's content in its order; both forms are made of it.
type letter struct {
	Locale, Subject, Preheader, Shop string
	Logo                             string // URL, "" = the shop's name in words
	Heading, Greeting                string
	Body                             []string // paragraphs
	Expected                         fact
	Button                           action
	NextTitle, Next                  string
	ItemsTitle                       string
	Items                            []item
	Total                            fact
	Help, Why                        string
	Address                          string // who answers for the shop
	Footer                           []action
	HeaderBlock, FooterBlock         template.HTML
	Colors                           map[string]template.CSS
}

type fact struct{ Label, Value, Detail string }

type action struct{ Text, URL string }

type item struct{ Quantity, Name, Price string }

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

// Mail renders the message for an occasion in the order's language, as read at the instant now.
func (r *Renderer) Mail(occasion tracking.Occasion, o tracking.Order, j tracking.Journey, links Links, now time.Time) (Mail, error) {
	v := r.Voice(o.Locale)
	zone := r.Zone(o)
	d, err := v.news(occasion, o, j, zone, now)
	if err != nil {
		return Mail{}, err
	}
	l := r.letter(v, occasion, d, links)
	if eta := Expected(j, zone); eta != nil {
		l.Expected = fact{Label: v.Say("mail.expected", d), Value: Capital(v.EtaDay(*eta, zone)), Detail: v.EtaTime(*eta, zone)}
	}
	l.addItems(v, o, d)
	return l.render()
}

// news are the fields of the message for an occasion, or why there is none to send. Past this nothing can fail: a text
// that cannot be rendered is replaced by ours, and our own layout takes whatever texts say.
func (v *Voice) news(occasion tracking.Occasion, o tracking.Order, j tracking.Journey, zone *time.Location, now time.Time) (Data, error) {
	if !v.Has(mailKey(occasion, "subject")) {
		return Data{}, fmt.Errorf("there is no mail for the occasion %q", occasion)
	}
	d := v.Data(o, j, occasion, zone, now)
	if slices.Contains(aboutDate, occasion) && d.Eta == "" {
		return Data{}, fmt.Errorf("mail for %s: %w", occasion, ErrNoDate)
	}
	return d, nil
}

func (r *Renderer) letter(v *Voice, occasion tracking.Occasion, d Data, links Links) letter {
	say := func(key string) string { return v.Say(key, d) }
	body := say(mailKey(occasion, "body"))
	l := letter{
		Locale: v.Locale, Subject: oneLine(say(mailKey(occasion, "subject"))), Preheader: oneLine(say(mailKey(occasion, "preheader"))),
		Shop: d.Shop, Logo: r.logoURL(),
		Heading: say(mailKey(occasion, "heading")), Greeting: say("mail.greeting"), Body: paragraphs(body),
		Button: action{say("mail.button"), links.Page},
		Help:   say("mail.help"), Why: say("mail.why"), Address: d.Company,
		HeaderBlock: r.Block("mail-header", d), FooterBlock: r.Block("mail-footer", d), Colors: r.mailColors(),
	}
	if l.Preheader == "" {
		l.Preheader = oneLine(body)
	}
	if next := say("page.next." + string(occasion)); next != "" && !strings.Contains(body, next) && !slices.Contains(repliedTo, occasion) {
		l.NextTitle, l.Next = say("mail.next"), next
	}
	if d.Privacy != "" {
		l.Footer = append(l.Footer, action{say("mail.privacy"), d.Privacy})
	}
	if d.Imprint != "" {
		l.Footer = append(l.Footer, action{say("page.imprint"), d.Imprint})
	}
	if links.Unsubscribe != "" {
		l.Footer = append(l.Footer, action{say("mail.unsubscribe"), links.Unsubscribe})
	}
	return l
}

// repliedTo are the occasions whose body itself says what to do next.
var repliedTo = []tracking.Occasion{
	"OrderCancelled", "OutForDelivery", "AvailableForPickup", "PickupExpired", "ReturnInTransit", "ReturnedToSender",
	"Lost", "Damaged", "Disposed", "ParcelCancelled", "Delayed", "LateWithoutNews",
}

func (l *letter) addItems(v *Voice, o tracking.Order, d Data) {
	for _, i := range o.Items {
		line := item{Quantity: fmt.Sprintf("%d ×", max(i.Quantity, 1)), Name: clip(i.Name)}
		if o.Currency != "" && i.PriceMinor > 0 {
			line.Price = v.Money(i.PriceMinor*int64(max(i.Quantity, 1)), o.Currency)
		}
		l.Items = append(l.Items, line)
	}
	if len(l.Items) > 0 {
		l.ItemsTitle = v.Say("mail.items", d)
	}
	if o.Currency != "" && o.TotalMinor > 0 {
		l.Total = fact{Label: v.Say("page.total", d), Value: v.Money(o.TotalMinor, o.Currency)}
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
