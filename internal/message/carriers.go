package message

import "github.com/wismo-dev/wismo/internal/carrier/names"

// CarrierName returns the name that a carrier uses for itself, from wismo's slug; "" if unknown.
func CarrierName(slug string) string { return unlinked(names.Name(slug)) }
