package message

import "github.com/wismo-dev/wismo/internal/carrier/names"

// CarrierName is a carrier's name as it writes itself, from wismo's slug; "" for none.
func CarrierName(slug string) string { return unlinked(names.Name(slug)) }
