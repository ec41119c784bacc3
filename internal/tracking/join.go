package tracking

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Windows of joining. A bare number means the same purchase only inside its window; carriers reuse numbers, and shops restart theirs.
const (
	// orderWindow is how far apart two orders of one number may have been placed and still be one purchase.
	orderWindow = 30 * 24 * time.Hour
	// hintWindow is how long after an order was placed a bare order number in a carrier's word still means it.
	hintWindow = 120 * 24 * time.Hour
	// early is how long before an order was placed its parcels may have been told of: labels are made ahead, clocks differ.
	early = 48 * time.Hour
	// numberWindow is how long a parcel number means one parcel. EasyPost, the most cautious aggregator read, holds two uses
	// three months apart.
	numberWindow = 120 * 24 * time.Hour
)

// Joined says which records speak of one purchase.
type Joined struct {
	Groups   []Group
	Waiting  []int // shipments and trackers whose order is not known
	Doubtful []int // those whose order is ambiguous, or contradicts what they say: never guessed
}

// Group is one purchase.
type Group struct {
	Records []int // the order records first, the oldest leading
	Bounds  Bounds
}

// Bounds is what a group cannot see in its own records.
type Bounds struct {
	// Shared are normal parcel numbers that orders of other recipients name as well: nothing personal of them is shown.
	Shared []string `json:",omitzero"`
	// Together are, by normal parcel number, the numbers of other orders of the same recipient that the parcel carries.
	Together map[string][]string `json:",omitzero"`
	// Ends are the instants from which a normal parcel number is another order's parcel.
	Ends map[string]time.Time `json:",omitzero"`
}

// JoinKeys returns the keys under which other records find this one. Records that share none are never joined directly.
func (r *Record) JoinKeys() []string {
	var keys []string
	add := func(kind, value string) {
		if value != "" && !slices.Contains(keys, kind+value) {
			keys = append(keys, kind+value)
		}
	}
	hint := func(h OrderHint) {
		add("x:", h.ExternalID)
		add("n:", NormalNumber(h.Number))
	}
	switch {
	case r.Order != nil:
		add("x:", r.Order.ExternalID)
		add("n:", NormalNumber(r.Order.Number))
		for _, ref := range r.Order.shipments() {
			add("s:", r.Key.Source+"/"+ref)
		}
	case r.Shipment != nil:
		hint(r.Shipment.Order)
		add("s:", r.Key.Source+"/"+r.Key.Ref)
		for _, p := range r.Shipment.Parcels {
			add("p:", NormalNumber(p.Number))
		}
	case r.Tracker != nil:
		hint(r.Tracker.Order)
		add("p:", NormalNumber(r.Tracker.Number))
		if r.Tracker.Shipment != "" {
			add("s:", r.Key.Source+"/"+r.Tracker.Shipment)
		}
		for _, leg := range r.Tracker.Legs {
			add("p:", NormalNumber(leg.Number))
		}
	}
	return keys
}

func (o *OrderSaid) shipments() []string {
	if o.Shipments == nil {
		return nil
	}
	return *o.Shipments
}

// Join finds which of the records speak of one purchase. The records must be closed over JoinKeys. The result depends neither on
// the order of the records nor on what was joined before. A record that could be two purchases' is doubtful, and joined to none.
func Join(records []Record) Joined {
	j := newJoiner(records)
	j.uniteOrders()
	j.placeAll(KindShipment)
	j.claimNumbers()
	j.placeAll(KindTracker)
	j.placeByNumber()
	return j.result()
}

type joiner struct {
	records  []Record
	order    []int          // indices of the records, sorted by key: the one order in which everything is looked at
	group    map[int]*group // by record
	groups   []*group       // sorted by their leading record
	doubtful []int
	claims   map[string][]claim // by root number
	roots    map[string]string  // see oneParcel
}

// group is a purchase in the making.
type group struct {
	orders  []int
	members []int
	people  people
	placed  time.Time
	number  string // as the shopper knows it
	bounds  Bounds
}

// claim is a shipment's word that a number is one of its parcels.
type claim struct {
	group  *group
	begins time.Time
	lapsed bool // the shipment is cancelled
}

func newJoiner(records []Record) *joiner {
	j := &joiner{records: records, group: map[int]*group{}, claims: map[string][]claim{}}
	for i := range records {
		j.order = append(j.order, i)
	}
	slices.SortFunc(j.order, func(a, b int) int { return records[a].Key.compare(records[b].Key) })
	var trackers []*Record
	for _, i := range j.order {
		if records[i].Tracker != nil {
			trackers = append(trackers, &records[i])
		}
	}
	j.roots = oneParcel(trackers)
	return j
}

func (k Key) compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Kind, o.Kind), cmp.Compare(k.Source, o.Source), cmp.Compare(k.Ref, o.Ref))
}

// placed returns when an order was placed: told, and never after it was heard.
func (r *Record) placed() time.Time {
	if r.Order.PlacedAt.IsZero() || r.Order.PlacedAt.After(r.FirstHeard) {
		return r.FirstHeard
	}
	return r.Order.PlacedAt
}

// uniteOrders makes groups of the order records that are one purchase. What hangs together only by bare numbers and holds two
// records that cannot be one purchase falls apart again into what people or placing confirm.
func (j *joiner) uniteOrders() {
	var orders []int
	for _, i := range j.order {
		if j.records[i].Order != nil {
			orders = append(orders, i)
		}
	}
	for _, together := range components(orders, j.onePurchase) {
		if !j.atOdds(together) {
			j.groups = append(j.groups, &group{orders: together})
			continue
		}
		for _, sure := range components(together, j.surelyOne) {
			j.split(sure)
		}
	}
	for _, g := range j.groups {
		j.describe(g)
	}
}

// split makes groups of order records that came out of a doubtful whole. A word that names no person cannot be placed any more.
func (j *joiner) split(sure []int) {
	switch {
	case len(sure) > 1 && !j.atOdds(sure):
		j.groups = append(j.groups, &group{orders: sure})
	default:
		for _, i := range sure {
			if o := j.records[i].Order; o.ExternalID == "" && o.people().unknown() {
				j.doubtful = append(j.doubtful, i)
				continue
			}
			j.groups = append(j.groups, &group{orders: []int{i}})
		}
	}
}

// components returns the sets that hang together by the relation, each in the order of all.
func components(all []int, related func(a, b int) bool) [][]int {
	var sets [][]int
	for _, i := range all {
		set := []int{i}
		sets = slices.DeleteFunc(sets, func(s []int) bool {
			if !slices.ContainsFunc(s, func(o int) bool { return related(i, o) }) {
				return false
			}
			set = append(s, set...)
			return true
		})
		sets = append(sets, set)
	}
	return sets
}

// atOdds reports whether two of the order records cannot be one purchase.
func (j *joiner) atOdds(orders []int) bool {
	for at, a := range orders {
		if slices.ContainsFunc(orders[at+1:], func(b int) bool { return j.incompatible(a, b) }) {
			return true
		}
	}
	return false
}

// describe gathers what is known of a group's people and time.
func (j *joiner) describe(g *group) {
	slices.SortFunc(g.orders, func(a, b int) int {
		return cmp.Or(j.records[a].placed().Compare(j.records[b].placed()), j.records[a].Key.compare(j.records[b].Key))
	})
	for _, i := range g.orders {
		r := &j.records[i]
		g.placed, g.number = earliest(g.placed, r.placed()), cmp.Or(g.number, r.Order.Number)
		g.people.add(r.Order.people())
		j.group[i] = g
	}
}

// incompatible reports whether two order records are two purchases: a source's own id is identity, so two ids of one source are; so are
// two times of placing that one source tells, and two recipients who have nothing in common.
func (j *joiner) incompatible(a, b int) bool {
	x, y := &j.records[a], &j.records[b]
	if x.Key.Source == y.Key.Source {
		told := !x.Order.PlacedAt.IsZero() && !y.Order.PlacedAt.IsZero()
		switch {
		case x.Order.ExternalID != "" && y.Order.ExternalID != "":
			return true
		case told && x.Order.PlacedAt.Sub(y.Order.PlacedAt).Abs() > early:
			return true
		}
		return x.Order.people().estranged(y.Order.people()) // a corrected address leaves the mail, or the other way round
	}
	return x.Order.people().contradicts(y.Order.people())
}

// onePurchase reports whether two order records may be about the same purchase: an id or the number agrees, inside the window.
func (j *joiner) onePurchase(a, b int) bool {
	x, y := &j.records[a], &j.records[b]
	named := x.Order.ExternalID != "" && x.Order.ExternalID == y.Order.ExternalID
	number := NormalNumber(x.Order.Number)
	if !named && (number == "" || number != NormalNumber(y.Order.Number)) {
		return false
	}
	return x.placed().Sub(y.placed()).Abs() <= orderWindow && !j.incompatible(a, b)
}

// surelyOne reports whether two records are of one purchase, and something beside the number confirms it.
func (j *joiner) surelyOne(a, b int) bool {
	x, y := &j.records[a], &j.records[b]
	sure := x.Order.people().confirms(y.Order.people()) || (x.Key.Source == y.Key.Source && samePlacing(x.Order, y.Order))
	return sure && j.onePurchase(a, b)
}

func samePlacing(a, b *OrderSaid) bool {
	return !a.PlacedAt.IsZero() && a.PlacedAt.Sub(b.PlacedAt).Abs() <= time.Minute
}

// placeAll joins shipments or trackers to the groups.
func (j *joiner) placeAll(kind Kind) {
	for _, i := range j.order {
		if j.records[i].Key.Kind != kind {
			continue
		}
		found, doubt := j.candidates(i)
		switch {
		case doubt:
			j.doubtful = append(j.doubtful, i)
		default:
			for _, g := range found {
				g.members = append(g.members, i)
			}
			if len(found) == 1 {
				j.group[i] = found[0]
			}
		}
	}
}

// inOneBox adds the other orders of the holders' recipient that name the tracker's number: one box carries them all. Bounds say what of the
// tracker each of them may show.
func (j *joiner) inOneBox(i int, holders []*group) []*group {
	found := slices.Clone(holders)
	for _, g := range j.claimants(i) {
		if !slices.Contains(found, g) && g.people.confirms(holders[0].people) {
			found = append(found, g)
		}
	}
	return found
}

// oneRecipient reports whether the orders are all one person's.
func oneRecipient(found []*group) bool {
	return !slices.ContainsFunc(found[1:], func(g *group) bool { return !g.people.confirms(found[0].people) })
}

// candidates returns the groups that a shipment or tracker belongs to, by the surest tie that it has. Several are the orders of one
// recipient, or orders whose bounds say what they may show.
func (j *joiner) candidates(i int) (found []*group, doubt bool) {
	r := &j.records[i]
	if r.Shipment != nil {
		if found = j.listing(r.Key.Source, r.Key.Ref); len(found) > 0 {
			return found, !oneRecipient(found)
		}
		return j.hinted(r, r.Shipment.Order)
	}
	if r.Tracker.Shipment != "" {
		if found = j.holding(r.Key.Source, r.Tracker.Shipment); len(found) > 0 { // several are one recipient's
			return j.inOneBox(i, found), false
		}
	}
	if found = j.claimants(i); len(found) > 0 {
		stranger := func(g *group) bool { return g.people.contradicts(r.Tracker.Order.people()) }
		return found, slices.ContainsFunc(found, stranger)
	}
	return j.hinted(r, r.Tracker.Order)
}

// listing returns the groups whose order lists the shipment of the same source.
func (j *joiner) listing(source, ref string) []*group {
	return j.those(func(g *group) bool {
		return slices.ContainsFunc(g.orders, func(i int) bool {
			return j.records[i].Key.Source == source && slices.Contains(j.records[i].Order.shipments(), ref)
		})
	})
}

// holding returns the groups that the shipment of the same source belongs to.
func (j *joiner) holding(source, ref string) []*group {
	key := Key{Source: source, Kind: KindShipment, Ref: ref}
	return j.those(func(g *group) bool {
		return slices.ContainsFunc(g.members, func(i int) bool { return j.records[i].Key == key })
	})
}

func (j *joiner) those(holds func(*group) bool) []*group {
	var found []*group
	for _, g := range j.groups {
		if holds(g) {
			found = append(found, g)
		}
	}
	return found
}

// hinted returns the groups that a hint names: by the id that its own source gives an order, else by an id or number of any source,
// inside the window and without contradiction. Several are narrowed to those that something of the recipient confirms.
func (j *joiner) hinted(r *Record, h OrderHint) (found []*group, doubt bool) {
	if h.ExternalID != "" {
		own := j.those(func(g *group) bool {
			return slices.ContainsFunc(g.orders, func(i int) bool {
				return j.records[i].Key.Source == r.Key.Source && j.records[i].Order.ExternalID == h.ExternalID
			})
		})
		if len(own) > 0 {
			return own, len(own) > 1
		}
	}
	named := j.those(func(g *group) bool { return j.names(g, h) })
	if len(named) == 0 {
		return nil, false
	}
	hint := h.people()
	begins, ends := r.span()
	fitting := slices.DeleteFunc(slices.Clone(named), func(g *group) bool {
		confirmed := g.people.confirms(hint)
		inTime := !ends.Before(g.placed.Add(-early)) && (confirmed || begins.Before(g.placed.Add(hintWindow)))
		return !inTime || g.people.contradicts(hint)
	})
	if len(fitting) > 1 && oneRecipient(fitting) {
		fitting = j.living(fitting, begins)
	}
	if len(fitting) > 1 {
		fitting = slices.DeleteFunc(fitting, func(g *group) bool { return !g.people.confirms(hint) })
	}
	return fitting, len(fitting) != 1
}

// living leaves out the orders that were cancelled by then, where another one is left: an order is made anew under its old number.
func (j *joiner) living(found []*group, then time.Time) []*group {
	cancelled := func(g *group) bool {
		return slices.ContainsFunc(g.orders, func(i int) bool {
			r := &j.records[i]
			return r.Order.Phase == OrderCancelled && slices.ContainsFunc(r.Phases, func(c PhaseChange) bool {
				return c.Phase == OrderCancelled && !c.At.After(then)
			})
		})
	}
	if left := slices.DeleteFunc(slices.Clone(found), cancelled); len(left) > 0 {
		return left
	}
	return found
}

// placeByNumber joins the trackers that name nothing but a number to the order that another tracker of the number names.
func (j *joiner) placeByNumber() {
	implied := map[string][]*group{}
	for _, g := range j.groups {
		for _, i := range g.members {
			if t := j.records[i].Tracker; t != nil {
				root := j.root(t.Number)
				implied[root] = append(implied[root], g)
			}
		}
	}
	for _, i := range j.order {
		if !j.bare(i) {
			continue
		}
		found := implied[j.root(j.records[i].Tracker.Number)]
		slices.SortFunc(found, func(a, b *group) int { return cmp.Compare(slices.Index(j.groups, a), slices.Index(j.groups, b)) })
		switch found = slices.Compact(found); len(found) {
		case 0:
		case 1:
			j.group[i] = found[0]
			found[0].members = append(found[0].members, i)
		default:
			j.doubtful = append(j.doubtful, i)
		}
	}
}

// bare reports whether a record without a group is a tracker that names nothing but a number.
func (j *joiner) bare(i int) bool {
	t := j.records[i].Tracker
	return t != nil && j.group[i] == nil && len(j.claimants(i)) == 0 && NormalNumber(t.Number) != "" && t.Order == (OrderHint{})
}

func (j *joiner) names(g *group, h OrderHint) bool {
	number := NormalNumber(h.Number)
	return slices.ContainsFunc(g.orders, func(i int) bool {
		o := j.records[i].Order
		return (h.ExternalID != "" && o.ExternalID == h.ExternalID) || (number != "" && NormalNumber(o.Number) == number)
	})
}

// span returns when a record's own words were of: from its first scan to its last.
func (r *Record) span() (begins, ends time.Time) {
	begins, ends = r.FirstHeard, r.FirstHeard
	for _, s := range r.Scans {
		begins, ends = earliest(begins, s.At()), latest(ends, s.At())
	}
	return begins, ends
}

// claimNumbers gathers which groups name each parcel number, and settles whose it is when.
func (j *joiner) claimNumbers() {
	for _, g := range j.groups {
		for _, i := range g.members {
			s := j.records[i].Shipment
			if s == nil || j.withdrawn(g, i) {
				continue
			}
			for _, p := range s.Parcels {
				j.claim(p.Number, claim{g, begins(g.placed, s.CreatedAt, j.records[i].FirstHeard), s.Phase == Cancelled})
			}
		}
	}
	for number, claims := range j.claims {
		j.claims[number] = valid(claims)
		settle(number, j.claims[number])
	}
}

// valid leaves the claims of cancelled shipments out where another order's shipment has the number now: it was moved there.
func valid(claims []claim) []claim {
	lapsed := func(c claim) bool { return c.lapsed }
	if living := slices.DeleteFunc(slices.Clone(claims), lapsed); len(living) > 0 {
		return living
	}
	return claims
}

func (j *joiner) withdrawn(g *group, i int) bool {
	return slices.ContainsFunc(g.orders, func(o int) bool { return j.records[o].withdraws(&j.records[i]) })
}

// withdraws reports whether the order's newest list of shipments leaves the shipment out, or that the order has it no more, and that this is
// newer than the shipment's own word.
func (r *Record) withdraws(shipment *Record) bool {
	if r.Key.Source != shipment.Key.Source || r.Order == nil {
		return false
	}
	leftOut := r.Order.Shipments != nil && !slices.Contains(*r.Order.Shipments, shipment.Key.Ref)
	gone := slices.Contains(r.Order.Gone, shipment.Key.Ref)
	return leftOut && shipment.newest().Before(r.stampOf("Shipments")) || gone && shipment.newest().Before(r.stampOf("Gone"))
}

func (j *joiner) claim(number string, c claim) {
	root := j.root(number)
	if root == "" {
		return
	}
	if at := slices.IndexFunc(j.claims[root], func(known claim) bool { return known.group == c.group }); at >= 0 {
		known := &j.claims[root][at]
		known.lapsed = known.lapsed && c.lapsed
		return
	}
	j.claims[root] = append(j.claims[root], c)
}

func (j *joiner) root(number string) string {
	n := NormalNumber(number)
	return cmp.Or(j.roots[n], n)
}

// begins returns from when a number means a shipment's parcel: labels may be made some days before the shop system creates the shipment,
// and never long before the order was placed.
func begins(placed, created, heard time.Time) time.Time {
	const labelled = 14 * 24 * time.Hour
	if created.IsZero() {
		return placed.Add(-early)
	}
	if created.After(heard) {
		created = heard
	}
	return latest(placed.Add(-early), created.Add(-labelled))
}

// settle writes down for each claimant when the number becomes another's parcel, and whether strangers share it meanwhile.
func settle(number string, claims []claim) {
	slices.SortFunc(claims, func(a, b claim) int { return a.begins.Compare(b.begins) })
	for at, a := range claims {
		for _, b := range claims[at+1:] {
			if b.begins.Sub(a.begins) > numberWindow/2 {
				if ends, ok := a.group.bounds.Ends[number]; !ok || b.begins.Before(ends) {
					a.group.bounds.end(number, b.begins)
				}
				continue
			}
			if !a.group.people.confirms(b.group.people) {
				a.group.bounds.share(number)
				b.group.bounds.share(number)
				continue
			}
			a.group.bounds.join(number, b.group.number)
			b.group.bounds.join(number, a.group.number)
		}
	}
}

func (b *Bounds) end(number string, at time.Time) {
	if b.Ends == nil {
		b.Ends = map[string]time.Time{}
	}
	b.Ends[number] = at
}

func (b *Bounds) join(number, order string) {
	if order == "" || slices.Contains(b.Together[number], order) {
		return
	}
	if b.Together == nil {
		b.Together = map[string][]string{}
	}
	b.Together[number] = slices.Sorted(slices.Values(append(slices.Clone(b.Together[number]), order)))
}

func (b *Bounds) share(number string) {
	if !slices.Contains(b.Shared, number) {
		b.Shared = append(b.Shared, number)
		slices.Sort(b.Shared)
	}
}

// claimants returns the groups that name a tracker's number, or that of another leg of its parcel.
func (j *joiner) claimants(i int) []*group {
	t := j.records[i].Tracker
	if t == nil || NormalNumber(t.Number) == "" {
		return nil
	}
	var found []*group
	for _, c := range j.claims[j.root(t.Number)] {
		found = append(found, c.group)
	}
	return found
}

func (j *joiner) result() Joined {
	out := Joined{Doubtful: j.doubtful}
	joined := map[int]bool{}
	for _, i := range j.doubtful {
		joined[i] = true
	}
	for _, g := range j.groups {
		all := append(slices.Clone(g.orders), g.members...)
		out.Groups = append(out.Groups, Group{Records: all, Bounds: g.bounds})
		for _, i := range all {
			joined[i] = true
		}
	}
	for _, i := range j.order {
		if !joined[i] {
			out.Waiting = append(out.Waiting, i)
		}
	}
	return out
}

// people are what tells one recipient from another, in normal form.
type people struct{ emails, phones, places []string }

func (p *people) add(o people) {
	p.emails, p.phones, p.places = append(p.emails, o.emails...), append(p.phones, o.phones...), append(p.places, o.places...)
}

func (o *OrderSaid) people() people {
	p := people{places: place(o.Destination.Country, o.Destination.Postcode)}
	for _, r := range append([]Recipient{o.Customer}, o.Recipients...) {
		p.emails, p.phones = append(p.emails, mailbox(r.Email)...), append(p.phones, digits(r.Phone)...)
	}
	return p
}

func (h OrderHint) people() people {
	return people{emails: mailbox(h.Email), places: place(h.Country, h.Postcode)}
}

func mailbox(address string) []string {
	if address = strings.ToLower(strings.TrimSpace(address)); address != "" {
		return []string{address}
	}
	return nil
}

// digits compares telephone numbers by their last nine digits: countries and trunk prefixes are written in many ways.
func digits(phone string) []string {
	number := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	if len(number) < 7 {
		return nil
	}
	return []string{number[max(0, len(number)-9):]}
}

// place compares postcodes; a country is often left out, and a postcode alone is then enough to tell two places apart.
func place(_, postcode string) []string {
	if n := NormalPostcode(postcode); n != "" {
		return []string{n}
	}
	return nil
}

// agreement compares two recipients by the surest thing that is known of both: 1 = the same, -1 = two, 0 = cannot be said.
// Neighbours share a postcode, so it counts only where neither mail nor telephone tells.
func (p people) agreement(o people) int {
	switch {
	case meet(p.emails, o.emails), meet(p.phones, o.phones):
		return 1
	case len(p.emails) > 0 && len(o.emails) > 0:
		return -1
	case meet(p.places, o.places):
		return 1
	case len(p.places) > 0 && len(o.places) > 0, len(p.phones) > 0 && len(o.phones) > 0:
		return -1
	}
	return 0
}

// estranged reports whether the two can be compared, and that nothing at all agrees.
func (p people) estranged(o people) bool { return p.contradicts(o) && !meet(p.places, o.places) }

func (p people) confirms(o people) bool    { return p.agreement(o) > 0 }
func (p people) contradicts(o people) bool { return p.agreement(o) < 0 }
func (p people) unknown() bool             { return len(p.emails)+len(p.phones)+len(p.places) == 0 }

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}
