package page

import (
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// parsed is a page as a browser understands it.
type parsed struct{ root *html.Node }

func parsePage(t testing.TB, r io.Reader) parsed {
	t.Helper()
	root, err := html.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return parsed{root}
}

func (p parsed) all(names ...string) []*html.Node {
	var found []*html.Node
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func words(n *html.Node) string {
	var parts []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			parts = append(parts, d.Data)
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

func (p parsed) lang() string { return attr(p.all("html")[0], "lang") }

func (p parsed) text(name string) string {
	for _, n := range p.all(name) {
		return words(n)
	}
	return ""
}

func (p parsed) textOf(class string) string {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(strings.Fields(attr(n, "class")), class) {
			return words(n)
		}
	}
	return ""
}

// everyPage visits each kind of page in each state and language.
func everyPage(t *testing.T, visit func(name string, p parsed, body string)) {
	t.Helper()
	for _, locale := range languages() {
		for _, occasion := range tracking.Occasions() {
			doc := document(locale, "en", "nl")
			if locale == "en" || locale == "nl" {
				doc = document("en", "nl")
			}
			doc.Page.Actions = []bundle.Action{{Name: "Reschedule", Type: "Link", URL: "https://linden.example/day"}}
			s := open(t, doc, occasion)
			s.change(func(o *tracking.Order) {
				o.Locale = locale
				for i := range o.Shipments {
					for k := range o.Shipments[i].Parcels {
						o.Shipments[i].Parcels[k].URL = "https://carrier.example/track"
					}
				}
			})
			body := s.get(s.orderPath()).Body.String()
			visit(locale+" "+string(occasion), parsePage(t, strings.NewReader(body)), body)
		}
		for _, status := range tracking.Statuses() {
			s := openGoing(t, document(locale), tracking.Occasion(status), tracking.Return)
			s.change(func(o *tracking.Order) { o.Locale = locale })
			body := s.get(s.orderPath()).Body.String()
			visit(locale+" return "+string(status), parsePage(t, strings.NewReader(body)), body)
		}
		split := split(t, document(locale))
		split.change(func(o *tracking.Order) { o.Locale = locale })
		body := split.get(split.orderPath()).Body.String()
		visit(locale+" split", parsePage(t, strings.NewReader(body)), body)
		doc := document(locale)
		doc.Theme.Logo = &bundle.Logo{MediaType: "image/png", Data: []byte("x")}
		s := open(t, doc, "InTransit")
		s.change(func(o *tracking.Order) { o.Locale = locale })
		for name, body := range map[string]string{
			"look-up": s.get("/").Body.String(), "miss": s.find("7", "7777").Body.String(), "expired": s.get("/o/x").Body.String(),
			"choices": s.get(link.UnsubscribePath + s.token(link.Unsubscribe)).Body.String(),
			"chosen":  s.post(link.UnsubscribePath+s.token(link.Unsubscribe), url.Values{}).Body.String(),
		} {
			visit(locale+" "+name, parsePage(t, strings.NewReader(body)), body)
		}
	}
}

func TestEveryPageCanBeReadByEverybody(t *testing.T) {
	everyPage(t, func(name string, p parsed, _ string) {
		if want, _, _ := strings.Cut(name, " "); p.lang() != want {
			t.Errorf("%s is in %q", name, p.lang())
		}
		if n := len(p.all("h1")); n != 1 || p.text("h1") == "" {
			t.Errorf("%s has %d first headings", name, n)
		}
		if len(p.all("main")) != 1 || len(p.all("header")) != 1 || len(p.all("footer")) != 1 || p.text("title") == "" {
			t.Errorf("%s lacks a landmark or a title", name)
		}
		p.checkHeadings(t, name)
		p.checkLinks(t, name)
		p.checkFields(t, name)
		p.checkReferences(t, name)
	})
}

func (p parsed) checkHeadings(t *testing.T, name string) {
	t.Helper()
	level := 0
	for _, h := range p.all("h1", "h2", "h3", "h4") {
		next := int(h.Data[1] - '0')
		if next > level+1 || words(h) == "" {
			t.Errorf("%s jumps from h%d to %s %q", name, level, h.Data, words(h))
		}
		level = next
	}
}

func (p parsed) checkLinks(t *testing.T, name string) {
	t.Helper()
	for _, a := range p.all("a", "button") {
		if words(a) == "" || (a.Data == "a" && attr(a, "href") == "") {
			t.Errorf("%s has an empty %s", name, a.Data)
		}
	}
	for _, img := range p.all("img") {
		if attr(img, "alt") == "" || !strings.HasPrefix(attr(img, "src"), "/") {
			t.Errorf("%s has a picture without words, or from elsewhere", name)
		}
	}
}

// checkFields wants a label for each input, and nothing inline, which the page's policy refuses.
func (p parsed) checkFields(t *testing.T, name string) {
	t.Helper()
	labels := map[string]bool{}
	for _, label := range p.all("label") {
		labels[attr(label, "for")] = words(label) != ""
	}
	for _, input := range p.all("input") {
		if !labels[attr(input, "id")] {
			t.Errorf("%s has an input without a label", name)
		}
	}
	for n := range p.root.Descendants() {
		if attr(n, "style") != "" || (n.Data == "script" && n.FirstChild != nil) {
			t.Errorf("%s has something inline", name)
		}
	}
}

// checkReferences wants each id once, and each reference to lead to one.
func (p parsed) checkReferences(t *testing.T, name string) {
	t.Helper()
	ids := map[string]int{"": 1}
	for n := range p.root.Descendants() {
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
	}
	for n := range p.root.Descendants() {
		if ids[attr(n, "id")] > 1 {
			t.Errorf("%s has the id %s twice", name, attr(n, "id"))
		}
		for _, ref := range strings.Fields(attr(n, "aria-labelledby") + " " + attr(n, "aria-describedby")) {
			if ids[ref] == 0 {
				t.Errorf("%s refers to %s, which is not there", name, ref)
			}
		}
	}
}

func TestNoPageLeavesAShopperWithoutAnAnswer(t *testing.T) {
	everyPage(t, func(name string, p parsed, body string) {
		text := strings.ToLower(words(p.root))
		for _, banned := range []string{"not available", "unknown", "pending", "<no value>", "%!", "{{"} {
			if strings.Contains(text, banned) {
				t.Errorf("%s says %q", name, banned)
			}
		}
		if strings.Contains(body, "ZgotmplZ") {
			t.Errorf("%s has a value that the template refused", name)
		}
	})
}

func TestOnlyNearParcelsAskForNews(t *testing.T) {
	for occasion, want := range map[tracking.Occasion]bool{"OutForDelivery": true, "Delivered": false, "OrderReceived": false} {
		s := open(t, document("en"), occasion)
		if got := len(parsePage(t, s.get(s.orderPath()).Body).all("script")) == 1; got != want {
			t.Errorf("%s: a script is %v", occasion, got)
		}
	}
}

func TestThePageVersionChangesWithTheNewsOnly(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	version := func() string { return attr(parsePage(t, s.get(s.orderPath()).Body).all("main")[0], "data-version") }
	first := version()
	s.now = s.now.Add(30_000_000_000)
	if version() != first {
		t.Error("half a minute is news")
	}
	s.change(func(o *tracking.Order) {
		p := &o.Shipments[0].Parcels[0]
		p.Scans = append(p.Scans, tracking.Scan{ID: "9", Status: tracking.Delivered, Told: s.now, Heard: s.now})
	})
	if version() == first {
		t.Error("a delivery is none")
	}
}
