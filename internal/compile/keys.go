package compile

import (
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// What holds where the spec says nothing, as the API documents it.
const (
	defaultOverlapHours    = 24
	defaultKeyRotationDays = 90
)

// GeneratedKey is a purpose for which wismo makes keys, and when it makes the next one.
type GeneratedKey struct {
	Purpose      string // bundle.LinkKeys, or bundle.HookKeys + a source's name
	IntervalDays int    // 0 = only on demand
	OverlapHours int    // for which the key before verifies after the new one signs
	Token        string // another value asks for the next key now; "" asks for none
}

// linkKey has every key verify for as long as the last link lives that it signed.
func linkKey(links *v1alpha1.Links, ttlDays int) GeneratedKey {
	k := GeneratedKey{Purpose: bundle.LinkKeys, IntervalDays: defaultKeyRotationDays, OverlapHours: ttlDays * 24}
	if links != nil && links.KeyRotationDays > 0 {
		k.IntervalDays = int(links.KeyRotationDays)
	}
	return k
}

// hookKey returns the key that a source signs its webhooks with.
func hookKey(source string, webhook *v1alpha1.WebhookIntake) GeneratedKey {
	k := GeneratedKey{Purpose: bundle.HookKeys + source, OverlapHours: defaultOverlapHours}
	if webhook == nil || webhook.Rotation == nil {
		return k
	}
	rotation := webhook.Rotation
	k.IntervalDays, k.Token = int(rotation.IntervalDays), rotation.Token
	if rotation.OverlapHours != nil {
		k.OverlapHours = int(*rotation.OverlapHours)
	}
	return k
}

func sortedKeys(keys []GeneratedKey) []GeneratedKey {
	return slices.SortedFunc(slices.Values(keys), func(a, b GeneratedKey) int { return strings.Compare(a.Purpose, b.Purpose) })
}
