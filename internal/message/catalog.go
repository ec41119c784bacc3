package message

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

//go:embed texts/*.yaml
var textFiles embed.FS

// reference is the locale that defines the keys.
const reference = "en"

// BuiltinLocales are the locales with complete texts of our own, sorted.
func BuiltinLocales() []string {
	entries, _ := textFiles.ReadDir("texts") // embedded: it is there
	var locales []string
	for _, e := range entries {
		locales = append(locales, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return locales
}

// Builtin returns our own texts of a locale, by its language: nl for nl-BE; nil when we have none.
func Builtin(locale string) bundle.Texts {
	if texts, ok := loadBuiltin(locale); ok {
		return texts
	}
	texts, _ := loadBuiltin(languageOf(locale))
	return texts
}

var builtinCache sync.Map // locale -> bundle.Texts

func loadBuiltin(locale string) (bundle.Texts, bool) {
	if texts, ok := builtinCache.Load(locale); ok {
		return texts.(bundle.Texts), true
	}
	if !slices.Contains(BuiltinLocales(), locale) {
		return nil, false
	}
	data, err := textFiles.ReadFile(path.Join("texts", locale+".yaml"))
	if err != nil {
		return nil, false
	}
	entries, problems := readTexts(data)
	if len(problems) > 0 {
		panic(fmt.Sprintf("built-in texts of %s: %v", locale, problems)) // a test reads every locale
	}
	texts := bundle.Texts{}
	for _, e := range entries {
		texts[e.key] = e.text
	}
	builtinCache.Store(locale, texts)
	return texts, true
}

// languageOf is the bare language of a BCP 47 locale; "" when it is none.
func languageOf(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return ""
	}
	base, _ := tag.Base()
	return base.String()
}

// Keys are the keys of every text, sorted; the preheaders among them may be absent. The caller does not change them.
func Keys() []string { return allKeys() }

var allKeys = sync.OnceValue(func() []string {
	keys := slices.Collect(maps.Keys(Builtin(reference)))
	for _, o := range tracking.Occasions() {
		keys = append(keys, mailKey(o, "preheader"))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
})

// optional says that a complete locale may lack the key.
func optional(key string) bool { return strings.HasSuffix(key, ".preheader") }

func mailKey(o tracking.Occasion, part string) string { return "mail." + string(o) + "." + part }
