// Package apply brings rendered objects to the API server by server-side apply, and makes no call at all where the
// live object is already as rendered: a no-op apply costs the API server as much as a write. It knows no kind of
// wismo's own.
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

// HashAnnotation carries a hash of the object as it was rendered: a field that is no longer rendered changes the hash,
// although all that is rendered is still in the live object.
const HashAnnotation = "tracking.wismo.dev/applied-hash"

var applies = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "wismo_operator_applies_total",
	Help: "Server-side apply requests sent to the API server, by kind of object. None are sent while nothing changes.",
}, []string{"kind"})

func init() { metrics.Registry.MustRegister(applies) }

// Applier applies objects. Reader is a cache of the operator's own objects.
type Applier struct {
	Reader client.Reader
	Writer client.Writer
	Scheme *runtime.Scheme
}

// Rendered is an apply configuration that says what it is, as all generated ones do.
type Rendered interface {
	runtime.ApplyConfiguration
	GetAPIVersion() *string
	GetKind() *string
	GetNamespace() *string
	GetName() *string
}

// Apply makes the live object as rendered and returns the resource version that it then has; "" = it was so already. A
// hash alone is never trusted: it says that the same was rendered before, and not that it is still there.
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

// withHashAnnotation turns the rendered object into what is sent: the same fields and the hash annotation.
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

// live reads the object as typed, because only typed objects are in the cache; nil means there is none.
func (a Applier) live(ctx context.Context, rendered Rendered) (client.Object, error) {
	object, err := a.Scheme.New(schema.FromAPIVersionAndKind(*rendered.GetAPIVersion(), *rendered.GetKind()))
	if err != nil {
		return nil, err
	}
	live, ok := object.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%T is not a client.Object", object)
	}
	err = a.Reader.Get(ctx, client.ObjectKey{Namespace: *rendered.GetNamespace(), Name: *rendered.GetName()}, live)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, err
}

// keepEmptyRules renders the rules of a NetworkPolicy that has none in a direction as an empty list: a field that is left
// out has no owner, and a rule added by hand would stay.
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

// Delete removes an object exactly as it was seen, or fails with a conflict; gone already is fine.
func (a Applier) Delete(ctx context.Context, object client.Object) error {
	uid, version := object.GetUID(), object.GetResourceVersion()
	err := a.Writer.Delete(ctx, object, client.Preconditions{UID: &uid, ResourceVersion: &version}, client.PropagationPolicy(metav1.DeletePropagationBackground))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting %T %s/%s: %w", object, object.GetNamespace(), object.GetName(), err)
	}
	return nil
}

// Identity names an object among others: its kind and its name. All are in one namespace.
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
				return fmt.Errorf("%T is not a client.Object", item)
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
