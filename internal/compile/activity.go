package compile

import (
	"cmp"
	"slices"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// ActivityOf returns the activity that the Shop is to have: the stricter of its spec's and its annotation's. It needs no valid spec.
func ActivityOf(shop *v1alpha1.Shop) bundle.ActivityDocument {
	doc := bundle.ActivityDocument{
		Version:  bundle.ActivityVersion,
		Activity: bundle.Stricter(bundle.Activity(cmp.Or(shop.Spec.Activity, v1alpha1.ActivityLive)), annotated(shop)),
	}
	if doc.Activity != bundle.Rehearsal {
		return doc
	}
	if shop.Spec.Rehearsal == nil {
		doc.Activity = bundle.Suspended // no inbox would get the messages
		return doc
	}
	doc.RehearsalTo = string(shop.Spec.Rehearsal.Email)
	return doc
}

// annotated returns the activity of the annotation; a value that is none must stop messages rather than let them go on.
func annotated(shop *v1alpha1.Shop) bundle.Activity {
	value, there := shop.Annotations[v1alpha1.AnnotationActivity]
	switch a := bundle.Activity(value); {
	case !there:
		return bundle.Live
	case slices.Contains(bundle.Activities(), a):
		return a
	default:
		return bundle.Suspended
	}
}

// activity has the workloads read the activity from its file, or states it in the Document for workloads that know no such file.
func (c *compiler) activity(doc *bundle.Document) {
	if c.shop.Spec.Activity == v1alpha1.ActivityRehearsal && c.shop.Spec.Rehearsal == nil {
		c.problem("spec.rehearsal", "must be set when spec.activity is Rehearsal")
	}
	if c.reader >= bundle.Of("activityFile", "").Since {
		doc.ActivityFile, doc.Activity = true, bundle.Suspended
		return
	}
	now := ActivityOf(c.shop)
	doc.Activity, doc.RehearsalTo = now.Activity, now.RehearsalTo
}
