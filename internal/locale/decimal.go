package locale

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Bounds of a decimal number, so that no text makes a number of a million digits.
const (
	maxDecimalText = 64
	maxExponent    = 40
)

var (
	errNoNumber = errors.New("not a decimal number")
	errTooLarge = errors.New("the number is too large")
)

// parseScaled reads a decimal number, such as "-12.345" or "1.2e3", and returns it times 10^scale.
// Further decimals are rounded, a half away from zero, so that a refund mirrors its charge.
func parseScaled(text string, scale int) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxDecimalText {
		return 0, errNoNumber
	}
	unsigned, negative := strings.CutPrefix(text, "-")
	if !negative {
		unsigned = strings.TrimPrefix(text, "+")
	}
	digits, exponent, err := splitDecimal(unsigned)
	if err != nil {
		return 0, err
	}
	value, err := shift(strings.TrimLeft(digits, "0"), exponent+scale)
	if negative {
		value = -value
	}
	return value, err
}

// splitDecimal returns an unsigned number as digits times 10^exponent.
func splitDecimal(text string) (digits string, exponent int, err error) {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, err = strconv.Atoi(text[i+1:])
		if err != nil || exponent < -maxExponent || exponent > maxExponent {
			return "", 0, errNoNumber
		}
		text = text[:i]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits = whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, errNoNumber
	}
	return digits, exponent - len(fraction), nil
}

// shift returns digits times 10^by, rounded half up.
func shift(digits string, by int) (int64, error) {
	if digits == "" {
		return 0, nil
	}
	roundUp := false
	if by < 0 {
		keep := len(digits) + by
		if keep < 0 {
			return 0, nil
		}
		roundUp = digits[keep] >= '5'
		digits, by = digits[:keep], 0
	}
	if len(digits)+by > len(strconv.Itoa(math.MaxInt64))-1 {
		return 0, errTooLarge
	}
	value, err := strconv.ParseInt("0"+digits+strings.Repeat("0", by), 10, 64)
	if err != nil {
		return 0, errTooLarge
	}
	if roundUp {
		value++
	}
	return value, nil
}
