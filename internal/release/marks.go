package release

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// AttemptRef names one attempt of a release. Its zero value names none.
type AttemptRef struct {
	Release string // such as rel-0042; empty = none
	Attempt int    // from 0; each retry of a halted release is one more
}

// String returns the value of an annotation, such as rel-0042.0; "" = none.
func (m AttemptRef) String() string {
	if m.Release == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d", m.Release, m.Attempt)
}

// ParseAttemptRef parses what String wrote. It returns the zero value for any other text.
func ParseAttemptRef(text string) AttemptRef {
	name, number, _ := strings.Cut(text, ".")
	attempt, err := strconv.Atoi(number)
	if name == "" || err != nil {
		return AttemptRef{}
	}
	return AttemptRef{Release: name, Attempt: attempt}
}

// Marks are the label and annotations of a Deployment that concern releases; see docs/adr/0010-where-a-release-lives.md. Only
// this package knows their format.
type Marks struct {
	Release          string     // that it runs; "" = the Deployment was created before there were releases
	Before           string     // that the Shop served on before; "" = none
	Since            time.Time  // when it moved to Release by replacing pods; zero = never, or it cannot be read
	Failed           AttemptRef // see rollout.Step, as UnhealthyBefore
	UnhealthyBefore  AttemptRef
	IncompatibleWith AttemptRef // see rollout.Shop
	Template         string     // hash of the pod template as rendered
	FailedTemplate   string     // hash of a pod template that failed and is not tried again; "" = none
}

// MarksOf reads the marks of an object.
func MarksOf(o metav1.Object) Marks {
	annotations := o.GetAnnotations()
	m := Marks{
		Release:          o.GetLabels()[v1alpha1.LabelRelease],
		Before:           annotations[v1alpha1.AnnotationReleaseBefore],
		Failed:           ParseAttemptRef(annotations[v1alpha1.AnnotationReleaseFailed]),
		UnhealthyBefore:  ParseAttemptRef(annotations[v1alpha1.AnnotationReleaseUnwell]),
		IncompatibleWith: ParseAttemptRef(annotations[v1alpha1.AnnotationReleaseClash]),
		Template:         annotations[v1alpha1.AnnotationTemplate],
		FailedTemplate:   annotations[v1alpha1.AnnotationFailedTemplate],
	}
	m.Since, _ = time.Parse(time.RFC3339, annotations[v1alpha1.AnnotationReleaseSince])
	return m
}

// Labels returns the marks that are labels, to select by.
func (m Marks) Labels() map[string]string {
	return present(map[string]string{v1alpha1.LabelRelease: m.Release})
}

// Annotations returns all other marks.
func (m Marks) Annotations() map[string]string {
	since := ""
	if !m.Since.IsZero() {
		since = m.Since.UTC().Format(time.RFC3339)
	}
	return present(map[string]string{
		v1alpha1.AnnotationReleaseBefore:  m.Before,
		v1alpha1.AnnotationReleaseSince:   since,
		v1alpha1.AnnotationReleaseFailed:  m.Failed.String(),
		v1alpha1.AnnotationReleaseUnwell:  m.UnhealthyBefore.String(),
		v1alpha1.AnnotationReleaseClash:   m.IncompatibleWith.String(),
		v1alpha1.AnnotationTemplate:       m.Template,
		v1alpha1.AnnotationFailedTemplate: m.FailedTemplate,
	})
}

func present(all map[string]string) map[string]string {
	for name, value := range all {
		if value == "" {
			delete(all, name)
		}
	}
	return all
}
