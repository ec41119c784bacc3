package mapping

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// run is the evaluation of one payload. The first error sticks; after it every value is empty and nothing is evaluated.
type run struct {
	ctx        context.Context
	definition *definition.Definition
	patience   time.Duration
	zone       *time.Location
	receivedAt time.Time
	vars       map[string]any
	cost       uint64
	err        error

	update   tracking.Update
	unmapped map[string]bool
	parcels  int
	events   int
}

// fail keeps the first error, under the path of its expression.
func (r *run) fail(path, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %w", path, fmt.Errorf(format, args...))
	}
}

// value evaluates an expression; nil is absent.
func (r *run) value(p program) ref.Val {
	if r.err != nil || p.absent() {
		return nil
	}
	if err := r.ctx.Err(); err != nil {
		r.err = fmt.Errorf("mapping was interrupted: %w", err)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.patience)
	defer cancel()
	v, details, err := p.eval.ContextEval(ctx, r.vars)
	if cost := details.ActualCost(); cost != nil {
		r.cost += *cost
	}
	r.judge(p, err, ctx.Err() != nil)
	if v = unwrap(v); r.err != nil || v == types.NullValue {
		return nil
	}
	return v
}

// judge keeps what went wrong in one evaluation, with an error or out of time.
func (r *run) judge(p program, err error, late bool) {
	switch {
	case r.ctx.Err() != nil:
		r.err = fmt.Errorf("mapping was interrupted: %w", r.ctx.Err())
	case err != nil && late:
		r.fail(p.path, "%w", ErrInterrupted)
	case err != nil:
		r.fail(p.path, "%s", safeMessage(err, p.source))
	case r.cost > maxTotalCost:
		r.fail(p.path, "the payload costs more than %d units in all", maxTotalCost)
	}
}

// safeMessage says why an expression failed without quoting the payload: a missing key is named only if the
// expression itself names it.
func safeMessage(err error, source string) string {
	text := err.Error()
	if missing, ok := strings.CutPrefix(text, "no such key: "); ok && strings.Contains(source, missing) {
		return "the payload has no " + missing
	}
	for _, known := range []string{"no such key", "no such overload", "no such attribute", "index out of bounds", "actual cost limit exceeded"} {
		if strings.Contains(text, known) {
			return "the expression failed: " + known
		}
	}
	return "the expression failed on this payload"
}

// anyHolds says whether one of the conditions is true. A condition that fails counts as not true: a rule that
// recognises a ping need not understand everything else.
func (r *run) anyHolds(conditions []program) bool {
	for _, p := range conditions {
		holds := r.flag(p)
		if r.ctx.Err() == nil && r.cost <= maxTotalCost && !errors.Is(r.err, ErrInterrupted) {
			r.err = nil
		}
		if holds {
			return true
		}
	}
	return false
}

// requireAll fails with the definition's own words when a required condition does not hold.
func (r *run) requireAll(conditions []program) {
	for i, p := range conditions {
		if !r.flag(p) && r.err == nil {
			r.err = fmt.Errorf("%s: %s", p.path, r.definition.Mapping.Require[i].Otherwise)
		}
	}
}

// each evaluates a list and calls do for every element, which is then the variable's value.
func (r *run) each(p program, variable string, limit int, do func()) {
	v := r.value(p)
	if v == nil {
		return
	}
	list, ok := v.(traits.Lister)
	if !ok {
		r.fail(p.path, "must yield a list, not %s", v.Type().TypeName())
		return
	}
	if size, ok := list.Size().(types.Int); !ok || int(size) > limit {
		r.fail(p.path, "yields more than %d elements", limit)
		return
	}
	for it := list.Iterator(); r.err == nil && it.HasNext() == types.True; {
		r.vars[variable] = it.Next()
		do()
	}
	delete(r.vars, variable)
}

// text evaluates to plain text of at most limit runes.
func (r *run) text(p program, limit int) string {
	return plain(r.raw(p), limit)
}

// raw evaluates to the text as the payload has it.
func (r *run) raw(p program) string {
	v := r.value(p)
	if v == nil {
		return ""
	}
	s, ok := asText(v)
	if !ok {
		r.fail(p.path, "must yield a text, not %s", v.Type().TypeName())
	}
	return s
}

// texts evaluates to a list of texts without the absent ones.
func (r *run) texts(p program) []string {
	v := r.value(p)
	if v == nil {
		return nil
	}
	list, ok := v.(traits.Lister)
	if !ok {
		r.fail(p.path, "must yield a list of texts, not %s", v.Type().TypeName())
		return nil
	}
	var all []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		if s, ok := asText(unwrap(it.Next())); ok && s != "" {
			all = append(all, s)
		}
	}
	return all
}

// integer evaluates to a whole number.
func (r *run) integer(p program) int64 {
	v := r.value(p)
	if v == nil {
		return 0
	}
	s, ok := asText(v)
	n, err := strconv.ParseInt(s, 10, 64)
	if !ok || err != nil {
		r.fail(p.path, "must yield a whole number")
	}
	return n
}

// flag evaluates to a boolean; carriers also write it as a text.
func (r *run) flag(p program) bool {
	v := r.value(p)
	if v == nil {
		return false
	}
	s, _ := asText(v)
	b, err := strconv.ParseBool(s)
	if err != nil {
		r.fail(p.path, "must yield a boolean")
	}
	return b
}

// time evaluates to an instant; zero is absent.
func (r *run) time(p program) time.Time {
	v := r.value(p)
	if v == nil {
		return time.Time{}
	}
	if ts, ok := v.(types.Timestamp); ok {
		return ts.Time
	}
	s, _ := asText(v)
	t, err := parseTime(s, r.zone)
	if err != nil {
		r.fail(p.path, "%w", err)
	}
	return t
}

// oneOf evaluates to one of a closed list of words.
func oneOf[T ~string](r *run, p program, allowed []T) T {
	word := T(r.raw(p))
	if word != "" && !slices.Contains(allowed, word) {
		r.fail(p.path, "must yield one of %v", allowed)
		return ""
	}
	return word
}

// asText reads a scalar; numbers are written without an exponent.
func asText(v ref.Val) (string, bool) {
	switch v := v.(type) {
	case types.String:
		return string(v), true
	case types.Int:
		return strconv.FormatInt(int64(v), 10), true
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10), true
	case types.Double:
		return strconv.FormatFloat(float64(v), 'f', -1, 64), true
	case types.Bool:
		return strconv.FormatBool(bool(v)), true
	}
	return "", false
}

// unmappedCodes lists the unknown codes, sorted and bounded.
func (r *run) unmappedCodes() []string {
	codes := slices.Sorted(maps.Keys(r.unmapped))
	return codes[:min(len(codes), maxUnmapped)]
}
