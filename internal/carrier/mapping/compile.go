package mapping

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

// program is one compiled expression; without eval it is absent.
type program struct {
	path   string
	source string
	eval   cel.Program
}

func (p program) absent() bool { return p.eval == nil }

// Programs of the definition's blocks, field by field.
type (
	ordersPrograms struct {
		when, list, number, externalID, at, placedAt, phase, phaseAt, locale program
		name, email, phone                                                   program
		street, postcode, city, country                                      program
		items                                                                itemsPrograms
		currency, totalMinor                                                 program
		promise                                                              etaPrograms
		parcels                                                              orderedParcelPrograms
	}
	itemsPrograms         struct{ list, name, sku, quantity, priceMinor program }
	orderedParcelPrograms struct{ list, carrier, number, url, shipmentID program }
	parcelsPrograms       struct {
		when, list, carrier, number, url, orderNumber, externalID, shipmentID, at program
		eta                                                                       etaPrograms
		events                                                                    eventsPrograms
	}
	eventsPrograms struct {
		list, id, code, codes, qualifiers, time, location, text program
		delayed, returning, actionRequired, reason              program
		eta                                                     etaPrograms
	}
	etaPrograms struct{ day, from, to program }
)

// Compile compiles every expression of a definition. An error is definition.Problems: all of them, with path and line.
func Compile(d *definition.Definition) (*Mapper, error) {
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("preparing CEL: %w", err)
	}
	zone, err := time.LoadLocation(d.Mapping.TimeZone) // "" is UTC
	if err != nil {
		return nil, definition.Problems{{Path: "mapping.timeZone", Text: err.Error()}}
	}
	c := &compiler{}
	base := scope{compiler: c, env: env}
	m := &Mapper{definition: d, zone: zone, patience: maxDuration}
	for i, e := range d.Mapping.Ignore {
		m.ignore = append(m.ignore, base.condition(fmt.Sprintf("mapping.ignore[%d]", i), e))
	}
	for i, r := range d.Mapping.Require {
		m.require = append(m.require, base.condition(fmt.Sprintf("mapping.require[%d].that", i), r.That))
	}
	for i, o := range d.Mapping.Orders {
		m.orders = append(m.orders, base.orders(fmt.Sprintf("mapping.orders[%d]", i), o))
	}
	for i, p := range d.Mapping.Parcels {
		m.parcels = append(m.parcels, base.parcels(fmt.Sprintf("mapping.parcels[%d]", i), p))
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return m, nil
}

// compiler collects the problems of all expressions.
type compiler struct{ problems definition.Problems }

// scope is what an expression at one place of the definition may name.
type scope struct {
	*compiler
	env *cel.Env
}

// with adds the element of a list to the scope.
func (s scope) with(variable string) scope {
	env, err := s.env.Extend(cel.Variable(variable, cel.DynType))
	if err != nil { // the names are constants of this package and distinct
		s.problems = append(s.problems, definition.Problem{Text: fmt.Sprintf("preparing CEL: %v", err)})
		return s
	}
	return scope{compiler: s.compiler, env: env}
}

// value compiles an expression of any type.
func (s scope) value(path string, e definition.Expr) program {
	p, _ := s.compile(path, e)
	return p
}

// condition compiles an expression that must yield a boolean.
func (s scope) condition(path string, e definition.Expr) program {
	p, kind := s.compile(path, e)
	if !p.absent() && !kind.IsExactType(cel.BoolType) && !kind.IsExactType(cel.DynType) {
		s.problem(path, e.Line, "must yield a boolean, not %s", kind)
	}
	return p
}

func (s scope) compile(path string, e definition.Expr) (program, *cel.Type) {
	if e.Absent() {
		return program{path: path}, nil
	}
	if len(e.Source) > maxSourceBytes {
		s.problem(path, e.Line, "the expression has %d bytes, at most %d are allowed", len(e.Source), maxSourceBytes)
		return program{path: path}, nil
	}
	checked, issues := s.env.Compile(e.Source)
	if issues.Err() != nil {
		for _, issue := range issues.Errors() {
			s.problem(path, e.Line+max(issue.Location.Line()-1, 0), "%s (column %d of the expression)", issue.Message, issue.Location.Column()+1)
		}
		return program{path: path}, nil
	}
	if s.callsWithheld(path, e.Line, checked) {
		return program{path: path}, nil
	}
	// No constant folding: it would evaluate without limits, in the operator too.
	eval, err := s.env.Program(checked, cel.CostLimit(maxCost), cel.InterruptCheckFrequency(checkEvery), cel.EvalOptions(cel.OptTrackCost))
	if err != nil {
		s.problem(path, e.Line, "%v", err)
		return program{path: path}, nil
	}
	return program{path: path, source: e.Source, eval: eval}, checked.OutputType()
}

// callsWithheld reports the calls of functions that are not offered.
func (c *compiler) callsWithheld(path string, line int, checked *cel.Ast) bool {
	found := false
	for _, name := range withheld {
		if len(ast.MatchDescendants(ast.NavigateAST(checked.NativeRep()), ast.FunctionMatcher(name))) > 0 {
			c.problem(path, line, "the function %s is not offered: its cost cannot be bounded", name)
			found = true
		}
	}
	return found
}

func (c *compiler) problem(path string, line int, format string, args ...any) {
	text := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	c.problems = append(c.problems, definition.Problem{Path: path, Line: line, Text: text})
}

func (s scope) orders(path string, d definition.Orders) ordersPrograms {
	order := s.with(varOrder)
	return ordersPrograms{
		when:       s.condition(path+".when", d.When),
		list:       s.value(path+".list", d.List),
		number:     order.value(path+".number", d.Number),
		externalID: order.value(path+".externalID", d.ExternalID),
		at:         order.value(path+".at", d.At),
		placedAt:   order.value(path+".placedAt", d.PlacedAt),
		phase:      order.value(path+".phase", d.Phase),
		phaseAt:    order.value(path+".phaseAt", d.PhaseAt),
		locale:     order.value(path+".locale", d.Locale),
		name:       order.value(path+".customer.name", d.Customer.Name),
		email:      order.value(path+".customer.email", d.Customer.Email),
		phone:      order.value(path+".customer.phone", d.Customer.Phone),
		street:     order.value(path+".destination.street", d.Destination.Street),
		postcode:   order.value(path+".destination.postcode", d.Destination.Postcode),
		city:       order.value(path+".destination.city", d.Destination.City),
		country:    order.value(path+".destination.country", d.Destination.Country),
		items:      order.items(path+".items", d.Items),
		currency:   order.value(path+".currency", d.Currency),
		totalMinor: order.value(path+".totalMinor", d.TotalMinor),
		promise:    order.eta(path+".promise", d.Promise),
		parcels:    order.orderedParcels(path+".parcels", d.Parcels),
	}
}

func (s scope) items(path string, d definition.Items) itemsPrograms {
	item := s.with(varItem)
	return itemsPrograms{
		list:       s.value(path+".list", d.List),
		name:       item.value(path+".name", d.Name),
		sku:        item.value(path+".sku", d.SKU),
		quantity:   item.value(path+".quantity", d.Quantity),
		priceMinor: item.value(path+".priceMinor", d.PriceMinor),
	}
}

func (s scope) orderedParcels(path string, d definition.OrderedParcel) orderedParcelPrograms {
	parcel := s.with(varParcel)
	return orderedParcelPrograms{
		list:       s.value(path+".list", d.List),
		carrier:    parcel.value(path+".carrier", d.Carrier),
		number:     parcel.value(path+".number", d.Number),
		url:        parcel.value(path+".url", d.URL),
		shipmentID: parcel.value(path+".shipmentID", d.ShipmentID),
	}
}

func (s scope) parcels(path string, d definition.Parcels) parcelsPrograms {
	parcel := s.with(varParcel)
	return parcelsPrograms{
		when:        s.condition(path+".when", d.When),
		list:        s.value(path+".list", d.List),
		carrier:     parcel.value(path+".carrier", d.Carrier),
		number:      parcel.value(path+".number", d.Number),
		url:         parcel.value(path+".url", d.URL),
		orderNumber: parcel.value(path+".orderNumber", d.OrderNumber),
		externalID:  parcel.value(path+".externalID", d.ExternalID),
		shipmentID:  parcel.value(path+".shipmentID", d.ShipmentID),
		at:          parcel.value(path+".at", d.At),
		eta:         parcel.eta(path+".eta", d.ETA),
		events:      parcel.events(path+".events", d.Events),
	}
}

func (s scope) events(path string, d definition.Events) eventsPrograms {
	event := s.with(varEvent)
	return eventsPrograms{
		list:           s.value(path+".list", d.List),
		id:             event.value(path+".id", d.ID),
		code:           event.value(path+".code", d.Code),
		codes:          event.value(path+".codes", d.Codes),
		qualifiers:     event.value(path+".qualifiers", d.Qualifiers),
		time:           event.value(path+".time", d.Time),
		location:       event.value(path+".location", d.Location),
		text:           event.value(path+".text", d.Text),
		delayed:        event.value(path+".delayed", d.Delayed),
		returning:      event.value(path+".returning", d.Returning),
		actionRequired: event.value(path+".actionRequired", d.ActionRequired),
		reason:         event.value(path+".reason", d.Reason),
		eta:            event.eta(path+".eta", d.ETA),
	}
}

func (s scope) eta(path string, d definition.ETA) etaPrograms {
	return etaPrograms{
		day:  s.value(path+".day", d.Day),
		from: s.value(path+".from", d.From),
		to:   s.value(path+".to", d.To),
	}
}
