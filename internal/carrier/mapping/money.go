package mapping

import (
	"errors"
	"math/big"
	"regexp"

	"golang.org/x/text/currency"
)

// decimal is bounded, so that no exponent makes a number of a million digits.
var decimal = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,10})?$`)

// minorUnits turns "10.00" in EUR into 1000; the number of decimals is ISO 4217's.
func minorUnits(amount, code string) (int64, error) {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 0, errors.New("the currency is not an ISO 4217 code")
	}
	value, ok := new(big.Rat).SetString(amount)
	if !decimal.MatchString(amount) || !ok {
		return 0, errors.New("the amount is not a decimal number")
	}
	scale, _ := currency.Standard.Rounding(unit)
	factor := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	value.Mul(value, new(big.Rat).SetInt(factor))
	if !value.IsInt() {
		return 0, errors.New("the amount has more decimals than its currency")
	}
	return value.Num().Int64(), nil
}
