package definition

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// lineOf returns the line of a path such as "verify.signed[1]" or, if it is absent, of its nearest ancestor.
func lineOf(node *yaml.Node, path string) int {
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line := node.Line
	for path != "" && node != nil {
		var next *yaml.Node
		next, line, path = descend(node, path, line)
		node = next
	}
	return line
}

// descend takes one step of the path; a nil node ends the walk.
func descend(node *yaml.Node, path string, line int) (next *yaml.Node, at int, rest string) {
	switch node.Kind {
	case yaml.MappingNode:
		return child(node, path, line)
	case yaml.SequenceNode:
		index, rest, ok := strings.Cut(strings.TrimPrefix(path, "["), "]")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i >= len(node.Content) {
			return nil, line, ""
		}
		return node.Content[i], node.Content[i].Line, strings.TrimPrefix(rest, ".")
	case yaml.DocumentNode, yaml.ScalarNode, yaml.AliasNode:
	}
	return nil, line, ""
}

// child finds the key that the path begins with. Codes may contain dots and brackets, so the path cannot be split.
func child(node *yaml.Node, path string, line int) (next *yaml.Node, at int, rest string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		rest, ok := strings.CutPrefix(path, key.Value)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return node.Content[i+1], key.Line, strings.TrimPrefix(rest, ".")
		}
	}
	return nil, line, ""
}
