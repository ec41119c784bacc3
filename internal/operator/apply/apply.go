// Package apply sends rendered objects to the API server by server-side apply, and sends nothing if the live object is
// already as rendered: a no-op apply costs the API server as much as a write. It changes no object that is not the Shop's
// (see docs/adr/0021-what-is-not-ours.md).
package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/wismo-dev/wismo/api/v1alpha1"
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

// Applier applies objects. Reader is the cache of the operator's objects, which shows no others; Live is the API server itself.
type Applier struct {
	Reader client.Reader
	Live   client.Reader
	Writer client.Writer
	Scheme *runtime.Scheme
	// Answers remembers what the API server made of applies; nil = nothing is remembered.
	Answers *Answers
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
// It fails with Foreign if another object has the name, and with BeingDeleted if the object is being deleted.
func (a Applier) Apply(ctx context.Context, rendered Rendered) (string, error) {
	raw, err := json.Marshal(rendered)
	if err != nil {
		return "", fmt.Errorf("rendering %s: %w", describe(rendered), err)
	}
	hash := hashOf(raw)
	live, err := a.read(ctx, a.Reader, rendered)
	if err != nil {
		return "", err
	}
	if live != nil && isAs(live, rendered, hash) {
		return "", checkDeletion(live, rendered)
	}
	if live != nil && live.GetDeletionTimestamp() == nil {
		if leave, err := a.Answers.judge(keyOf(rendered), live, hash, compare(live, rendered, hash)); leave {
			return "", err
		}
	}
	want, err := withHashAnnotation(raw, hash)
	if err != nil {
		return "", fmt.Errorf("rendering %s: %w", describe(rendered), err)
	}
	if live == nil { // as far as the cache shows
		version, found, err := a.create(ctx, rendered, hash, want)
		if err != nil || found == nil {
			return version, err
		}
		live = found
	}
	if err := errors.Join(checkOwnership(live, want), checkDeletion(live, rendered)); err != nil {
		return "", err
	}
	if isAs(live, rendered, hash) {
		return "", nil // the cache is behind
	}
	return a.update(ctx, rendered, hash, live, want)
}

// isAs reports whether an object is as rendered.
func isAs(live client.Object, rendered Rendered, hash string) bool {
	return live.GetAnnotations()[HashAnnotation] == hash && isApplied(live, rendered)
}

// compare returns how an object differs from what is rendered, the hash included.
func compare(live client.Object, rendered Rendered, hash string) []Difference {
	differs := differences(live, rendered)
	if had := live.GetAnnotations()[HashAnnotation]; had != hash {
		differs = append(differs, Difference{Path: "metadata.annotations[" + HashAnnotation + "]", Want: hash, Have: had})
	}
	return differs
}

func keyOf(rendered Rendered) objectKey {
	return objectKey{*rendered.GetKind(), *rendered.GetNamespace(), *rendered.GetName()}
}

// create writes an object that the cache does not show, or returns the one of that name that there is.
func (a Applier) create(ctx context.Context, rendered Rendered, hash string, want *unstructured.Unstructured) (version string, found client.Object, err error) {
	if posted(want) {
		err := a.Writer.Create(ctx, want, client.FieldOwner(FieldManager))
		if err == nil {
			return want.GetResourceVersion(), nil, a.note(rendered, hash, nil, want)
		}
		if !apierrors.IsAlreadyExists(err) {
			return "", nil, fmt.Errorf("creating %s: %w", describe(rendered), err)
		}
	}
	found, err = a.read(ctx, a.Live, rendered)
	if err != nil || found != nil || posted(want) {
		return "", found, err
	}
	// Without force: an object that another client creates at this moment is not overwritten.
	if version, err = a.send(ctx, want); err == nil {
		err = a.note(rendered, hash, nil, want)
	}
	return version, nil, err
}

// posted reports whether a first write is a POST, which cannot change an object of the same name, whatever it holds: the
// volume, because it holds orders, and a bundle, which never changes.
func posted(want *unstructured.Unstructured) bool {
	return want.GetKind() == "PersistentVolumeClaim" || (want.GetKind() == "ConfigMap" && want.GetLabels()[v1alpha1.LabelBundle] != "")
}

// update changes an object that is the Shop's. The UID makes the API server refuse it if another one has the name since.
func (a Applier) update(ctx context.Context, rendered Rendered, hash string, live client.Object, want *unstructured.Unstructured) (string, error) {
	if posted(want) {
		if err := a.migrate(ctx, rendered); err != nil {
			return "", err
		}
	}
	want.SetUID(live.GetUID())
	version, err := a.send(ctx, want, client.ForceOwnership)
	if isOfUID(err) {
		return "", apierrors.NewConflict(schema.GroupResource{Resource: want.GetKind()}, want.GetName(), errors.New("another object has the name since it was read"))
	}
	if err == nil {
		err = a.note(rendered, hash, live, want)
	}
	if version == live.GetResourceVersion() {
		return "", err // the API server made of it what there was
	}
	return version, err
}

// note compares the API server's answer with what was rendered. Before is the object as it was; nil = there was none.
func (a Applier) note(rendered Rendered, hash string, before client.Object, answered *unstructured.Unstructured) error {
	if a.Answers == nil {
		return nil
	}
	object, err := a.Scheme.New(answered.GroupVersionKind())
	if err != nil {
		return fmt.Errorf("reading the answer about %s: %w", describe(rendered), err)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(answered.Object, object); err != nil {
		return fmt.Errorf("reading the answer about %s: %w", describe(rendered), err)
	}
	live, ok := object.(client.Object)
	if !ok {
		return fmt.Errorf("reading the answer about %s: %T is not a client.Object", describe(rendered), object)
	}
	now := answer{shop: answered.GetLabels()[v1alpha1.LabelShop], uid: answered.GetUID(), hash: hash}
	if !isAs(live, rendered, hash) {
		now.differs = compare(live, rendered, hash)
	}
	var was []Difference
	drifted := before != nil && before.GetAnnotations()[HashAnnotation] == hash
	if drifted {
		was = compare(before, rendered, hash)
	}
	a.Answers.note(keyOf(rendered), now, was, drifted)
	return nil
}

// isOfUID reports whether the API server refused an apply because the object has another UID.
func isOfUID(err error) bool {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	return ok && status.Status().Details != nil && slices.ContainsFunc(status.Status().Details.Causes, func(c metav1.StatusCause) bool { return c.Field == "metadata.uid" })
}

// migrate turns what a POST made the operator own into what an apply owns: otherwise a field that is no longer rendered would
// keep an owner, and its value.
func (a Applier) migrate(ctx context.Context, rendered Rendered) error {
	live, err := a.read(ctx, a.Live, rendered)
	if err != nil || live == nil {
		return err
	}
	patch, err := csaupgrade.UpgradeManagedFieldsPatch(live, sets.New(FieldManager), FieldManager)
	if err != nil || patch == nil {
		return err
	}
	if err := a.Writer.Patch(ctx, live, client.RawPatch(types.JSONPatchType, patch), client.FieldOwner(FieldManager)); err != nil {
		return fmt.Errorf("changing the field manager of %s: %w", describe(rendered), err)
	}
	return nil
}

// send applies an object and returns the resource version that it then has.
func (a Applier) send(ctx context.Context, want *unstructured.Unstructured, opts ...client.ApplyOption) (string, error) {
	applies.WithLabelValues(want.GetKind()).Inc()
	err := a.Writer.Apply(ctx, client.ApplyConfigurationFromUnstructured(want), append(opts, client.FieldOwner(FieldManager))...)
	if err != nil {
		return "", fmt.Errorf("applying %s %s/%s: %w", want.GetKind(), want.GetNamespace(), want.GetName(), err)
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

// read reads the object as typed, because the cache has only typed objects; nil = it does not exist.
func (a Applier) read(ctx context.Context, from client.Reader, rendered Rendered) (client.Object, error) {
	object, err := a.Scheme.New(schema.FromAPIVersionAndKind(*rendered.GetAPIVersion(), *rendered.GetKind()))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", describe(rendered), err)
	}
	live, ok := object.(client.Object)
	if !ok {
		return nil, fmt.Errorf("reading %s: %T is not a Kubernetes object with metadata, which is a bug in wismo", describe(rendered), object)
	}
	err = from.Get(ctx, client.ObjectKey{Namespace: *rendered.GetNamespace(), Name: *rendered.GetName()}, live)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", describe(rendered), err)
	}
	return live, nil
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
