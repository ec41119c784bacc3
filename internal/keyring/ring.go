package keyring

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Ring is the names under which the pods mount the keys of one purpose. They stay the same from rotation to rotation, so
// that none of them changes a pod; a name is used again when its Secret is gone. It is written into the keyring's
// ConfigMap, so its fields are part of that format.
type Ring struct {
	Suffix string `json:"suffix"` // random, so that no name can be that of a user's Secret
	Slots  int    `json:"slots"`
	// Others are names outside of the ring that pods mount: those that the version before gave, and those of a ring that
	// was restored from a backup. They are never used again.
	Others  []string `json:"others,omitempty"`
	Highest int      `json:"highest"` // number that was ever given
	// Made are the UIDs of the records whose Secret was posted, by number.
	Made map[int]string `json:"made,omitempty"`
}

// Bounds of what is accepted from a ring that may have been edited.
const (
	maxSlots  = 26
	maxOthers = 32
	maxNumber = 1 << 30
)

// name is a Secret's name after "<shop>-key-<purpose>-": slot or number, and suffix.
var name = regexp.MustCompile(`^([a-z]|[1-9][0-9]{0,9})-([a-z0-9]{8})$`)

var suffix = regexp.MustCompile(`^[a-z0-9]{8}$`)

// Valid reports whether a Secret's name is one of a purpose's, whose names begin with the prefix.
func Valid(prefix, secret string) bool {
	rest, ok := strings.CutPrefix(secret, prefix)
	return ok && name.MatchString(rest)
}

// Names returns those that keys are given, in the order of the slots.
func (r Ring) Names(prefix string) []string {
	names := make([]string, 0, r.Slots)
	for slot := range r.Slots {
		names = append(names, prefix+letter(slot)+"-"+r.Suffix)
	}
	return names
}

// Mounts returns the names that pods mount, by the directory below the purpose's own.
func (r Ring) Mounts(prefix string) map[string]string {
	mounts := map[string]string{}
	for slot, secret := range r.Names(prefix) {
		mounts[letter(slot)] = secret
	}
	for _, secret := range r.Others {
		rest := strings.TrimPrefix(secret, prefix)
		parts := name.FindStringSubmatch(rest)
		if _, err := strconv.Atoi(parts[1]); err == nil {
			mounts[parts[1]] = secret // made by the version before: the directory tells the number
		} else {
			mounts[rest] = secret
		}
	}
	return mounts
}

func letter(slot int) string { return string(rune('a' + slot)) }

// Record is a key with what the API server says of its record.
type Record struct {
	Key
	UID    string
	Stored time.Time // when the API server was given it; zero = that is not known
}

// restoredAfter is how much later than its key a record can be stored that was not restored from a backup.
const restoredAfter = 5 * time.Minute

func (r Record) restored() bool {
	return !r.CreatedAt.IsZero() && r.Stored.Sub(r.CreatedAt) > restoredAfter
}

// Continue brings a ring, as it was last written, up to date with the records: without it, or where it was edited
// it, they tell the same. Fresh is the suffix of a new ring. A record with another UID than the one whose Secret was
// posted was restored from a backup, and so was, where there is no ring, one that is much younger than its key: what has
// a name of that ring need not belong to a record, so the ring gets new names.
func (r Ring) Continue(prefix string, records []Record, policy Policy, fresh string) Ring {
	next := r.believed(prefix)
	for _, k := range records {
		next.Highest = max(next.Highest, k.Number)
		if next.Suffix == "" && !k.Removing && !k.restored() {
			next.Suffix = suffixOf(prefix, k.Secret)
		}
	}
	if next.Suffix == "" || next.restored(records) {
		next.Suffix, next.Made = fresh, map[int]string{}
	}
	next.Slots = min(max(next.Slots, policy.Slots()), maxSlots)
	next.adopt(prefix, records)
	maps.DeleteFunc(next.Made, func(number int, uid string) bool {
		return !slices.ContainsFunc(records, func(k Record) bool { return k.Number == number && k.UID == uid })
	})
	return next
}

// believed returns the ring without what this operator did not write so.
func (r Ring) believed(prefix string) Ring {
	b := Ring{Highest: r.Highest, Made: maps.Clone(r.Made)}
	if b.Made == nil {
		b.Made = map[int]string{}
	}
	if r.Highest < 0 || r.Highest > maxNumber {
		b.Highest = 0
	}
	if suffix.MatchString(r.Suffix) {
		b.Suffix, b.Slots = r.Suffix, min(max(r.Slots, 0), maxSlots)
	}
	for _, secret := range r.Others[:min(len(r.Others), maxOthers)] {
		if Valid(prefix, secret) && !slices.Contains(b.Others, secret) {
			b.Others = append(b.Others, secret)
		}
	}
	return b
}

func (r Ring) restored(records []Record) bool {
	return slices.ContainsFunc(records, func(k Record) bool {
		made, ok := r.Made[k.Number]
		return ok && !k.Removing && made != k.UID
	})
}

// adopt has every key mounted that is there.
func (r *Ring) adopt(prefix string, records []Record) {
	for _, k := range records {
		if k.Removing || k.CreatedAt.IsZero() {
			continue
		}
		slot := r.slotOf(prefix, k.Secret)
		r.Slots = max(r.Slots, slot+1)
		if slot < 0 && !slices.Contains(r.Others, k.Secret) {
			r.Others = append(r.Others, k.Secret)
		}
	}
	slices.Sort(r.Others)
}

// slotOf returns the number of the ring's slot that has this Secret name, from 0; -1 if no slot of the ring has it.
func (r Ring) slotOf(prefix, secretName string) int {
	if s := suffixOf(prefix, secretName); s == "" || s != r.Suffix {
		return -1
	}
	return int(strings.TrimPrefix(secretName, prefix)[0] - 'a')
}

// suffixOf returns the suffix of a Secret name that a ring has made; "" for every other name.
func suffixOf(prefix, secretName string) string {
	parts := name.FindStringSubmatch(strings.TrimPrefix(secretName, prefix))
	if parts == nil || parts[1][0] < 'a' {
		return ""
	}
	return parts[2]
}
