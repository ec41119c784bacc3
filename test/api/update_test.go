package api_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	postgreSQL = `postgreSQL: {host: pg-rw.data.svc, database: linden, credentialsSecretRef: {name: pg}}`
	onVolume   = `spec: {storage: {type: SQLite, sqlite: {size: 2Gi, storageClassName: fast}}}`
	onServer   = `spec: {storage: {type: PostgreSQL, ` + postgreSQL + `}}`
)

func TestAChangeThatCannotBeUndoneIsRefused(t *testing.T) {
	for _, c := range []struct{ name, base, before, after, field, text string }{
		{"events stay with their Shop", minimalIntegration, ``, `spec: {shopRef: {name: fjallro}}`, "spec.shopRef.name", "must not change; create another CarrierIntegration instead"},
		{"orders are not left behind on the volume", minimalShop, onVolume, `spec: {storage: {type: PostgreSQL, sqlite: null, ` + postgreSQL + `}}`, "spec.storage", "so that no order is left behind"},
		{"orders are not left behind on the default volume", minimalShop, ``, onServer, "spec.storage", "with `moveFrom` set to 'SQLite'"},
		{"orders are not left behind on the server", minimalShop, onServer, `spec: {storage: {type: SQLite, postgreSQL: null}}`, "spec.storage", "may only change from 'SQLite' to 'PostgreSQL'"},
		{"orders are not left behind by leaving out the storage", minimalShop, onServer, `spec: {storage: null}`, "spec.storage", "may only change from 'SQLite' to 'PostgreSQL'"},
		{"a volume does not shrink", minimalShop, onVolume, `spec: {storage: {sqlite: {size: 1Gi}}}`, "spec.storage.sqlite.size", "must not shrink, because a volume cannot"},
		{"a volume keeps its class", minimalShop, onVolume, `spec: {storage: {sqlite: {storageClassName: slow}}}`, "spec.storage.sqlite.storageClassName", "must not change, because a volume cannot change its class"},
	} {
		t.Run(c.name, func(t *testing.T) {
			mustRefuse(t, tryChange(t, document(t, c.base, c.before), c.after), c.field, c.text)
		})
	}
}

func TestAChangeThatWorksIsAccepted(t *testing.T) {
	for _, c := range []struct{ name, base, before, after string }{
		{"from the volume to a server, with the orders", minimalShop, onVolume, `spec: {storage: {type: PostgreSQL, moveFrom: SQLite, sqlite: null, ` + postgreSQL + `}}`},
		{"from the default volume to a server, with the orders", minimalShop, ``, `spec: {storage: {type: PostgreSQL, moveFrom: SQLite, ` + postgreSQL + `}}`},
		{"the note of a finished move goes", minimalShop, `spec: {storage: {type: PostgreSQL, moveFrom: SQLite, ` + postgreSQL + `}}`, `spec: {storage: {moveFrom: null}}`},
		{"a volume grows", minimalShop, onVolume, `spec: {storage: {sqlite: {size: 3Gi}}}`},
		{"a size is written another way", minimalShop, onVolume, `spec: {storage: {sqlite: {size: 2048Mi}}}`},
		{"a Shop moves to another hostname", minimalShop, ``, `spec: {hostname: track.linden.shop, aliases: [{hostname: track.linden.example}]}`},
		{"a Shop goes live", minimalShop, `spec: {activity: Rehearsal, rehearsal: {email: a@b.example}}`, `spec: {activity: Live}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := tryChange(t, document(t, c.base, c.before), c.after); err != nil {
				t.Error(err)
			}
		})
	}
}

// tryChange creates a document and asks the API server what it thinks of a change to it.
func tryChange(t *testing.T, before *unstructured.Unstructured, change string) error {
	t.Helper()
	create(t, before)
	after := before.DeepCopy()
	after.Object = overlay(after.Object, parse(t, change))
	return api.Update(t.Context(), after, client.DryRunAll)
}
