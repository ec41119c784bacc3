package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
)

// texts returns <locale>.yaml. If the locale has built-in texts, each is commented out and so changes nothing. For another
// locale, which is refused while a text is missing, all are in the language from, to be translated.
func texts(locale, from string) (string, error) {
	own := message.Builtin(locale)
	source, builtIn := own, own != nil
	if !builtIn {
		source = message.Builtin(from)
	}
	if source == nil {
		return "", fmt.Errorf("--from: there are no built-in texts in %q, only in %s", from, strings.Join(message.BuiltinLocales(), ", "))
	}
	var b strings.Builder
	head(&b, locale, from, builtIn)
	section := ""
	for _, key := range message.Keys() {
		if s := sectionOf(key); s != section {
			section = s
			fmt.Fprintf(&b, "\n# %s\n", section)
		}
		text, has := source[key]
		if err := entry(&b, key, text, builtIn || !has); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func head(b *strings.Builder, locale, from string, builtIn bool) {
	if builtIn {
		fmt.Fprintf(b, "# All texts of wismo in %s. Uncomment those that you want to change; you may delete the others.\n", locale)
		return
	}
	fmt.Fprintf(b, "# All texts of wismo, to be translated to %s. They are in %q here.\n", locale, from)
}

// entry writes one text as YAML.
func entry(b *strings.Builder, key, text string, comment bool) error {
	lines, err := yaml.Marshal(bundle.Texts{key: text})
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(lines)) {
		if comment {
			line = "# " + line
		}
		b.WriteString(line)
	}
	return nil
}

// sectionOf returns the group of a text: mail.OutForDelivery, page.next.
func sectionOf(key string) string {
	parts := strings.Split(key, ".")
	return strings.Join(parts[:max(1, min(2, len(parts)-1))], ".")
}

// configMap wraps the texts so that a Shop can name them.
func configMap(name, namespace, locale, texts string, labels map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n  namespace: %s\n  labels:\n", name, namespace)
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		fmt.Fprintf(&b, "    %s: %q\n", key, labels[key])
	}
	fmt.Fprintf(&b, "data:\n  %s%s: |\n", locale, message.TextsSuffix)
	for line := range strings.Lines(texts) {
		if strings.TrimSpace(line) != "" {
			line = "    " + line
		}
		b.WriteString(line)
	}
	return b.String()
}
