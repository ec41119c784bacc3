package compile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// maxLogoBytes bounds a logo before compression; most are a hundredth of it.
const maxLogoBytes = 256 << 10

func (c *compiler) theme(t *v1alpha1.Theme) bundle.Theme {
	if t == nil {
		return bundle.Theme{}
	}
	out := bundle.Theme{AccentColor: t.AccentColor}
	if t.Logo == nil {
		return out
	}
	name := string(t.Logo.ConfigMapRef.Name)
	content, ok := c.content(Ref{ConfigMapKind, c.shop.Namespace, name})
	if !ok {
		return out
	}
	logo, err := readLogo(content, t.Logo.Key)
	if err != nil {
		c.problems = append(c.problems, Problem{
			Object: ShopObject, Path: "spec.theme.logo", Source: name + "/" + t.Logo.Key, Message: err.Error(),
		})
		return out
	}
	out.Logo = logo
	return out
}

func readLogo(content Content, key string) (*bundle.Logo, error) {
	data, ok := content.BinaryData[key]
	if text, isText := content.Data[key]; isText {
		data, ok = []byte(text), true
	}
	if !ok {
		return nil, fmt.Errorf("the ConfigMap has no key %q", key)
	}
	if len(data) > maxLogoBytes {
		return nil, fmt.Errorf("the logo is %d bytes and must not exceed %d", len(data), maxLogoBytes)
	}
	var mediaType string
	var err error
	switch strings.ToLower(path.Ext(key)) {
	case ".svg":
		mediaType, err = "image/svg+xml", checkSVG(data)
	case ".png":
		mediaType, err = "image/png", checkMagic(data, "\x89PNG\r\n\x1a\n", 0)
	case ".webp":
		mediaType, err = "image/webp", checkMagic(data, "WEBP", 8)
	case ".jpg", ".jpeg":
		mediaType, err = "image/jpeg", checkMagic(data, "\xff\xd8\xff", 0)
	default:
		err = errors.New("the key must end in .svg, .png, .webp, .jpg or .jpeg")
	}
	if err != nil {
		return nil, err
	}
	return &bundle.Logo{MediaType: mediaType, Data: data}, nil
}

// checkMagic looks for the bytes by which a format is known, so that no page can be passed off as a picture.
func checkMagic(data []byte, magic string, at int) error {
	if len(data) < at+len(magic) || string(data[at:at+len(magic)]) != magic {
		return errors.New("the content is not an image of the format that the key's extension names")
	}
	return nil
}

// checkSVG refuses what is no drawing and what could run: the page serves the logo under its own name.
func checkSVG(data []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	decoder.Strict = true
	root := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("the SVG cannot be read: %w", err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if root == "" {
			root = element.Name.Local
		}
		if err := checkElement(element); err != nil {
			return err
		}
	}
	if root != "svg" {
		return errors.New("the content is not an SVG: its first element must be svg")
	}
	return nil
}

func checkElement(e xml.StartElement) error {
	if name := strings.ToLower(e.Name.Local); name == "script" || name == "foreignobject" {
		return fmt.Errorf("the SVG must not contain the element %s", e.Name.Local)
	}
	for _, a := range e.Attr {
		if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") {
			return fmt.Errorf("the SVG must not contain the event handler %s", a.Name.Local)
		}
	}
	return nil
}
