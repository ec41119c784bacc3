package releases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// readAnnotations reads the requests of people and the stored progress from the annotations of a release. It returns the problems
// of annotations that cannot be read. Those count as no request, except an unreadable pause, which pauses.
func readAnnotations(r *rollout.Release, annotations map[string]string) []string {
	var unreadable []string
	number := func(annotation string) int {
		value, ok := annotations[annotation]
		n, err := strconv.Atoi(value)
		if ok && (err != nil || n < 0) {
			unreadable = append(unreadable, fmt.Sprintf("the annotation %s is %q and must be a number that is not negative", annotation, value))
			return 0
		}
		return n
	}
	switch pause := rollout.Pause(annotations[v1alpha1.AnnotationPause]); pause {
	case rollout.NotPaused, rollout.PausedAdvance, rollout.PausedAll:
		r.Pause = pause
	default: // a pause was requested
		r.Pause = rollout.PausedAdvance
		unreadable = append(unreadable, fmt.Sprintf("the annotation %s is %q and must be %s or %s; it is treated as %[3]s", v1alpha1.AnnotationPause, pause, rollout.PausedAdvance, rollout.PausedAll))
	}
	for name := range strings.SplitSeq(annotations[v1alpha1.AnnotationApprove], ",") {
		if name = strings.TrimSpace(name); name != "" {
			r.Approved = append(r.Approved, name)
		}
	}
	r.Attempt = number(v1alpha1.AnnotationRetry)
	r.RollbackFor = number(v1alpha1.AnnotationRollBack)
	if latched := annotations[v1alpha1.AnnotationLatched]; latched != "" {
		if err := json.Unmarshal([]byte(latched), &r.Progress); err != nil {
			r.Progress = rollout.Progress{}
			r.Pause = rollout.PausedAll // what was halted must not go on because the record of it cannot be read
			unreadable = append(unreadable, fmt.Sprintf("the annotation %s cannot be read, so the release is paused; remove the annotation to start again with the first wave: %v", v1alpha1.AnnotationLatched, err))
		}
	}
	return unreadable
}

// sameProgress reports whether the two are equal.
func sameProgress(a, b rollout.Progress) bool {
	if a.Attempt != b.Attempt || a.Succeeded != b.Succeeded || !slices.Equal(a.Passed, b.Passed) || (a.Halt == nil) != (b.Halt == nil) {
		return false
	}
	return a.Halt == nil || *a.Halt == *b.Halt
}
