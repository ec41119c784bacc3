package page

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Orders is what the page reads, and the choices that it writes; *store.Store is one.
type Orders interface {
	// OpenOrder returns store.ErrNotFound for an order that is not there.
	OpenOrder(ctx context.Context, id string) (store.Opened, error)
	OrdersByNumber(ctx context.Context, number string) ([]tracking.Order, error)
	OrdersByParcelNumber(ctx context.Context, number string) ([]tracking.Order, error)
	// ChoicesOf returns store.ErrNotFound for an order that is not there. Further = the address is not the buyer's.
	ChoicesOf(ctx context.Context, orderID, address string, further bool) (store.RecipientChoices, error)
	SetOrderChoice(ctx context.Context, orderID, address string, further bool, p store.Preference) error
	SetShopChoice(ctx context.Context, address string, p store.Preference) error
}

// Config holds the dependencies of a Server.
type Config struct {
	Document *bundle.Document
	Orders   Orders
	Keys     func() []link.Key // the live link keys
	Now      func() time.Time
	Log      *slog.Logger
	// MissDelay is how long a look-up without a result takes at least, so that its duration reveals nothing; 0 = 400 ms.
	MissDelay time.Duration
	// Carriers are the rules of the carriers that the Shop's sources speak of; nil = those that the Document names.
	Carriers []bundle.CarrierRules
	// Activity is the Shop's at present; nil = the Document's.
	Activity func() bundle.ActivityDocument
	// Lanes is the history of deliveries, of which estimates are made; nil = there is none. The notifier uses the same.
	Lanes func() tracking.Lanes
}

// maxFormBytes bounds what a form may send.
const maxFormBytes = 4 << 10

// defaultMissDelay is longer than the slowest look-up.
const defaultMissDelay = 400 * time.Millisecond

// Server answers shoppers. It is an http.Handler.
type Server struct {
	Config

	words      *message.Renderer
	visibility visibility
	assets     assets
	limits     *limits
	handler    http.Handler
}

// New parses all texts and templates; its error names the text that cannot be rendered.
func New(c Config) (*Server, error) {
	words, err := message.NewRenderer(c.Document)
	if err != nil {
		return nil, fmt.Errorf("preparing the page: %w", err)
	}
	if c.MissDelay == 0 {
		c.MissDelay = defaultMissDelay
	}
	if c.Activity == nil {
		c.Activity = func() bundle.ActivityDocument { return bundle.ActivityOf(c.Document) }
	}
	if c.Carriers == nil {
		for _, source := range c.Document.Sources {
			c.Carriers = append(c.Carriers, source.Carriers...)
		}
	}
	s := &Server{
		Config: c, words: words, visibility: newVisibility(c.Document.Page.Fields),
		assets: newAssets(words.Palette(), c.Document.Theme.Logo), limits: newLimits(c.Now),
	}
	s.handler = s.secureHeaders(s.routes())
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// setting returns the part of the configuration that journeys depend on.
func (s *Server) setting() tracking.Setting {
	setting := tracking.Setting{
		Promise: s.Document.Promise, Methods: s.Document.DeliveryMethods, Watch: s.Document.Policy.Watch,
		Zone: s.words.ShopZone(), HomeCountry: s.Document.HomeCountry, Carriers: s.Carriers,
	}
	if s.Lanes != nil {
		setting.Lanes = s.Lanes()
	}
	return setting
}

// NotFound answers a path that does not exist.
func (s *Server) NotFound(w http.ResponseWriter, r *http.Request) {
	s.renderLookup(w, r, http.StatusNotFound, "")
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.renderLookup(w, r, http.StatusOK, "") })
	mux.HandleFunc("POST /{$}", s.find)
	mux.HandleFunc("GET "+link.OrderPath+"{token}", s.order)
	mux.HandleFunc("GET "+link.OrderPath+"{token}/"+calendarFile, s.calendarEntry)
	mux.HandleFunc("GET "+link.UnsubscribePath+"{token}", s.choiceForm)
	mux.HandleFunc("POST "+link.UnsubscribePath+"{token}", s.choose)
	mux.HandleFunc("GET /robots.txt", robots)
	mux.HandleFunc("GET /favicon.ico", noIcon)
	mux.HandleFunc("GET "+s.assets.style.path, s.assets.style.serve)
	mux.HandleFunc("GET "+s.assets.script.path, s.assets.script.serve)
	if s.assets.logo.body != nil {
		mux.HandleFunc("GET "+message.LogoPath, s.assets.logo.serve)
	}
	mux.HandleFunc("/", s.NotFound)
	forms := http.NewCrossOriginProtection()
	forms.AddInsecureBypassPattern("POST " + link.UnsubscribePath + "{token}") // RFC 8058: the mail provider posts
	return forms.Handler(mux)
}

// secureHeaders sets the headers that every answer has. They allow nothing inline and no other hosts: a merchant's block or a carrier's text
// could otherwise run, or report the visit to third parties.
func (s *Server) secureHeaders(next http.Handler) http.Handler {
	ancestors := "'none'"
	if len(s.Document.Page.FrameAncestors) > 0 {
		ancestors = strings.Join(s.Document.Page.FrameAncestors, " ")
	}
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer") // the path holds a token
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
		next.ServeHTTP(w, r)
	})
}

// chosen returns the language of the lang parameter; nil when the Shop does not have it.
func (s *Server) chosen(r *http.Request) *message.Localizer {
	locale := r.URL.Query().Get("lang")
	for _, v := range s.words.Localizers() {
		if v.Locale == locale {
			return v
		}
	}
	return nil
}

// chosenQuery returns the query that keeps the chosen language across a form.
func (s *Server) chosenQuery(r *http.Request) string {
	if v := s.chosen(r); v != nil {
		return "?lang=" + v.Locale
	}
	return ""
}

// localizer returns the language of an answer: what the reader chose, else the order's, else the host's, else the browser's.
func (s *Server) localizer(r *http.Request, orderLocale string) *message.Localizer {
	if v := s.chosen(r); v != nil {
		return v
	}
	if orderLocale != "" {
		return s.words.Localizer(orderLocale)
	}
	for _, a := range s.Document.Aliases {
		if a.Locale != "" && strings.EqualFold(a.Hostname, hostOf(r)) {
			return s.words.Localizer(a.Locale)
		}
	}
	return s.words.Localizer(r.Header.Get("Accept-Language"))
}

func hostOf(r *http.Request) string {
	host, _, found := strings.Cut(r.Host, ":")
	if !found {
		return r.Host
	}
	return host
}

// fail answers 503 and logs what has failed, without the request.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, failed string, err error) {
	if !errors.Is(err, context.Canceled) {
		s.Log.Error(failed, "error", err)
	}
	w.Header().Set("Retry-After", "30")
	v := s.localizer(r, "")
	f := s.newFrame(v, v.ShopData(), "page.error.heading")
	s.render(w, http.StatusServiceUnavailable, "notice", notice{pageFrame: f, Heading: f.T("page.error.heading"), Body: f.T("page.error.body")})
}
