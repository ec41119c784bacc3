package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/desired"
)

// change annotates one Shop, and tells its pods.
func (o *options) change(ctx context.Context, c client.Client, shop *v1alpha1.Shop) Shop {
	want := o.wanted(shop)
	result := Shop{Namespace: shop.Namespace, Name: shop.Name, Activity: string(want.Activity), InForce: inForce(shop), hasPods: hasPods(shop)}
	if refusal := o.refusal(shop, want); refusal != "" {
		return result.ended(Refused, refusal)
	}
	value, set := shop.Annotations[v1alpha1.AnnotationActivity]
	if set == (o.activity != "") && value == string(o.activity) {
		result = result.ended(Unchanged, fmt.Sprintf("nothing to change: the activity is already %s", want.Activity))
	} else if err := o.annotate(ctx, c, shop); err != nil {
		return result.ended(Failed, fmt.Sprintf("setting the annotation %s: %v", v1alpha1.AnnotationActivity, err))
	} else {
		result = result.ended(Done, o.said(shop, want))
	}
	if *o.dryRun == cmdutil.DryRunNone && o.activity != "" {
		if err := o.tellPods(ctx, c, shop, want); err != nil {
			result.Message += fmt.Sprintf(" (its pods are told by the operator: %v)", err)
		}
	}
	return result
}

// refusal returns why the command does nothing to the Shop; "" = it does.
func (o *options) refusal(shop *v1alpha1.Shop, want bundle.ActivityDocument) string {
	_, annotated := shop.Annotations[v1alpha1.AnnotationActivity]
	switch {
	case o.activity == bundle.Rehearsal && shop.Spec.Rehearsal == nil:
		return "it has no inbox for a rehearsal: set spec.rehearsal.email"
	case o.activity == "" && !annotated && want.Activity != bundle.Live:
		return fmt.Sprintf("its spec.activity is %s, which this command does not change: change the spec", want.Activity)
	}
	return ""
}

// said returns what the command has done, and what keeps the Shop stricter than it asked for.
func (o *options) said(shop *v1alpha1.Shop, want bundle.ActivityDocument) string {
	spec := shop.Spec.Activity
	switch {
	case o.activity == "" && want.Activity != bundle.Live:
		return fmt.Sprintf("the annotation is removed, but spec.activity keeps it %s: change the spec", spec)
	case o.activity != "" && want.Activity != o.activity:
		return fmt.Sprintf("annotated; spec.activity keeps it %s", spec)
	case o.activity == "":
		return "resumed: " + string(want.Activity)
	default:
		return string(want.Activity)
	}
}

func (o *options) annotate(ctx context.Context, c client.Client, shop *v1alpha1.Shop) error {
	var value any
	if o.activity != "" {
		value = string(o.activity)
	}
	return o.patch(ctx, c, shop.DeepCopy(), map[string]any{"metadata": map[string]any{"annotations": map[string]any{v1alpha1.AnnotationActivity: value}}})
}

// patch merges the fields into the object, unless it is a dry run.
func (o *options) patch(ctx context.Context, c client.Client, object client.Object, fields map[string]any) error {
	if *o.dryRun == cmdutil.DryRunClient {
		return nil
	}
	patch, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	opts := []client.PatchOption{client.FieldOwner(cmdutil.FieldManager)}
	if *o.dryRun == cmdutil.DryRunServer {
		opts = append(opts, client.DryRunAll)
	}
	return c.Patch(ctx, object, client.RawPatch(types.MergePatchType, patch), opts...)
}

// tellPods writes what the operator would write, where it is stricter than before, and has the kubelet refresh the file in the pods now
// instead of within its usual minute or two.
func (o *options) tellPods(ctx context.Context, c client.Client, shop *v1alpha1.Shop, want bundle.ActivityDocument) error {
	told := &corev1.ConfigMap{}
	err := c.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: desired.ActivityName(shop.Name)}, told)
	if apierrors.IsNotFound(err) {
		return nil // the pods of its release read no such file
	}
	if err != nil {
		return err
	}
	if !metav1.IsControlledBy(told, shop) {
		return fmt.Errorf("the ConfigMap %s is not the Shop's", told.Name)
	}
	before, err := bundle.DecodeActivity([]byte(told.Data[bundle.ActivityKey]))
	if err == nil && before.Activity != want.Activity && bundle.Stricter(before.Activity, want.Activity) == want.Activity {
		want.MuteUntil = before.MuteUntil
		data, err := bundle.EncodeActivity(want)
		if err != nil {
			return err
		}
		if err := o.patch(ctx, c, told, map[string]any{"data": map[string]string{bundle.ActivityKey: string(data)}}); err != nil {
			return err
		}
	}
	return o.refresh(ctx, c, shop)
}

// annotationToldAt on a pod is when the command changed its activity. Any change of a pod has the kubelet refresh its files.
const annotationToldAt = v1alpha1.AnnotationActivity + "-told-at"

func (o *options) refresh(ctx context.Context, c client.Client, shop *v1alpha1.Shop) error {
	var pods corev1.PodList
	err := c.List(ctx, &pods, client.InNamespace(shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: shop.Name})
	if err != nil {
		return err
	}
	at := time.Now().UTC().Format(time.RFC3339Nano)
	var errs []error
	for i := range pods.Items {
		errs = append(errs, o.patch(ctx, c, &pods.Items[i], map[string]any{"metadata": map[string]any{"annotations": map[string]any{annotationToldAt: at}}}))
	}
	return errors.Join(errs...)
}
