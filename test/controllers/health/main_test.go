// Package health tests what the status of a Shop says, and that nothing is written when there is nothing to say.
package health

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
