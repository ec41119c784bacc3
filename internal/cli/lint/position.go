package lint

import (
	"regexp"
	"strconv"

	yamlv3 "go.yaml.in/yaml/v3"
)

var segments = regexp.MustCompile(`[^.\[\]]+|\[[^\]]*\]`)

// lineOf returns the line of a field, or of its deepest parent that the file contains.
func (d *Document) lineOf(path string) int { return d.line + find(d.node, path).Line - 1 }

// textLine returns the line in which a text of several lines begins.
func (d *Document) textLine(path string) int {
	n := find(d.node, path)
	line := d.line + n.Line - 1
	if n.Style&(yamlv3.LiteralStyle|yamlv3.FoldedStyle) != 0 {
		line++ // it begins below its key
	}
	return line
}

// find follows a path such as spec.orders.sources[0].name as far as the document goes.
func find(n *yamlv3.Node, path string) *yamlv3.Node {
	if n.Kind == yamlv3.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	at := n
	for _, segment := range segments.FindAllString(path, -1) {
		next := childNode(at, segment)
		if next == nil {
			return at
		}
		at = next
	}
	return at
}

// childNode returns the value of a key in a mapping, or the item of a list by index or name; nil = there is none. Segment is such as
// spec or [0].
func childNode(n *yamlv3.Node, segment string) *yamlv3.Node {
	if n.Kind == yamlv3.AliasNode {
		n = n.Alias
	}
	key := segment
	if segment[0] == '[' {
		key = segment[1 : len(segment)-1]
	}
	switch n.Kind {
	case yamlv3.MappingNode:
		return mappingValue(n, key)
	case yamlv3.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i < len(n.Content) {
			return n.Content[i]
		}
		return itemNamed(n, key)
	default:
		return nil
	}
}

// mappingValue returns the value of a key in a mapping, located at the line of the key; nil = there is none.
func mappingValue(n *yamlv3.Node, key string) *yamlv3.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != key {
			continue
		}
		v := n.Content[i+1]
		if v.Kind == yamlv3.ScalarNode {
			return v
		}
		located := *v // the line of the key, not the first line below it
		located.Line = n.Content[i].Line
		return &located
	}
	return nil
}

// itemNamed returns the item of a list with this name or occasion, as in sources[webshop]; nil = there is none.
func itemNamed(n *yamlv3.Node, name string) *yamlv3.Node {
	for _, item := range n.Content {
		for _, key := range []string{"name", "occasion"} {
			if item.Kind == yamlv3.MappingNode {
				if v := mappingValue(item, key); v != nil && v.Value == name {
					return item
				}
			}
		}
	}
	return nil
}
