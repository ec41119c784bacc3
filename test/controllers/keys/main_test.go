// Package keys tests the generated keys: that they are made, rotated on time and on demand, and removed.
package keys

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
