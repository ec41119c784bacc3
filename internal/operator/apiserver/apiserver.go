// Package apiserver finds out where the API server answers, so that the wall around a Shop's pods can leave it out even
// where that is an address of the internet. It knows nothing of Shops and of NetworkPolicies.
package apiserver

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// interval between two reads; the addresses change when a cluster is upgraded.
const interval = 5 * time.Minute

// endpoints is the EndpointSlice that every API server keeps of itself and its likes.
var endpoints = client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: "kubernetes"}

// Addresses are those of the API server, as far as they can be found out: where this process reaches it, and what it
// says of itself. It is a Runnable of the manager that keeps them up to date.
type Addresses struct {
	reader client.Reader
	host   string
	moved  []func()

	mu       sync.RWMutex
	networks []string
}

// New returns the addresses, empty until the first Refresh. Host is that of the rest.Config.
func New(reader client.Reader, host string) *Addresses {
	return &Addresses{reader: reader, host: host}
}

// Notify has moved called whenever the addresses change later. Call it before Start.
func (a *Addresses) Notify(moved func()) { a.moved = append(a.moved, moved) }

// NeedLeaderElection lets a standby look as well: when it leads, it knows what to close.
func (a *Addresses) NeedLeaderElection() bool { return false }

// Networks returns the addresses as networks of one address each, sorted. Do not change the list.
func (a *Addresses) Networks() []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.networks
}

// Refresh reads the addresses of the API server, and reports whether they changed. An operator
// that may not read the EndpointSlice, because it serves only some namespaces, makes do with the address it uses itself.
func (a *Addresses) Refresh(ctx context.Context) (changed bool, err error) {
	slice := &discoveryv1.EndpointSlice{}
	if err := a.reader.Get(ctx, endpoints, slice); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
		return false, fmt.Errorf("reading the addresses of the API server, EndpointSlice %s: %w", endpoints, err)
	}
	found := networksOf(a.host, slice)
	a.mu.Lock()
	defer a.mu.Unlock()
	changed = !slices.Equal(a.networks, found)
	a.networks = found
	return changed, nil
}

// networksOf leaves out what is no address: a name does not say to which address it leads.
func networksOf(host string, slice *discoveryv1.EndpointSlice) []string {
	var names []string
	if parsed, err := url.Parse(host); err == nil {
		names = append(names, parsed.Hostname())
	}
	for _, endpoint := range slice.Endpoints {
		names = append(names, endpoint.Addresses...)
	}
	var networks []string
	for _, name := range names {
		if address, err := netip.ParseAddr(name); err == nil {
			address = address.Unmap().WithZone("")
			networks = append(networks, netip.PrefixFrom(address, address.BitLen()).String())
		}
	}
	slices.Sort(networks)
	return slices.Compact(networks)
}

// Start looks again and again until the context ends. A failure leaves what was known.
func (a *Addresses) Start(ctx context.Context) error {
	again := time.NewTicker(interval)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
		switch changed, err := a.Refresh(ctx); {
		case err != nil:
			ctrl.LoggerFrom(ctx).Error(err, "Failed to read the addresses of the API server; keeping the known ones")
		case changed:
			ctrl.LoggerFrom(ctx).Info("Addresses of the API server changed", "addresses", a.Networks())
			for _, moved := range a.moved {
				moved()
			}
		}
	}
}
