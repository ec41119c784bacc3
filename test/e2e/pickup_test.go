//go:build e2e

package e2e

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	_ "modernc.org/sqlite" // the driver
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
)

// A reminder takes days to become due. The parcel's webhooks are therefore put into the Shop's database as if they had come three days
// ago; everything after that happens as usual.
func TestAParcelThatWaitsAtThePickUpPointIsRemindedOfOnceBeforeItsLastDay(t *testing.T) {
	t.Parallel()
	m := live(t, "pickup", "")
	m.change(t, func(s *v1alpha1.Shop) { s.Spec.Locales = []v1alpha1.Locale{"en"} })
	number, now := newNumber(), onOneDay(t)
	then := now.AddDate(0, 0, -3)
	hooks := journey.Pickup(number, then)
	last := len(hooks) - 1
	m.receiveEarlier(t, hooks[:last], then)

	reminder := m.exactMails(t, number, 1)[0]
	m.checkMail(t, reminder)
	lastDay := then.In(zoneNamed(t, "Europe/Amsterdam")).AddDate(0, 0, 4).Format("Monday 2 January")
	said{says: []string{"Kiosk Noord", "4711", lastDay, "ma-za 8:00-20:00"}, never: []string{"was not collected"}}.
		check(t, "the reminder", reminder.Subject+"\n"+reminder.Text)
	page := m.awaitPage(t, reminder.PagePath(), "Kiosk Noord")
	said{says: []string{"4711", lastDay}}.check(t, "the page", plainText(page))

	m.send(t, journey.Pickup(number, now)[last])
	expired := m.exactMails(t, number, 2)[1]
	said{says: []string{"not collected"}, never: []string{"You can collect", "4711"}}.check(t, "the last mail", expired.Subject+"\n"+expired.Text)
	if again := m.awaitPage(t, reminder.PagePath(), "not collected"); strings.Contains(headline(again), "4711") {
		t.Errorf("the first line still offers the parcel: %s", headline(again))
	}
}

// receiveEarlier stores webhooks in the Shop's database with an earlier time of arrival. The volume is a folder of this machine.
func (m merchant) receiveEarlier(t *testing.T, hooks []journey.Webhook, arrived time.Time) {
	t.Helper()
	var claim corev1.PersistentVolumeClaim
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: m.name, Name: m.name + "-data"}, &claim); err != nil {
		t.Fatal(err)
	}
	var volume corev1.PersistentVolume
	if err := cluster.Get(t.Context(), client.ObjectKey{Name: claim.Spec.VolumeName}, &volume); err != nil {
		t.Fatal(err)
	}
	dsn := "file:" + filepath.Join(volume.Spec.Local.Path, "wismo.db") + "?_txlock=immediate&_pragma=busy_timeout(5000)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, hook := range hooks {
		_, err := db.ExecContext(t.Context(), "INSERT INTO receipts (source, dedupe_key, header, body, received_at) VALUES (?, ?, '{}', ?, ?)",
			hook.Source, hook.Tells, hook.Body, arrived.UnixMilli())
		if err != nil {
			t.Fatalf("storing %q: %v", hook.Tells, err)
		}
	}
}

func zoneNamed(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
