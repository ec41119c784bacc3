// Package releases tests how releases and content reach Shops: waves, halts, ways back, history, configuration.
package releases

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
