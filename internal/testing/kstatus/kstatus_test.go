package kstatus

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// object reads a document in which T is one time and L a later one.
func object(t *testing.T, document string) *unstructured.Unstructured {
	t.Helper()
	document = strings.NewReplacer("T}", "'2026-03-01T12:00:00Z', observedGeneration: 2, reason: R, message: m}", "L}", "'2026-03-01T13:00:00Z', observedGeneration: 2, reason: R, message: m}").Replace(document)
	raw, err := yaml.YAMLToJSON([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(append([]byte(`{"apiVersion":"example.com/v1","kind":"Thing",`), raw[1:]...)); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAStatusIsReadAsGitOpsToolsReadIt(t *testing.T) {
	for name, tc := range map[string]struct {
		document string
		want     Status
		faults   int
	}{
		"brand new, with the default":    {`{metadata: {generation: 1}, status: {observedGeneration: -1}}`, InProgress, 0},
		"brand new, without the default": {`{metadata: {generation: 1}}`, Current, 1},
		"settled":                        {`{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'True', lastTransitionTime: T}]}}`, Current, 0},
		"edited since":                   {`{metadata: {generation: 3}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'True', lastTransitionTime: T}]}}`, InProgress, 0},
		"reconciling":                    {`{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'False', lastTransitionTime: T}, {type: Reconciling, status: 'True', lastTransitionTime: T}]}}`, InProgress, 0},
		"stalled":                        {`{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'False', lastTransitionTime: T}, {type: Stalled, status: 'True', lastTransitionTime: T}]}}`, Failed, 0},
		"not Ready and nothing else":     {`{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'False', lastTransitionTime: T}]}}`, InProgress, 1},
		"Ready beside Reconciling":       {`{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'True', lastTransitionTime: T}, {type: Reconciling, status: 'True', lastTransitionTime: T}]}}`, InProgress, 1},
		"Stalled is False":               {`{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'True', lastTransitionTime: T}, {type: Stalled, status: 'False', lastTransitionTime: T}]}}`, Current, 1},
		"ahead of its generation":        {`{metadata: {generation: 1}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'True', lastTransitionTime: T}]}}`, InProgress, 1},
		"without Ready":                  {`{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Accepted, status: 'True', lastTransitionTime: T}]}}`, Current, 2},
		"going":                          {`{metadata: {generation: 2, deletionTimestamp: '2026-03-01T12:00:00Z'}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'True', lastTransitionTime: T}]}}`, Terminating, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := object(t, tc.document)
			if got := Of(o); got != tc.want {
				t.Errorf("read as %s, want %s", got, tc.want)
			}
			if faults := Faults(o); len(faults) != tc.faults {
				t.Errorf("%d faults, want %d: %q", len(faults), tc.faults, faults)
			}
		})
	}
}

func TestATransitionTimeMovesWithItsStatus(t *testing.T) {
	state := func(value, at string) *unstructured.Unstructured {
		return object(t, `{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: '`+value+`', lastTransitionTime: `+at+`}]}}`)
	}
	for name, tc := range map[string]struct {
		before, after *unstructured.Unstructured
		faults        int
	}{
		"nothing changed":                {state("True", "T"), state("True", "T"), 0},
		"both changed":                   {state("False", "T"), state("True", "L"), 0},
		"only the time changed":          {state("True", "T"), state("True", "L"), 1},
		"the time went back":             {state("False", "L"), state("True", "T"), 1},
		"Current before it was observed": {state("True", "T"), object(t, `{metadata: {generation: 1}}`), 1},
	} {
		if faults := Step(tc.before, tc.after); len(faults) != tc.faults {
			t.Errorf("%s: %q, want %d faults", name, faults, tc.faults)
		}
	}
}

func TestWhatAManagerWroteIsNamed(t *testing.T) {
	o := &unstructured.Unstructured{Object: map[string]any{}}
	o.SetManagedFields([]metav1.ManagedFieldsEntry{
		{Manager: "wismo", FieldsV1: metav1.NewFieldsV1(`{"f:status":{"f:conditions":{}},"f:metadata":{"f:finalizers":{}}}`)},
		{Manager: "kubectl", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:hostname":{}}}`)},
	})
	if diff := cmp.Diff([]string{"metadata.finalizers", "status"}, Written(o, "wismo")); diff != "" {
		t.Error(diff)
	}
}
