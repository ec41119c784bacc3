package page

import (
	"hash/maphash"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits on look-ups. Guessing one postcode needs thousands of tries, a typo needs two.
const (
	perClient      = rate.Limit(10.0 / 60)
	clientBurst    = 10
	perNumber      = rate.Limit(5.0 / 60)
	numberBurst    = 8
	overall        = rate.Limit(20)
	overallBurst   = 100
	maxLimiters    = 4096 // of each kind and generation
	retryAfterText = "60" // seconds
)

// limits bound look-ups per client network, per order number and in all, in a fixed amount of memory.
type limits struct {
	now              func() time.Time
	clients, numbers *limiters
	all              *rate.Limiter
}

func newLimits(now func() time.Time) *limits {
	return &limits{
		now: now, clients: newLimiters(perClient, clientBurst), numbers: newLimiters(perNumber, numberBurst),
		all: rate.NewLimiter(overall, overallBurst),
	}
}

// allow counts an attempt for all numbers that one text may mean. The client's limit is checked first, so that one client cannot use up the
// limit of all clients.
func (l *limits) allow(client string, numbers []string) bool {
	now := l.now()
	if !l.clients.allow(client, now) {
		return false
	}
	for _, number := range numbers {
		if !l.numbers.allow(number, now) {
			return false
		}
	}
	return l.all.AllowN(now, 1)
}

// limiters are token buckets by key in two generations: when the young one is full, it becomes the old one and the old
// one is forgotten. A key is kept as a hash only, under a random seed.
type limiters struct {
	rate  rate.Limit
	burst int
	seed  maphash.Seed

	mu         sync.Mutex
	young, old map[uint64]*rate.Limiter
}

func newLimiters(r rate.Limit, burst int) *limiters {
	return &limiters{rate: r, burst: burst, seed: maphash.MakeSeed(), young: map[uint64]*rate.Limiter{}}
}

func (l *limiters) allow(key string, now time.Time) bool {
	hash := maphash.String(l.seed, key)
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.young[hash]
	if limiter == nil {
		limiter = l.old[hash]
		if limiter == nil {
			limiter = rate.NewLimiter(l.rate, l.burst)
		}
		if len(l.young) >= maxLimiters {
			l.young, l.old = map[uint64]*rate.Limiter{}, l.young
		}
		l.young[hash] = limiter
	}
	return limiter.AllowN(now, 1)
}

// clientOf returns the network a request comes from: /24 or /48, so that an attacker gains nothing by neighbouring addresses. The last entry of
// X-Forwarded-For is the one that the nearest proxy wrote; without a proxy the client can forge it, and only the limit per
// order number protects.
func clientOf(r *http.Request) string {
	host := r.RemoteAddr
	if forwarded := r.Header.Values("X-Forwarded-For"); len(forwarded) > 0 {
		parts := strings.Split(forwarded[len(forwarded)-1], ",")
		host = strings.TrimSpace(parts[len(parts)-1])
	}
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return "?"
	}
	address = address.Unmap()
	bits := 48
	if address.Is4() {
		bits = 24
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return "?"
	}
	return prefix.String()
}
