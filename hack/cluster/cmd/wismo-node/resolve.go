package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/wismo-dev/wismo/hack/cluster/internal/forward"
)

// fresh is how long an answer of the API server is good for: a load test opens
// many connections in a second, and a Service changes its address rarely.
const fresh = time.Second

type resolver struct {
	client kubernetes.Interface
	mu     sync.Mutex
	known  map[forward.Target]answer
}

type answer struct {
	address string
	at      time.Time
}

func newResolver(client kubernetes.Interface) *resolver {
	return &resolver{client: client, known: map[forward.Target]answer{}}
}

func (r *resolver) resolve(ctx context.Context, target forward.Target) (string, error) {
	r.mu.Lock()
	known, ok := r.known[target]
	r.mu.Unlock()
	if ok && time.Since(known.at) < fresh {
		return known.address, nil
	}
	service, err := r.client.CoreV1().Services(target.Namespace).Get(ctx, target.Service, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("look up the Service: %w", err)
	}
	address, err := addressOf(service, target.Port)
	if err != nil {
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
