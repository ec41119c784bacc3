package definition

import (
	"crypto/sha256"
	"encoding/hex"
	"path"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// Digest is equal for equal catalogs, whatever else of the program changes.
func Digest() string {
	sum := sha256.New()
	for _, name := range Names() {
		data, _ := catalog.ReadFile(path.Join("catalog", name+".yaml")) // embedded: it is there
		for _, part := range [][]byte{[]byte(name), {0}, data, {0}} {
			sum.Write(part)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Hash tells one definition of a source from another: it changes when anything is written differently in the document.
func Hash(source bundle.Source) string {
	document := []byte(source.Document)
	if len(document) == 0 {
		document, _ = catalog.ReadFile(path.Join("catalog", source.Definition+".yaml")) // none there is an empty one
	}
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:8])
}

// Rules are what the definition knows of the carrier, as an integration would say it.
func (c Carrier) Rules() bundle.CarrierRules {
	rules := bundle.CarrierRules{Name: c.Name, MaxDeliveryAttempts: c.MaxDeliveryAttempts, PickupHoldDays: c.PickupHoldDays}
	for _, n := range c.Notices {
		rules.Notices = append(rules.Notices, bundle.Notice{Occasion: string(n.Occasion), Responsible: n.Responsible})
	}
	return rules
}
