package suite

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Clock is the operator's.
var Clock movable

type movable struct{ ahead atomic.Int64 }

func (m *movable) Now() time.Time { return time.Now().Add(time.Duration(m.ahead.Load())) }

// Jump moves the clock until the test ends, and has the operator look.
func (m *movable) Jump(t *testing.T, shop *v1alpha1.Shop, by time.Duration) {
	t.Helper()
	m.ahead.Add(int64(by))
	t.Cleanup(func() { m.ahead.Add(-int64(by)) })
	Resync(t, shop, 2)
}
