package tracking

import (
	"cmp"
	"slices"
	"time"
)

// Repaid is one entry of a log: money of which an order said that it went back. It keeps the time that was stated with it first,
// or else counts from when it was first heard: a source that lists a refund again at another time speaks of the same one.
type Repaid struct {
	Minor int64     `json:",omitzero"` // the amount of one refund; the sum of all where Nth is zero
	Nth   int       `json:",omitzero"` // which refund of that amount, from 1
	At    time.Time `json:",omitzero"` // as stated; zero = no time was
	Heard time.Time `json:",omitzero"`
}

// when returns the time from which the refund counts.
func (r Repaid) when() time.Time {
	if r.At.IsZero() {
		return r.Heard
	}
	return r.At
}

// listed returns the refunds of an order, and their sum where it is more than the refunds that are listed.
func (o *OrderSaid) listed(heard time.Time) []Repaid {
	var all []Repaid
	nth := map[int64]int{}
	for _, refund := range byTime(o.Refunds) {
		nth[refund.AmountMinor]++
		all = append(all, Repaid{Minor: refund.AmountMinor, Nth: nth[refund.AmountMinor], At: refund.At, Heard: heard})
	}
	if o.Money.RefundedMinor > sumOf(o.Refunds) {
		all = append(all, Repaid{Minor: o.Money.RefundedMinor, Heard: heard})
	}
	return all
}

// byTime returns the refunds in the order of their times, those without one last: a source may list the newest first.
func byTime(refunds []Refund) []Refund {
	return slices.SortedStableFunc(slices.Values(refunds), func(a, b Refund) int {
		if a.At.IsZero() != b.At.IsZero() {
			return b.At.Compare(a.At)
		}
		return a.At.Compare(b.At)
	})
}

func sumOf(refunds []Refund) (minor int64) {
	for _, refund := range refunds {
		minor += refund.AmountMinor
	}
	return minor
}

// fillMissingRefunds fills the log of refunds of a record that was stored by a version which did not have that log.
func (r *Record) fillMissingRefunds() {
	if r.Order == nil || len(r.Repaid) > 0 {
		return
	}
	for _, one := range r.Order.listed(r.stampOf("Refunds").Heard) {
		takeFirstHeard(&r.Repaid, one)
	}
}

func (r Repaid) same(o Repaid) bool { return r.Minor == o.Minor && r.Nth == o.Nth }
func (r Repaid) heardAt() time.Time { return r.Heard }
func (r Repaid) compare(o Repaid) int {
	return cmp.Or(r.Heard.Compare(o.Heard), cmp.Compare(r.Minor, o.Minor), cmp.Compare(r.Nth, o.Nth), r.At.Compare(o.At))
}

// refund gives each refund the time that the log has of it, and adds what went back beside those that are listed.
func (a *assembly) refund() {
	o := &a.order
	log := a.repaid()
	listed := sumOf(o.Refunds)
	o.Refunds = byTime(o.Refunds)
	nth := map[int64]int{}
	for i := range o.Refunds {
		refund := &o.Refunds[i]
		nth[refund.AmountMinor]++
		at := slices.IndexFunc(log, func(one Repaid) bool { return one.Minor == refund.AmountMinor && one.Nth == nth[refund.AmountMinor] })
		if at >= 0 {
			refund.At = log[at].when()
		}
	}
	o.Refunds = append(o.Refunds, unlisted(log, listed, o.Money.RefundedMinor)...)
}

// repaid returns the log of the source by whose word the order's refunds are: another one tells the same ones at its own time.
func (a *assembly) repaid() (log []Repaid) {
	at := slices.IndexFunc(a.orders, func(r *Record) bool {
		said := a.saidBy(r)
		return len(said.Refunds) > 0 || (len(a.order.Refunds) == 0 && said.Money.RefundedMinor > 0)
	})
	for _, r := range a.orders {
		if at < 0 || r.Key.Source != a.orders[at].Key.Source {
			continue
		}
		r.fillMissingRefunds()
		for _, one := range r.Repaid {
			takeFirstHeard(&log, one)
		}
	}
	return log
}

// unlisted returns the steps in which the sum of all that went back rose above what is listed.
func unlisted(log []Repaid, listed, sum int64) []Refund {
	var sums []int64
	for _, one := range log {
		if one.Nth == 0 && one.Minor > listed && one.Minor <= sum {
			sums = append(sums, one.Minor)
		}
	}
	slices.Sort(sums)
	var all []Refund
	for _, up := range sums {
		reached := slices.IndexFunc(log, func(one Repaid) bool { return one.Nth == 0 && one.Minor >= up }) // the log is sorted by time
		all = append(all, Refund{AmountMinor: up - listed, At: log[reached].Heard})
		listed = up
	}
	return all
}
