package chaos_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// fault is what may happen to one request.
type fault int

const (
	none        fault = iota
	slow              // it takes its time, and others overtake it
	conflict          // 409: another client wrote first
	throttled         // 429
	broken            // 500
	lostRequest       // it never arrives
	lostAnswer        // the request is carried out, and its answer is lost
	deathBefore       // the process dies before it is sent
	deathAfter        // the process dies after it was carried out
)

func (f fault) String() string {
	return []string{"none", "slow", "conflict", "throttled", "broken", "lost request", "lost answer", "death before", "death after"}[f]
}

// errLost is what a client sees of a connection that broke.
var errLost = errors.New("the connection was reset by a test")

// trouble decides what happens to requests. It outlives the processes that it kills.
type trouble struct {
	mu     sync.Mutex
	random *rand.Rand
	rate   float64        // share of the requests that meet a fault; 0 = none
	deaths map[string]int // the write of each namespace at which the process dies; removed when it has
	writes map[string]int // by namespace, so far
	met    map[fault]int
	made   []string // the writes that were carried out, in words
	calm   bool     // no more trouble
}

func newTrouble(seed uint64, rate float64) *trouble {
	return &trouble{
		random: rand.New(rand.NewPCG(seed, 0)), rate: rate,
		deaths: map[string]int{}, writes: map[string]int{}, met: map[fault]int{},
	}
}

// namespaces of onboardings; claims of hostnames are written elsewhere and name theirs in the body.
var namespaces = regexp.MustCompile(`chaos-\d+-\d+`)

// concerns returns the namespace that a request is about, or "".
func concerns(request *http.Request) string {
	if found := namespaces.FindString(request.URL.Path); found != "" || request.GetBody == nil {
		return found
	}
	body, err := request.GetBody()
	if err != nil {
		return ""
	}
	content, _ := io.ReadAll(body)
	return string(namespaces.Find(content))
}

func isWrite(request *http.Request) bool {
	return request.Method != http.MethodGet && !strings.Contains(request.URL.Path, "/events")
}

// decide returns what happens to the request.
func (t *trouble) decide(request *http.Request) fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.choose(request)
	t.met[f]++
	return f
}

func (t *trouble) choose(request *http.Request) fault {
	write := isWrite(request)
	if write {
		namespace := concerns(request)
		t.writes[namespace]++
		if at, dies := t.deaths[namespace]; dies && t.writes[namespace] >= at && !t.calm {
			delete(t.deaths, namespace)
			return deathBefore + fault(t.random.IntN(2))
		}
	}
	if t.calm || t.random.Float64() >= t.rate {
		return none
	}
	f := slow + fault(t.random.IntN(int(deathBefore-slow)))
	if f == conflict && (!write || request.Method == http.MethodPost) {
		return broken
	}
	return f
}

// chance returns true with the probability, as long as there is trouble.
func (t *trouble) chance(probability float64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.calm && t.rate > 0 && t.random.Float64() < probability
}

// some returns a number from least to most.
func (t *trouble) some(least, most int64) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return least + t.random.Int64N(most-least+1)
}

func (t *trouble) pause(longest time.Duration) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Duration(t.random.Float64() * float64(longest))
}

// quiet ends the trouble.
func (t *trouble) quiet() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calm = true
}

// carriedOut notes a write that changed something, or might have. That a Secret exists already is found out by posting it.
func (t *trouble) carriedOut(request *http.Request, response *http.Response) {
	if !isWrite(request) || response.StatusCode >= http.StatusBadRequest {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made = append(t.made, request.Method+" "+request.URL.Path)
}

// done returns the writes that were carried out.
func (t *trouble) done() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.made
}

// wire is the way of one process to the API server.
type wire struct {
	trouble *trouble
	writes  atomic.Int64
	cut     atomic.Bool   // nothing passes any more
	died    chan struct{} // closed when the process has to die
	once    sync.Once
	expired sync.Map // paths whose next watch has to begin anew
}

func (w *wire) die() {
	w.cut.Store(true)
	w.once.Do(func() { close(w.died) })
}

// over sends the request, or lets something happen to it.
func (w *wire) over(next http.RoundTripper, request *http.Request) (*http.Response, error) {
	if w.cut.Load() {
		return nil, errLost
	}
	if request.URL.Query().Get("watch") != "" {
		return w.watch(next, request)
	}
	if isWrite(request) {
		w.writes.Add(1)
	}
	switch f := w.trouble.decide(request); f {
	case conflict:
		return refusal(request, http.StatusConflict, "Conflict"), nil
	case throttled:
		return refusal(request, http.StatusTooManyRequests, "TooManyRequests"), nil
	case broken:
		return refusal(request, http.StatusInternalServerError, "InternalError"), nil
	case lostRequest:
		return nil, errLost
	case deathBefore:
		w.die()
		return nil, errLost
	case slow:
		time.Sleep(w.trouble.pause(200 * time.Millisecond))
		return w.send(next, request, f)
	default:
		return w.send(next, request, f)
	}
}

// send has the request carried out; the answer may get lost.
func (w *wire) send(next http.RoundTripper, request *http.Request, f fault) (*http.Response, error) {
	response, err := next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	w.trouble.carriedOut(request, response)
	if f != lostAnswer && f != deathAfter {
		return response, nil
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if f == deathAfter {
		w.die()
	}
	return nil, errLost
}

// refusal returns an answer as the API server gives it.
func refusal(request *http.Request, code int, reason string) *http.Response {
	body := fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"a test says so","reason":%q,"code":%d}`, reason, code)
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)),
	}
}

// watch forwards a watch, and delays, repeats or drops its events. After a dropped event it ends the watch, and the client
// has to list again: the API server reports missed events in this way.
func (w *wire) watch(next http.RoundTripper, request *http.Request) (*http.Response, error) {
	// a watch that starts with a list carries no version and cannot have missed anything
	if _, expired := w.expired.LoadAndDelete(request.URL.Path); expired && request.URL.Query().Get("sendInitialEvents") == "" {
		return refusal(request, http.StatusGone, "Expired"), nil
	}
	response, err := next.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	out, in := io.Pipe()
	body, following := response.Body, frames(response)
	response.Body = out
	go func() {
		_ = in.CloseWithError(w.relay(request.URL.Path, following, in))
		_ = body.Close()
	}()
	return response, nil
}

// relay passes the frames of a watch on.
func (w *wire) relay(path string, next func() ([]byte, error), to io.Writer) error {
	breaksOff := time.Now().Add(time.Hour)
	if w.trouble.chance(0.1) {
		breaksOff = time.Now().Add(w.trouble.pause(5 * time.Second))
	}
	for {
		frame, err := next()
		if err != nil || w.cut.Load() {
			return io.EOF
		}
		switch {
		case time.Now().After(breaksOff): // and the frame is lost
			w.expired.Store(path, true)
			return io.EOF
		case w.trouble.chance(0.02):
			time.Sleep(w.trouble.pause(300 * time.Millisecond))
		case w.trouble.chance(0.02):
			frame = append(frame, frame...)
		}
		if _, err := to.Write(frame); err != nil {
			return err
		}
	}
}
