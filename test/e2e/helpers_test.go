//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/inbox"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

const (
	// Nothing is judged by how long it takes: these end a test in which something never comes.
	mailTimeout = 3 * time.Minute
	pageTimeout = 3 * time.Minute
	// quiet is how long no further mail may come before "none twice" is believed.
	quiet = 5 * time.Second
)

// send delivers a webhook as its sender would: signed, and again until it is acknowledged.
func (m merchant) send(t *testing.T, hook journey.Webhook) {
	t.Helper()
	if err := m.sender().Send(t.Context(), hook); err != nil {
		t.Fatalf("%s: %v", hook.Tells, err)
	}
}

// sendAll plays the whole journey, a mail at a time.
func (m merchant) sendAll(t *testing.T, number string) []inbox.Mail {
	t.Helper()
	return m.play(t, number, m.journey(number, onOneDay(t)))
}

// onOneDay is now, for a journey that is told before the next midnight of where its parcels go; it waits for one that is near.
func onOneDay(t *testing.T) time.Time {
	t.Helper()
	if wait := journey.UntilOneDay(time.Now(), mailTimeout); wait > 0 {
		t.Logf("waiting %.0f s for midnight to pass", wait.Seconds())
		time.Sleep(wait)
	}
	return time.Now()
}

// play sends webhooks, a mail at a time, and returns the mails, of which there must be no others.
func (m merchant) play(t *testing.T, number string, hooks []journey.Webhook) []inbox.Mail {
	t.Helper()
	due := 0
	for _, hook := range hooks {
		m.send(t, hook)
		if hook.Mails != "" {
			due++
			m.awaitMails(t, number, due)
		}
	}
	return m.exactMails(t, number, due)
}

// awaitMails waits until the shopper has at least so many mails.
func (m merchant) awaitMails(t *testing.T, number string, count int) []inbox.Mail {
	t.Helper()
	var got []inbox.Mail
	err := kube.Await(t.Context(), fmt.Sprintf("%d mails about order %s", count, number), mailTimeout, func(ctx context.Context) (bool, string) {
		var err error
		if got, err = mails.To(ctx, m.shopper(number)); err != nil {
			return false, err.Error()
		}
		return len(got) >= count, fmt.Sprintf("%d mails %q", len(got), subjects(got))
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// exactMails waits for the mails, then makes sure that no other comes and that none was sent twice.
func (m merchant) exactMails(t *testing.T, number string, count int) []inbox.Mail {
	t.Helper()
	m.awaitMails(t, number, count)
	time.Sleep(quiet)
	got := m.awaitMails(t, number, count)
	var said []string
	for _, mail := range got {
		said = append(said, mail.Subject+"\n"+mail.Text)
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(said)))
	if len(got) != count || len(distinct) != count {
		t.Errorf("order %s got %d mails, want %d different ones: %q", number, len(got), count, subjects(got))
	}
	return got
}

func subjects(all []inbox.Mail) []string {
	var out []string
	for _, mail := range all {
		out = append(out, mail.Subject)
	}
	return out
}

// get opens a page over a connection of its own.
func (m merchant) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	return m.request(t, http.MethodGet, path, "", nil)
}

func (m merchant) request(t *testing.T, method, path, contentType string, body io.Reader) (int, string) {
	t.Helper()
	status, text, err := m.ask(t.Context(), method, path, contentType, body)
	if err != nil {
		t.Fatal(err)
	}
	return status, text
}

func (m merchant) ask(ctx context.Context, method, path, contentType string, body io.Reader) (status int, text string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, m.baseURL+path, body)
	if err != nil {
		return 0, "", err
	}
	request.Close = true
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	direct := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := direct.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}

// awaitPage waits until the page holds every one of the words.
func (m merchant) awaitPage(t *testing.T, path string, words ...string) string {
	t.Helper()
	var body string
	err := kube.Await(t.Context(), fmt.Sprintf("the page to say %q", words), pageTimeout, func(ctx context.Context) (bool, string) {
		var status int
		var err error
		if status, body, err = m.ask(ctx, http.MethodGet, path, "", nil); err != nil {
			return false, err.Error()
		}
		for _, word := range words {
			if !strings.Contains(body, word) {
				return false, fmt.Sprintf("status %d, without %q:\n%s", status, word, body)
			}
		}
		return status == http.StatusOK, fmt.Sprintf("status %d", status)
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// lookUp asks as a shopper who knows only the number and the mail address, and reports whether an order was found.
func (m merchant) lookUp(t *testing.T, number string) bool {
	t.Helper()
	form := fmt.Sprintf("number=%s&factor=%s", number, strings.ReplaceAll(m.shopper(number), "+", "%2B"))
	status, body := m.request(t, http.MethodPost, "/", "application/x-www-form-urlencoded", strings.NewReader(form))
	switch status {
	case http.StatusSeeOther:
		return true
	case http.StatusNotFound:
		return false
	}
	t.Fatalf("the look-up answered %d: %s", status, body)
	return false
}

// awaitCondition waits until a condition has the status and reason, and returns its message.
func awaitCondition(t *testing.T, key client.ObjectKey, kind string, want metav1.ConditionStatus, reason string, timeout time.Duration) string {
	t.Helper()
	start, message := time.Now(), ""
	err := kube.Await(t.Context(), fmt.Sprintf("%s of Shop %s to be %s %s", kind, key, want, reason), timeout, func(ctx context.Context) (bool, string) {
		var shop v1alpha1.Shop
		if err := cluster.Get(ctx, key, &shop); err != nil {
			return false, err.Error()
		}
		c := meta.FindStatusCondition(shop.Status.Conditions, kind)
		if c == nil {
			return false, kind + " is not there"
		}
		message = c.Message
		return c.Status == want && (reason == "" || c.Reason == reason), kube.Describe(shop.Status.Conditions, kind)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s=%s %s after %.1f s: %s", kind, want, reason, time.Since(start).Seconds(), message)
	return message
}

// awaitReady waits until the Shop's current spec is Ready; it also works in a clean-up.
func awaitReady(t *testing.T, key client.ObjectKey) {
	t.Helper()
	if err := cluster.AwaitShopReady(context.WithoutCancel(t.Context()), key, 2*time.Minute, func(string) {}); err != nil {
		t.Fatal(err)
	}
}

// allPods are those that end or have yet to start, too.
func allPods(ctx context.Context, t *testing.T, namespace string, labels map[string]string) []corev1.Pod {
	t.Helper()
	var list corev1.PodList
	if err := cluster.List(ctx, &list, client.InNamespace(namespace), client.MatchingLabels(labels)); err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// pods are the running pods of one component of a Shop, the newest last.
func pods(t *testing.T, namespace string, labels map[string]string) []corev1.Pod {
	t.Helper()
	running := slices.DeleteFunc(allPods(t.Context(), t, namespace, labels), func(p corev1.Pod) bool {
		return p.DeletionTimestamp != nil || p.Status.Phase != corev1.PodRunning
	})
	slices.SortFunc(running, func(a, b corev1.Pod) int { return a.CreationTimestamp.Compare(b.CreationTimestamp.Time) })
	return running
}

func (m merchant) pods(t *testing.T, component string) []corev1.Pod {
	t.Helper()
	return pods(t, m.name, m.labels(component))
}

func (m merchant) labels(component string) map[string]string {
	return map[string]string{v1alpha1.LabelShop: m.name, v1alpha1.LabelComponent: component}
}

// sourceReport is the part of /report that the tests look at.
type report struct {
	Sources []struct {
		Name          string     `json:"name"`
		LastReceived  *time.Time `json:"lastReceived"`
		Quarantined   int        `json:"quarantined"`
		UnmappedCodes []string   `json:"unmappedCodes"`
	} `json:"sources"`
	Inbox struct {
		Waiting     int `json:"waiting"`
		Quarantined int `json:"quarantined"`
	} `json:"inbox"`
}

// report asks a pod as the API server's proxy, which no NetworkPolicy keeps out.
func (m merchant) report(t *testing.T, component string) report {
	t.Helper()
	running := m.pods(t, component)
	if len(running) == 0 {
		t.Fatalf("no %s of %s is running", component, m.name)
	}
	clientset, err := kubernetes.NewForConfig(cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := clientset.CoreV1().RESTClient().Get().Namespace(m.name).Resource("pods").
		Name(running[len(running)-1].Name + ":9090").SubResource("proxy").Suffix("report").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r report) quarantined(source string) int {
	for _, s := range r.Sources {
		if s.Name == source {
			return s.Quarantined
		}
	}
	return 0
}
