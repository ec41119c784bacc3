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
)

//go:embed texts/*.yaml
var textFiles embed.FS

// reference is the locale that defines the keys.
const reference = "en"

// BuiltinLocales returns the locales with complete built-in texts, sorted.
func BuiltinLocales() []string {
	entries, _ := textFiles.ReadDir("texts") // embedded: it is there
	var locales []string
	for _, e := range entries {
		locales = append(locales, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return locales
}

// Builtin returns the built-in texts of a locale, by its language: nl for nl-BE; nil when there are none.
func Builtin(locale string) bundle.Texts { return builtinOf(locale).texts }

// builtin holds the built-in texts of one locale. It is shared: do not modify it.
type builtin struct {
	texts   bundle.Texts
	phrases func() phrases // the same, parsed once, when they are first asked for
}

// builtinOf returns the built-in texts of the locale, or of its language; the zero value when there are none.
func builtinOf(locale string) builtin {
	if ours, ok := loadBuiltin(locale); ok {
		return ours
	}
	ours, _ := loadBuiltin(languageOf(locale))
	return ours
}

var builtinCache sync.Map // locale -> builtin

func loadBuiltin(locale string) (builtin, bool) {
	if ours, ok := builtinCache.Load(locale); ok {
		return ours.(builtin), true
	}
	if !slices.Contains(BuiltinLocales(), locale) {
		return builtin{}, false
	}
	data, err := textFiles.ReadFile(path.Join("texts", locale+".yaml"))
	if err != nil {
		return builtin{}, false
	}
	entries, problems := readTexts(data)
	if len(problems) > 0 {
		panic(fmt.Sprintf("built-in texts of %s: %v", locale, problems)) // a test reads every locale
	}
	texts := bundle.Texts{}
	for _, e := range entries {
		texts[e.key] = e.text
	}
	ours, _ := builtinCache.LoadOrStore(locale, builtin{texts, sync.OnceValue(func() phrases { return parsedBuiltIns(texts) })})
	return ours.(builtin), true
}

// languageOf returns the bare language of a BCP 47 locale; "" when it is none.
func languageOf(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return ""
	}
	base, _ := tag.Base()
	return base.String()
}

// Keys returns the keys of every text, sorted; a text file may lack preheaders and plural forms among them. Do not modify the slice.
func Keys() []string { return allKeys() }

var allKeys = sync.OnceValue(func() []string {
	keys := withPluralForms(slices.Collect(maps.Keys(Builtin(reference))))
	for _, key := range keys {
		if base, ok := strings.CutSuffix(key, ".subject"); ok {
			keys = append(keys, base+".preheader")
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
})

// optional reports whether a complete locale may lack the key.
func optional(key string) bool {
	return strings.HasSuffix(key, ".preheader") || slices.ContainsFunc(pluralForms, func(form string) bool { return strings.HasSuffix(key, form) })
}
