package flights

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	operator = "system:serviceaccount:wismo-system:wismo-manager"
	others   = "system:serviceaccount:kube-system:deployment-controller"
)

// log writes an audit log, a second a line.
type log struct {
	text     strings.Builder
	revision int
}

func (l *log) write(by, shop, component, release string, generation, observed, updated int) {
	l.revision++
	l.line("deployments", map[string]any{
		"metadata": map[string]any{
			"namespace": shop, "name": shop + "-" + component, "resourceVersion": fmt.Sprint(l.revision), "generation": generation,
			"labels": map[string]string{"tracking.wismo.dev/release": release, "tracking.wismo.dev/component": component},
		},
		"spec": map[string]any{"replicas": 1},
		"status": map[string]any{
			"observedGeneration": observed, "replicas": 2 - updated, "updatedReplicas": updated, "availableReplicas": 1,
			"conditions": []map[string]string{{"type": "Available", "status": "True"}},
		},
	}, by, shop)
}

func (l *log) line(resource string, object map[string]any, by, shop string) {
	raw, _ := json.Marshal(map[string]any{
		"verb": "patch", "user": map[string]string{"username": by}, "objectRef": map[string]string{"resource": resource, "namespace": shop},
		"responseStatus": map[string]int{"code": 200}, "requestReceivedTimestamp": start.Add(time.Duration(l.revision) * time.Second), "responseObject": object,
	})
	l.text.Write(append(raw, '\n'))
}

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// move has both workloads of a Shop name a release, and land does what the controller of Deployments does then.
func (l *log) move(shop, release string) {
	l.write(operator, shop, "page", release, 2, 1, 1)
	l.write(operator, shop, "notifier", release, 2, 1, 1)
}

func (l *log) land(shop, release string) {
	l.write(others, shop, "page", release, 2, 2, 0) // the new pod does not serve yet
	l.write(others, shop, "page", release, 2, 2, 1)
	l.write(others, shop, "notifier", release, 2, 2, 1)
}

func (l *log) to(t *testing.T, release string) []*Flight {
	t.Helper()
	l.line("services", nil, operator, "a")
	l.text.WriteString(`{"a line that is being written","resource":"deployments"`)
	steps, err := Read(strings.NewReader(l.text.String()), map[string]bool{"a": true, "b": true, "c": true}, start)
	if err != nil {
		t.Fatal(err)
	}
	return To(release, operator, steps)
}

func TestShopsThatMoveAfterEachOtherAreOneAtATime(t *testing.T) {
	var l log
	for _, shop := range []string{"a", "b", "elsewhere"} {
		l.move(shop, "rel-0002")
		l.land(shop, "rel-0002")
	}
	moves := l.to(t, "rel-0002")
	if len(moves) != 2 || MostAtOnce(moves) != 1 {
		t.Fatalf("%d moves, %d at once", len(moves), MostAtOnce(moves))
	}
	for _, m := range moves {
		if !m.Landed() || m.Writes != 2 || m.Replaced != 2 || m.To.Sub(m.From) != 4*time.Second {
			t.Errorf("%+v", *m)
		}
	}
}

func TestAShopIsUnderWayUntilItsLastPodServes(t *testing.T) {
	var l log
	l.move("a", "rel-0002")
	l.write(others, "a", "page", "rel-0002", 2, 2, 1)
	l.move("b", "rel-0002") // the notifier of a is not there yet
	l.write(others, "a", "notifier", "rel-0002", 2, 2, 1)
	l.land("b", "rel-0002")
	if moves := l.to(t, "rel-0002"); MostAtOnce(moves) != 2 {
		t.Errorf("%d at once", MostAtOnce(moves))
	}
}

func TestAShopThatNeverArrivesIsUnderWayForEver(t *testing.T) {
	var l log
	l.move("a", "rel-0002")
	l.move("a", "rel-0001") // it turned back
	l.land("a", "rel-0001")
	l.move("b", "rel-0002")
	l.land("b", "rel-0002")
	moves := l.to(t, "rel-0002")
	if len(moves) != 2 || moves[0].Landed() || !moves[1].Landed() || MostAtOnce(moves) != 2 {
		t.Errorf("%d moves, %d at once", len(moves), MostAtOnce(moves))
	}
}

func TestANameAloneReplacesNoPod(t *testing.T) {
	var l log
	l.write(operator, "a", "page", "rel-0002", 1, 1, 1)
	l.write(operator, "a", "notifier", "rel-0002", 1, 1, 1)
	moves := l.to(t, "rel-0002")
	if len(moves) != 1 || moves[0].Replaced != 0 || moves[0].Writes != 2 || !moves[0].Landed() {
		t.Fatalf("%d moves", len(moves))
	}
}

func TestWhatMovedBeforeDoesNotMoveAgain(t *testing.T) {
	var l log
	l.write(others, "a", "page", "rel-0002", 2, 2, 1)
	l.write(operator, "a", "page", "rel-0002", 3, 2, 1) // an own edit
	if moves := l.to(t, "rel-0002"); len(moves) != 0 {
		t.Errorf("%d moves", len(moves))
	}
}
