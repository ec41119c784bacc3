// Package hostnames tests which Shop has which hostname, and how routes lead it: claims, races, swaps, Ingress and Gateway API.
package hostnames

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
