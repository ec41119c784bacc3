package link

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	old  = Key{Number: 1, Secret: bytes.Repeat([]byte{1}, 32)}
	next = Key{Number: 2, Secret: bytes.Repeat([]byte{2}, 32)}
)

func claims() Claims {
	return Claims{Purpose: Order, OrderID: "k5v2x7m3q4zjz6e2l5r7a4y3ha", Expires: noon.Add(24 * time.Hour)}
}

func TestALinkFromAnOldMailOpensWhileItsKeyIsStillInTheSet(t *testing.T) {
	token := Sign(old, claims())
	got, err := Verify([]Key{next, old}, token, Order, noon)
	if err != nil || got != claims() {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := Verify([]Key{next}, token, Order, noon); !errors.Is(err, ErrInvalid) {
		t.Errorf("a removed key still opens: %v", err)
	}
}

func TestALinkIsRefusedAfterItsTimeAndForAnyOtherPurpose(t *testing.T) {
	token := Sign(old, claims())
	if _, err := Verify([]Key{old}, token, Order, claims().Expires); !errors.Is(err, ErrExpired) {
		t.Errorf("at its expiry: %v", err)
	}
	if _, err := Verify([]Key{old}, token, Unsubscribe, noon); !errors.Is(err, ErrInvalid) {
		t.Errorf("an order link unsubscribes: %v", err)
	}
	if _, err := Verify([]Key{old}, Sign(old, Claims{Purpose: "admin", OrderID: "x", Expires: noon.Add(time.Hour)}), "admin", noon); !errors.Is(err, ErrInvalid) {
		t.Errorf("an unknown purpose was accepted: %v", err)
	}
}

func TestAKeyThatIsTooShortOpensNothing(t *testing.T) {
	for _, secret := range [][]byte{nil, []byte("short")} {
		weak := Key{Number: 1, Secret: secret}
		if _, err := Verify([]Key{weak}, Sign(weak, claims()), Order, noon); !errors.Is(err, ErrInvalid) {
			t.Errorf("a key of %d bytes verified: %v", len(secret), err)
		}
	}
}

func TestALinkIsSignedWithTheNewestKeyThatOpensItForAsLongAsItLives(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	expires := now.Add(90 * 24 * time.Hour)
	for name, c := range map[string]struct {
		keys []Key
		want int
	}{
		"none is mounted":             {nil, 0},
		"one":                         {[]Key{{Number: 1}}, 1},
		"the newest of two":           {[]Key{{Number: 2}, {Number: 1}}, 2},
		"one that the page may lack":  {[]Key{{Number: 2, SignFrom: now.Add(time.Second)}, {Number: 1, NotAfter: expires.Add(time.Second)}}, 1},
		"its time has come":           {[]Key{{Number: 2, SignFrom: now}, {Number: 1, NotAfter: expires}}, 2},
		"one that ends before it":     {[]Key{{Number: 2, SignFrom: now.Add(time.Second)}, {Number: 1, NotAfter: expires.Add(-time.Second)}}, 0},
		"one that ends just after it": {[]Key{{Number: 1, NotAfter: expires}}, 1},
	} {
		if k, ok := Signing(c.keys, now, expires); k.Number != c.want || ok != (c.want != 0) {
			t.Errorf("%s: key %d %t, want %d", name, k.Number, ok, c.want)
		}
	}
}

func TestALinkFitsOneLineOfAMail(t *testing.T) {
	if n := len(Sign(old, claims())); n > 72 {
		t.Errorf("the token has %d characters", n)
	}
}

func TestAnyChangeOfOneCharacterBreaksTheLink(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	token := Sign(old, claims())
	for i := range token {
		for _, c := range alphabet {
			if byte(c) == token[i] {
				continue
			}
			forged := token[:i] + string(c) + token[i+1:]
			if _, err := Verify([]Key{old, next}, forged, Order, noon); !errors.Is(err, ErrInvalid) {
				t.Fatalf("character %d as %q: %v", i, c, err)
			}
		}
	}
}

func TestWhatIsSignedIsWhatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := Key{Number: rapid.IntRange(0, 1<<31-1).Draw(t, "number"), Secret: rapid.SliceOfN(rapid.Byte(), MinSecret, 64).Draw(t, "secret")}
		c := Claims{
			Purpose: rapid.SampledFrom([]string{Order, Unsubscribe}).Draw(t, "purpose"),
			OrderID: rapid.StringMatching(`[a-z2-7]{1,40}`).Draw(t, "id"),
			Expires: noon.Add(time.Duration(rapid.IntRange(1, 1<<20).Draw(t, "minutes")) * time.Minute),
		}
		got, err := Verify([]Key{key}, Sign(key, c), c.Purpose, noon)
		if err != nil || got != c {
			t.Fatalf("signed %+v, read %+v, %v", c, got, err)
		}
		other := key
		other.Secret = append(bytes.Clone(key.Secret), 1)
		if _, err := Verify([]Key{other}, Sign(key, c), c.Purpose, noon); !errors.Is(err, ErrInvalid) {
			t.Fatalf("another secret verified: %v", err)
		}
	})
}

func FuzzVerifyNeverAcceptsWhatItDidNotSign(f *testing.F) {
	good := Sign(old, claims())
	f.Add(good)
	f.Add("")
	f.Add(strings.Repeat("A", 300))
	f.Add(good + "=")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := Verify([]Key{old, next}, token, Order, noon); err == nil && token != good {
			t.Errorf("accepted %q", token)
		}
	})
}

func TestALinkNamesWhomItWasSentTo(t *testing.T) {
	c := claims()
	c.Recipient = RecipientOf("00112233445566778899aabbccddeeff")
	token := Sign(old, c)
	got, err := Verify([]Key{old}, token, c.Purpose, noon)
	if err != nil || got != c {
		t.Errorf("read %+v, %v", got, err)
	}
	if RecipientOf("") != (Recipient{}) {
		t.Error("no address is a recipient")
	}
	seen := map[Recipient]string{{}: ""}
	for _, known := range []string{"a", "b", "00112233445566778899aabbccddeeff", "Uo9-_Ej2h1b0kq3mPZb6dA", "not a hash"} {
		r := RecipientOf(known)
		if other, taken := seen[r]; taken {
			t.Errorf("%q is taken for %q", known, other)
		}
		seen[r] = known
	}
}

func TestEveryAddressHasARecipientOfItsOwnInLinks(t *testing.T) {
	seen := map[Recipient]bool{{}: true}
	for _, hash := range []string{"00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeef0", "pZ-4_Kk0v1", "x"} {
		r := RecipientOf(hash)
		if seen[r] {
			t.Errorf("the recipient of %q is the buyer, or another one", hash)
		}
		seen[r] = true
	}
}
