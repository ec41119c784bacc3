package keyring_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/keyring"
)

// world is a cluster with one purpose's keys, an operator that may be killed after each of its writes, and a person.
type world struct {
	t       *rapid.T
	now     time.Time
	keys    []keyring.Key
	ring    keyring.Ring
	policy  keyring.Policy
	highest int               // number that was ever given
	newest  int               // number that was last made
	promise map[int]time.Time // until when a key was said to count, once it had a successor
	tokens  int
	fresh   int    // suffixes that were offered
	suffix  string // of the names that the pods mount
}

const prefix = "linden-key-hook-api-"

func (w *world) records() []keyring.Record {
	var all []keyring.Record
	for _, k := range w.keys {
		all = append(all, keyring.Record{Key: k, UID: fmt.Sprint("uid-", k.Number)})
	}
	return all
}

func (w *world) decide() keyring.Plan {
	w.fresh++
	w.ring = w.ring.Continue(prefix, w.records(), w.policy, fmt.Sprintf("ring%04d", w.fresh))
	return keyring.Decide(w.now, w.keys, w.policy, w.ring.Names(prefix), w.ring.Highest)
}

// reconcile does at most so many of the plan's writes, then the operator is killed; it says whether all was done.
func (w *world) reconcile(writes int) bool {
	for {
		plan := w.decide()
		if plan.Create != nil {
			if writes--; writes < 0 {
				return false
			}
			w.create(*plan.Create)
			continue
		}
		for _, k := range plan.Write {
			if writes--; writes < 0 {
				return false
			}
			w.keys[w.index(k.Number)] = k
		}
		for _, k := range plan.Delete {
			if writes--; writes < 0 {
				return false
			}
			w.remove(k, plan.Waits && w.leak())
		}
		return len(plan.Delete) == 0
	}
}

func (w *world) index(number int) int {
	return slices.IndexFunc(w.keys, func(k keyring.Key) bool { return k.Number == number })
}

func (w *world) create(k keyring.Key) {
	live := keyring.Live(w.keys)
	w.mayCreate(k, live)
	w.highest, w.newest = k.Number, k.Number
	w.keys = append(w.keys, k)
	for _, old := range live {
		switch end := k.CreatedAt.Add(w.policy.Overlap); {
		case w.leak():
			w.promise[old.Number] = earliest(w.promise[old.Number], k.CreatedAt)
		case w.promise[old.Number].IsZero():
			w.promise[old.Number] = end
		}
	}
}

// mayCreate holds what a new key must be, beside those that count.
func (w *world) mayCreate(k keyring.Key, live []keyring.Key) {
	if k.Number <= w.highest {
		w.t.Fatalf("key %d was made after key %d", k.Number, w.highest)
	}
	for _, other := range w.keys {
		if other.Secret == k.Secret {
			w.t.Fatalf("key %d is given the name of key %d, whose Secret may still be there", k.Number, other.Number)
		}
	}
	if !w.leak() && active(live) && len(live) >= w.policy.Live {
		w.t.Fatalf("key %d was made beside %d others, one of which somebody still uses", k.Number, len(live))
	}
}

// leak returns what somebody says who wants no overlap.
func (w *world) leak() bool { return w.policy.Overlap == 0 }

// active reports whether the newest of the keys that count has no end.
func active(live []keyring.Key) bool { return len(live) > 0 && live[len(live)-1].NotAfter.IsZero() }

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// remove begins to delete a key. After a leak the older ones may have to make room for the next.
func (w *world) remove(k keyring.Key, makesRoom bool) {
	promised, superseded := w.promise[k.Number]
	if makesRoom {
		promised = w.now
	}
	if !superseded && !k.CreatedAt.IsZero() {
		w.t.Fatalf("the active key %d was deleted", k.Number)
	}
	if w.now.Before(promised) {
		w.t.Fatalf("key %d was deleted at %s and promised until %s", k.Number, w.now, promised)
	}
	w.keys[w.index(k.Number)].Removing = true
}

// check holds what must be true whenever anybody looks.
func (w *world) check() {
	live := keyring.Live(w.keys)
	if w.ring.Slots > 0 && len(w.keys) > w.ring.Slots+2 { // with those of the version before
		w.t.Fatalf("%d keys in %d slots", len(w.keys), w.ring.Slots)
	}
	for _, k := range live {
		promised := w.promise[k.Number]
		if !k.NotAfter.IsZero() && k.NotAfter.Before(promised) {
			w.t.Fatalf("key %d ends at %s and was promised until %s", k.Number, k.NotAfter, promised)
		}
	}
	if w.newest > 0 && !w.lost() && !active(live) {
		w.t.Fatal("no key counts")
	}
	w.checkNames()
}

// checkNames holds that pods which mount the ring's names never have to mount others.
func (w *world) checkNames() {
	if w.suffix != "" && w.ring.Suffix != "" && w.ring.Suffix != w.suffix {
		w.t.Fatal("the pods would have to mount other names")
	}
	w.suffix = cmp.Or(w.ring.Suffix, w.suffix)
}

// lost reports whether somebody deleted the newest key, and nothing took its place yet.
func (w *world) lost() bool {
	return !slices.ContainsFunc(w.keys, func(k keyring.Key) bool { return k.Number == w.newest && !k.Removing })
}

// legacy is the Secret of a version before this one, whose name has no suffix in common with others.
const legacy = prefix + "1-legacyaa"

func newWorld(t *rapid.T) *world {
	w := &world{t: t, now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), promise: map[int]time.Time{}}
	w.policy = keyring.Policy{Interval: 30 * 24 * time.Hour, Overlap: 24 * time.Hour, Live: rapid.IntRange(2, 8).Draw(t, "live")}
	if rapid.Bool().Draw(t, "a Shop of the version before") {
		w.keys = []keyring.Key{
			{Number: 1, Secret: legacy, CreatedAt: w.now.Add(-400 * 24 * time.Hour), Adopted: true},
			{Number: 2, Secret: prefix + "2-legacybb"},
		}
		w.highest, w.newest = 2, 1
		w.promise[2] = time.Unix(0, 0) // never made, so nobody uses it
	}
	return w
}

// pass moves the clock by some seconds.
func (w *world) pass(t *rapid.T, least, most int) {
	w.now = w.now.Add(time.Duration(rapid.IntRange(least, most).Draw(t, "seconds")) * time.Second)
}

func (w *world) collectGarbage() {
	w.keys = slices.DeleteFunc(w.keys, func(k keyring.Key) bool { return k.Removing })
}

// lose deletes a record behind the operator's back.
func (w *world) lose(t *rapid.T) {
	if w.highest == 0 || w.ring.Suffix == "" || len(w.keys) == 0 || rapid.IntRange(0, 9).Draw(t, "seldom") > 0 {
		return
	}
	i := rapid.IntRange(0, len(w.keys)-1).Draw(t, "which")
	w.keys = slices.Delete(w.keys, i, i+1)
	for _, k := range keyring.Live(w.keys) { // what only the deleted record said, nobody has heard yet
		switch heard := w.keys[w.index(k.Number)].NotAfter; {
		case heard.IsZero() && k.NotAfter.IsZero():
			delete(w.promise, k.Number)
		case heard.IsZero():
			w.promise[k.Number] = earliest(w.promise[k.Number], k.NotAfter)
		}
	}
}

// loseRing deletes the keyring, which can be made out again from the newest record.
func (w *world) loseRing() {
	if len(w.keys) == 0 {
		return
	}
	last := w.keys[len(w.keys)-1]
	if last.Number == w.highest && !last.Removing && !last.CreatedAt.IsZero() && last.Secret != legacy {
		w.ring = keyring.Ring{}
	}
}

// rests: whatever came before, left alone for a while there is one active key, and nothing left to do.
func (w *world) rests() {
	for range 10 {
		w.reconcile(1000)
		w.collectGarbage()
	}
	plan := w.decide()
	if plan.Create != nil || len(plan.Write)+len(plan.Delete) > 0 || !active(keyring.Live(w.keys)) {
		w.t.Fatalf("it does not come to rest: %+v", plan)
	}
}

func TestWhateverHappensAKeyCountsAndNoneIsDroppedBeforeItsTime(t *testing.T) {
	const day = 24 * 3600
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		t.Repeat(map[string]func(*rapid.T){
			"":                func(*rapid.T) { w.check() },
			"time passes":     func(t *rapid.T) { w.pass(t, 1, 40*day) },
			"the clock jumps": func(t *rapid.T) { w.pass(t, -400*day, 400*day) },
			"the interval is edited": func(t *rapid.T) {
				w.policy.Interval = time.Duration(rapid.IntRange(0, 730).Draw(t, "days")) * 24 * time.Hour
			},
			"the overlap is edited": func(t *rapid.T) {
				w.policy.Overlap = time.Duration(rapid.SampledFrom([]int{0, 0, 1, 24, 720}).Draw(t, "hours")) * time.Hour
			},
			"a rotation is asked for":   func(*rapid.T) { w.tokens++; w.policy.Token = fmt.Sprint(w.tokens) },
			"the token is taken away":   func(*rapid.T) { w.policy.Token = "" },
			"the operator looks":        func(*rapid.T) { w.reconcile(1000) },
			"the operator is killed":    func(t *rapid.T) { w.reconcile(rapid.IntRange(0, 3).Draw(t, "writes")) },
			"garbage is collected":      func(*rapid.T) { w.collectGarbage() },
			"somebody deletes a record": w.lose,
			"the keyring is lost":       func(*rapid.T) { w.loseRing() },
		})
		w.rests()
	})
}
