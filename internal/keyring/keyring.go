// Package keyring decides which generated keys there should be: when the next one is made, until when the one before
// still counts, and when a key is gone. It is pure: it touches no cluster and no clock, and never sees a byte of a key.
package keyring

import (
	"cmp"
	"slices"
	"time"
)

// Delivery is how long a key that is not the only one waits before it is used to sign, so that every pod has it by
// then: the kubelet brings it within 90 s.
const Delivery = 3 * time.Minute

// Keep is how long an ended key is kept before it is deleted, for the clocks of pods that are behind. One that ended
// by a leak is not kept.
const Keep = 15 * time.Minute

// Abandoned is how long the keys of a removed source are kept: if it comes back by then, its
// sender need not be given another secret.
const Abandoned = 7 * 24 * time.Hour

// How many keys may count at a time. Of a source: the new one, and the one that its sender still uses.
const (
	LiveOfSource = 2
	LiveOfLinks  = 8
)

// Key is what the record of one key says. Times have whole seconds.
type Key struct {
	Number int    // from 1
	Secret string // the name of its Secret
	// CreatedAt is when it was made. Zero is a record of the version before for a key that was still to come.
	CreatedAt time.Time
	SignFrom  time.Time // from when others may sign with it; zero = from the start
	RotateAt  time.Time // when the next one is due; zero = only on demand
	NotAfter  time.Time // until when it verifies; zero = it has no successor yet
	// EndsOthers is until when the keys before it verify; equal to CreatedAt, they ended at once, after a leak.
	EndsOthers time.Time
	Token      string    // of the rotation that made it
	Adopted    bool      // written by the version before, which knew neither token nor interval
	Unwanted   time.Time // since when keys of this purpose are not wanted; zero = they are
	// Removing reports that the record is being deleted. Its Secret may still be there, and so its name is not free.
	Removing bool
}

// Policy is what the spec asks for.
type Policy struct {
	Interval time.Duration // after which the next key is due; 0 = only on demand
	Overlap  time.Duration // for which the key before verifies after the new one signs; 0 = it ends at once
	Token    string        // another value than the newest key's asks for a rotation; "" asks for none
	Live     int           // how many keys may count at a time; only a leak and a lost key go beyond it
}

// Slots returns how many names a ring needs for the policy: one is always free for what cannot wait.
func (p Policy) Slots() int { return p.Live + 1 }

// Plan is what to do now, in this order.
type Plan struct {
	Create *Key  // write its record, then post its Secret, then decide again
	Write  []Key // records that say something else now
	Delete []Key // records whose Secrets have to go
	Next   time.Time
	// Waits reports that a rotation is due and a sender still uses an older key: it happens when that has ended.
	Waits bool
}

// Decide returns what there is to do at now. Names are the Secrets' names that pods mount, highest is the highest number
// that was ever given. The result for one state is the same however often it is asked for.
func Decide(now time.Time, keys []Key, policy Policy, names []string, highest int) Plan {
	now = now.UTC().Truncate(time.Second)
	live, plan := Live(keys), Plan{}
	for _, k := range keys {
		if !k.Removing && k.CreatedAt.IsZero() {
			plan.Delete = append(plan.Delete, k) // keys need no record in advance any more
		}
		highest = max(highest, k.Number)
	}
	for i := range live {
		live[i].Unwanted = time.Time{}
	}
	active := activeOf(live)
	if active != nil {
		*active = scheduled(*active, policy, now)
	}
	if due(active, policy, now) {
		plan.rotate(now, keys, live, policy, names, highest)
	} else {
		plan.look(active.RotateAt)
	}
	for _, k := range live {
		plan.settle(now, k, keys)
	}
	return plan
}

// Live returns the keys that are there, the oldest first, each with the end that its successors give it.
func Live(keys []Key) []Key {
	live := slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return k.Removing || k.CreatedAt.IsZero() })
	slices.SortFunc(live, func(a, b Key) int { return cmp.Compare(a.Number, b.Number) })
	for i := range live {
		for _, successor := range live[i+1:] {
			if live[i].NotAfter.IsZero() || leaked(live[i], successor) {
				live[i].NotAfter = successor.EndsOthers
			}
		}
	}
	return live
}

// leaked reports whether the successor was made because of a leak, and ended the key before the promised time.
func leaked(k, successor Key) bool {
	return successor.EndsOthers.Equal(successor.CreatedAt) && k.NotAfter.After(successor.EndsOthers)
}

// Ended reports whether the key verifies no more.
func (k Key) Ended(now time.Time) bool { return !k.NotAfter.IsZero() && !now.Before(k.NotAfter) }

// activeOf returns the newest key, unless it has an end already because its successor was lost; nil when there is none.
func activeOf(live []Key) *Key {
	if len(live) == 0 || !live[len(live)-1].NotAfter.IsZero() {
		return nil
	}
	return &live[len(live)-1]
}

// scheduled completes the newest key. An interval that is set for the first time counts from then on; an
// interval that is edited later affects the next key only.
func scheduled(active Key, policy Policy, now time.Time) Key {
	if active.Adopted {
		active.Adopted, active.Token = false, policy.Token
	}
	if active.RotateAt.IsZero() && policy.Interval > 0 {
		active.RotateAt = now.Add(policy.Interval)
	}
	return active
}

func due(active *Key, policy Policy, now time.Time) bool {
	return active == nil ||
		(policy.Token != "" && policy.Token != active.Token) ||
		(!active.RotateAt.IsZero() && !now.Before(active.RotateAt))
}

// rotate makes the next key, or waits for a place.
func (p *Plan) rotate(now time.Time, keys, live []Key, policy Policy, names []string, highest int) {
	lost := activeOf(live) == nil
	if urgent := lost || policy.Overlap == 0; !urgent && len(live) >= policy.Live {
		p.Waits = true
		return // the oldest key's end is looked at anyway
	}
	name := freeName(keys, names, highest+1)
	if name == "" {
		p.Waits = true
		if policy.Overlap == 0 && !removing(keys) { // they end with this rotation, and have to make room for it
			p.Delete = append(p.Delete, live[:max(len(live)-1, 0)]...)
		}
		return
	}
	k := Key{Number: highest + 1, Secret: name, CreatedAt: now, Token: policy.Token}
	if policy.Overlap == 0 {
		k.EndsOthers = now
	} else {
		signFrom := now
		if len(live) > 0 {
			signFrom = now.Add(Delivery)
			k.SignFrom = signFrom
		}
		k.EndsOthers = signFrom.Add(policy.Overlap)
	}
	if policy.Interval > 0 {
		k.RotateAt = now.Add(policy.Interval)
	}
	p.Create = &k
}

func removing(keys []Key) bool {
	return slices.ContainsFunc(keys, func(k Key) bool { return k.Removing })
}

// freeName returns a name that no record uses, "" when there is none. It begins elsewhere for each number, so that a
// name rests for as long as possible.
func freeName(keys []Key, names []string, number int) string {
	for i := range names {
		name := names[(number-1+i)%len(names)]
		if !slices.ContainsFunc(keys, func(k Key) bool { return k.Secret == name && !k.CreatedAt.IsZero() }) {
			return name
		}
	}
	return ""
}

// settle has a record written that says something else now, and deleted when its key's time is over.
func (p *Plan) settle(now time.Time, k Key, before []Key) {
	if slices.ContainsFunc(p.Delete, func(d Key) bool { return d.Number == k.Number }) {
		return
	}
	gone := k.NotAfter
	if !gone.IsZero() && !endedByLeak(k, before) {
		gone = gone.Add(Keep)
	}
	was := before[slices.IndexFunc(before, func(b Key) bool { return b.Number == k.Number })]
	switch {
	case !gone.IsZero() && !now.Before(gone):
		p.Delete = append(p.Delete, k)
		return
	case k != was:
		p.Write = append(p.Write, k)
	}
	p.look(gone)
}

// endedByLeak reports whether a later key ended this one at once.
func endedByLeak(k Key, keys []Key) bool {
	return slices.ContainsFunc(keys, func(s Key) bool {
		return s.Number > k.Number && !s.Removing && !s.EndsOthers.IsZero() && s.EndsOthers.Equal(s.CreatedAt)
	})
}

// look makes sure that the state is looked at again at that time.
func (p *Plan) look(at time.Time) {
	if !at.IsZero() && (p.Next.IsZero() || at.Before(p.Next)) {
		p.Next = at
	}
}

// Overdue says for how long the next key has been due; 0 where it is not, where as many keys count as may, so that it
// rightly waits, and where keys of this purpose are not wanted any more.
func Overdue(now time.Time, keys []Key, most int) time.Duration {
	live := slices.DeleteFunc(Live(keys), func(k Key) bool { return k.Ended(now) })
	if len(live) == 0 || len(live) >= most {
		return 0
	}
	newest := live[len(live)-1]
	if newest.RotateAt.IsZero() || !newest.Unwanted.IsZero() {
		return 0
	}
	return max(now.Sub(newest.RotateAt), 0)
}

// Abandon returns what to do with the keys of a purpose that is not wanted any more.
func Abandon(now time.Time, keys []Key) Plan {
	now = now.UTC().Truncate(time.Second)
	var plan Plan
	for _, k := range keys {
		switch {
		case k.Removing:
		case k.Unwanted.IsZero():
			k.Unwanted = now
			plan.Write = append(plan.Write, k)
			plan.look(now.Add(Abandoned))
		case now.Before(k.Unwanted.Add(Abandoned)):
			plan.look(k.Unwanted.Add(Abandoned))
		default:
			plan.Delete = append(plan.Delete, k)
		}
	}
	return plan
}
