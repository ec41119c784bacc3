// Package gitops finds the tool that manages an object or one of its fields, so that a command does not write what a
// pipeline would revert. It reads metadata only and makes no request.
package gitops

import (
	"encoding/json"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// marks lists the labels and annotations that tools put on what they apply. Sources: fluxcd.io/flux/components and
// argo-cd.readthedocs.io, "Resource Tracking".
var marks = []struct{ key, tool string }{
	{"kustomize.toolkit.fluxcd.io/name", "Flux (Kustomization %s)"},
	{"helm.toolkit.fluxcd.io/name", "Flux (HelmRelease %s)"},
	{"argocd.argoproj.io/tracking-id", "Argo CD (%s)"},
	{"argocd.argoproj.io/instance", "Argo CD (Application %s)"},
}

// Tool returns the name of the tool that applies the object, for messages; "" where there is no sign of one.
func Tool(o metav1.Object) string {
	for _, m := range marks {
		for _, from := range []map[string]string{o.GetLabels(), o.GetAnnotations()} {
			if name := from[m.key]; name != "" {
				return strings.Replace(m.tool, "%s", name, 1)
			}
		}
	}
	return ""
}

// Owner returns the first field manager other than the plugin and kubectl's imperative commands that owns the field; ""
// where none does. Path is as in FieldsV1: f:spec, f:intake, or k:{"name":"webshop"} in a list.
func Owner(o metav1.Object, path ...string) string {
	for _, entry := range o.GetManagedFields() {
		if entry.Manager == cmdutil.FieldManager || entry.Subresource != "" || entry.FieldsV1 == nil || byHand(entry) {
			continue
		}
		var fields map[string]any
		if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) == nil && holds(fields, path) {
			return entry.Manager
		}
	}
	return ""
}

// byHand reports whether a person made the change with kubectl, so that no tool will apply it again.
func byHand(entry metav1.ManagedFieldsEntry) bool {
	return slices.Contains([]string{"kubectl-edit", "kubectl-patch", "kubectl-annotate", "kubectl-label"}, entry.Manager)
}

func holds(fields map[string]any, path []string) bool {
	for _, segment := range path {
		below, ok := fields[segment].(map[string]any)
		if !ok {
			return false
		}
		fields = below
	}
	return true
}
