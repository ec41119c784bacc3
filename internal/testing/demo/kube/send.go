package kube

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
)

const (
	sendTimeout = 10 * time.Second
	sendTries   = 12 // over more than half a minute: the pod may be starting
)

// Sender posts webhooks to a Shop's public endpoints as their senders would, signed, and repeated while nobody answers.
type Sender struct {
	Cluster *Cluster
	Shop    client.ObjectKey
	BaseURL string // of the page on this machine
}

// Send posts one webhook until it is acknowledged.
func (s Sender) Send(ctx context.Context, hook journey.Webhook) error {
	var last error
	for try := range sendTries {
		status, answer, err := s.Post(ctx, hook)
		switch {
		case err == nil && status/100 == 2:
			return nil
		case err == nil && status/100 == 4 && status != http.StatusTooManyRequests:
			return fmt.Errorf("the endpoint %s refused %s: %d %s", hook.Source, hook.Tells, status, answer)
		case err == nil:
			err = fmt.Errorf("the endpoint %s answered %d %s", hook.Source, status, answer)
		}
		last = err
		time.Sleep(time.Duration(try+1) * 500 * time.Millisecond)
	}
	return last
}

// Post signs and posts once and returns what the endpoint answers.
func (s Sender) Post(ctx context.Context, hook journey.Webhook) (status int, answer string, err error) {
	secret, err := s.Cluster.SigningSecret(ctx, s.Shop, hook.Source)
	if err != nil {
		return 0, "", err
	}
	header, err := hook.Sign(secret, time.Now())
	if err != nil {
		return 0, "", err
	}
	path, err := s.Cluster.EndpointPath(ctx, s.Shop, hook.Source)
	if err != nil {
		return 0, "", err
	}
	return Deliver(ctx, s.BaseURL+path, header, hook.Body)
}

// Deliver posts one request over a connection of its own.
func Deliver(ctx context.Context, url string, header http.Header, body []byte) (status int, answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header = header
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	return response.StatusCode, string(text), err
}
