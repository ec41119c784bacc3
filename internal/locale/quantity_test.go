package locale_test

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/locale"
)

func quantity(t interface{ Fatalf(string, ...any) }, text string) locale.Quantity {
	q, err := locale.ParseQuantity(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return q
}

func TestAQuantityIsWrittenAsItWasBought(t *testing.T) {
	for text, want := range map[string]string{
		"2": "2", "2.0": "2", "0.5": "0.5", ".5": "0.5", "1.250": "1.25", "-0.5": "-0.5", "-3": "-3", "0": "0", "1e1": "10", "0.0001": "0.0001",
		"0.0000005": "0.000001", "0.0000004": "0", "-0.0000005": "-0.000001", "999999999999": "999999999999",
	} {
		if got := quantity(t, text).String(); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"", "two", "1,5", "1e12", "1e99", "NaN"} {
		if q, err := locale.ParseQuantity(text); err == nil {
			t.Errorf("%q is read as %v", text, q)
		}
	}
}

func TestAQuantityIsANumberInJSON(t *testing.T) {
	type line struct {
		Quantity locale.Quantity `json:"quantity"`
		Sent     locale.Quantity `json:"sent,omitzero"`
	}
	written, err := json.Marshal(line{Quantity: quantity(t, "0.75")})
	if err != nil || string(written) != `{"quantity":0.75}` {
		t.Fatalf("written as %s: %v", written, err)
	}
	var read line
	if err := json.Unmarshal([]byte(`{"quantity":"1.5","sent":null}`), &read); err != nil || read.Quantity != quantity(t, "1.5") || !read.Sent.IsZero() {
		t.Errorf("read as %+v: %v", read, err)
	}
	if err := json.Unmarshal([]byte(`{"quantity":true}`), &read); err == nil {
		t.Error("true is read as a quantity")
	}
}

func TestWhatWasSentAndWhatIsLeftMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) locale.Quantity {
			return quantity(t, strconv.FormatFloat(float64(rapid.IntRange(-1e9, 1e9).Draw(t, name))/1000, 'f', -1, 64))
		}
		whole, sent := draw("whole"), draw("sent")
		left := whole.Sub(sent)
		if left.Add(sent) != whole || left.Sign() != whole.Cmp(sent) || left.IsZero() != (whole == sent) {
			t.Fatalf("%v of %v leave %v", sent, whole, left)
		}
		if again := quantity(t, left.String()); again != left {
			t.Fatalf("%v is read as %v", left, again)
		}
	})
}

func TestASumStopsAtTheEndOfTheRange(t *testing.T) {
	most := locale.Units(math.MaxInt)
	for range 3 {
		most = most.Add(most)
	}
	if most.Sign() != 1 || most.Cmp(locale.Units(math.MaxInt)) < 0 {
		t.Errorf("the largest sum is %v", most)
	}
	least := locale.Units(math.MinInt).Sub(most)
	if least.Sign() != -1 {
		t.Errorf("the least difference is %v", least)
	}
	if n, whole := locale.Units(-7).Int(); n != -7 || !whole {
		t.Errorf("-7 units are %d (%t)", n, whole)
	}
	if _, whole := quantity(t, "0.5").Int(); whole {
		t.Error("a half is a whole number")
	}
}

func FuzzParseQuantity(f *testing.F) {
	for _, seed := range []string{"2", "0.75", "1e-3", "-0.0000005", "1e11", "+0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := locale.ParseQuantity(text)
		if err != nil {
			return
		}
		if again, err := locale.ParseQuantity(q.String()); err != nil || again != q {
			t.Fatalf("%q is %v, which is read as %v: %v", text, q, again, err)
		}
	})
}
