package locale_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/locale"
)

func TestEveryCurrencyHasTheDecimalsOfISO4217(t *testing.T) {
	for digits, codes := range map[int]string{
		0: "CLP ISK JPY KRW PYG VND XAF XOF XPF UGX",
		2: "EUR USD GBP SEK RSD ALL XCG SLE VES HUF TWD IDR COP PKR MRU STN BYN ZWG SSP eur",
		3: "BHD IQD JOD KWD LYD OMR TND",
		4: "CLF UYW",
	} {
		for code := range strings.FieldsSeq(codes) {
			if got, ok := locale.Digits(code); !ok || got != digits {
				t.Errorf("%s has %d decimals (%t), want %d", code, got, ok, digits)
			}
		}
	}
	for _, code := range []string{"", "UF", "EURO", "XXX", "AAA", "€", " EU", "E R", "BTC"} {
		if digits, ok := locale.Digits(code); ok {
			t.Errorf("%q passes for a currency with %d decimals", code, digits)
		}
	}
}

func TestAnAmountIsReadInMinorUnits(t *testing.T) {
	for _, test := range []struct {
		amount, currency string
		want             int64
	}{
		{"1234.50", "RSD", 123450},
		{"1234.50", "ALL", 123450},
		{"10.00", "XCG", 1000},
		{"10.00", "SLE", 1000},
		{"10.00", "VES", 1000},
		{"50000", "KRW", 50000},
		{"50000.00", "KRW", 50000},
		{"29990", "CLP", 29990},
		{"10.500", "KWD", 10500},
		{"0", "EUR", 0},
		{"-0.00", "EUR", 0},
		{"-12.34", "EUR", -1234},
		{"+12.34", "EUR", 1234},
		{" 12.34 ", "EUR", 1234},
		{".5", "EUR", 50},
		{"5.", "EUR", 500},
		{"1e3", "EUR", 100000},
		{"1.5E-1", "EUR", 15},
		{"000000000000000000000000000001.00", "EUR", 100},
		{"1.005", "EUR", 101},
		{"1.0049999999999999999999999", "EUR", 100},
		{"-1.005", "EUR", -101},
		{"0.004", "EUR", 0},
		{"0.005", "EUR", 1},
		{"0.5", "JPY", 1},
		{"99.99", "JPY", 100},
		{"1e-40", "EUR", 0},
		{"9999999999999999.99", "EUR", 999999999999999999},
	} {
		if got, err := locale.ParseMinor(test.amount, test.currency); err != nil || got != test.want {
			t.Errorf("ParseMinor(%q, %s) = %d, %v; want %d", test.amount, test.currency, got, err, test.want)
		}
	}
}

func TestOnlyANumberInAKnownCurrencyIsAnAmount(t *testing.T) {
	for _, test := range []struct{ amount, currency string }{
		{"", "EUR"}, {" ", "EUR"}, {"-", "EUR"}, {".", "EUR"}, {"1,50", "EUR"}, {"1.234.50", "EUR"}, {"€5", "EUR"}, {"5 EUR", "EUR"}, {"NaN", "EUR"},
		{"Inf", "EUR"}, {"0x10", "EUR"}, {"1_000", "EUR"}, {"--5", "EUR"}, {"+-5", "EUR"}, {"1e", "EUR"}, {"1e999999999", "EUR"}, {"1e41", "EUR"},
		{"1e1.5", "EUR"}, {"99999999999999999999", "EUR"}, {strings.Repeat("1", 100), "EUR"}, {"٣", "EUR"}, {"5", "XXX"}, {"5", ""},
	} {
		got, err := locale.ParseMinor(test.amount, test.currency)
		if err == nil {
			t.Errorf("ParseMinor(%q, %q) = %d", test.amount, test.currency, got)
			continue
		}
		if len(test.amount) > 3 && strings.Contains(err.Error(), test.amount) {
			t.Errorf("the error repeats the amount: %v", err)
		}
	}
}

func FuzzParseMinor(f *testing.F) {
	for _, seed := range []string{"12.345", "-1e3", "1e-40", "0.005", "+.5", "9999999999999999.99", "١"} {
		f.Add(seed, "EUR")
		f.Add(seed, "KWD")
		f.Add(seed, "JPY")
	}
	f.Fuzz(func(t *testing.T, amount, currency string) {
		minor, err := locale.ParseMinor(amount, currency)
		if err != nil {
			return
		}
		exact, ok := new(big.Rat).SetString(strings.TrimSpace(amount))
		digits, known := locale.Digits(currency)
		if !ok || !known {
			t.Fatalf("%q in %q is read as %d", amount, currency, minor)
		}
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
		off := new(big.Rat).Sub(new(big.Rat).Mul(exact, new(big.Rat).SetInt(scale)), new(big.Rat).SetInt64(minor))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%q in %q is read as %d", amount, currency, minor)
		}
	})
}
