package notificationpolicy

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/conditions"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

func TestTheConditionsAreThoseOfTheTable(t *testing.T) {
	inmemory.HasConditionsOf(t, conditions.NotificationPolicy, vocabulary)
}
