package locale

import (
	"errors"
	"fmt"
	"strings"
)

// The decimals of each currency, after ISO 4217 as of 2026, for money in use and for the currencies that were replaced since 2018
// and are still in old orders. CLDR has other numbers: the decimals that prices show (none for RSD, ALL or HUF), while shop systems
// send the decimals of the standard. golang.org/x/text knows neither XCG, SLE nor VES.
const (
	currencies0 = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "
	currencies2 = " AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU" +
		" CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD" +
		" KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD" +
		" PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS" +
		" UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL "
	currencies3 = " BHD IQD JOD KWD LYD OMR TND "
	currencies4 = " CLF UYW "
)

// errNoCurrency does not repeat the code, which may hold anything.
var errNoCurrency = errors.New("the currency is not an ISO 4217 code, such as EUR")

// Digits returns the number of decimals that amounts in the currency have: 2 for EUR, 0 for JPY, 3 for KWD.
// It holds for reading and for writing amounts. ok is false if currency is not a currency code.
func Digits(currency string) (digits int, ok bool) {
	if len(currency) != len("EUR") || strings.Contains(currency, " ") {
		return 0, false
	}
	code := " " + strings.ToUpper(currency) + " "
	switch {
	case strings.Contains(currencies2, code):
		return 2, true
	case strings.Contains(currencies0, code):
		return 0, true
	case strings.Contains(currencies3, code):
		return 3, true
	case strings.Contains(currencies4, code):
		return 4, true
	default:
		return 0, false
	}
}

// ParseMinor reads an amount such as "1234.50" as minor units of the currency: 123450 for EUR, 1235 for JPY.
// Decimals that the currency does not have are rounded, a half away from zero. It refuses a text that is not a number, is too large for int64
// or has no known currency. The error repeats neither amount nor currency.
func ParseMinor(amount, currency string) (int64, error) {
	digits, ok := Digits(currency)
	if !ok {
		return 0, errNoCurrency
	}
	minor, err := parseScaled(amount, digits)
	if err != nil {
		return 0, fmt.Errorf("reading an amount: %w", err)
	}
	return minor, nil
}
