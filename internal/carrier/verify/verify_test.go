package verify_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/carrier/verify"
)

var now = time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)

func scheme(t testing.TB, name string) definition.Verify {
	t.Helper()
	d, err := definition.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return d.Verify
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// vector is a public signature vector of a provider, or one made by an independent implementation.
type vector struct {
	name, definition, secret string
	body                     []byte
	header                   http.Header
}

const whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func vectors(t testing.TB) []vector {
	t.Helper()
	oracle, err := standardwebhooks.NewWebhook(whsec)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"order.upserted","data":{"number":"#1001"}}`)
	signature, err := oracle.Sign("msg_1", now, body)
	if err != nil {
		t.Fatal(err)
	}
	return []vector{
		{
			// The secret is a composed é, which EasyPost's SDKs decompose (NFKD).
			name: "EasyPost's SDK vector", definition: "easypost", secret: "s\u00e9cret", body: read(t, "easypost.json"),
			header: headers("X-Hmac-Signature", "hmac-sha256-hex=38f3f53c103713df81616a0a186d77141957323ec21d5fe9363db93840f527db"),
		},
		{
			name: "Sendcloud's vector", definition: "sendcloud", secret: "be7e2f9eb99716d4698bbe8220eea46f", body: read(t, "sendcloud.json"),
			header: headers("Sendcloud-Signature", "fd38c9dae7cf11f22c66470fabef28e415b086cebea2e9cfccafe4eaca672ba2"),
		},
		{
			name: "Sendcloud's documented vector", definition: "sendcloud", secret: "secretkey", body: []byte(`{"key": "value"}`),
			header: headers("Sendcloud-Signature", "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a"),
		},
		{
			name: "Shopify's public vector", definition: "shopify", secret: "hush", body: []byte(`"my secret message"`),
			header: headers("X-Shopify-Hmac-Sha256", "hMTq0K2x7oyOjoBwGYeTj5oxfnaVYXzbanUG9aajpKI="),
		},
		{
			name: "Standard Webhooks' own library", definition: "api", secret: whsec, body: body,
			header: headers("webhook-id", "msg_1", "webhook-timestamp", strconv.FormatInt(now.Unix(), 10), "webhook-signature", signature),
		},
	}
}

func check(t testing.TB, v vector, secrets ...string) error {
	t.Helper()
	var keys [][]byte
	for _, s := range secrets {
		keys = append(keys, []byte(s))
	}
	return verify.Verify(scheme(t, v.definition), verify.Request{Header: v.header, Body: v.body}, keys, now)
}

func TestEveryProvidersPublicVectorIsAccepted(t *testing.T) {
	for _, v := range vectors(t) {
		if err := check(t, v, v.secret); err != nil {
			t.Errorf("%s: %v", v.name, err)
		}
		if err := check(t, v, "whsec_AAAA", v.secret); err != nil {
			t.Errorf("%s, while a rotation is under way: %v", v.name, err)
		}
	}
}

func TestAWrongSecretOrAMissingHeaderIsToldApart(t *testing.T) {
	for _, v := range vectors(t) {
		if err := check(t, v, "d3Jvbmcgc2VjcmV0"); !errors.Is(err, verify.ErrMismatch) {
			t.Errorf("%s, wrong secret: %v", v.name, err)
		}
		if err := check(t, v); !errors.Is(err, verify.ErrNoSecret) {
			t.Errorf("%s, no secret: %v", v.name, err)
		}
		if err := check(t, v, ""); !errors.Is(err, verify.ErrNoSecret) {
			t.Errorf("%s, empty secret: %v", v.name, err)
		}
		for name := range v.header {
			without := v
			without.header = v.header.Clone()
			without.header.Del(name)
			if err := check(t, without, v.secret); !errors.Is(err, verify.ErrNoSignature) {
				t.Errorf("%s, without %s: %v", v.name, name, err)
			}
		}
	}
}

// Any bit of what is signed, or of the signature, changes the verdict.
func TestAnyFlippedBitIsRefused(t *testing.T) {
	all := vectors(t)
	rapid.Check(t, func(r *rapid.T) {
		v := rapid.SampledFrom(all).Draw(r, "vector")
		bit := byte(1) << rapid.IntRange(0, 7).Draw(r, "bit")
		flipped := v
		if rapid.Bool().Draw(r, "body") {
			flipped.body = bytes.Clone(v.body)
			flipped.body[rapid.IntRange(0, len(v.body)-1).Draw(r, "at")] ^= bit
		} else {
			names := make([]string, 0, len(v.header))
			for name := range v.header {
				names = append(names, name)
			}
			name := rapid.SampledFrom(names).Draw(r, "header")
			value := []byte(v.header.Get(name))
			value[rapid.IntRange(0, len(value)-1).Draw(r, "at")] ^= bit
			flipped.header = v.header.Clone()
			flipped.header[name] = []string{string(value)}
		}
		if err := check(t, flipped, v.secret); err == nil {
			r.Fatalf("%s was accepted after a bit was flipped", v.name)
		}
	})
}

func TestAReplayedOrPostdatedMessageIsStale(t *testing.T) {
	v := vectors(t)[4]
	for _, age := range []time.Duration{301 * time.Second, -301 * time.Second} {
		err := verify.Verify(scheme(t, v.definition), verify.Request{Header: v.header, Body: v.body}, [][]byte{[]byte(v.secret)}, now.Add(age))
		if !errors.Is(err, verify.ErrStale) {
			t.Errorf("%s later: %v", age, err)
		}
	}
	err := verify.Verify(scheme(t, v.definition), verify.Request{Header: v.header, Body: v.body}, [][]byte{[]byte(v.secret)}, now.Add(299*time.Second))
	if err != nil {
		t.Errorf("within the tolerance: %v", err)
	}
}

func TestOneOfSeveralSignaturesIsEnough(t *testing.T) {
	v := vectors(t)[4]
	signature := v.header.Get("webhook-signature")
	v.header.Set("webhook-signature", "v1a,ZWQyNTUxOQ== v1,AAAA "+signature)
	if err := check(t, v, v.secret); err != nil {
		t.Errorf("the second v1 signature is right: %v", err)
	}
	v.header.Set("webhook-signature", strings.Replace(signature, "v1,", "v2,", 1))
	if err := check(t, v, v.secret); !errors.Is(err, verify.ErrNoSignature) {
		t.Errorf("another version of the scheme: %v", err)
	}
	v.header.Set("webhook-signature", strings.Repeat("v1,AAAA ", 16)+signature)
	if err := check(t, v, v.secret); !errors.Is(err, verify.ErrMismatch) {
		t.Errorf("the seventeenth signature is not looked at: %v", err)
	}
}

// What we accept and what the library of Standard Webhooks accepts is the same.
func TestTheBuiltInSourceAgreesWithTheStandardsLibrary(t *testing.T) {
	s := scheme(t, "api")
	rapid.Check(t, func(r *rapid.T) {
		key := base64.StdEncoding.EncodeToString(rapid.SliceOfN(rapid.Byte(), 24, 64).Draw(r, "key"))
		oracle, err := standardwebhooks.NewWebhook(key)
		if err != nil {
			r.Fatal(err)
		}
		id := rapid.StringMatching(`[a-zA-Z0-9_]{1,40}`).Draw(r, "id")
		body := rapid.SliceOf(rapid.Byte()).Draw(r, "body")
		signature, err := oracle.Sign(id, now, body)
		if err != nil {
			r.Fatal(err)
		}
		h := headers("webhook-id", id, "webhook-timestamp", strconv.FormatInt(now.Unix(), 10), "webhook-signature", signature)
		if err := verify.Verify(s, verify.Request{Header: h, Body: body}, [][]byte{[]byte(whsecOf(key))}, now); err != nil {
			r.Fatalf("the library's signature was refused: %v", err)
		}
	})
}

func whsecOf(key string) string { return "whsec_" + key }

func TestOtherWaysOfSigning(t *testing.T) {
	mac := func(key, message string) []byte {
		m := hmac.New(sha256.New, []byte(key))
		m.Write([]byte(message))
		return m.Sum(nil)
	}
	rfc2822, rfc3339 := now.Format(time.RFC1123Z), now.Format(time.RFC3339)
	stamped := func(format definition.TimestampFormat) definition.Verify {
		return definition.Verify{
			Scheme: definition.HMACSHA256, Header: "X-Sig", Encoding: definition.HexUpper, Separator: ":",
			Signed:    []definition.Part{definition.PartTimestamp, definition.PartBody},
			Timestamp: &definition.Timestamp{Header: "X-Time", Format: format, ToleranceSeconds: 60},
		}
	}
	upper := func(message string) string { return strings.ToUpper(hex.EncodeToString(mac("k", message))) }
	tests := []struct {
		name   string
		verify definition.Verify
		header http.Header
		want   error
	}{
		{"static header", definition.Verify{Scheme: definition.StaticHeader, Header: "X-Token"}, headers("X-Token", "k"), nil},
		{"static header, wrong", definition.Verify{Scheme: definition.StaticHeader, Header: "X-Token"}, headers("X-Token", "kk"), verify.ErrMismatch},
		{"scheme None accepts nothing", definition.Verify{Scheme: definition.None}, headers(), verify.ErrNoSignature},
		{"RFC 2822 time", stamped(definition.RFC2822), headers("X-Time", rfc2822, "X-Sig", upper(rfc2822+":body")), nil},
		{"RFC 3339 time", stamped(definition.RFC3339), headers("X-Time", rfc3339, "X-Sig", upper(rfc3339+":body")), nil},
		{"milliseconds", stamped(definition.UnixMillis), headers("X-Time", "1778068800000", "X-Sig", upper("1778068800000:body")), nil},
		{"seconds taken for milliseconds", stamped(definition.UnixMillis), headers("X-Time", "1778068800", "X-Sig", upper("1778068800:body")), verify.ErrStale},
		{"lower case where upper is agreed", stamped(definition.RFC3339), headers("X-Time", rfc3339, "X-Sig", strings.ToLower(upper(rfc3339+":body"))), verify.ErrMismatch},
		{"no time at all", stamped(definition.RFC3339), headers("X-Time", "soon", "X-Sig", upper("soon:body")), verify.ErrNoSignature},
	}
	for _, test := range tests {
		err := verify.Verify(test.verify, verify.Request{Header: test.header, Body: []byte("body")}, [][]byte{[]byte("k")}, now)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
}

// wismo generates secrets as "whsec_" and base64: every definition that asks for one must understand that.
func TestAGeneratedSecretIsUsableWithEveryDefinition(t *testing.T) {
	for _, name := range definition.Names() {
		d, err := definition.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verify.Key(d.Verify.Key, []byte(whsec)); d.NeedsGeneratedKey() && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No header, body or secret makes the verifier panic, and no signature fits two bodies.
func FuzzVerify(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.definition, v.body, v.header.Get("webhook-id"), v.header.Get("webhook-timestamp"), "v1,AAAA", []byte(v.secret))
	}
	f.Fuzz(func(t *testing.T, name string, body []byte, id, stamp, signature string, secret []byte) {
		d, err := definition.Load(name)
		if err != nil {
			t.Skip()
		}
		h := headers("webhook-id", id, "webhook-timestamp", stamp, d.Verify.Header, signature)
		if verify.Verify(d.Verify, verify.Request{Header: h, Body: body}, [][]byte{secret}, now) != nil {
			return
		}
		if verify.Verify(d.Verify, verify.Request{Header: h, Body: append(body, '!')}, [][]byte{secret}, now) == nil {
			t.Error("one signature fits two bodies")
		}
	})
}
