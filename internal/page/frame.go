package page

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
)

//go:embed templates/*.tmpl
var templateFiles embed.FS

// templates are the pages by name, each with the frame around it.
var templates = parseTemplates("order", "lookup", "choices", "notice")

func parseTemplates(names ...string) map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range names {
		all[name] = template.Must(template.ParseFS(templateFiles, "templates/frame.tmpl", "templates/"+name+".tmpl"))
	}
	return all
}

// pageFrame holds what every page has around its content.
type pageFrame struct {
	Lang, Title, Shop string
	Logo              bool
	Style, Script     string // paths; Script "" = none
	Languages         []language
	Header, Footer    template.HTML
	Company           string
	Legal             []anchor
	Suspended         string

	localizer *message.Localizer
	data      message.Data
}

// T returns the text of a key; templates call it.
func (f pageFrame) T(key string) string { return f.localizer.Say(key, f.data) }

type language struct {
	Code, Name, URL string
	Current         bool
}

type anchor struct{ Text, URL string }

func (s *Server) newFrame(v *message.Localizer, d message.Data, title string) pageFrame {
	f := pageFrame{
		Lang: v.Locale, Shop: d.Shop, Logo: s.assets.logo.body != nil, Style: s.assets.style.path,
		Header: s.words.Block("page-header", d), Footer: s.words.Block("page-footer", d), Company: d.Company,
		localizer: v, data: d,
	}
	f.Title = f.T(title)
	if len(s.words.Localizers()) > 1 {
		for _, other := range s.words.Localizers() {
			f.Languages = append(f.Languages, language{other.Locale, other.Name, "?lang=" + other.Locale, other == v})
		}
	}
	if d.Privacy != "" {
		f.Legal = append(f.Legal, anchor{f.T("page.privacy"), d.Privacy})
	}
	if d.Imprint != "" {
		f.Legal = append(f.Legal, anchor{f.T("page.imprint"), d.Imprint})
	}
	if s.Activity().Activity == bundle.Suspended {
		f.Suspended = f.T("page.suspended")
	}
	return f
}

// render writes a whole page or an error: a template that fails must not leave half a page.
func (s *Server) render(w http.ResponseWriter, status int, name string, view any) {
	var body bytes.Buffer
	if err := templates[name].ExecuteTemplate(&body, "frame", view); err != nil {
		s.Log.Error("failed to render a page from its template; answered 503", "page", name, "error", err)
		http.Error(w, "503", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // fails only when the client has disconnected
}

// notice is a page with a heading and a sentence.
type notice struct {
	pageFrame
	Heading, Body string
}

// waitUntil waits until least has passed since start, or the client has disconnected.
func waitUntil(r *http.Request, start time.Time, least time.Duration) {
	timer := time.NewTimer(time.Until(start.Add(least)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}
