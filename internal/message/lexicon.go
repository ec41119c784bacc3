package message

import (
	"fmt"
	"maps"
	"strings"
	"text/template"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// phrases holds texts ready to render, by key: plain ones as they are, others as templates.
type phrases struct {
	plain     map[string]string
	templates map[string]*template.Template
}

func noPhrases() phrases { return phrases{map[string]string{}, map[string]*template.Template{}} }

// Has reports whether the key has a text.
func (p phrases) Has(key string) bool { return p.plain[key] != "" || p.templates[key] != nil }

// put sets the text of a key, parsed into the set.
func (p phrases) put(set *template.Template, key, text string) error {
	delete(p.plain, key)
	delete(p.templates, key)
	if len(text) <= maxTextBytes && !strings.Contains(text, "{{") {
		p.plain[key] = text
		return nil
	}
	t, err := addTemplate(set, key, text, dataFor(key), maxTextBytes)
	if err != nil {
		return err
	}
	p.templates[key] = t
	return nil
}

// newSet returns a set of templates that share the table of functions.
func newSet() *template.Template { return template.New("").Funcs(functions) }

// parsedBuiltIns returns the built-in texts as phrases; a test ensures that each can be parsed.
func parsedBuiltIns(texts bundle.Texts) phrases {
	all, set := noPhrases(), newSet()
	for key, text := range texts {
		if err := all.put(set, key, text); err != nil {
			panic(fmt.Sprintf("parsing the built-in text %s: %v", key, err))
		}
	}
	return all
}

// copied returns a copy that a merchant's texts can be put into.
func (p phrases) copied() phrases { return phrases{maps.Clone(p.plain), maps.Clone(p.templates)} }
