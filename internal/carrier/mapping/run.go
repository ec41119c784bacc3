package mapping

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// run is the evaluation of one payload.
type run struct {
	*Mapper
	ctx     context.Context
	receipt Receipt
	clock   clock // the definition's, at home in the Shop's zone
	vars    map[string]any
	nulls   nulls
	cost    uint64
	// fatal ends the run: it was interrupted, or costs too much. After it nothing is evaluated.
	fatal error

	statements  []tracking.Statement
	unmapped    map[string]bool
	degraded    map[string]string // problem by path
	failures    int               // how often a field was degraded
	quarantined []Element
	counts      map[string]int // elements read, by the name of their variable
}

// problem is an error at a path of the definition. Its words hold nothing of the payload.
type problem struct{ path, text string }

func (p problem) Error() string { return p.path + ": " + p.text }

func (r *run) problem(e *definition.Expr, text string) error {
	return problem{r.programs[e].path, text}
}

// eval evaluates an expression; nil is absent. An error is a problem, or what ends the run.
func (r *run) eval(e *definition.Expr) (ref.Val, error) {
	p, ok := r.programs[e]
	if !ok || r.fatal != nil {
		return nil, r.fatal
	}
	if err := r.ctx.Err(); err != nil {
		r.fatal = fmt.Errorf("mapping was interrupted: %w", err)
		return nil, r.fatal
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.timeout)
	defer cancel()
	v, details, err := p.eval.ContextEval(ctx, r.vars)
	if cost := details.ActualCost(); cost != nil {
		r.cost += *cost
	}
	if err := r.judge(p, err, ctx.Err() != nil); err != nil {
		return nil, err
	}
	if v = unwrap(v); v == types.NullValue {
		return nil, nil
	}
	return v, nil
}

// judge says what went wrong in one evaluation, with an error or out of time.
func (r *run) judge(p program, err error, late bool) error {
	switch {
	case r.ctx.Err() != nil:
		r.fatal = fmt.Errorf("mapping was interrupted: %w", r.ctx.Err())
	case err != nil && late:
		r.fatal = fmt.Errorf("%s: %w", p.path, ErrInterrupted)
	case r.cost > maxTotalCost:
		r.fatal = problem{p.path, fmt.Sprintf("the payload costs more than %d units in all", maxTotalCost)}
	case err != nil:
		return problem{p.path, safeMessage(err, p.source)}
	}
	return r.fatal
}

// safeMessage says why an expression failed without quoting the payload: a missing key is named only if the
// expression itself names it.
func safeMessage(err error, source string) string {
	if own, ok := errors.AsType[ownError](err); ok {
		return own.text
	}
	text := err.Error()
	if missing, ok := strings.CutPrefix(text, "no such key: "); ok && strings.Contains(source, missing) {
		return "the payload has no " + missing
	}
	for _, known := range []string{
		"no such key", "no such overload", "no such attribute", "index out of bounds", "actual cost limit exceeded", "memory limit exceeded",
	} {
		if strings.Contains(text, known) {
			return "the expression failed: " + known
		}
	}
	return "the expression failed on this payload"
}

// degrade reports an optional field that failed.
func (r *run) degrade(err error) {
	if err == nil {
		return
	}
	r.failures++
	if p, ok := errors.AsType[problem](err); ok && len(r.degraded) < maxReported {
		r.degraded[p.path] = p.text
	}
}

// quarantine puts an element aside.
func (r *run) quarantine(path string, err error) {
	if r.fatal == nil && len(r.quarantined) < maxReported {
		r.quarantined = append(r.quarantined, Element{Path: path, Problem: err.Error()})
	}
}

// anyHolds reports whether one of the conditions is true. A condition that fails counts as not true: a rule that
// recognises a ping need not understand everything else.
func (r *run) anyHolds(conditions []definition.Expr) bool {
	for i := range conditions {
		if holds, err := r.holds(&conditions[i]); holds && err == nil {
			return true
		}
	}
	return false
}

// requireAll checks what the definition requires of the payload, or of each element of a list in it.
func (r *run) requireAll(conditions []definition.Requirement) error {
	for i := range conditions {
		c := &conditions[i]
		check := func() error {
			if holds, err := r.holds(&c.That); !holds || err != nil {
				return r.problem(&c.That, c.Otherwise)
			}
			return nil
		}
		if c.Each.Absent() {
			if err := check(); err != nil {
				return err
			}
			continue
		}
		if err := r.each(&c.Each, varElement, MaxEvents, func(int) error { return check() }); err != nil {
			return err
		}
	}
	return nil
}

// each evaluates a list and calls do for every element, which is then the variable's value. An element for which do fails is
// quarantined alone, and so is what is beyond the limit. The error is that of the list itself.
func (r *run) each(e *definition.Expr, variable string, limit int, do func(i int) error) error {
	list, err := r.list(e)
	if err != nil {
		return err
	}
	outer, nested := r.vars[variable]
	path := r.programs[e].path
	for i, element := range list {
		if r.fatal != nil {
			break
		}
		if i == limit {
			r.quarantine(path, fmt.Errorf("has %d elements, the first %d are read", len(list), limit))
			break
		}
		r.vars[variable] = element
		if err := do(i); err != nil {
			r.quarantine(fmt.Sprintf("%s[%d]", path, i), err)
		}
	}
	delete(r.vars, variable)
	if nested {
		r.vars[variable] = outer
	}
	return r.fatal
}

// list evaluates to the elements of a list; an absent one has none.
func (r *run) list(e *definition.Expr) ([]ref.Val, error) {
	v, err := r.eval(e)
	if v == nil || err != nil {
		return nil, err
	}
	list, ok := v.(traits.Lister)
	if !ok {
		return nil, r.problem(e, "must yield a list, not "+v.Type().TypeName())
	}
	var all []ref.Val
	for it := list.Iterator(); it.HasNext() == types.True; {
		all = append(all, unwrap(it.Next()))
	}
	return all, nil
}

// eachOptional is each for a list that its statement can do without.
func (r *run) eachOptional(e *definition.Expr, variable string, limit int, do func()) {
	r.degrade(r.each(e, variable, limit, func(int) error {
		do()
		return nil
	}))
}

// takes counts an element against the receipt's own limit.
func (r *run) takes(variable string, limit int) error {
	if r.counts[variable]++; r.counts[variable] > limit {
		return fmt.Errorf("the payload has more than %d of its kind", limit)
	}
	return nil
}

// applies reports whether a block's condition holds, or that it has none. One that fails quarantines its block.
func (r *run) applies(when *definition.Expr) bool {
	if when.Absent() {
		return true
	}
	holds, err := r.holds(when)
	if err != nil {
		r.quarantine(r.programs[when].path, err)
	}
	return holds
}

// state adds a statement.
func (r *run) state(s tracking.Statement, ref string, version time.Time) {
	s.Key.Source, s.Key.Ref = r.receipt.Source, ref
	s.Speaker = r.definition.Rank()
	if version.IsZero() || version.After(r.receipt.Heard) {
		version = r.receipt.Heard
	}
	s.Stamp = tracking.Stamp{Version: version.UTC(), Heard: r.receipt.Heard, Position: len(r.statements)}
	r.statements = append(r.statements, s)
}

// unmappedCodes lists the unknown codes, sorted and bounded.
func (r *run) unmappedCodes() []string {
	codes := slices.Sorted(maps.Keys(r.unmapped))
	return codes[:min(len(codes), maxUnmapped)]
}

// degradedFields lists the optional fields that failed, each with its reason.
func (r *run) degradedFields() []string {
	var all []string
	for path, text := range r.degraded {
		all = append(all, problem{path, text}.Error())
	}
	slices.Sort(all)
	return all
}
