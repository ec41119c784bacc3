package message

import (
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
)

func TestAMerchantsMistakeIsNamedWithItsFileAndLine(t *testing.T) {
	for name, test := range map[string]struct {
		file, text string
		line       int
		message    string
	}{
		"unknown key":         {"nl.yaml", "page.title: a\nmail.OutForDelivry.subject: hoi\n", 2, "did you mean mail.OutForDelivery.subject?"},
		"unknown nested key":  {"nl.yaml", "mail:\n  Delivered:\n    subjct: hoi\n", 3, "did you mean mail.Delivered.subject?"},
		"unknown field":       {"nl.yaml", "page.title: 'Order {{.Numbr}}'\n", 1, "did you mean .Number?"},
		"field in a block":    {"nl.yaml", "mail.Delivered.body: |\n  Hoi,\n\n  je {{.Ordr}} is er\n", 4, "the field .Ordr does not exist"},
		"unclosed":            {"nl.yaml", "page.order: x\npage.title: 'Order {{.Number'\n", 2, "unclosed action"},
		"range":               {"nl.yaml", "page.title: '{{range 10000000000}}x{{end}}'\n", 1, "not allowed"},
		"range over a field":  {"nl.yaml", "page.title: '{{range .Number}}x{{end}}'\n", 1, "not allowed"},
		"with":                {"nl.yaml", "page.title: '{{with .Number}}{{.}}{{end}}'\n", 1, "not allowed"},
		"define":              {"nl.yaml", "page.title: '{{define \"x\"}}y{{end}}z'\n", 1, "not allowed"},
		"template":            {"nl.yaml", "page.title: '{{template \"x\"}}'\n", 1, "not allowed"},
		"variable":            {"nl.yaml", "page.title: '{{$x := .Number}}{{$x}}'\n", 1, "variables are not allowed"},
		"printf":              {"nl.yaml", "page.title: '{{printf \"%1000000000d\" 1}}'\n", 1, "printf is not allowed"},
		"the whole data":      {"nl.yaml", "page.title: '{{.}}'\n", 1, "not allowed"},
		"method chain":        {"nl.yaml", "page.title: '{{.Number.Foo}}'\n", 1, "does not exist"},
		"nested pipe":         {"nl.yaml", "page.title: '{{upper (print .Number)}}'\n", 1, "print is not allowed"},
		"else branch":         {"nl.yaml", "page.title: '{{if .Eta}}a{{else}}{{html .Number}}{{end}}'\n", 1, "html is not allowed"},
		"date field in mail":  {"nl.yaml", "mail.Delivered.body: '{{.Weekday}}'\n", 1, "does not exist"},
		"empty":               {"nl.yaml", "page.title: ''\n", 1, "leave the key out"},
		"twice":               {"nl.yaml", "page.title: a\npage:\n  title: b\n", 3, "stands in line 1 already"},
		"list":                {"nl.yaml", "page.title: [a]\n", 1, "not a list"},
		"not YAML":            {"nl.yaml", "page.title: a\n  b: c: d\n", 2, "not valid YAML"},
		"not a mapping":       {"nl.yaml", "hello\n", 1, "expected keys with texts"},
		"not a language":      {"dutch!.yaml", "page.title: a\n", 0, "such as nl.yaml"},
		"not a file of texts": {"nl.txt", "page.title: a\n", 0, "such as nl.yaml"},
		"too long":            {"nl.yaml", "page.title: " + strings.Repeat("x", maxTextBytes+1) + "\n", 1, "at most 2048"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, problems := ParseTexts("linden-texts", test.file, []byte(test.text))
			if len(problems) != 1 {
				t.Fatalf("%d problems: %v", len(problems), problems)
			}
			p := problems[0]
			if p.Source != "linden-texts/"+test.file || p.Line != test.line || !strings.Contains(p.Message, test.message) {
				t.Errorf("got %v", p)
			}
		})
	}
}

func TestEveryMistakeOfAFileIsToldAtOnceAndTheRestIsKept(t *testing.T) {
	locale, texts, problems := ParseTexts("c", "nl-be.yaml", []byte("page.title: goed\npage.titel: a\npage.order: '{{.X}}'\n"))
	if len(problems) != 2 || len(texts) != 1 || locale != "nl-BE" {
		t.Errorf("locale %s, texts %v, problems %v", locale, texts, problems)
	}
}

func TestGoodTextsPass(t *testing.T) {
	_, texts, problems := ParseTexts("c", "nl.yaml", []byte(`
mail:
  Delivered:
    subject: '{{if and .City (ne .City .Shop)}}{{upper .City}}{{else if not .Place}}{{.Number | lower}}{{end}} {{default "vriend" .FirstName}}{{/* a note */}}'
    preheader: ""
date.on: "{{.Weekday}} {{.Date}}"
`))
	if len(problems) > 0 || len(texts) != 3 {
		t.Errorf("texts %v, problems %v", texts, problems)
	}
	if _, _, problems := ParseTexts("c", "nl.yaml", nil); len(problems) > 0 {
		t.Errorf("an empty file: %v", problems)
	}
}

func TestABlockMayDecorateAndNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		file, text string
		line       int
		message    string
	}{
		"script":          {"page-header.html", "<p>a</p>\n<script>alert(1)</script>", 2, "<script> is not allowed"},
		"handler":         {"mail-header.html", "<p\nonclick='x()'>a</p>", 1, "scripts are not allowed"},
		"script link":     {"mail-footer.html", "<a href='javascript:x()'>a</a>", 1, "scripts are not allowed"},
		"style attribute": {"page-footer.html", "<p style='color:red'>a</p>", 1, "not allowed on the page"},
		"foreign picture": {"page-footer.html", "<img src='https://tracker.example/p.gif'>", 1, "other hosts"},
		"form":            {"page-header.html", "<form action='https://evil.example'></form>", 1, "<form> is not allowed"},
		"unknown block":   {"page-hedder.html", "<p>a</p>", 0, "did you mean page-header.html?"},
		"unknown field":   {"page-header.html", "<p>\n{{.Shp}}</p>", 2, "did you mean .Shop?"},
		"second h1":       {"page-header.html", "<h1>Sale</h1>", 1, "<h1> is not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, problems := ParseBlock("c", test.file, []byte(test.text))
			if len(problems) != 1 || problems[0].Line != test.line || !strings.Contains(problems[0].Message, test.message) {
				t.Errorf("got %v", problems)
			}
		})
	}
	if name, html, problems := ParseBlock("c", "mail-footer.html", []byte(`<p style="margin:0">{{.Shop}} <a href="https://linden.example">linden.example</a></p>`)); name != "mail-footer" || html == "" || len(problems) > 0 {
		t.Errorf("a good block: %v", problems)
	}
}

func TestABlockEscapesWhatItInserts(t *testing.T) {
	doc := shop("en")
	doc.DisplayName = "<b>Linden"
	doc.Blocks = map[string]string{"mail-header": "<p>{{.Shop}}</p>"}
	if problems := Check(doc); len(problems) > 0 {
		t.Fatal(problems)
	}
	r := renderer(t, doc)
	if got := r.Block("mail-header", r.Localizer("").ShopData()); got != "<p>&lt;b&gt;Linden</p>" {
		t.Errorf("got %s", got)
	}
}

func TestATextThatIsEmptyForSomeOrdersIsRefused(t *testing.T) {
	doc := shop("en")
	doc.Texts = map[string]bundle.Texts{"en": {"page.state.InTransit": "{{if .Eta}}It comes {{.Eta}}.{{end}}"}}
	problems := Check(doc)
	if len(problems) != 1 || problems[0].Key != "page.state.InTransit" || !strings.Contains(problems[0].Message, "empty") {
		t.Errorf("got %v", problems)
	}
}

func TestATextThatFailsOnRealDataFallsBackToOurs(t *testing.T) {
	doc := shop("en")
	doc.Texts = map[string]bundle.Texts{"en": {"page.order": "{{if .Due}}{{upper (not .Due)}}{{end}}Order {{.Number}}"}}
	v, problems := newLocalizer(doc, "en")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := v.Say("page.order", Data{Number: "7", Due: "today"}); got != "Order 7" {
		t.Errorf("got %q", got)
	}
	if problems := Check(doc); len(problems) == 0 {
		t.Error("the gate does not see it")
	}
}

func FuzzWhatIsAcceptedRendersWithinBounds(f *testing.F) {
	f.Add("mail.Delivered.subject: '{{.Number}} {{if .Eta}}x{{end}}'")
	f.Add("page.title: |\n  {{upper .Shop}}\n")
	f.Add("date.on: '{{.Day}}'")
	f.Add("page.title: '{{if and .A (or .B .C)}}{{else}}{{end}}'")
	f.Fuzz(func(t *testing.T, text string) {
		_, texts, _ := ParseTexts("c", "en.yaml", []byte(text))
		for key, source := range texts {
			data := dataFor(key)
			compiled, err := parseTemplate(key, source, data, maxTextBytes)
			if err != nil {
				t.Fatalf("%s was accepted and then refused: %v", key, err)
			}
			if out, err := execute(compiled, data); err == nil && len(out) > maxOutputBytes {
				t.Errorf("%s renders %d bytes", key, len(out))
			}
		}
	})
}
