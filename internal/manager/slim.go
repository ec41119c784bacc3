package manager

import (
	"unique"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/wismo-dev/wismo/internal/operator/apply"
)

// slim is the transform of every object in the cache: managed fields are not read, and thousands of
// objects share the words of their labels and owners, and whole parts of what they say, instead of each holding its own
// copy. Of the bytes in a ConfigMap only the digest stays, see apply.Slim.
func slim(object any) (any, error) {
	object, err := cache.TransformStripManagedFields()(object)
	if err != nil {
		return nil, err
	}
	if accessor, err := meta.Accessor(object); err == nil {
		share(accessor)
	}
	if cm, ok := object.(*corev1.ConfigMap); ok {
		apply.Slim(cm)
	}
	alike.share(object)
	return object, nil
}

func share(o metav1.Object) {
	o.SetLabels(shared(o.GetLabels()))
	o.SetAnnotations(shared(o.GetAnnotations()))
	owners := o.GetOwnerReferences()
	for i := range owners {
		owners[i].APIVersion, owners[i].Kind = one(owners[i].APIVersion), one(owners[i].Kind)
	}
	o.SetOwnerReferences(owners)
}

func shared(words map[string]string) map[string]string {
	if words == nil {
		return nil
	}
	all := make(map[string]string, len(words))
	for key, value := range words {
		all[one(key)] = one(value)
	}
	return all
}

// one returns the one copy of a word.
func one(word string) string { return unique.Make(word).Value() }
