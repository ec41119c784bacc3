package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// maxDepth bounds how deep multiparts may nest.
const maxDepth = 5

// parse reads an RFC 5322 message with MIME parts; character sets other than UTF-8 and US-ASCII are kept as they are.
func parse(r io.Reader) (message, error) {
	raw, err := mail.ReadMessage(r)
	if err != nil {
		return message{}, fmt.Errorf("reading the header: %w", err)
	}
	m := message{Headers: decodeHeaders(raw.Header), Date: raw.Header.Get("Date")}
	if subjects := m.Headers["Subject"]; len(subjects) > 0 {
		m.Subject = subjects[0]
	}
	if err := m.read(textproto.MIMEHeader(raw.Header), raw.Body, 0); err != nil {
		return message{}, fmt.Errorf("reading the body: %w", err)
	}
	return m, nil
}

func decodeHeaders(header mail.Header) map[string][]string {
	var words mime.WordDecoder
	out := make(map[string][]string, len(header))
	for name, values := range header {
		for _, value := range values {
			if decoded, err := words.DecodeHeader(value); err == nil {
				value = decoded
			}
			out[name] = append(out[name], value)
		}
	}
	return out
}

// read adds one part, or each part of a multipart, to the message.
func (m *message) read(header textproto.MIMEHeader, body io.Reader, depth int) error {
	mediaType, params := "text/plain", map[string]string(nil)
	if value := header.Get("Content-Type"); value != "" {
		var err error
		if mediaType, params, err = mime.ParseMediaType(value); err != nil {
			return fmt.Errorf("Content-Type %q: %w", value, err)
		}
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		if depth == maxDepth {
			return fmt.Errorf("multiparts are nested deeper than %d levels", maxDepth)
		}
		return m.readParts(multipart.NewReader(body, params["boundary"]), depth+1)
	}
	content, err := io.ReadAll(decode(header.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return fmt.Errorf("part %s: %w", mediaType, err)
	}
	m.Types = append(m.Types, mediaType)
	switch {
	case mediaType == "text/plain" && m.Text == "":
		m.Text = string(content)
	case mediaType == "text/html" && m.HTML == "":
		m.HTML = string(content)
	}
	return nil
}

func (m *message) readParts(parts *multipart.Reader, depth int) error {
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := m.read(part.Header, part, depth); err != nil {
			return err
		}
	}
}

func decode(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	default:
		return body
	}
}
