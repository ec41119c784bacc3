// Package children tests every kind of object that a Shop has against every fault that can meet one: its name is taken, it is
// being deleted, another writer changes it. The kinds come from package desired, so a new one is tested without a line here.
package children

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
