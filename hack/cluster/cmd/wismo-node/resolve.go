package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/wismo-dev/wismo/hack/cluster/internal/forward"
)

const (
	// fresh is how long an answer of the API server is good for: a load test opens
	// many connections in a second, and a Service changes its address rarely.
	fresh = time.Second
	// patience with the API server, of what a connection may take in all.
	patience = 2 * time.Second
)

type resolver struct {
	ask   func(context.Context, forward.Target) (string, error)
	mu    sync.Mutex
	known map[forward.Target]answer
}

type answer struct {
	address string
	at      time.Time
}

func newResolver(client kubernetes.Interface) *resolver {
	ask := func(ctx context.Context, target forward.Target) (string, error) {
		service, err := client.CoreV1().Services(target.Namespace).Get(ctx, target.Service, metav1.GetOptions{})
		if err != nil {
			return "", fmt.Errorf("look up the Service: %w", err)
		}
		return addressOf(service, target.Port)
	}
	return &resolver{ask: ask, known: map[forward.Target]answer{}}
}

// resolve returns the address of a Service. Without an API server it is the last
// one known: who comes through an Ingress does not notice that outage either.
func (r *resolver) resolve(ctx context.Context, target forward.Target) (string, error) {
	r.mu.Lock()
	last, known := r.known[target]
	r.mu.Unlock()
	if known && time.Since(last.at) < fresh {
		return last.address, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address, err := r.ask(ctx, target)
	switch {
	case err == nil:
	case known && !apierrors.IsNotFound(err):
		address = last.address
	default:
		return "", err
	}
	r.mu.Lock()
	r.known[target] = answer{address: address, at: time.Now()}
	r.mu.Unlock()
	return address, nil
}

func addressOf(service *corev1.Service, port string) (string, error) {
	ip := service.Spec.ClusterIP
	if net.ParseIP(ip) == nil {
		return "", fmt.Errorf("the Service %s/%s has no cluster IP to connect to", service.Namespace, service.Name)
	}
	for _, p := range service.Spec.Ports {
		if number := strconv.Itoa(int(p.Port)); port == number || port == p.Name {
			return net.JoinHostPort(ip, number), nil
		}
	}
	return "", fmt.Errorf("the Service %s/%s has no port %s", service.Namespace, service.Name, port)
}
