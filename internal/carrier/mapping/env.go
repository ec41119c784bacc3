package mapping

import (
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"

	"github.com/wismo-dev/wismo/internal/locale"
)

// Bounds of one expression. Cost is in CEL's own units; the catalog's dearest expression costs a few for each element of its list. The
// deadline is the net below that.
const (
	maxSourceBytes = 4 << 10
	maxCost        = 250_000
	maxDuration    = 200 * time.Millisecond
	checkEvery     = 20
	// maxBuilt bounds a value in elements, ten bytes of text counting as one: a payload of 1 MiB has some 150,000.
	maxBuilt = 500_000
	maxDepth = 64
	// maxTotalCost bounds all expressions over one payload together.
	maxTotalCost = 20_000_000
)

// Variables, see definition.Mapping.
const (
	varHeader     = "header"
	varBody       = "body"
	varReceivedAt = "receivedAt"
	varElement    = "element"
	varOrder      = "order"
	varItem       = "item"
	varRecipient  = "recipient"
	varRefund     = "refund"
	varLink       = "link"
	varShipment   = "shipment"
	varLine       = "line"
	varParcel     = "parcel"
	varLeg        = "leg"
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
		cel.Function("each",
			cel.Overload("each_dyn", []*cel.Type{cel.DynType}, cel.ListType(cel.DynType),
				cel.UnaryBinding(celEach))),
	)
})

// ownError is a failure of one of wismo's functions: its words hold nothing of the payload and are passed on.
type ownError struct{ text string }

func (e ownError) Error() string { return e.text }

// celMinor implements minor(amount, currency): a decimal amount in minor units of the currency; null when either is absent.
func celMinor(amount, currency ref.Val) ref.Val {
	amount, currency = unwrap(amount), unwrap(currency)
	if amount == types.NullValue || currency == types.NullValue {
		return types.NullValue
	}
	decimal, ok := asText(amount)
	code, isText := currency.(types.String)
	if !ok || !isText {
		return types.WrapErr(ownError{"minor() takes a decimal amount and an ISO 4217 code"})
	}
	n, err := locale.ParseMinor(strings.TrimSpace(decimal), string(code))
	if err != nil {
		return types.WrapErr(ownError{err.Error()})
	}
	return types.Int(n)
}

// celEach implements each(x): what providers write as a list, or bare where there is only one.
func celEach(v ref.Val) ref.Val {
	v = unwrap(v)
	if list, ok := v.(traits.Lister); ok {
		return list
	}
	if object, ok := v.(traits.Mapper); v == types.NullValue || ok && object.Size() == types.IntZero {
		return types.NewRefValList(types.DefaultTypeAdapter, nil)
	}
	return types.NewRefValList(types.DefaultTypeAdapter, []ref.Val{v})
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
