//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// endpoint is the URL of a source on this machine, and its secret.
func (m merchant) endpoint(t *testing.T, source string) (url, secret string) {
	t.Helper()
	path, err := cluster.EndpointPath(t.Context(), m.key(), source)
	if err != nil {
		t.Fatal(err)
	}
	if secret, err = cluster.SigningSecret(t.Context(), m.key(), source); err != nil {
		t.Fatal(err)
	}
	return m.baseURL + path, secret
}

// deliver signs with the secret given and returns the answer's status.
func deliver(t *testing.T, url, secret string, hook journey.Webhook) int {
	t.Helper()
	header, err := hook.Sign(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	status, _, err := kube.Deliver(t.Context(), url, header, hook.Body)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

func TestAWrongSignatureIsRefusedAndNothingIsStored(t *testing.T) {
	for _, c := range []struct {
		m      merchant
		source string
		secret string
	}{
		{linden, journey.APISource, "whsec_d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmc="},
		{fjallro, journey.FjallroShopSource, "not the client secret"},
		{fjallro, journey.FjallroCarrierSource, "not the webhook secret"},
	} {
		t.Run(c.m.name+" "+c.source, func(t *testing.T) {
			t.Parallel()
			number := newNumber()
			url, _ := c.m.endpoint(t, c.source)
			for _, hook := range c.m.journey(number, time.Now()) {
				if hook.Source != c.source {
					continue
				}
				if status := deliver(t, url, c.secret, hook); status != http.StatusUnauthorized {
					t.Errorf("%s under a wrong signature answers %d, want 401", hook.Tells, status)
				}
				if status, _, err := kube.Deliver(t.Context(), url, hook.Header.Clone(), hook.Body); err != nil || status != http.StatusUnauthorized {
					t.Errorf("%s without a signature answers %d (%v), want 401", hook.Tells, status, err)
				}
			}
			time.Sleep(quiet)
			if c.m.lookUp(t, number) {
				t.Error("the order was stored")
			}
			if got, err := mails.To(t.Context(), c.m.shopper(number)); err != nil || len(got) > 0 {
				t.Errorf("%d mails were sent (%v)", len(got), err)
			}
		})
	}
}

func TestABodyOverTheLimitIsRefusedBeforeItIsRead(t *testing.T) {
	url, secret := linden.endpoint(t, journey.APISource)
	hook := linden.journey(newNumber(), time.Now())[0]
	hook.Body = bytes.Repeat([]byte(" "), 1<<20+1)
	if status := deliver(t, url, secret, hook); status != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d, want 413", status)
	}
}

// A Shop of its own: what is quarantined stays until an operator has checked it.
func TestGarbageUnderARightSignatureIsAcceptedQuarantinedAndReported(t *testing.T) {
	t.Parallel()
	m := live(t, "garbage", "")
	hook := m.journey(newNumber(), time.Now())[0]
	hook.Body = []byte(`{"type": "order.upserted", "data": [garbage`)
	m.send(t, hook)
	err := kube.Await(t.Context(), "the quarantine to be reported", 30*time.Second, func(context.Context) (bool, string) {
		now := m.report(t, "notifier").quarantined(journey.APISource)
		return now == 1, fmt.Sprintf("%d quarantined", now)
	})
	if err != nil {
		t.Error(err)
	}
	awaitCondition(t, m.key(), v1alpha1.ConditionOrdersFlowing, metav1.ConditionFalse, v1alpha1.ReasonPayloadsQuarantined, breakTime)
	m.sendAll(t, newNumber()) // it blocks no other order
}

func TestTheSameReceiptTenTimesIsOneEventAndOneMail(t *testing.T) {
	for _, m := range []merchant{linden, fjallro} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			number := newNumber()
			hooks := m.journey(number, onOneDay(t))
			due := 0
			for _, hook := range hooks {
				url, secret := m.endpoint(t, hook.Source)
				for range 10 {
					if status := deliver(t, url, secret, hook); status/100 != 2 {
						t.Errorf("%s answers %d", hook.Tells, status)
					}
				}
				if hook.Mails != "" {
					due++
					m.awaitMails(t, number, due)
				}
			}
			got := m.exactMails(t, number, due)
			_, page := m.get(t, got[0].PagePath())
			if delivered := words[m.name].events; delivered != "" && bytes.Count([]byte(page), []byte(delivered)) > 1 {
				t.Errorf("the timeline tells the delivery more than once:\n%s", page)
			}
		})
	}
}
