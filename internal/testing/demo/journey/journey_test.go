package journey

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// The vectors are those that the senders' own client libraries test with.
func TestSignaturesAreTheOnesThatTheSendersMake(t *testing.T) {
	for name, c := range map[string]struct {
		hook         Webhook
		secret       string
		header, want string
	}{
		"Shopify": {
			Webhook{Scheme: Shopify, Body: []byte(`"my secret message"`)}, "hush",
			"X-Shopify-Hmac-Sha256", "hMTq0K2x7oyOjoBwGYeTj5oxfnaVYXzbanUG9aajpKI=",
		},
		"EasyPost normalises its secret": {
			Webhook{Scheme: EasyPost, Body: []byte("x")}, "sécret",
			"X-Hmac-Signature", "hmac-sha256-hex=" + signedBy("se\u0301cret", "x"),
		},
	} {
		header, err := c.hook.Sign(c.secret, noon)
		if err != nil {
			t.Fatal(err)
		}
		if got := header.Get(c.header); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func signedBy(secret, body string) string {
	header, err := Webhook{Scheme: EasyPost, Body: []byte(body)}.Sign(secret, noon)
	if err != nil {
		panic(err)
	}
	return header.Get("X-Hmac-Signature")[len("hmac-sha256-hex="):]
}

func TestTheAPIsSignatureVerifiesByTheStandardsOwnLibrary(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	hook := Linden("1001", time.Now())[0]
	header, err := hook.Sign(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(hook.Body, header); err != nil {
		t.Error(err)
	}
	header.Set(standardwebhooks.HeaderWebhookID, "msg_other")
	if verifier.Verify(hook.Body, header) == nil {
		t.Error("the id is not signed")
	}
}

func TestAJourneyIsToldInOrderAndEndsBeforeNow(t *testing.T) {
	for name, hooks := range map[string][]Webhook{"linden": Linden("1001", noon), "fjallro": Fjallro("1001", noon)} {
		last := time.Time{}
		for _, hook := range hooks {
			if hook.At.Before(last.Add(-2*time.Minute)) || hook.At.After(noon) {
				t.Errorf("%s: %s at %s comes after %s", name, hook.Tells, hook.At, last)
			}
			last = hook.At
			if !json.Valid(hook.Body) {
				t.Errorf("%s: %s is no JSON", name, hook.Tells)
			}
		}
	}
}

func TestTwoOrdersShareNeitherParcelNorIdentity(t *testing.T) {
	seen := map[string]string{}
	for _, number := range []string{"1001", "1002", "A-1001"} {
		for _, hook := range append(Linden(number, noon), Fjallro(number, noon)...) {
			identity := string(hook.Body)
			for _, name := range []string{"Webhook-Id", "X-Shopify-Webhook-Id"} {
				if value := hook.Header[http.CanonicalHeaderKey(name)]; len(value) > 0 {
					identity = name + value[0]
				}
			}
			if other, ok := seen[identity]; ok {
				t.Errorf("orders %s and %s share %.60s", number, other, identity)
			}
			seen[identity] = number
		}
	}
}
