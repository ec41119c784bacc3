//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

const (
	// deliveryTime is within what the kubelet brings a changed file, on a machine that does much else.
	deliveryTime = 3 * time.Minute
	senderPause  = 200 * time.Millisecond
)

// webhookSender is the merchant's system: it signs with all the secrets that it has been given, as Standard Webhooks
// tells senders to do while they rotate, never sends anything twice, and counts what is not acknowledged.
type webhookSender struct {
	url     string
	body    []byte
	mayUse  sync.Mutex // held while one is sent
	secrets []string
	sent    atomic.Int64
	running sync.WaitGroup
	refused []string
}

func (s *webhookSender) use(secrets ...string) {
	s.mayUse.Lock()
	defer s.mayUse.Unlock()
	s.secrets = secrets
}

// leak ends the secret that the sender uses, and returns the one that it is to use. Nothing is sent meanwhile: what it
// would sign with is refused from the first instant on, and the sender does not know the next one yet.
func (s *webhookSender) leak(t *testing.T, shop merchant, token string) (secret string) {
	t.Helper()
	s.mayUse.Lock()
	defer s.mayUse.Unlock()
	keys := shop.rotate(t, token, 0)
	secret = shop.secretBytes(t, keys[0].SecretName)
	s.secrets = append(s.secrets[:1:1], secret) // it does not know when we change over
	return secret
}

func (s *webhookSender) start(ctx context.Context) {
	s.running.Go(func() {
		for ctx.Err() == nil {
			s.mayUse.Lock()
			status, err := s.post(context.WithoutCancel(ctx), s.secrets...)
			s.mayUse.Unlock()
			if err != nil || status/100 != 2 {
				s.refused = append(s.refused, fmt.Sprintf("%s: %d %v", time.Now().Format(time.TimeOnly), status, err))
			}
			time.Sleep(senderPause)
		}
	})
}

// post sends one webhook of its own.
func (s *webhookSender) post(ctx context.Context, secrets ...string) (int, error) {
	id := fmt.Sprintf("rotation-%d-%d", run.UnixNano(), s.sent.Add(1))
	header, now := http.Header{"Content-Type": {"application/json"}}, time.Now()
	var signatures []string
	for _, secret := range secrets {
		hook := journey.Webhook{Scheme: journey.StandardWebhooks, Body: s.body, Header: http.Header{}}
		hook.Header.Set(standardwebhooks.HeaderWebhookID, id)
		signed, err := hook.Sign(secret, now)
		if err != nil {
			return 0, err
		}
		signatures = append(signatures, signed.Get(standardwebhooks.HeaderWebhookSignature))
		header.Set(standardwebhooks.HeaderWebhookTimestamp, signed.Get(standardwebhooks.HeaderWebhookTimestamp))
	}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	status, _, err := kube.Deliver(ctx, s.url, header, s.body)
	return status, err
}

// answers waits until webhooks signed with the secret alone are answered so, and logs how long it took.
func (s *webhookSender) answers(t *testing.T, what, secret string, want int) {
	t.Helper()
	start := time.Now()
	err := kube.Await(t.Context(), fmt.Sprintf("%s to be answered %d", what, want), deliveryTime, func(ctx context.Context) (bool, string) {
		status, err := s.post(ctx, secret)
		return err == nil && status == want, fmt.Sprintf("%d %v", status, err)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: answered %d after %.0f s", what, want, time.Since(start).Seconds())
}

// keeps makes sure that the answer does not change for a while, which is longer than a pod believes what it has read.
func (s *webhookSender) keeps(t *testing.T, what, secret string, want int) {
	t.Helper()
	for range 12 {
		if status, err := s.post(t.Context(), secret); err != nil || status != want {
			t.Errorf("%s: answered %d %v, want %d", what, status, err, want)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// rotate asks for the next key of the source api and returns what the status then shows, the newest first.
func (m merchant) rotate(t *testing.T, token string, overlapHours int32) []v1alpha1.EndpointKey {
	t.Helper()
	before := m.apiKeys(t)
	m.change(t, func(shop *v1alpha1.Shop) {
		shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{{
			Name: v1alpha1.SourceAPI, Definition: v1alpha1.DefinitionReference{Name: "api", Source: v1alpha1.DefinitionCatalog},
			Intake: v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook, Webhook: &v1alpha1.WebhookIntake{
				Rotation: &v1alpha1.Rotation{Token: fmt.Sprintf("%d-%s", run.Unix(), token), OverlapHours: &overlapHours},
			}},
		}}}
	})
	var keys []v1alpha1.EndpointKey
	err := kube.Await(t.Context(), "the next key to stand in the status", time.Minute, func(context.Context) (bool, string) {
		keys = m.apiKeys(t)
		return len(keys) > 0 && keys[0].Number > before[0].Number, fmt.Sprintf("%+v", keys)
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// apiKeys are the keys of the source api that count, the newest first.
func (m merchant) apiKeys(t *testing.T) []v1alpha1.EndpointKey {
	t.Helper()
	var shop v1alpha1.Shop
	if err := cluster.Get(t.Context(), m.key(), &shop); err != nil {
		t.Fatal(err)
	}
	for _, e := range shop.Status.Endpoints {
		if e.Name == v1alpha1.SourceAPI {
			return e.Keys
		}
	}
	return nil
}

func (m merchant) secretBytes(t *testing.T, name v1alpha1.ObjectName) string {
	t.Helper()
	var secret corev1.Secret
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: m.name, Name: string(name)}, &secret); err != nil {
		t.Fatal(err)
	}
	return string(secret.Data["key"])
}

// processes are the Shop's containers by pod, each with its number of restarts.
func (m merchant) processes(t *testing.T) map[string]int32 {
	t.Helper()
	all := map[string]int32{}
	for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
		for _, pod := range m.pods(t, component) {
			for _, c := range pod.Status.ContainerStatuses {
				all[string(pod.UID)+"/"+c.Name] = c.RestartCount
			}
		}
	}
	return all
}

func TestASecretIsRotatedWithoutARestartAndWithoutOneFailedRequest(t *testing.T) {
	t.Parallel()
	shop := live(t, "rotate", "")
	page := shop.knownPage(t)
	awaitReady(t, shop.key())
	before := shop.processes(t)
	first := shop.apiKeys(t)[0]
	url, _ := shop.endpoint(t, v1alpha1.SourceAPI)
	sender := &webhookSender{url: url, body: shop.journey(newNumber(), time.Now())[0].Body}
	firstSecret := shop.secretBytes(t, first.SecretName)
	sender.use(firstSecret)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	opening := startTraffic(ctx, shop.baseURL+page)
	sender.start(ctx)

	keys := shop.rotate(t, "planned", 1)
	wantOverlap(t, keys, first)
	t.Logf("key %d is made: its sender may use it from %s on, key %d counts until %s", keys[0].Number, keys[0].SignFrom, first.Number, keys[1].NotAfter)
	second := shop.secretBytes(t, keys[0].SecretName)
	sender.answers(t, "the new secret", second, http.StatusOK)
	if late := time.Since(keys[0].SignFrom.Time); late > 0 {
		t.Errorf("the status said that the new secret works %s before it did", late)
	}
	sender.keeps(t, "in the overlap, the old secret", firstSecret, http.StatusOK)
	sender.keeps(t, "in the overlap, the new secret", second, http.StatusOK)
	sender.use(second)

	leaked := []string{firstSecret, second}
	for _, token := range []string{"leak", "leak-again"} { // the second time, a name is used again that had another key before
		secret := sender.leak(t, shop, token)
		sender.answers(t, token+": the leaked secret", leaked[len(leaked)-1], http.StatusUnauthorized)
		sender.answers(t, token+": the new secret", secret, http.StatusOK)
		sender.use(secret)
		for i, old := range leaked {
			sender.keeps(t, fmt.Sprintf("%s: secret %d", token, i+1), old, http.StatusUnauthorized)
		}
		leaked = append(leaked, secret)
	}
	stop()
	wantNothingFailed(t, sender, opening)
	if after := shop.processes(t); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("pods were restarted: %v became %v", before, after)
	}
}

// wantOverlap holds that the status tells of the new key and of the one before, which goes on counting.
func wantOverlap(t *testing.T, keys []v1alpha1.EndpointKey, before v1alpha1.EndpointKey) {
	t.Helper()
	if len(keys) < 2 || keys[0].SignFrom == nil || keys[1].Number != before.Number || keys[1].NotAfter == nil {
		t.Fatalf("the status shows %+v", keys)
	}
}

// wantNothingFailed waits for the last answers, and holds that many were asked for and every one was as it should be.
func wantNothingFailed(t *testing.T, sender *webhookSender, opening *traffic) {
	t.Helper()
	sender.running.Wait()
	opening.running.Wait()
	t.Logf("%d webhooks sent, %d of them not acknowledged as they should; %d pages opened, %d failed", sender.sent.Load(), len(sender.refused), opening.sent.Load(), opening.failed.Load())
	if len(sender.refused)+len(opening.failures) > 0 {
		t.Errorf("failed:\n%s", strings.Join(append(sender.refused, opening.failures...), "\n"))
	}
	if sender.sent.Load() < 100 || opening.sent.Load() < 100 {
		t.Error("too little was sent: nothing was proved")
	}
}

// The operator cannot see Secrets. A pod that misses one says so, and the condition says what to do.
func TestADeletedGeneratedSecretIsToldAndReplacedByOneLine(t *testing.T) {
	t.Parallel()
	shop := live(t, "missing", "")
	before, keys := shop.processes(t), shop.apiKeys(t)
	url, _ := shop.endpoint(t, v1alpha1.SourceAPI)
	sender := &webhookSender{url: url, body: shop.journey(newNumber(), time.Now())[0].Body}
	remove(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: shop.name, Name: string(keys[0].SecretName)}})
	message := awaitCondition(t, shop.key(), v1alpha1.ConditionCredentialsAccepted, metav1.ConditionFalse, v1alpha1.ReasonGeneratedSecretMissing, deliveryTime+breakTime)
	_, line, found := strings.Cut(message, "kubectl ")
	line, _, _ = strings.Cut(line, ",")
	if !found {
		t.Fatalf("the message holds no line to run: %s", message)
	}
	if _, err := cluster.Kubectl(t.Context(), strings.Fields(line)...); err != nil {
		t.Fatal(err)
	}
	err := kube.Await(t.Context(), "another key to take its place", time.Minute, func(context.Context) (bool, string) {
		now := shop.apiKeys(t)
		return len(now) > 0 && now[0].Number > keys[0].Number, fmt.Sprintf("%+v", now)
	})
	if err != nil {
		t.Fatal(err)
	}
	sender.answers(t, "the secret that took its place", shop.secretBytes(t, shop.apiKeys(t)[0].SecretName), http.StatusOK)
	awaitCondition(t, shop.key(), v1alpha1.ConditionCredentialsAccepted, metav1.ConditionTrue, "", 2*breakTime)
	if after := shop.processes(t); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("pods were restarted: %v became %v", before, after)
	}
}
