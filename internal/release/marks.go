package release

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// AttemptRef remembers something of a Shop under one attempt of a release. It is kept with the Shop.
type AttemptRef struct {
	Release string // empty = there is no Mark
	Attempt int
}

// String returns how a Mark stands on a Deployment, such as rel-0042.0; "" = there is none.
func (m AttemptRef) String() string {
	if m.Release == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d", m.Release, m.Attempt)
}

// ParseAttemptRef reads what String wrote. What cannot be read is no Mark.
func ParseAttemptRef(text string) AttemptRef {
	name, number, _ := strings.Cut(text, ".")
	attempt, err := strconv.Atoi(number)
	if name == "" || err != nil {
		return AttemptRef{}
	}
	return AttemptRef{Release: name, Attempt: attempt}
}

// Marks are the annotations of a Deployment about releases; see docs/adr/0010-where-a-release-lives.md. They are read and
// written here and nowhere else.
type Marks struct {
	Release          string    // that it runs; "" = it is older than releases are
	Before           string    // that it served on before; "" = none
	Since            time.Time // when it moved to Release by replacing pods; zero = never, or it cannot be read
	Failed           AttemptRef
	UnhealthyBefore  AttemptRef
	IncompatibleWith AttemptRef
	// Template is the hash of its pod template as it was rendered, FailedTemplate of one that is not to be tried again.
	Template, FailedTemplate string
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

// Labels returns those of the marks that select.
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
