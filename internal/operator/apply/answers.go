package apply

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// restoresInARow is how often a field is restored at once that another writer changes back.
	restoresInARow = 3
	// firstPause is how long a contested field is then left as it is; it doubles up to longestPause.
	firstPause   = time.Minute
	longestPause = time.Hour
	// contestEnds is after how long without a restore a field counts as its own again.
	contestEnds = 2 * longestPause
)

// Answers remembers what the API server made of applies: an admission rule may change a field of every object that is written, and
// applying the same again would change nothing. It is in memory, so that after a restart each such object is applied once more.
// Its zero value, with Now set, is ready to use.
type Answers struct {
	Now func() time.Time

	mu       sync.Mutex
	byObject map[objectKey]answer
}

type objectKey struct{ kind, namespace, name string }

// answer is what became of the last apply of an object.
type answer struct {
	shop     string
	uid      types.UID
	hash     string       // of what was rendered
	differs  []Difference // between that and the answer
	restored map[string]int
	last     time.Time // when it was restored
	until    time.Time // until when it is left as it is
}

// Contested is the error of a field that another writer changes each time after the operator has restored it. Who that is cannot be
// known from the object.
type Contested struct {
	Kind, Namespace, Name string
	Fields                []Difference
	Retry                 time.Duration // until it is restored again
}

// Error returns the fields, with their values.
func (c *Contested) Error() string {
	var fields []string
	for _, d := range c.Fields {
		fields = append(fields, d.String())
	}
	return fmt.Sprintf("another program changes the %s %s/%s each time after the operator has restored it: %s. The operator tries again from time to time: change that program, or an admission rule, so that it leaves the field alone",
		c.Kind, c.Namespace, c.Name, strings.Join(fields, "; "))
}

// Forget drops what is remembered of a Shop.
func (a *Answers) Forget(shop types.NamespacedName) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, known := range a.byObject {
		if key.namespace == shop.Namespace && known.shop == shop.Name {
			delete(a.byObject, key)
		}
	}
}

// judge reports whether a live object, which is not as rendered, is to be left as it is: it is what the API server made of
// the last apply (nil), or another writer contests the fields that differ (Contested).
func (a *Answers) judge(key objectKey, live client.Object, hash string, differs []Difference) (leave bool, err error) {
	if a == nil {
		return false, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.byObject[key]
	if !ok || known.uid != live.GetUID() || known.hash != hash {
		return false, nil
	}
	fields := beyond(differs, known.differs)
	if len(fields) == 0 {
		return len(differs) == len(known.differs), nil // fewer differ: the rule may be gone
	}
	contested := !slices.ContainsFunc(fields, func(d Difference) bool { return known.restored[d.Path] < restoresInARow })
	if left := known.until.Sub(a.Now()); contested && left > 0 {
		return true, &Contested{Kind: key.kind, Namespace: key.namespace, Name: key.name, Fields: fields, Retry: left}
	}
	return false, nil
}

// note remembers what the API server made of an apply. Before are the differences that it was to end; drifted reports that the same
// was rendered before, so that another writer has changed the object since.
func (a *Answers) note(key objectKey, now answer, before []Difference, drifted bool) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.byObject[key]
	same := ok && known.uid == now.uid && known.hash == now.hash
	if drifted {
		now.last = a.Now()
		now.restored = map[string]int{}
		if same && now.last.Sub(known.last) < contestEnds {
			now.restored = known.restored
			if now.restored == nil {
				now.restored = map[string]int{}
			}
		}
		now.until = now.last.Add(a.restore(now.restored, beyond(before, known.differs)))
	}
	if len(now.differs) == 0 && len(now.restored) == 0 {
		delete(a.byObject, key)
		return
	}
	if a.byObject == nil {
		a.byObject = map[objectKey]answer{}
	}
	a.byObject[key] = now
}

// restore counts the fields that are restored, and returns for how long the most contested one is then left alone.
func (a *Answers) restore(counts map[string]int, fields []Difference) time.Duration {
	most := 0
	for _, d := range fields {
		counts[d.Path]++
		most = max(most, counts[d.Path])
	}
	if most < restoresInARow {
		return 0
	}
	return min(firstPause<<min(most-restoresInARow, 10), longestPause)
}

// beyond returns the differences that are not among the known ones.
func beyond(differs, known []Difference) []Difference {
	return slices.DeleteFunc(slices.Clone(differs), func(d Difference) bool { return slices.Contains(known, d) })
}
