package locale

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Quantity is how much of an article was bought: 2, or 0.75 of a metre. It is exact to six decimals, the most that shop systems send;
// further decimals are rounded, a half away from zero. Numbers below 1e12 are read; sums stop at 9.2e12. The zero value is none. Quantities can be compared with ==.
type Quantity struct {
	micro int64
}

const (
	quantityDecimals = 6
	unit             = 1_000_000
)

// Units returns a whole number of pieces.
func Units(n int) Quantity {
	const most = math.MaxInt64 / unit
	return Quantity{micro: min(max(int64(n), -most), most) * unit}
}

// ParseQuantity reads a decimal number, such as "2", "0.75" or "1e1".
func ParseQuantity(text string) (Quantity, error) {
	micro, err := parseScaled(text, quantityDecimals)
	if err != nil {
		return Quantity{}, fmt.Errorf("reading a quantity: %w", err)
	}
	return Quantity{micro: micro}, nil
}

// IsZero reports whether q is none.
func (q Quantity) IsZero() bool { return q.micro == 0 }

// Sign returns -1, 0 or 1.
func (q Quantity) Sign() int { return cmp.Compare(q.micro, 0) }

// Add returns the sum, or the end of the range if that is larger.
func (q Quantity) Add(r Quantity) Quantity {
	sum := q.micro + r.micro
	if (r.micro > 0) != (sum > q.micro) && r.micro != 0 {
		return Quantity{micro: saturated(r.micro > 0)}
	}
	return Quantity{micro: sum}
}

// Sub returns the difference, or the end of the range if that is beyond it.
func (q Quantity) Sub(r Quantity) Quantity { return q.Add(Quantity{micro: -r.micro}) }

func saturated(positive bool) int64 {
	if positive {
		return math.MaxInt64
	}
	return -math.MaxInt64
}

// Cmp returns a negative number if q is less than r, a positive one if it is more, else 0.
func (q Quantity) Cmp(r Quantity) int { return cmp.Compare(q.micro, r.micro) }

// Int returns the quantity as a whole number; ok is false if it has decimals.
func (q Quantity) Int() (n int, ok bool) { return int(q.micro / unit), q.micro%unit == 0 }

// String returns the number with a point and no more decimals than it has: "2", "0.75".
func (q Quantity) String() string {
	whole, micro := q.micro/unit, q.micro%unit
	if micro == 0 {
		return strconv.FormatInt(whole, 10)
	}
	sign := ""
	if q.micro < 0 {
		sign, whole, micro = "-", -whole, -micro
	}
	return strings.TrimRight(fmt.Sprintf("%s%d.%06d", sign, whole, micro), "0")
}

// MarshalJSON writes a number.
func (q Quantity) MarshalJSON() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalJSON reads a number, or a string that holds one; null leaves it unchanged.
func (q *Quantity) UnmarshalJSON(data []byte) error {
	text := string(bytes.Trim(data, `"`))
	if text == "null" {
		return nil
	}
	read, err := ParseQuantity(text)
	if err != nil {
		return err
	}
	*q = read
	return nil
}
