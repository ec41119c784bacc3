package desired

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/internal/release"
)

// The versions of rendering that this build knows. RenderVersion grows with every change of rendering or compiling that
// alters what a Shop has: the change then reaches Shops in waves, with the release that is made of it, and not all at once
// with the operator's upgrade. Such a change has to render the one before as it was where Input.Render says so,
// and drops the one before that.
const (
	RenderVersion = 2
	OldestRender  = 1
)

// Template is a pod template that was rendered before, and its hash of then.
type Template struct {
	Hash string
	Spec *corev1ac.PodTemplateSpecApplyConfiguration
}

// Mark writes the marks onto a rendered Deployment, and has it serve another template instead of the rendered one; nil = the
// rendered one serves.
func Mark(d *appsv1ac.DeploymentApplyConfiguration, marks release.Marks, instead *Template) {
	marks.Template = TemplateHash(d)
	if instead != nil {
		marks.Template = instead.Hash
		d.Spec.WithTemplate(instead.Spec)
	}
	d.WithLabels(marks.Labels()).WithAnnotations(marks.Annotations())
}

// TemplateHash returns equal for equal pod templates, as they are rendered: nothing restarts while it stays.
func TemplateHash(d *appsv1ac.DeploymentApplyConfiguration) string {
	raw, err := json.Marshal(d.Spec.Template)
	if err != nil {
		panic(fmt.Sprintf("encoding a pod template: %v", err)) // it holds nothing but text, numbers, lists and maps
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])[:16]
}
