package releases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/release"
)

// Library reads what the platform shares: the labelled ConfigMaps of the library's namespace, and the NotificationPolicies
// there. It is for one goroutine.
type Library struct {
	Policies client.Reader // the cache
	Metadata client.Reader // the cache of the metadata of those ConfigMaps
	Live     client.Reader

	known map[types.UID]Item
}

// Item is one object of the library as it is now.
type Item struct {
	Key     string // in a release.Document's Library
	Content release.Content
	Name    string // of the content
	Object  client.Object
	version string // of the object, for which all this holds
	shown   string // the version in the cache, which may be older
}

// Read returns the library, sorted by key.
func (l *Library) Read(ctx context.Context) ([]Item, error) {
	known := map[types.UID]Item{}
	policies := &v1alpha1.NotificationPolicyList{}
	if err := l.Policies.List(ctx, policies, client.InNamespace(v1alpha1.LibraryNamespace)); err != nil {
		return nil, fmt.Errorf("listing the NotificationPolicies of the library: %w", err)
	}
	for i := range policies.Items {
		if policy := &policies.Items[i]; policy.DeletionTimestamp == nil {
			known[policy.UID] = l.policy(policy)
		}
	}
	maps := &metav1.PartialObjectMetadataList{}
	maps.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMapList"))
	if err := l.Metadata.List(ctx, maps, client.InNamespace(v1alpha1.LibraryNamespace), client.HasLabels{v1alpha1.LabelLibrary}); err != nil {
		return nil, fmt.Errorf("listing the ConfigMaps of the library: %w", err)
	}
	for i := range maps.Items {
		if err := l.configMap(ctx, &maps.Items[i], known); err != nil {
			return nil, err
		}
	}
	l.known = known
	items := make([]Item, 0, len(known))
	for _, item := range known {
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Key, b.Key) })
	return items, nil
}

func (l *Library) policy(policy *v1alpha1.NotificationPolicy) Item {
	version := fmt.Sprint(policy.Generation)
	if item, ok := l.known[policy.UID]; ok && item.version == version {
		return item
	}
	content := release.Content{Policy: policy.Spec.DeepCopy()}
	return Item{Key: release.Key(release.NotificationPolicy, policy.Name), Content: content, Name: content.Name(), Object: policy, version: version}
}

// configMap reads a ConfigMap unless this version of it was read before.
func (l *Library) configMap(ctx context.Context, meta *metav1.PartialObjectMetadata, known map[types.UID]Item) error {
	if item, ok := l.known[meta.UID]; ok && (item.version == meta.ResourceVersion || item.shown == meta.ResourceVersion) {
		known[meta.UID] = item
		return nil
	}
	cm := &corev1.ConfigMap{}
	err := l.Live.Get(ctx, client.ObjectKeyFromObject(meta), cm)
	if apierrors.IsNotFound(err) {
		return nil // the cache will show it in a moment
	}
	if err != nil {
		return fmt.Errorf("reading the ConfigMap %s of the library: %w", meta.Name, err)
	}
	if _, counts := cm.Labels[v1alpha1.LabelLibrary]; !counts || cm.DeletionTimestamp != nil {
		return nil
	}
	item := Item{
		Key: release.Key(release.ConfigMap, cm.Name), Content: release.Content{Data: cm.Data, BinaryData: cm.BinaryData},
		version: cm.ResourceVersion, shown: meta.ResourceVersion,
	}
	item.Name = item.Content.Name()
	object := ConfigMapMetadata()
	object.Namespace, object.Name, object.UID = cm.Namespace, cm.Name, cm.UID
	item.Object = object
	known[cm.UID] = item
	return nil
}

// ConfigMapMetadata returns an empty ConfigMap of which only the metadata is asked for.
func ConfigMapMetadata() *metav1.PartialObjectMetadata {
	meta := &metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	return meta
}
