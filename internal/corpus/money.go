package corpus

import (
	"fmt"
	"strconv"
)

// decimal writes an amount as shop systems do, e.g. "49.90" or, in yen, "4990".
func decimal(minor int64, currency string) string {
	switch currency {
	case "JPY", "KRW":
		return strconv.FormatInt(minor, 10)
	case "KWD", "BHD":
		return fmt.Sprintf("%d.%03d", minor/1000, minor%1000)
	default:
		return fmt.Sprintf("%d.%02d", minor/100, minor%100)
	}
}
