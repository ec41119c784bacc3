package mapping

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/locale"
)

// maxTags bounds a list of tags.
const maxTags = 50

// get evaluates an optional field; nil is absent. A failure is reported as degraded.
func (r *run) get(e *definition.Expr) ref.Val {
	v, err := r.eval(e)
	r.degrade(err)
	return v
}

// bad reports an optional field that has the wrong form.
func (r *run) bad(e *definition.Expr, problem string) {
	r.degrade(r.problem(e, problem))
}

// text evaluates to plain text of at most limit runes.
func (r *run) text(e *definition.Expr, limit int) string {
	return plain(r.raw(e), limit)
}

// raw evaluates to the text as the payload has it.
func (r *run) raw(e *definition.Expr) string {
	s, err := r.must(e)
	r.degrade(err)
	return s
}

// must evaluates a field that its element cannot do without, to the text as the payload has it; "" is absent.
func (r *run) must(e *definition.Expr) (string, error) {
	v, err := r.eval(e)
	if v == nil || err != nil {
		return "", err
	}
	s, ok := asText(v)
	if !ok {
		return "", r.problem(e, "must yield a text, not "+v.Type().TypeName())
	}
	return s, nil
}

// word evaluates to an identifier that a platform gave.
func (r *run) word(e *definition.Expr) string { return r.text(e, maxWord) }

// texts evaluates to a list of texts without the absent ones.
func (r *run) texts(e *definition.Expr) []string {
	v := r.get(e)
	if v == nil {
		return nil
	}
	list, ok := v.(traits.Lister)
	if !ok {
		r.bad(e, "must yield a list of texts, not "+v.Type().TypeName())
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

// tags evaluates to tags: a list of texts, or one text with commas.
func (r *run) tags(e *definition.Expr) []string {
	v := r.get(e)
	if v == nil {
		return nil
	}
	var all []string
	if s, ok := asText(v); ok {
		all = strings.Split(s, ",")
	} else {
		all = r.texts(e)
	}
	var tags []string
	for _, s := range all {
		if s = plain(s, maxWord); s != "" && len(tags) < maxTags && !slices.Contains(tags, s) {
			tags = append(tags, s)
		}
	}
	return tags
}

// integer evaluates to a whole number.
func (r *run) integer(e *definition.Expr) int64 {
	s := r.raw(e)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		r.bad(e, "must yield a whole number")
	}
	return n
}

// quantity evaluates to a decimal number; what is absent or cannot be read is one piece.
func (r *run) quantity(e *definition.Expr) locale.Quantity {
	s := r.raw(e)
	if s == "" {
		return locale.Units(1)
	}
	q, err := locale.ParseQuantity(s)
	if err != nil || q.Sign() < 0 {
		r.bad(e, "must yield a decimal number that is not negative")
		return locale.Units(1)
	}
	return q
}

// flag evaluates to a boolean; carriers also write it as a text.
func (r *run) flag(e *definition.Expr) bool {
	b, err := r.holds(e)
	r.degrade(err)
	return b
}

// holds evaluates to a boolean.
func (r *run) holds(e *definition.Expr) (bool, error) {
	s, err := r.must(e)
	if s == "" || err != nil {
		return false, err
	}
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, r.problem(e, "must yield a boolean")
	}
	return b, nil
}

// moment evaluates to a time as it was written; zero is absent.
func (r *run) moment(e *definition.Expr, c clock) moment {
	v := r.get(e)
	if v == nil {
		return moment{}
	}
	if ts, ok := v.(types.Timestamp); ok {
		return moment{Time: ts.Time, zoned: true}
	}
	s, _ := asText(v)
	m, err := c.parse(s)
	if err != nil {
		r.bad(e, err.Error())
	}
	return m
}

// time evaluates to an instant; zero is absent.
func (r *run) time(e *definition.Expr) time.Time {
	return r.moment(e, r.clock).UTC()
}

// past evaluates to a time that is not after the receipt, which cannot report the future.
func (r *run) past(e *definition.Expr) time.Time {
	return r.notAfterHeard(r.time(e))
}

func (r *run) notAfterHeard(t time.Time) time.Time {
	if t.After(r.receipt.Heard) {
		return r.receipt.Heard
	}
	return t
}

// date evaluates to a time at which a day may be meant.
func (r *run) date(e *definition.Expr) moment { return r.clock.dayAtHome(r.moment(e, r.clock)) }

// day evaluates to a calendar day, as it is written.
func (r *run) day(e *definition.Expr) locale.Day {
	m := r.date(e)
	if m.IsZero() || m.After(r.receipt.Heard.Add(farFuture)) {
		return locale.Day{}
	}
	return m.day()
}

// url evaluates to a link.
func (r *run) url(e *definition.Expr) string { return webURL(r.raw(e)) }

// joined evaluates to a text, or joins a list of them: with ", ", and lists within it with " ".
func (r *run) joined(e *definition.Expr, limit int) string {
	v := r.get(e)
	if v == nil {
		return ""
	}
	return plain(join(v, ", ", limit*maxRuneBytes), limit)
}

// maxRuneBytes is how much longer a text may be before it is made plain: tags and entities go.
const maxRuneBytes = 16

// join stops once it has bytes enough.
func join(v ref.Val, separator string, bytes int) string {
	list, ok := v.(traits.Lister)
	if !ok {
		s, _ := asText(v)
		return s[:min(len(s), max(bytes, 0))]
	}
	var parts []string
	for it := list.Iterator(); bytes > 0 && it.HasNext() == types.True; {
		if part := strings.TrimSpace(join(unwrap(it.Next()), " ", bytes)); part != "" {
			parts = append(parts, part)
			bytes -= len(part)
		}
	}
	return strings.Join(parts, separator)
}

// oneOf evaluates to one of a closed list of words.
func oneOf[T ~string](r *run, e *definition.Expr, allowed []T) T {
	word := T(r.raw(e))
	if word != "" && !slices.Contains(allowed, word) {
		words := make([]string, len(allowed))
		for i, a := range allowed {
			words[i] = string(a)
		}
		r.bad(e, "must yield one of "+strings.Join(words, ", "))
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
