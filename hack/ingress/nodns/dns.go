// Package dns takes the place of github.com/go-acme/lego/v4/providers/dns when Traefik is built: the client libraries
// of all DNS providers, most of what would be downloaded and compiled, for certificates that a
// cluster without Internet access does not request.
package dns

import (
	"fmt"

	"github.com/go-acme/lego/v4/challenge"
)

// NewDNSChallengeProviderByName knows no provider.
func NewDNSChallengeProviderByName(name string) (challenge.Provider, error) {
	return nil, fmt.Errorf("this build knows no DNS provider, and so not %q", name)
}
