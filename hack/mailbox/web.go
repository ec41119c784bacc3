package main

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
)

//go:embed pages.html
var pagesHTML string

var pages = template.Must(template.New("pages").Parse(pagesHTML))

// newHandler serves the box: / and /messages/{id} as HTML, /messages (GET, DELETE) as JSON.
func newHandler(box *box) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, box.list()) })
	mux.HandleFunc("DELETE /messages", func(w http.ResponseWriter, _ *http.Request) {
		box.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { writePage(w, "list", newestFirst(box.list())) })
	mux.HandleFunc("GET /messages/{id}", func(w http.ResponseWriter, r *http.Request) {
		if m, ok := requested(box, r); ok {
			writePage(w, "message", m)
			return
		}
		http.NotFound(w, r)
	})
	return mux
}

// requested returns the mail whose id is in the path.
func requested(box *box, r *http.Request) (message, bool) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return message{}, false
	}
	return box.find(id)
}

func newestFirst(messages []message) []message {
	out := make([]message, 0, len(messages))
	for i := len(messages) - 1; i >= 0; i-- {
		out = append(out, messages[i])
	}
	return out
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		slog.Warn("failed to write an HTTP response", "error", err)
	}
}

// writePage writes a page. It shows a mail's HTML in a frame without scripts and without an origin, so that a mail can do no harm.
func writePage(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'")
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		slog.Warn("failed to write an HTTP response", "error", err)
	}
}
