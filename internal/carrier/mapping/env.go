package mapping

import (
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// Bounds of one expression. Cost is in CEL's own units, which also bound what an expression can build; the catalog's
// dearest expression costs a few hundred. The deadline is the net below that.
const (
	maxSourceBytes = 4 << 10
	maxCost        = 100_000
	maxDuration    = 200 * time.Millisecond
	checkEvery     = 100
	// maxTotalCost bounds all expressions over one payload together.
	maxTotalCost = 2_000_000
)

// Variables, see definition.Mapping.
const (
	varHeader     = "header"
	varBody       = "body"
	varReceivedAt = "receivedAt"
	varOrder      = "order"
	varItem       = "item"
	varParcel     = "parcel"
	varEvent      = "event"
)

// withheld are functions of CEL's extensions that build or search without bound inside one call, where no cost is
// counted: measured, two nested replace() over 10 kB ask for a terabyte before the cost limit looks.
var withheld = []string{"replace", "join", "format", "indexOf", "lastIndexOf", "distinct"}

// environment makes the CEL environment once, when the first definition is compiled: it costs 5 MB.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.OptionalTypes(),
		ext.Strings(ext.StringsVersion(4)),
		ext.Lists(ext.ListsVersion(3)),
		ext.Bindings(),
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(maxSourceBytes),
		cel.Variable(varHeader, cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable(varBody, cel.DynType),
		cel.Variable(varReceivedAt, cel.TimestampType),
		cel.Function("minor",
			cel.Overload("minor_dyn_dyn", []*cel.Type{cel.DynType, cel.DynType}, cel.DynType,
				cel.BinaryBinding(celMinor))),
	)
})

// celMinor is minor(amount, currency): a decimal amount in minor units of the currency; null when either is absent.
func celMinor(amount, currency ref.Val) ref.Val {
	amount, currency = unwrap(amount), unwrap(currency)
	if amount == types.NullValue || currency == types.NullValue {
		return types.NullValue
	}
	decimal, ok := asText(amount)
	code, isText := currency.(types.String)
	if !ok || !isText {
		return types.NewErr("minor() takes a decimal amount and an ISO 4217 code")
	}
	n, err := minorUnits(decimal, string(code))
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Int(n)
}

// unwrap takes the value out of an optional; an empty one is null.
func unwrap(v ref.Val) ref.Val {
	if o, ok := v.(*types.Optional); ok {
		if !o.HasValue() {
			return types.NullValue
		}
		return unwrap(o.GetValue())
	}
	return v
}
