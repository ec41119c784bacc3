package desired

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// The versions of rendering that this build knows. RenderVersion grows with every change of rendering or compiling that
// alters what a Shop has: the change then reaches Shops in waves, with the release that is made of it, and not all at once
// with the operator's upgrade. Whoever makes such a change renders the one before as it was where Input.Render says so,
// and drops the one before that.
const (
	RenderVersion = 2
	OldestRender  = 1
)

// Marks are what stands on a Deployment about the releases; see docs/adr/0010-where-a-release-lives.md.
type Marks struct {
	Release        string    // that it runs
	Before         string    // that it served on before; "" = none
	Since          time.Time // when it moved to Release by replacing pods
	Failed, Unwell string    // such as rel-0042.0; "" = none
	Clash          string    // the same
	// FailedTemplate is the hash of a template that is not to be tried again; "" = none.
	FailedTemplate string
	// Template is what serves instead of the rendered template; nil = the rendered one.
	Template *Template
}

// Template is a pod template that was rendered before, and its hash of then.
type Template struct {
	Hash string
	Spec *corev1ac.PodTemplateSpecApplyConfiguration
}

// Mark writes the marks onto a rendered Deployment, and the template that they choose.
func Mark(d *appsv1ac.DeploymentApplyConfiguration, m Marks) {
	hash := TemplateHash(d)
	if m.Template != nil {
		hash = m.Template.Hash
		d.Spec.WithTemplate(m.Template.Spec)
	}
	annotations := map[string]string{v1alpha1.AnnotationTemplate: hash}
	for name, value := range map[string]string{
		v1alpha1.AnnotationReleaseBefore:  m.Before,
		v1alpha1.AnnotationReleaseFailed:  m.Failed,
		v1alpha1.AnnotationReleaseUnwell:  m.Unwell,
		v1alpha1.AnnotationReleaseClash:   m.Clash,
		v1alpha1.AnnotationFailedTemplate: m.FailedTemplate,
	} {
		if value != "" {
			annotations[name] = value
		}
	}
	if !m.Since.IsZero() {
		annotations[v1alpha1.AnnotationReleaseSince] = m.Since.UTC().Format(time.RFC3339)
	}
	if m.Release != "" {
		d.WithLabels(map[string]string{v1alpha1.LabelRelease: m.Release})
	}
	d.WithAnnotations(annotations)
}

// TemplateHash is equal for equal pod templates, as they are rendered: nothing restarts while it stays.
func TemplateHash(d *appsv1ac.DeploymentApplyConfiguration) string {
	raw, err := json.Marshal(d.Spec.Template)
	if err != nil {
		panic(fmt.Sprintf("encoding a pod template: %v", err)) // it holds nothing but text, numbers, lists and maps
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])[:16]
}
