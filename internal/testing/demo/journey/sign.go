package journey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/text/unicode/norm"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Scheme is how a sender signs.
type Scheme string

// The schemes. Sources: standardwebhooks.com; shopify.dev, "Verify webhooks"; EasyPost's client libraries.
const (
	StandardWebhooks Scheme = "StandardWebhooks"
	Shopify          Scheme = "Shopify"
	EasyPost         Scheme = "EasyPost"
)

// Sign returns the headers of the request, the signature among them. Only Standard Webhooks sign the time.
func (w Webhook) Sign(secret string, now time.Time) (http.Header, error) {
	header := w.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	switch w.Scheme {
	case StandardWebhooks:
		hook, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, fmt.Errorf("the signing secret of %s is no base64, with or without whsec_", w.Source)
		}
		signature, err := hook.Sign(header.Get(standardwebhooks.HeaderWebhookID), now, w.Body)
		if err != nil {
			return nil, fmt.Errorf("signing for %s: %w", w.Source, err)
		}
		header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
		header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	case Shopify:
		header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac(secret, w.Body)))
	case EasyPost:
		header.Set("X-Hmac-Signature", "hmac-sha256-hex="+hex.EncodeToString(mac(norm.NFKD.String(secret), w.Body)))
	default:
		return nil, fmt.Errorf("unknown signature scheme %q", w.Scheme)
	}
	return header, nil
}

func mac(secret string, body []byte) []byte {
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write(body)
	return sum.Sum(nil)
}
