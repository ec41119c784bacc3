package apply

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Foreign is the error of an object that the Shop needs and whose name another object has. That one stays as it is.
type Foreign struct {
	Kind, Namespace, Name string
	Shop                  string // that needs the name
	Owner                 string // what is known of who made the object
	NoUse                 bool   // taking the object over would not help: it does not hold what the Shop needs
}

// Error returns what has the name, and what to do.
func (f *Foreign) Error() string {
	message := fmt.Sprintf("the %s %s/%s has a name that the Shop needs, and is not the Shop's (%s), so it stays as it is: remove the object, or rename the Shop",
		f.Kind, f.Namespace, f.Name, f.Owner)
	if f.NoUse {
		return message
	}
	return message + fmt.Sprintf("; if the Shop is to take the object over, annotate it with %s: %s", v1alpha1.AnnotationAdoptableBy, f.Shop)
}

// BeingDeleted is the error of an object that is being deleted: what is written to it is lost with it.
type BeingDeleted struct {
	Kind, Namespace, Name string
	Finalizers            []string
}

// Error returns what is being deleted, and what holds it.
func (b *BeingDeleted) Error() string {
	message := fmt.Sprintf("the %s %s/%s is being deleted, and is created again when it is gone", b.Kind, b.Namespace, b.Name)
	if len(b.Finalizers) > 0 {
		message += "; it still has the finalizers " + strings.Join(b.Finalizers, ", ")
	}
	return message
}

// checkDeletion returns BeingDeleted for an object that is.
func checkDeletion(live client.Object, rendered Rendered) error {
	if live.GetDeletionTimestamp() == nil {
		return nil
	}
	return &BeingDeleted{Kind: *rendered.GetKind(), Namespace: live.GetNamespace(), Name: live.GetName(), Finalizers: slices.Clone(live.GetFinalizers())}
}

// checkOwnership returns Foreign for an object that is not the Shop's whose object is wanted.
func checkOwnership(live client.Object, want *unstructured.Unstructured) error {
	shop := want.GetLabels()[v1alpha1.LabelShop]
	if Belongs(live, shop) {
		return nil
	}
	return NewForeign(live, want.GetKind(), shop)
}

// NewForeign returns the error of an object, of that kind, which has a name that the Shop needs.
func NewForeign(live client.Object, kind, shop string) *Foreign {
	return &Foreign{Kind: kind, Namespace: live.GetNamespace(), Name: live.GetName(), Shop: shop, Owner: ownerOf(live)}
}

// Belongs reports whether an object is the Shop's of that name: it is the Shop's own by its owner or label, or its annotation
// permits the Shop to take it over. What another controller owns never is: it goes with its owner.
func Belongs(live client.Object, shop string) bool {
	if owner := metav1.GetControllerOfNoCopy(live); owner != nil {
		return owner.Kind == "Shop" && strings.HasPrefix(owner.APIVersion, v1alpha1.GroupName+"/") && owner.Name == shop
	}
	return live.GetLabels()[v1alpha1.LabelShop] == shop || live.GetAnnotations()[v1alpha1.AnnotationAdoptableBy] == shop
}

// ownerOf returns what the object says of where it comes from, the surest first.
func ownerOf(live client.Object) string {
	const managedBy = "app.kubernetes.io/managed-by"
	owners, labels := live.GetOwnerReferences(), live.GetLabels()
	switch {
	case len(owners) > 0:
		return fmt.Sprintf("its owner is the %s %s", owners[0].Kind, owners[0].Name)
	case labels[v1alpha1.LabelShop] != "":
		return "it belongs to the Shop " + labels[v1alpha1.LabelShop]
	case labels[managedBy] != "":
		return "it is managed by " + labels[managedBy]
	}
	for _, entry := range live.GetManagedFields() {
		if entry.Subresource == "" {
			return "its owner is unknown; the field manager " + entry.Manager + " wrote it"
		}
	}
	return "its owner is unknown"
}
