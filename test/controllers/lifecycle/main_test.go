// Package lifecycle tests the life of a Shop: its volume, its scale, a roll that fails, restart, backup and end.
package lifecycle

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
