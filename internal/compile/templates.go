package compile

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
)

// words are the Shop's texts and blocks, the later template over the earlier.
type words struct {
	texts  map[string]bundle.Texts // by the locale of the file
	blocks map[string]string
}

// templates reads every template of the Shop and keeps what its locales need; nil maps when there is none.
func (c *compiler) templates(locales []string) (texts map[string]bundle.Texts, blocks map[string]string) {
	w := words{texts: map[string]bundle.Texts{}, blocks: map[string]string{}}
	for i, t := range c.shop.Spec.Templates {
		ref := configMap(c.shop.Namespace, c.in.Platform.LibraryNamespace, t.Source, t.ConfigMapRef.Name)
		content, ok := c.content(ref)
		if !ok {
			continue
		}
		c.template(&w, fmt.Sprintf("spec.templates[%d]", i), ref.Name, content)
	}
	for _, locale := range locales {
		if own := w.of(locale); len(own) > 0 {
			if texts == nil {
				texts = map[string]bundle.Texts{}
			}
			texts[locale] = own
		}
	}
	if len(w.blocks) > 0 {
		blocks = w.blocks
	}
	return texts, blocks
}

// of returns the texts for one of the Shop's locales: those of its language, over them its own.
func (w words) of(locale string) bundle.Texts {
	own := maps.Clone(w.texts[locale])
	tag, err := language.Parse(locale)
	if err != nil {
		return own
	}
	base, _ := tag.Base()
	if base.String() == locale {
		return own
	}
	merged := bundle.Texts{}
	maps.Copy(merged, w.texts[base.String()])
	maps.Copy(merged, own)
	return merged
}

func (c *compiler) template(w *words, path, name string, content Content) {
	for _, key := range slices.Sorted(maps.Keys(content.Data)) {
		data := []byte(content.Data[key])
		switch {
		case strings.HasSuffix(key, message.TextsSuffix):
			locale, texts, problems := message.ParseTexts(name, key, data)
			c.texts(path, problems)
			if w.texts[locale] == nil {
				w.texts[locale] = bundle.Texts{}
			}
			maps.Copy(w.texts[locale], texts)
		case strings.HasSuffix(key, message.BlockSuffix):
			block, text, problems := message.ParseBlock(name, key, data)
			c.texts(path, problems)
			if block != "" {
				w.blocks[block] = text
			}
		default:
			c.unknownFile(path, name+"/"+key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(content.BinaryData)) {
		if strings.HasSuffix(key, message.TextsSuffix) || strings.HasSuffix(key, message.BlockSuffix) {
			c.texts(path, []message.Problem{{Source: name + "/" + key, Message: notText(content.BinaryData[key])}})
			continue
		}
		c.unknownFile(path, name+"/"+key)
	}
}

// notText returns what is wrong with a file that the ConfigMap has in binaryData, where kubectl puts what is not UTF-8.
func notText(data []byte) string {
	const save = "save it as UTF-8, and create the ConfigMap again"
	switch {
	case utf8.Valid(data):
		return "the file is in binaryData of the ConfigMap: move it to data"
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return "the file is UTF-16, as PowerShell writes it, and not UTF-8 (so it is in binaryData of the ConfigMap): " + save
	default:
		return "the file is not UTF-8 (so it is in binaryData of the ConfigMap): " + save
	}
}

func (c *compiler) unknownFile(path, file string) {
	c.texts(path, []message.Problem{{
		Source:  file,
		Message: "a template holds texts in <locale>" + message.TextsSuffix + " and layout in <block>" + message.BlockSuffix + ", nothing else",
	}})
}

// texts takes over what the validators of package message found.
func (c *compiler) texts(path string, problems []message.Problem) {
	for _, p := range problems {
		text := p.Message
		if p.Key != "" {
			text = p.Key + ": " + text
		}
		c.problems = append(c.problems, Problem{Object: ShopObject, Path: path, Source: p.Source, Line: p.Line, Message: text})
	}
}

// render tries every text in every locale on sample data. Built-in texts alone were tried before the release.
func (c *compiler) render(doc *bundle.Document) {
	builtin := message.BuiltinLocales()
	untouched := len(doc.Texts) == 0 && len(doc.Blocks) == 0 &&
		!slices.ContainsFunc(doc.Locales, func(l string) bool { return !slices.Contains(builtin, l) })
	if untouched {
		return
	}
	path := "spec.templates"
	if len(c.shop.Spec.Templates) == 0 {
		path = "spec.locales"
	}
	c.texts(path, message.Check(doc))
}
