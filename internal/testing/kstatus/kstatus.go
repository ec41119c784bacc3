// Package kstatus says what GitOps tools read in an object's status: the oracle of our tests. It restates two sets of
// rules from their sources, so that a test fails here before a pipeline hangs somewhere else. It knows no kind of ours.
package kstatus

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// Status is what a tool that waits concludes.
type Status string

// The statuses of kstatus that an existing object can have.
const (
	Current     Status = "Current"
	InProgress  Status = "InProgress"
	Failed      Status = "Failed"
	Terminating Status = "Terminating"
)

// Of computes the status of a custom resource. Source: kubernetes-sigs/cli-utils, pkg/kstatus/status: the generic rules,
// and those for kinds that kstatus does not know.
func Of(o *unstructured.Unstructured) Status {
	if o.GetDeletionTimestamp() != nil {
		return Terminating
	}
	observed, has, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	if has && observed != o.GetGeneration() {
		return InProgress
	}
	switch conditions := Conditions(o); {
	case value(conditions, "Reconciling") == metav1.ConditionTrue:
		return InProgress
	case value(conditions, "Stalled") == metav1.ConditionTrue:
		return Failed
	case value(conditions, "Ready") == metav1.ConditionFalse || value(conditions, "Ready") == metav1.ConditionUnknown:
		return InProgress
	default:
		return Current // even of an object without any status
	}
}

// Conditions returns the conditions in the status; none if there are none that can be read.
func Conditions(o *unstructured.Unstructured) []metav1.Condition {
	fields, _, _ := unstructured.NestedMap(o.Object, "status")
	var status struct {
		Conditions []metav1.Condition `json:"conditions"`
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &status); err != nil {
		return nil
	}
	return status.Conditions
}

// Faults returns the rules that the object breaks, all of which hold for every version of a status that a client can
// see. Source: fluxcd/pkg, runtime/conditions/check.
func Faults(o *unstructured.Unstructured) []string {
	observed, has, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	conditions := Conditions(o)
	if len(conditions) == 0 {
		return broken(map[string]bool{"a new object's observedGeneration must be -1, or it counts as Current": has && observed == -1})
	}
	ready, reconciling, stalled := value(conditions, "Ready"), value(conditions, "Reconciling"), value(conditions, "Stalled")
	return broken(map[string]bool{
		"Ready must be there":                                     ready != "",
		"Reconciling must be absent where it is not True":         reconciling == "" || reconciling == metav1.ConditionTrue,
		"Stalled must be absent where it is not True":             stalled == "" || stalled == metav1.ConditionTrue,
		"exactly one of Ready, Reconciling, Stalled must be True": trues(ready, reconciling, stalled) == 1,
		"observedGeneration must not be ahead":                    observed <= o.GetGeneration(),
		"every condition must speak of observedGeneration":        all(conditions, func(c metav1.Condition) bool { return c.ObservedGeneration == observed }),
		"every condition must have a reason and a message":        all(conditions, func(c metav1.Condition) bool { return c.Reason != "" && c.Message != "" }),
		"every condition must have a transition time":             all(conditions, func(c metav1.Condition) bool { return !c.LastTransitionTime.IsZero() }),
	})
}

// Step returns the rules that are broken from one version of an object to the next.
func Step(before, after *unstructured.Unstructured) []string {
	old := Conditions(before)
	var faults []string
	for _, c := range Conditions(after) {
		i := slices.IndexFunc(old, func(o metav1.Condition) bool { return o.Type == c.Type })
		switch {
		case i < 0:
		case old[i].Status == c.Status && !old[i].LastTransitionTime.Equal(&c.LastTransitionTime):
			faults = append(faults, c.Type+": the transition time moved although the status did not")
		case c.LastTransitionTime.Before(&old[i].LastTransitionTime):
			faults = append(faults, c.Type+": the transition time went back")
		}
	}
	if generation := after.GetGeneration(); Of(after) == Current && observedBy(after) != generation {
		faults = append(faults, fmt.Sprintf("Current for generation %d, which the controller has not observed", generation))
	}
	return faults
}

// Written returns the top-level fields, and those of the metadata, that a field manager owns in an object.
func Written(o *unstructured.Unstructured, manager string) []string {
	var paths []string
	for _, entry := range o.GetManagedFields() {
		if entry.Manager != manager || entry.FieldsV1 == nil {
			continue
		}
		var fields map[string]map[string]any
		if err := json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields); err != nil {
			return []string{"unreadable: " + err.Error()}
		}
		for name, parts := range fields {
			if name != "f:metadata" {
				paths = append(paths, strings.TrimPrefix(name, "f:"))
				continue
			}
			for part := range parts {
				paths = append(paths, "metadata."+strings.TrimPrefix(part, "f:"))
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func observedBy(o *unstructured.Unstructured) int64 {
	observed, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	return observed
}

func value(conditions []metav1.Condition, kind string) metav1.ConditionStatus {
	i := slices.IndexFunc(conditions, func(c metav1.Condition) bool { return c.Type == kind })
	if i < 0 {
		return ""
	}
	return conditions[i].Status
}

func all(conditions []metav1.Condition, holds func(metav1.Condition) bool) bool {
	return !slices.ContainsFunc(conditions, func(c metav1.Condition) bool { return !holds(c) })
}

func trues(all ...metav1.ConditionStatus) int {
	n := 0
	for _, s := range all {
		if s == metav1.ConditionTrue {
			n++
		}
	}
	return n
}

func broken(rules map[string]bool) []string {
	var faults []string
	for rule, kept := range rules {
		if !kept {
			faults = append(faults, rule)
		}
	}
	slices.Sort(faults)
	return faults
}
