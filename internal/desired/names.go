package desired

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// ServiceAccountName returns the identity of a Shop's pods; it has no rights and no token.
func ServiceAccountName(shop string) string { return shop + "-workload" }

// BundleName returns the ConfigMap of one compiled bundle.
func BundleName(shop, hash string) string { return shop + "-bundle-" + hash }

// ActivityName returns the ConfigMap that tells a Shop's pods its activity.
func ActivityName(shop string) string { return shop + "-activity" }

// BundleVolume is the volume of a pod that holds its bundle.
const BundleVolume = "bundle"

// VolumeName returns the claim that holds a Shop's orders.
func VolumeName(shop string) string { return shop + "-data" }

// WorkloadName returns the name of the Deployment, Service and NetworkPolicy of one component.
func WorkloadName(shop string, component bundle.Component) string {
	if component == bundle.PageComponent {
		return shop + "-page"
	}
	return shop + "-notifier"
}

// RouteName returns the Ingress or the HTTPRoute of a Shop.
func RouteName(shop string) string { return shop }

// HookRouteName returns the HTTPRoute of a Shop's webhooks, where they have a hostname of their own. No Shop's name has a dot,
// so it is no other Shop's route.
func HookRouteName(shop string) string { return shop + ".hooks" }

// TLSSecretName returns where a certificate for the Shop's hostnames is expected when the Shop names no Secret.
func TLSSecretName(shop string) string { return shop + "-tls" }

// KeyRecordName returns the ConfigMap that records one generated key.
func KeyRecordName(shop, purpose string, number int) string {
	return KeyPrefix(shop, purpose) + strconv.Itoa(number)
}

// KeyPrefix begins the names of a purpose's records and Secrets.
func KeyPrefix(shop, purpose string) string { return fmt.Sprintf("%s-key-%s-", shop, purpose) }

// IsKeyRecordName reports whether a record of a key of the Shop may have the name.
func IsKeyRecordName(shop, name string) bool { return strings.HasPrefix(name, shop+"-key-") }

// KeyringName returns the ConfigMap that tells a Shop's pods which of their keys count.
func KeyringName(shop string) string { return shop + "-keyring" }
