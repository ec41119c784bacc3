package definition

import (
	"crypto/sha256"
	"encoding/hex"
	"path"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// Digest returns a hash of the catalog, which no other part of the program changes.
func Digest() string {
	sum := sha256.New()
	for _, name := range Names() {
		data, _ := catalog.ReadFile(path.Join("catalog", name+".yaml")) // embedded: it exists
		for _, part := range [][]byte{[]byte(name), {0}, data, {0}} {
			sum.Write(part)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Hash returns a hash of the definition of a source, over every byte of its document.
func Hash(source bundle.Source) string {
	document := []byte(source.Document)
	if len(document) == 0 {
		document, _ = catalog.ReadFile(path.Join("catalog", source.Definition+".yaml")) // a missing one is hashed as empty
	}
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:8])
}

// Rules returns the carrier's rules in the form that an integration sets them.
func (c Carrier) Rules() bundle.CarrierRules {
	rules := bundle.CarrierRules{Name: c.Name, MaxDeliveryAttempts: c.MaxDeliveryAttempts, PickupHoldDays: c.PickupHoldDays}
	for _, n := range c.Notices {
		rules.Notices = append(rules.Notices, bundle.Notice{Occasion: string(n.Occasion), Responsible: n.Responsible})
	}
	return rules
}
