// Package apply sends rendered objects to the API server by server-side apply, and sends nothing if the live object is
// already as rendered: a no-op apply costs the API server as much as a write. The package must not know wismo's own kinds.
package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// FieldManager owns every field that the operator applies.
const FieldManager = "wismo"

// HashAnnotation is the annotation with a hash of the object as rendered. It shows that a field is no longer rendered, which a comparison
// of the rendered fields with the live object does not.
const HashAnnotation = "tracking.wismo.dev/applied-hash"

var applies = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "wismo_operator_applies_total",
	Help: "Server-side apply requests that the operator sent to the API server, by kind of object. None are sent for an object that is already as rendered.",
}, []string{"kind"})

func init() { metrics.Registry.MustRegister(applies) }

// Applier applies objects. Reader is the cache of the operator's objects.
type Applier struct {
	Reader client.Reader
	Writer client.Writer
	Scheme *runtime.Scheme
}

// Rendered is an apply configuration with its kind and name, as all generated ones are.
type Rendered interface {
	runtime.ApplyConfiguration
	GetAPIVersion() *string
	GetKind() *string
	GetNamespace() *string
	GetName() *string
}

// Apply applies the object unless the live object is as rendered, and returns the new resource version; "" = nothing was sent. An equal
// hash is not enough: it shows only that the same was rendered before, and another client may have changed the object since.
func (a Applier) Apply(ctx context.Context, rendered Rendered) (string, error) {
	raw, err := json.Marshal(rendered)
	if err != nil {
		return "", fmt.Errorf("rendering %s: %w", describe(rendered), err)
	}
	hash := hashOf(raw)
	live, err := a.live(ctx, rendered)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", describe(rendered), err)
	}
	if live != nil && live.GetAnnotations()[HashAnnotation] == hash && isApplied(live, rendered) {
		return "", nil
	}
	want, err := withHashAnnotation(raw, hash)
	if err != nil {
		return "", fmt.Errorf("rendering %s: %w", describe(rendered), err)
	}
	applies.WithLabelValues(want.GetKind()).Inc()
	err = a.Writer.Apply(ctx, client.ApplyConfigurationFromUnstructured(want), client.FieldOwner(FieldManager), client.ForceOwnership)
	if err != nil {
		return "", fmt.Errorf("applying %s: %w", describe(rendered), err)
	}
	return want.GetResourceVersion(), nil
}

func hashOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])[:16]
}

// withHashAnnotation returns the object to send: the rendered fields and the hash annotation.
func withHashAnnotation(raw []byte, hash string) (*unstructured.Unstructured, error) {
	want := &unstructured.Unstructured{}
	if err := want.UnmarshalJSON(raw); err != nil {
		return nil, err
	}
	keepEmptyRules(want.GetKind(), want.Object)
	annotations := want.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[HashAnnotation] = hash
	want.SetAnnotations(annotations)
	return want, nil
}

// live reads the object from the cache, which has only typed objects; nil = it does not exist.
func (a Applier) live(ctx context.Context, rendered Rendered) (client.Object, error) {
	object, err := a.Scheme.New(schema.FromAPIVersionAndKind(*rendered.GetAPIVersion(), *rendered.GetKind()))
	if err != nil {
		return nil, err
	}
	live, ok := object.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%T is not a Kubernetes object with metadata, which is a bug in wismo", object)
	}
	err = a.Reader.Get(ctx, client.ObjectKey{Namespace: *rendered.GetNamespace(), Name: *rendered.GetName()}, live)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, err
}

// keepEmptyRules sets missing rules of a NetworkPolicy to an empty list: a field that is left out has no owner, so a rule that another
// client adds would stay.
func keepEmptyRules(kind string, fields map[string]any) {
	spec, ok := fields["spec"].(map[string]any)
	if kind != "NetworkPolicy" || !ok {
		return
	}
	for _, direction := range []string{"ingress", "egress"} {
		if spec[direction] == nil {
			spec[direction] = []any{}
		}
	}
}

func describe(rendered Rendered) string {
	return fmt.Sprintf("%s %s/%s", *rendered.GetKind(), *rendered.GetNamespace(), *rendered.GetName())
}

// Delete deletes the object unless it has changed since it was read: then it returns a conflict. It returns no error if the object is
// gone already.
func (a Applier) Delete(ctx context.Context, object client.Object) error {
	uid, version := object.GetUID(), object.GetResourceVersion()
	err := a.Writer.Delete(ctx, object, client.Preconditions{UID: &uid, ResourceVersion: &version}, client.PropagationPolicy(metav1.DeletePropagationBackground))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting %T %s/%s: %w", object, object.GetNamespace(), object.GetName(), err)
	}
	return nil
}

// Identity identifies an object within one namespace.
type Identity struct {
	Kind string
	Name string
}

// Superseded lists the objects of the given list kinds that match the options, belong to the owner and are not kept.
func (a Applier) Superseded(ctx context.Context, owner client.Object, kept map[Identity]bool, kinds []client.ObjectList, opts ...client.ListOption) ([]client.Object, error) {
	var superseded []client.Object
	for _, list := range kinds {
		if err := a.Reader.List(ctx, list, opts...); err != nil {
			return nil, fmt.Errorf("listing %T: %w", list, err)
		}
		err := meta.EachListItem(list, func(item runtime.Object) error {
			object, ok := item.(client.Object)
			if !ok {
				return fmt.Errorf("listing %T: %T is not a Kubernetes object with metadata, which is a bug in wismo", list, item)
			}
			kind, err := a.kindOf(object)
			if err != nil {
				return err
			}
			if ownedBy(object, owner) && object.GetDeletionTimestamp() == nil && !kept[Identity{kind, object.GetName()}] {
				superseded = append(superseded, object)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return superseded, nil
}

func (a Applier) kindOf(object client.Object) (string, error) {
	kinds, _, err := a.Scheme.ObjectKinds(object)
	if err != nil {
		return "", fmt.Errorf("%T is not in the scheme: %w", object, err)
	}
	return kinds[0].Kind, nil
}

func ownedBy(object, owner client.Object) bool {
	for _, ref := range object.GetOwnerReferences() {
		if ref.UID == owner.GetUID() {
			return true
		}
	}
	return false
}

// Typed returns the object that an apply configuration describes, for a create call.
func Typed[T any](rendered runtime.ApplyConfiguration) (*T, error) {
	raw, err := json.Marshal(rendered)
	if err != nil {
		return nil, fmt.Errorf("rendering %T: %w", rendered, err)
	}
	object := new(T)
	if err := json.Unmarshal(raw, object); err != nil {
		return nil, fmt.Errorf("rendering %T: %w", rendered, err)
	}
	return object, nil
}
