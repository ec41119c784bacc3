// Package older makes what the version before this one would have made, for tests of upgrades.
package older

import (
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/bundle/frozen"
	"github.com/wismo-dev/wismo/internal/release"
)

// Release returns the release of that number, with the content of another one, as the version before would have made it.
func Release(like *appsv1.ControllerRevision, number int64) (*appsv1.ControllerRevision, error) {
	document, err := release.Decode(like.Data.Raw)
	if err != nil {
		return nil, err
	}
	policy, err := json.Marshal(frozen.BuiltinPolicy())
	if err != nil {
		return nil, err
	}
	document.Render, document.Policy = frozen.Render, bundle.Policy{}
	if err := json.Unmarshal(policy, &document.Policy); err != nil {
		return nil, err
	}
	older := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: like.Namespace, Name: release.Name(number), Labels: like.Labels}, Revision: number,
	}
	older.Data.Raw = document.Encode()
	return older, nil
}
