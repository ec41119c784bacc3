package health

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
)

// maxEndpointKeys is how many keys the status of one endpoint can show.
const maxEndpointKeys = 4

// EndpointKeys returns the generated keys that count for a source, the newest first, as the status shows them.
func EndpointKeys(keys []desired.KeyRecord, source string, now time.Time) []v1alpha1.EndpointKey {
	var shown []v1alpha1.EndpointKey
	for _, k := range slices.Backward(keys) {
		if k.Purpose == bundle.HookKeys+source && !k.Ended(now) && len(shown) < maxEndpointKeys {
			shown = append(shown, v1alpha1.EndpointKey{
				Number: int32(min(k.Number, 1<<30+1)), SecretName: v1alpha1.ObjectName(k.Secret),
				SignFrom: at(k.SignFrom), RotateAt: at(k.RotateAt), NotAfter: at(k.NotAfter),
			})
		}
	}
	return shown
}

func at(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t}
}

// lostKey returns the message about the first generated key whose Secret was deleted; "" = none. The operator cannot
// see Secrets, so only the pods can tell.
func (v View) lostKey(of Of) string {
	for _, report := range v.Reports {
		for _, c := range report.Credentials {
			if c.Number == 0 || c.State != bundle.Missing || !of(strings.TrimPrefix(c.Source, bundle.HookKeys)) {
				continue
			}
			i := slices.IndexFunc(v.Keys, func(k desired.KeyRecord) bool { return k.Purpose == c.Source && k.Number == c.Number })
			if i < 0 {
				continue // the report is older than the keys
			}
			return fmt.Sprintf("the generated Secret %s was deleted, and what is signed with its key is refused; to have a new key created, run: kubectl delete configmap -n %s %s",
				v.Keys[i].Secret, v.Shop.Namespace, desired.KeyRecordName(v.Shop.Name, c.Source, c.Number))
		}
	}
	return ""
}
