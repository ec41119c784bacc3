package definition

import "encoding/base64"

// GeneratedKeyBytes is how much randomness a generated webhook secret holds.
const GeneratedKeyBytes = 32

// generatedPrefix marks a webhook secret for people and for secret scanners, as Standard Webhooks asks.
const generatedPrefix = "whsec_"

// GeneratedKey writes a generated webhook secret in the form that every definition's key transform understands and that
// people can copy: "whsec_" and base64.
func GeneratedKey(random [GeneratedKeyBytes]byte) string {
	return generatedPrefix + base64.StdEncoding.EncodeToString(random[:])
}
