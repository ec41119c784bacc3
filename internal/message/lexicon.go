package message

import (
	"fmt"
	"maps"
	"strings"
	"text/template"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// phrases are texts ready to be said, by key: plain ones as they are, others as templates.
type phrases struct {
	plain     map[string]string
	templates map[string]*template.Template
}

func noPhrases() phrases { return phrases{map[string]string{}, map[string]*template.Template{}} }

// Has says whether the key has a text.
func (p phrases) Has(key string) bool { return p.plain[key] != "" || p.templates[key] != nil }

// put takes the text, parsed into the set, in place of the one that was there.
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

// newSet is a set of templates, whose members share the table of functions.
func newSet() *template.Template { return template.New("").Funcs(functions) }

// parsed are texts of our own, of which a test has seen that each can be parsed.
func parsed(texts bundle.Texts) phrases {
	all, set := noPhrases(), newSet()
	for key, text := range texts {
		if err := all.put(set, key, text); err != nil {
			panic(fmt.Sprintf("built-in text %s: %v", key, err))
		}
	}
	return all
}

// copied are the same, into which others' texts can be put.
func (p phrases) copied() phrases { return phrases{maps.Clone(p.plain), maps.Clone(p.templates)} }
