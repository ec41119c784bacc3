package check

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Line is one line of a text, and what it is about.
type Line struct {
	Words  string
	About  string // the tracking number of its card or paragraph; "" = the whole order
	Listed bool   // a link, or part of a list of steps: it does not state the present
	Title  bool   // a heading, or the subject of a mail
}

// Text is what a shopper reads.
type Text []Line

// String returns the lines.
func (t Text) String() string {
	var b strings.Builder
	for _, l := range t {
		b.WriteString(l.Words)
		b.WriteByte('\n')
	}
	return b.String()
}

// Has reports whether any line about the number, or about the whole order, matches; with "" any line.
func (t Text) Has(about string, pattern *regexp.Regexp) bool {
	return slices.ContainsFunc(t, func(l Line) bool {
		return (about == "" || l.About == "" || l.About == about) && pattern.MatchString(l.Words)
	})
}

// breaks are the elements that begin a new line.
var breaks = []atom.Atom{
	atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.Section, atom.Article, atom.Header, atom.Footer,
	atom.Main, atom.Nav, atom.Dl, atom.Dd, atom.Dt, atom.Br, atom.Tr, atom.Table, atom.Form, atom.Details, atom.Summary, atom.Figure, atom.Address,
	atom.Aside, atom.Button,
}

var headings = []atom.Atom{atom.H1, atom.H2, atom.H3, atom.H4, atom.Summary}

// unread are the elements without text about the order.
var unread = []atom.Atom{atom.Script, atom.Style, atom.Head, atom.Nav, atom.Footer, atom.Header, atom.Svg, atom.Template, atom.Noscript}

// ReadPage returns the visible text of a page of HTML. Numbers are the tracking numbers of the order: the largest element with exactly
// one of them is about that parcel, unless it is a list of cards. Only is the number of an order with one parcel: the whole page is
// about it.
func ReadPage(page []byte, numbers []string, only string) (Text, error) {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("reading a page: %w", err)
	}
	r := &reader{numbers: numbers}
	r.walk(root, place{about: only})
	r.end()
	return r.text, nil
}

// place is the position of the reader in the page.
type place struct {
	about         string
	listed, title bool
	link          bool
}

type reader struct {
	numbers []string
	text    Text
	line    strings.Builder
	at      place
	plain   bool // the line has words outside of links
}

func (r *reader) walk(n *html.Node, at place) {
	if n.Type == html.TextNode {
		r.at = at
		r.line.WriteString(n.Data)
		r.plain = r.plain || !at.link && strings.TrimSpace(n.Data) != ""
		return
	}
	if n.Type == html.ElementNode {
		if slices.Contains(unread, n.DataAtom) || attribute(n, "hidden") != nil {
			return
		}
		at = r.step(n, at)
	}
	r.between(n)
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		r.walk(child, at)
	}
	r.between(n)
}

// between separates an element from its neighbours: by a line, or at least by a space.
func (r *reader) between(n *html.Node) {
	if slices.Contains(breaks, n.DataAtom) {
		r.end()
	} else if n.Type == html.ElementNode {
		r.line.WriteByte(' ')
	}
}

// step returns the place within an element.
func (r *reader) step(n *html.Node, at place) place {
	switch n.DataAtom {
	case atom.Ol:
		at.listed = true
	case atom.A, atom.Button, atom.Label:
		at.link = true
	default:
	}
	if slices.Contains(headings, n.DataAtom) {
		at.title = true
	}
	if at.about == "" {
		if held := holds(n, r.numbers); len(held) == 1 && !lists(n) && n.DataAtom != atom.Html && n.DataAtom != atom.Body && n.DataAtom != atom.Main {
			at.about = held[0]
		}
	}
	return at
}

func attribute(n *html.Node, key string) *html.Attribute {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return &n.Attr[i]
		}
	}
	return nil
}

// holds returns the numbers in the element's text.
func holds(n *html.Node, numbers []string) []string {
	words := squeeze(contents(n))
	var held []string
	for _, number := range numbers {
		if strings.Contains(words, squeeze(number)) {
			held = append(held, number)
		}
	}
	return held
}

// lists reports whether an element has several cards: children of one kind with a heading each.
func lists(n *html.Node) bool {
	kinds := map[string]int{}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type != html.ElementNode {
			continue
		}
		if lists(child) {
			return true
		}
		if headed(child) {
			kinds[child.Data]++
		}
	}
	for _, many := range kinds {
		if many > 1 {
			return true
		}
	}
	return false
}

// headed reports whether the element begins with a heading.
func headed(n *html.Node) bool {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.ElementNode {
			return slices.Contains(headings, child.DataAtom) || headed(child)
		}
	}
	return false
}

// squeeze removes spaces, to compare numbers.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func contents(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		b.WriteString(contents(child))
		b.WriteByte(' ')
	}
	return b.String()
}

func (r *reader) end() {
	words := strings.Join(strings.Fields(r.line.String()), " ")
	r.line.Reset()
	if words != "" {
		r.text = append(r.text, Line{Words: words, About: r.at.about, Listed: r.at.listed || !r.plain, Title: r.at.title})
	}
	r.plain = false
}

// footer begins the signature of a mail.
const footer = "-- "

// ReadMail returns the text of a mail. About is the tracking number that the mail is about; a paragraph with one number of the order
// is about that one.
func ReadMail(subject, text, about string, numbers []string) Text {
	read := Text{{Words: subject, About: about, Title: true}}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		over := false
		scope := about
		if held := named(paragraph, numbers); len(held) == 1 {
			scope = held[0]
		}
		for line := range strings.SplitSeq(paragraph, "\n") {
			if over = line == footer || line == "--"; over {
				break
			}
			words := strings.Join(strings.Fields(line), " ")
			if words == "" || strings.HasPrefix(words, "http") {
				continue
			}
			read = append(read, Line{Words: words, About: scope, Listed: strings.HasPrefix(words, "- ")})
		}
		if over {
			break
		}
	}
	return read
}

func named(words string, numbers []string) []string {
	words = squeeze(words)
	var held []string
	for _, number := range numbers {
		if strings.Contains(words, squeeze(number)) {
			held = append(held, number)
		}
	}
	return held
}

// sentenceEnd ends a sentence; an abbreviation or a decimal point is followed by no space and capital.
var sentenceEnd = regexp.MustCompile(`[.!?] +`)

// Sentences splits a line into sentences, with the punctuation that ends them.
func (l Line) Sentences() []string {
	var all []string
	from := 0
	for _, at := range append(sentenceEnd.FindAllStringIndex(l.Words, -1), []int{len(l.Words), len(l.Words)}) {
		end := min(at[0]+1, len(l.Words))
		if s := strings.TrimSpace(l.Words[from:end]); s != "" {
			all = append(all, s)
		}
		from = at[1]
	}
	return all
}
