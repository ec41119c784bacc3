package workload_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/workload"
)

func numbers(keys []workload.Key) []int {
	var all []int
	for _, k := range keys {
		all = append(all, k.Number)
	}
	return all
}

// slot lays a key where the kubelet would.
func (m *mounts) slot(purpose, slot, number, key string) {
	m.write(key, m.keys, purpose, slot, "key")
	m.write(number+"\n", m.keys, purpose, slot, "number")
}

// sameTimes holds that links are signed and checked with the same keys at the same times.
func sameTimes(t *testing.T, keys []workload.Key, links []link.Key) {
	t.Helper()
	if len(links) != len(keys) {
		t.Fatalf("as keys for links: %+v", links)
	}
	for i, k := range keys {
		if l := links[i]; l.Number != k.Number || !l.SignFrom.Equal(k.SignFrom) || !l.NotAfter.Equal(k.NotAfter) {
			t.Errorf("as a key for links: %+v", l)
		}
	}
}

func TestEveryLiveKeyCountsTheNewestFirst(t *testing.T) {
	m := mount(t)
	m.write(`{"links": [
		{"number": 1, "notAfter": "2026-05-06T12:30:00Z"}, {"number": 2, "notAfter": "2026-05-06T11:59:59Z"}, {"number": 3},
		{"number": 5, "createdAt": "2026-05-06T11:59:00Z"}, {"number": 10, "signFrom": "2026-05-06T13:00:00Z"}]}`, m.keys, "keyring.json")
	m.write("one\n", m.keys, "links", "1", "key") // made by the version before: the directory is the number
	m.slot("links", "a", "2", "two")
	m.slot("links", "b", "10", "ten")
	m.slot("links", "c", "4", "four")
	m.slot("links", "d", "3", "")
	m.slot("links", "e", "zero", "x")
	m.write("x", m.keys, "links", "..data", "key")

	keys := m.secrets.Keys("links")
	if diff := cmp.Diff([]int{10, 1}, numbers(keys)); diff != "" {
		t.Fatalf("2 has ended, 3 is empty, 4 is not on the keyring, 5 has not come (-want +got):\n%s", diff)
	}
	if string(keys[1].Secret) != "one" || !keys[1].NotAfter.Equal(start.Add(30*time.Minute)) || !keys[0].SignFrom.Equal(start.Add(time.Hour)) {
		t.Errorf("got %+v", keys)
	}
	sameTimes(t, keys, m.secrets.LinkKeys())
	m.now = start.Add(30 * time.Minute)
	if diff := cmp.Diff([]int{10}, numbers(m.secrets.Keys("links"))); diff != "" {
		t.Errorf("after the end of 1 (-want +got):\n%s", diff)
	}
	if keys := m.secrets.Keys("hook-nobody"); len(keys) != 0 {
		t.Errorf("keys of an absent purpose: %v", keys)
	}
}

// The slot of a key that has ended is used again: its number file names the key, whichever of the two files is late.
func TestASlotThatIsUsedAgainIsNeverMistakenForTheKeyBefore(t *testing.T) {
	m := mount(t)
	m.write(`{"hook-api": [{"number": 4}]}`, m.keys, "keyring.json")
	m.slot("hook-api", "a", "1", "leaked")
	if keys := m.secrets.Keys("hook-api"); len(keys) != 0 {
		t.Errorf("the old bytes count as key %v", numbers(keys))
	}
	m.now = start.Add(5 * time.Second)
	m.slot("hook-api", "a", "4", "new")
	if keys := m.secrets.Keys("hook-api"); len(keys) != 1 || string(keys[0].Secret) != "new" {
		t.Errorf("the new key is not there: %v", numbers(keys))
	}
}

func TestAKeyringThatCannotBeReadOpensNothingAndNoneOpensAll(t *testing.T) {
	m := mount(t)
	m.slot("links", "a", "1", "one")
	if keys := m.secrets.Keys("links"); len(keys) != 1 {
		t.Errorf("without a keyring: %v", numbers(keys))
	}
	m.now = start.Add(5 * time.Second)
	m.write(`{"links": [{"number": 1, "notAfter": "next week"}]}`, m.keys, "keyring.json")
	if keys := m.secrets.Keys("links"); len(keys) != 0 {
		t.Errorf("with a broken one: %v", numbers(keys))
	}
}

func TestAGeneratedKeyThatSomebodyDeletedIsReported(t *testing.T) {
	m := mount(t)
	m.write(`{"hook-api": [{"number": 3, "createdAt": "2026-05-06T11:00:00Z"}, {"number": 2, "notAfter": "2026-05-06T11:30:00Z"},
		{"number": 4, "createdAt": "2026-05-06T11:59:00Z", "signFrom": "2026-05-06T12:02:00Z"}], "links": [{"number": 1}]}`, m.keys, "keyring.json")
	report := func(by bundle.Component) []bundle.CredentialReport {
		all, err := m.secrets.CredentialReports(&bundle.Document{Sources: []bundle.Source{{Name: "api", Definition: "api"}}}, by)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	links := bundle.CredentialReport{Source: "links", Key: "key", Number: 1, State: bundle.Missing}
	hook := bundle.CredentialReport{Source: "hook-api", Key: "key", Number: 3, State: bundle.Missing}
	if diff := cmp.Diff([]bundle.CredentialReport{links, hook}, report(bundle.PageComponent)); diff != "" {
		t.Errorf("page; 2 has ended, 4 is on its way (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bundle.CredentialReport{links}, report(bundle.NotifierComponent)); diff != "" {
		t.Errorf("notifier (-want +got):\n%s", diff)
	}
	m.now = start.Add(time.Minute)
	m.slot("hook-api", "a", "3", "back")
	m.slot("links", "a", "1", "back")
	m.slot("hook-api", "b", "4", "come")
	if got := report(bundle.PageComponent); len(got) != 0 {
		t.Errorf("all are there: %+v", got)
	}
}
