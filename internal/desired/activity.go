package desired

import (
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// Activity returns the ConfigMap by which a Shop's pods know its activity. It is none of Objects: it is applied before everything
// else, and whatever becomes of the rest.
func Activity(shop *v1alpha1.Shop, doc bundle.ActivityDocument) (Object, error) {
	data, err := bundle.EncodeActivity(doc)
	if err != nil {
		return nil, err
	}
	return corev1ac.ConfigMap(ActivityName(shop.Name), shop.Namespace).
		WithLabels(labels(shop.Name)).
		WithOwnerReferences(ownedBy(shop)).
		WithData(map[string]string{bundle.ActivityKey: string(data)}), nil
}
