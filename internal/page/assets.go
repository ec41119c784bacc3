package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // style and script
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
)

//go:embed assets/style.css
var styleSheet []byte

//go:embed assets/refresh.js
var refreshScript []byte

// assets holds the files that a page loads, all from the Shop's own host.
type assets struct{ style, script, logo asset }

// asset is one file; path holds a hash of the content where it is to be cached for good.
type asset struct {
	path, mediaType, caching string
	body                     []byte
}

const (
	cacheForever = "public, max-age=31536000, immutable"
	forADay      = "public, max-age=86400"
)

func newAssets(p message.Palette, logo *bundle.Logo) assets {
	colors := fmt.Appendf(nil, `:root{--accent:%s;--on-accent:%s;--accent-text:%s;--tint:%s;--paper:%s}
@media (prefers-color-scheme:dark){:root{--accent:%s;--on-accent:%s;--accent-text:%s;--tint:%s;--paper:%s}}
`, p.Accent, p.OnAccent, p.Text, p.Tint, message.Paper, p.DarkAccent, p.DarkOnAccent, p.DarkText, p.DarkTint, message.DarkPaper)
	a := assets{
		style:  hashed("style", "css", "text/css; charset=utf-8", append(colors, styleSheet...)),
		script: hashed("refresh", "js", "text/javascript; charset=utf-8", refreshScript),
	}
	if logo != nil {
		a.logo = asset{path: message.LogoPath, mediaType: logo.MediaType, caching: forADay, body: logo.Data}
	}
	return a
}

func hashed(name, extension, mediaType string, body []byte) asset {
	sum := sha256.Sum256(body)
	path := fmt.Sprintf("/%s-%s.%s", name, hex.EncodeToString(sum[:])[:10], extension)
	return asset{path: path, mediaType: mediaType, caching: cacheForever, body: bytes.TrimSpace(body)}
}

func (a asset) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", a.mediaType)
	w.Header().Set("Cache-Control", a.caching)
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // mail readers show the logo
	_, _ = w.Write(a.body)                                         // fails only when the client has disconnected
}

func robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", forADay)
	_, _ = fmt.Fprint(w, "User-agent: *\nDisallow: /\n")
}

// noIcon answers requests for /favicon.ico without rendering a page.
func noIcon(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", forADay)
	w.WriteHeader(http.StatusNoContent)
}
