package manager

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestObjectsShareTheirWordsAndKeepTheirMeaning(t *testing.T) {
	object := func() *corev1.ConfigMap {
		word := func(s string) string { return strings.Clone(s) } // as every decoded object has its own
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
			Name: "a", Labels: map[string]string{word("app"): word("wismo")}, Annotations: map[string]string{word("hash"): word("1")},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: word("v1"), Kind: word("Shop"), Name: "linden", UID: "u"}},
			ManagedFields:   []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
		}}
	}
	want := object()
	want.ManagedFields = nil
	var kept []*corev1.ConfigMap
	for range 2 {
		slimmed, err := slim(object())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, slimmed); diff != "" {
			t.Error(diff)
		}
		cm, ok := slimmed.(*corev1.ConfigMap)
		if !ok {
			t.Fatalf("%T came out", slimmed)
		}
		kept = append(kept, cm)
	}
	if unsafe.StringData(kept[0].Labels["app"]) != unsafe.StringData(kept[1].Labels["app"]) {
		t.Error("two objects hold the same word twice")
	}
	if _, err := slim("no object"); err != nil {
		t.Errorf("what is no object is refused: %v", err)
	}
}
