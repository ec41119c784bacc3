package message

import "strings"

// carrierNames are the spellings that cannot be guessed from wismo's slugs.
var carrierNames = map[string]string{
	"bpost": "bpost", "dhl": "DHL", "dhl-ecommerce": "DHL eCommerce", "dpd": "DPD", "dpd-uk": "DPD UK", "fedex": "FedEx", "gls": "GLS", "gls-es": "GLS",
	"inpost": "InPost", "mrw": "MRW", "dhl-express": "DHL Express", "dhl-parcel": "DHL Parcel", "db-schenker": "DB Schenker",
	"posti": "Posti", "postnl": "PostNL", "postnord": "PostNord", "seur": "SEUR", "tnt": "TNT", "ups": "UPS", "usps": "USPS",
	"ctt": "CTT", "brt": "BRT", "sda": "SDA", "poczta-polska": "Poczta Polska", "royal-mail": "Royal Mail", "an-post": "An Post",
}

// CarrierName is a carrier's name as people write it, from wismo's slug.
func CarrierName(slug string) string {
	if name, ok := carrierNames[slug]; ok {
		return name
	}
	words := strings.FieldsFunc(slug, func(r rune) bool { return r == '-' || r == '_' })
	for i, w := range words {
		words[i] = Capital(w)
	}
	return clip(strings.Join(words, " "))
}
