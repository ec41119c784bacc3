// Package verify checks the signature of a webhook. It is one generic verifier: everything that differs between providers is data in
// definition.Verify. It works on raw bytes, before anything is parsed.
//
// It must not know any provider by name, parse a body, read a clock or a secret's file.
package verify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// Why a webhook is refused. None of them carries a header, a secret or a byte of the body.
var (
	ErrNoSecret    = errors.New("no usable secret is mounted to verify the signature with")
	ErrNoSignature = errors.New("a header of the signature is missing or malformed")
	ErrMismatch    = errors.New("the signature does not match any secret")
	ErrStale       = errors.New("the signature matches, but its time is outside the tolerance")
)

// maxSignatures bounds how many signatures of one header are compared.
const maxSignatures = 16

// whsecPrefix precedes a Standard Webhooks secret.
const whsecPrefix = "whsec_"

// Header reads a request's header by name, case-insensitively; http.Header is one.
type Header interface{ Get(name string) string }

// Request is a webhook: the header, and the body exactly as it was sent.
type Request struct {
	Header Header
	Body   []byte
}

// Verify returns nil when one of the secrets proves the request, else one of this package's errors.
// Comparisons take constant time; every secret is tried, so that a rotation costs no webhook.
func Verify(v definition.Verify, req Request, secrets [][]byte, now time.Time) error {
	if v.Scheme == definition.None {
		return ErrNoSignature
	}
	keys := usableKeys(v.Key, secrets)
	if len(keys) == 0 {
		return ErrNoSecret
	}
	given := signatures(v, req.Header.Get(v.Header))
	if len(given) == 0 {
		return ErrNoSignature
	}
	if v.Scheme == definition.StaticHeader {
		return matches(keys, given, func(key []byte) []byte { return key })
	}
	prefix, signedAt, err := signedParts(v, req)
	if err != nil {
		return err
	}
	if err := matches(keys, given, func(key []byte) []byte { return sign(v, key, prefix, req.Body) }); err != nil {
		return err
	}
	if v.Timestamp != nil {
		tolerance := time.Duration(v.Timestamp.ToleranceSeconds) * time.Second
		if age := now.Sub(signedAt); age > tolerance || age < -tolerance {
			return ErrStale
		}
	}
	return nil
}

// Signed reports whether the header has everything that a signature needs. Otherwise Verify fails for every body, so the body need
// not be read.
func Signed(v definition.Verify, header Header) bool {
	if v.Scheme == definition.None || len(signatures(v, header.Get(v.Header))) == 0 {
		return false
	}
	_, _, err := signedParts(v, Request{Header: header})
	return err == nil
}

// usableKeys transforms the secrets; one that cannot be transformed is left out.
func usableKeys(transform definition.KeyTransform, secrets [][]byte) [][]byte {
	var keys [][]byte
	for _, s := range secrets {
		if key, err := Key(transform, s); err == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// Key returns the key of a secret. The error does not contain the secret.
func Key(transform definition.KeyTransform, secret []byte) ([]byte, error) {
	key := secret
	switch transform {
	case definition.KeyNFKD:
		key = norm.NFKD.Bytes(secret)
	case definition.KeyWhsecBase64:
		return decodeKey(strings.TrimPrefix(string(secret), whsecPrefix))
	case definition.KeyBase64:
		return decodeKey(string(secret))
	}
	if len(key) == 0 {
		return nil, errors.New("the secret is empty")
	}
	return key, nil
}

func decodeKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) == 0 {
		return nil, errors.New("the secret is not base64") // err would quote a byte of it
	}
	return key, nil
}

// signatures splits the header's value and returns the signatures that have the prefix.
func signatures(v definition.Verify, value string) [][]byte {
	candidates := []string{value}
	if v.Multiple == definition.SpaceSeparated {
		candidates = strings.Fields(value)
	}
	var given [][]byte
	for _, c := range candidates[:min(len(candidates), maxSignatures)] {
		if s, ok := strings.CutPrefix(c, v.Prefix); ok && s != "" {
			given = append(given, []byte(s))
		}
	}
	return given
}

// matches compares the expected signature of every key with every signature, without stopping at a match.
func matches(keys, given [][]byte, expect func(key []byte) []byte) error {
	found := false
	for _, key := range keys {
		want := expect(key)
		for _, g := range given {
			if hmac.Equal(want, g) {
				found = true
			}
		}
	}
	if !found {
		return ErrMismatch
	}
	return nil
}

// signedPart is one piece of the signed bytes; the body is referred to, not copied.
type signedPart struct {
	text string
	body bool
}

// signedParts returns the parts that are signed, and the time at which the sender signed them.
func signedParts(v definition.Verify, req Request) ([]signedPart, time.Time, error) {
	var parts []signedPart
	var at time.Time
	for i, p := range v.Signed {
		if i > 0 && v.Separator != "" {
			parts = append(parts, signedPart{text: v.Separator})
		}
		switch p {
		case definition.PartBody:
			parts = append(parts, signedPart{body: true})
		case definition.PartID:
			id := req.Header.Get(v.IDHeader)
			if id == "" {
				return nil, at, ErrNoSignature
			}
			parts = append(parts, signedPart{text: id})
		case definition.PartTimestamp:
			raw := req.Header.Get(v.Timestamp.Header)
			parsed, err := parseTime(v.Timestamp.Format, raw)
			if err != nil {
				return nil, at, ErrNoSignature
			}
			at = parsed
			parts = append(parts, signedPart{text: raw})
		default:
			return nil, at, fmt.Errorf("signed part %q: %w", p, ErrNoSignature)
		}
	}
	return parts, at, nil
}

// sign returns the expected signature as it is written in the header. The written form is compared, not the decoded one, so that no
// other spelling of the same bytes is accepted.
func sign(v definition.Verify, key []byte, parts []signedPart, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		if p.body {
			mac.Write(body)
		} else {
			mac.Write([]byte(p.text))
		}
	}
	sum := mac.Sum(nil)
	switch v.Encoding {
	case definition.Base64:
		return base64.StdEncoding.AppendEncode(nil, sum)
	case definition.HexUpper:
		return []byte(strings.ToUpper(hex.EncodeToString(sum)))
	case definition.Hex:
	}
	return hex.AppendEncode(nil, sum)
}

func parseTime(format definition.TimestampFormat, raw string) (time.Time, error) {
	switch format {
	case definition.UnixSeconds, definition.UnixMillis:
		n, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			return time.Time{}, err
		}
		if format == definition.UnixMillis {
			return time.UnixMilli(n), nil
		}
		return time.Unix(n, 0), nil
	case definition.RFC2822:
		return mail.ParseDate(raw)
	case definition.RFC3339:
		return time.Parse(time.RFC3339, raw)
	}
	return time.Time{}, fmt.Errorf("unknown timestamp format %q", format)
}
