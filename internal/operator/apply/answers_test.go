package apply

import (
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestADifferenceIsNamedByItsPathAndValues(t *testing.T) {
	container := func(of string) string {
		return `{"spec":{"template":{"spec":{"containers":[` + of + `]}}}}`
	}
	for name, tc := range map[string]struct {
		kind           func() pair
		live, rendered string
		want           string
	}{
		"a limit": {
			deployments, container(`{"name":"page","resources":{"limits":{"memory":"128Mi"}}}`), container(`{"name":"page","resources":{"limits":{"memory":"96Mi"}}}`),
			`spec.template.spec.containers[page].resources.limits[memory] is "128Mi" instead of "96Mi"`,
		},
		"a container that is missing": {deployments, container(``), container(`{"name":"page"}`), `spec.template.spec.containers[page] is missing instead of {"name":"page"}`},
		"a label":                     {configs, `{"metadata":{"labels":{"a":"c"}}}`, `{"metadata":{"labels":{"a":"b"}}}`, `metadata.labels[a] is "c" instead of "b"`},
		"a list that is one value": {
			deployments, container(`{"name":"page","args":["a","b"]}`), container(`{"name":"page","args":["a"]}`), `spec.template.spec.containers[page].args is ["a","b"] instead of ["a"]`,
		},
		"a selector":                 {services, `{"spec":{"selector":{"a":"b","c":"d"}}}`, `{"spec":{"selector":{"a":"b"}}}`, `spec.selector is {"a":"b","c":"d"} instead of {"a":"b"}`},
		"a rule where there is none": {policies, `{"spec":{"egress":[{}]}}`, `{"spec":{}}`, `spec.egress is [{}] instead of null`},
	} {
		p := tc.kind()
		decode(t, tc.live, p.live)
		decode(t, tc.rendered, p.rendered)
		found := differences(p.live, p.rendered)
		if len(found) != 1 || found[0].String() != tc.want {
			t.Errorf("%s: %v, want %s", name, found, tc.want)
		}
		if isApplied(p.live, p.rendered) {
			t.Errorf("%s: it counts as applied", name)
		}
	}
}

// The table of what is drift and what is not holds for differences, too.
func TestThereIsADifferenceWhereAnObjectIsNotAsRendered(t *testing.T) {
	for live, rendered := range map[string]string{
		`{"data":{"a":"1","b":"2"}}`:   `{"data":{"a":"1"}}`,
		`{"binaryData":{"a":"Yg=="}}`:  `{"binaryData":{"a":"Yg=="}}`,
		`{"binaryData":{"a":"Yg== "}}`: `{"binaryData":{"a":"Yw=="}}`,
		`{"data":{}}`:                  `{"data":{"a":"1"}}`,
	} {
		p := configs()
		decode(t, strings.ReplaceAll(live, " ", ""), p.live)
		decode(t, rendered, p.rendered)
		if found := differences(p.live, p.rendered); (len(found) == 0) != isApplied(p.live, p.rendered) {
			t.Errorf("%s of %s: %v", rendered, live, found)
		}
	}
}

func TestWhatIsRememberedIsOfOneObjectAndOneWish(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	a := &Answers{Now: func() time.Time { return now }}
	key := objectKey{"ConfigMap", "linden", "linden-keyring"}
	ruled := []Difference{{"data[a]", `"1"`, `"2"`}}
	a.note(key, answer{shop: "linden", uid: "one", hash: "h", differs: ruled}, nil, false)
	live := func(uid types.UID) *corev1.ConfigMap {
		cm := &corev1.ConfigMap{}
		cm.UID = uid
		return cm
	}
	for name, tc := range map[string]struct {
		key     objectKey
		uid     types.UID
		hash    string
		differs []Difference
		leave   bool
	}{
		"what the API server made of it": {key, "one", "h", ruled, true},
		"another value":                  {key, "one", "h", []Difference{{"data[a]", `"1"`, `"3"`}}, false},
		"another field besides":          {key, "one", "h", append([]Difference{{"data[b]", `"1"`, ""}}, ruled...), false},
		"the hash, besides":              {key, "one", "h", append([]Difference{{"metadata.annotations[x]", "h", ""}}, ruled...), false},
		"another object of the name":     {key, "two", "h", ruled, false},
		"another wish":                   {key, "one", "i", ruled, false},
		"another object":                 {objectKey{"ConfigMap", "linden", "other"}, "one", "h", ruled, false},
	} {
		if leave, err := a.judge(tc.key, live(tc.uid), tc.hash, tc.differs); leave != tc.leave || err != nil {
			t.Errorf("%s: left alone %t (%v)", name, leave, err)
		}
	}
	a.Forget(types.NamespacedName{Namespace: "linden", Name: "other"})
	if leave, _ := a.judge(key, live("one"), "h", ruled); !leave {
		t.Error("it is forgotten with another Shop")
	}
	a.Forget(types.NamespacedName{Namespace: "linden", Name: "linden"})
	if len(a.byObject) != 0 {
		t.Errorf("%d are kept of a Shop that is gone", len(a.byObject))
	}
}

func TestAContestedFieldIsForgottenAfterHoursOfPeace(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	a := &Answers{Now: func() time.Time { return now }}
	key, live := objectKey{"Ingress", "linden", "linden"}, &corev1.ConfigMap{}
	contested := []Difference{{"spec.rules", "[1]", "[1,2]"}}
	restore := func() { a.note(key, answer{shop: "linden", hash: "h"}, contested, true) }
	for range restoresInARow {
		if leave, _ := a.judge(key, live, "h", contested); leave {
			t.Fatal("it is left alone too soon")
		}
		restore()
	}
	var found *Contested
	if leave, err := a.judge(key, live, "h", contested); !leave || !errors.As(err, &found) || found.Retry != firstPause {
		t.Fatalf("left alone %t (%v)", leave, err)
	}
	for range 20 {
		now = now.Add(longestPause)
		restore()
	}
	if _, err := a.judge(key, live, "h", contested); !errors.As(err, &found) || found.Retry != longestPause {
		t.Errorf("the pause grew to %v", err)
	}
	now = now.Add(contestEnds)
	restore()
	if leave, _ := a.judge(key, live, "h", contested); leave {
		t.Error("what was contested long ago is not restored at once")
	}
}
