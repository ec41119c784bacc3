package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// The purposes of a link. A token made for one is refused for every other.
const (
	Order       = "order"
	Unsubscribe = "unsubscribe"
)

// The paths before the token in a URL.
const (
	OrderPath       = "/o/"
	UnsubscribePath = "/u/"
)

// MinSecret is the minimum length of a key's secret in bytes (128 bit).
const MinSecret = 16

// MaxToken is the maximum length of a token that Verify reads, in bytes.
const MaxToken = 256

// The reasons why a token is refused. The page answers a shopper in the same words for both.
var (
	ErrInvalid = errors.New("the link was not made by this Shop, or was changed")
	ErrExpired = errors.New("the link has expired")
)

// Key is one secret of a rotated set. Its number is part of each token that it signs, so that all keys of the set verify until they
// are removed from it.
type Key struct {
	Number   int
	Secret   []byte
	SignFrom time.Time // before, the page may not have it yet; zero = from the start
	NotAfter time.Time // until when it verifies; zero = no end yet
}

// Claims are the contents of a token.
type Claims struct {
	Purpose string
	OrderID string
	// Recipient identifies the recipient of the link, see RecipientOf; zero = the present buyer. The previous version of wismo refuses
	// a link with a Recipient.
	Recipient Recipient
	Expires   time.Time // whole seconds
}

// Recipient is a hash of an address.
type Recipient [8]byte

// RecipientOf returns the Recipient of an address, given as any text that identifies it, such as a hash. It returns zero, which means
// the buyer, for "" only.
func RecipientOf(known string) (r Recipient) {
	if known != "" {
		sum := sha256.Sum256([]byte("wismo recipient\x00" + known))
		copy(r[:], sum[:])
	}
	return r
}

// A token is base64url, without padding, of
//
//	version (1 byte) | purpose (1 byte) | key number (4 bytes) | expiry (4 bytes, Unix seconds / 60, rounded up) |
//	recipient (8 bytes, version 2 only) | order id | MAC (16 bytes)
//
// where MAC is HMAC-SHA256 over all bytes before it, cut to 128 bit. Version 1 names no recipient.
const (
	version  = 1
	named    = 2
	headSize = 10
	macSize  = 16
	unit     = 60 // seconds in one step of the expiry
)

// strict refuses a second spelling of the same bytes.
var strict = base64.RawURLEncoding.Strict()

// Signing returns the key to sign a link with that has to open until expires: the newest one that the page has by now
// and that verifies as long as the link is to live. False when there is none: the link has to wait.
func Signing(keys []Key, now, expires time.Time) (Key, bool) {
	var best Key
	found := false
	for _, k := range keys {
		usable := !now.Before(k.SignFrom) && (k.NotAfter.IsZero() || !k.NotAfter.Before(expires))
		if usable && (!found || k.Number > best.Number) {
			best, found = k, true
		}
	}
	return best, found
}

// Sign returns the token for c, made with key. The expiry is rounded up to the full minute.
// An unknown purpose yields a token that Verify refuses.
func Sign(key Key, c Claims) string {
	raw := make([]byte, headSize, headSize+len(c.Recipient)+len(c.OrderID)+macSize)
	raw[0] = version
	if c.Recipient != (Recipient{}) {
		raw[0] = named
	}
	raw[1] = purposeByte(c.Purpose)
	binary.BigEndian.PutUint32(raw[2:], uint32(key.Number))
	binary.BigEndian.PutUint32(raw[6:], uint32((c.Expires.Unix()+unit-1)/unit))
	if raw[0] == named {
		raw = append(raw, c.Recipient[:]...)
	}
	raw = append(raw, c.OrderID...)
	return strict.EncodeToString(append(raw, mac(key.Secret, raw)...))
}

// Verify returns the claims of token if one of keys signed it for purpose and now is before its expiry.
// The error is ErrInvalid or ErrExpired; the time it takes does not depend on how much of the token is right.
func Verify(keys []Key, token, purpose string, now time.Time) (Claims, error) {
	if len(token) > MaxToken {
		return Claims{}, ErrInvalid
	}
	raw, err := strict.DecodeString(token)
	if err != nil || len(raw) <= headSize+macSize {
		return Claims{}, ErrInvalid
	}
	body, sum := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	number := binary.BigEndian.Uint32(body[2:])
	if !signedByAny(keys, number, body, sum) || !madeFor(body, purpose) {
		return Claims{}, ErrInvalid
	}
	recipient, id, ok := addressee(body)
	if !ok {
		return Claims{}, ErrInvalid
	}
	c := Claims{
		Purpose:   purpose,
		OrderID:   id,
		Recipient: recipient,
		Expires:   time.Unix(int64(binary.BigEndian.Uint32(body[6:]))*unit, 0).UTC(),
	}
	if !now.Before(c.Expires) {
		return Claims{}, ErrExpired
	}
	return c, nil
}

// madeFor reports whether a token has a known version and that purpose.
func madeFor(body []byte, purpose string) bool {
	return (body[0] == version || body[0] == named) && body[1] != 0 && body[1] == purposeByte(purpose)
}

// addressee returns the recipient and the order of a token; false for one that is too short.
func addressee(body []byte) (r Recipient, orderID string, ok bool) {
	rest := body[headSize:]
	if body[0] != named {
		return r, string(rest), true
	}
	if len(rest) <= len(r) {
		return r, "", false
	}
	return Recipient(rest[:len(r)]), string(rest[len(r):]), true
}

func signedByAny(keys []Key, number uint32, body, sum []byte) bool {
	ok := false
	for _, k := range keys {
		if uint32(k.Number) == number && len(k.Secret) >= MinSecret && hmac.Equal(sum, mac(k.Secret, body)) {
			ok = true
		}
	}
	return ok
}

func mac(secret, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("wismo link\x00"))
	h.Write(body)
	return h.Sum(nil)[:macSize]
}

func purposeByte(purpose string) byte {
	switch purpose {
	case Order:
		return 'o'
	case Unsubscribe:
		return 'u'
	default:
		return 0
	}
}
