// Package gitops tests the operator as a pipeline meets it: the samples, any order, drift, pruning, people who look on.
package gitops

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
