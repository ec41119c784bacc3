package tracking

import (
	"cmp"
	"slices"
	"time"
)

// Repaid is one entry of a log: money of which an order said that it went back, and not when. It counts from when it was first heard.
type Repaid struct {
	Minor int64     `json:",omitzero"` // the amount of one refund; the sum of all where Nth is zero
	Nth   int       `json:",omitzero"` // which refund of that amount, from 1
	Heard time.Time `json:",omitzero"`
}

// untimed are the refunds of an order that have no time, and their sum where it is more than the refunds that are listed.
func (o *OrderSaid) untimed(heard time.Time) []Repaid {
	var all []Repaid
	nth := map[int64]int{}
	for _, refund := range o.Refunds {
		if nth[refund.AmountMinor]++; refund.At.IsZero() {
			all = append(all, Repaid{Minor: refund.AmountMinor, Nth: nth[refund.AmountMinor], Heard: heard})
		}
	}
	if o.Money.RefundedMinor > sumOf(o.Refunds) {
		all = append(all, Repaid{Minor: o.Money.RefundedMinor, Heard: heard})
	}
	return all
}

func sumOf(refunds []Refund) (minor int64) {
	for _, refund := range refunds {
		minor += refund.AmountMinor
	}
	return minor
}

// seedRepaid reads what the log does not have of the newest word, which is the same however it came together.
func (r *Record) seedRepaid() {
	if r.Order == nil || len(r.Repaid) > 0 {
		return
	}
	for _, one := range r.Order.untimed(r.stampOf("Refunds").Heard) {
		takeFirst(&r.Repaid, one)
	}
}

func (r Repaid) same(o Repaid) bool { return r.Minor == o.Minor && r.Nth == o.Nth }
func (r Repaid) heardAt() time.Time { return r.Heard }
func (r Repaid) compare(o Repaid) int {
	return cmp.Or(r.Heard.Compare(o.Heard), cmp.Compare(r.Minor, o.Minor), cmp.Compare(r.Nth, o.Nth))
}

// refund gives each refund without a time the one at which it was first heard of, and adds what went back beside those that are listed.
func (a *assembly) refund() {
	o := &a.order
	log := a.repaid()
	listed := sumOf(o.Refunds)
	o.Refunds = slices.Clone(o.Refunds)
	nth := map[int64]int{}
	for i := range o.Refunds {
		refund := &o.Refunds[i]
		nth[refund.AmountMinor]++
		at := slices.IndexFunc(log, func(one Repaid) bool { return one.Minor == refund.AmountMinor && one.Nth == nth[refund.AmountMinor] })
		if at >= 0 {
			refund.At = log[at].Heard // also where its time was told later: it stays the refund that was told of
		}
	}
	o.Refunds = append(o.Refunds, unlisted(log, listed, o.Money.RefundedMinor)...)
}

// repaid is the log of the source by whose word the order's refunds are: another one tells the same ones at its own time.
func (a *assembly) repaid() (log []Repaid) {
	at := slices.IndexFunc(a.orders, func(r *Record) bool {
		said := a.saidBy(r)
		return len(said.Refunds) > 0 || (len(a.order.Refunds) == 0 && said.Money.RefundedMinor > 0)
	})
	for _, r := range a.orders {
		if at < 0 || r.Key.Source != a.orders[at].Key.Source {
			continue
		}
		r.seedRepaid()
		for _, one := range r.Repaid {
			takeFirst(&log, one)
		}
	}
	return log
}

// unlisted are the steps in which the sum of all that went back rose above what is listed.
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
