package releases

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// orphanAge is how long content is left alone to which no release refers: one may be about to be made.
const orphanAge = time.Hour

// Revision is a release as it is kept.
type Revision struct {
	Release    rollout.Release
	Document   release.Document
	Object     *appsv1.ControllerRevision // from the cache: read only
	Unreadable []string                   // what of its annotations cannot be read
}

// Store keeps releases and content as ControllerRevisions. Their data cannot be changed. It is for one
// goroutine.
type Store struct {
	Client    client.Client // reads come from a cache, without the data of content
	Live      client.Reader
	Namespace string

	documents map[types.UID]release.Document
	// ownWrites are own writes that the cache may not show yet, and since when they count: until rollout.MaxLag has passed.
	ownWrites map[string]ownWrite
	// Installation is the id of this installation, of which each object bears a copy.
	Installation string
}

type ownWrite struct {
	object *appsv1.ControllerRevision
	since  time.Time
}

// Inventory is the stored releases and content.
type Inventory struct {
	Releases []*Revision          // by number
	Contents map[string]time.Time // by name: when it was made
	Damaged  []string             // what calls itself a release and cannot be read
}

// Latest returns the release with the highest number; nil = there is none.
func (s Inventory) Latest() *Revision {
	if len(s.Releases) == 0 {
		return nil
	}
	return s.Releases[len(s.Releases)-1]
}

// Of returns the release with the name; nil = there is none.
func (s Inventory) Of(name string) *Revision {
	i := slices.IndexFunc(s.Releases, func(r *Revision) bool { return r.Release.Name == name })
	if i < 0 {
		return nil
	}
	return s.Releases[i]
}

// Library returns what Shops on the release find in the library, by key the name of the content: what is of the release, and
// what came with a later one that it does not have, as it was at first. More content to refer to changes
// no Shop, and a Shop that refers to it need not wait.
func (s Inventory) Library(r *Revision) map[string]string {
	library := map[string]string{}
	for _, one := range s.Releases {
		if one.Release.Number < r.Release.Number || (one.Release.Unusable && one.Release.Name != r.Release.Name) {
			continue
		}
		for key, content := range one.Document.Library {
			if library[key] == "" {
				library[key] = content
			}
		}
	}
	return library
}

// All returns what there is.
func (s *Store) All(ctx context.Context, now time.Time) (Inventory, error) {
	list := &appsv1.ControllerRevisionList{}
	if err := s.Client.List(ctx, list, client.InNamespace(s.Namespace), client.HasLabels{v1alpha1.LabelRevision}, client.UnsafeDisableDeepCopy); err != nil {
		return Inventory{}, fmt.Errorf("listing the releases: %w", err)
	}
	inventory := Inventory{Contents: map[string]time.Time{}}
	for _, object := range s.withOwnWrites(list.Items, now) {
		if object.Labels[v1alpha1.LabelRevision] == v1alpha1.RevisionContent {
			inventory.Contents[object.Name] = object.CreationTimestamp.Time
			continue
		}
		revision, err := s.revision(object)
		if err != nil {
			inventory.Damaged = append(inventory.Damaged, fmt.Sprintf("ControllerRevision %s: %v", object.Name, err))
			continue
		}
		inventory.Releases = append(inventory.Releases, revision)
	}
	slices.SortFunc(inventory.Releases, func(a, b *Revision) int { return cmp.Compare(a.Release.Number, b.Release.Number) })
	return inventory, nil
}

// withOwnWrites adds own writes that the cache does not show yet.
func (s *Store) withOwnWrites(cached []appsv1.ControllerRevision, now time.Time) []*appsv1.ControllerRevision {
	all := make([]*appsv1.ControllerRevision, 0, len(cached)+len(s.ownWrites))
	for i := range cached {
		object := &cached[i]
		if own, ok := s.ownWrites[object.Name]; ok {
			if order, err := resourceversion.CompareResourceVersion(object.ResourceVersion, own.object.ResourceVersion); err == nil && order < 0 {
				continue
			}
			delete(s.ownWrites, object.Name)
		}
		all = append(all, object)
	}
	for name, own := range s.ownWrites {
		if now.Sub(own.since) > rollout.MaxLag {
			delete(s.ownWrites, name) // it was deleted
			continue
		}
		all = append(all, own.object)
	}
	return all
}

func (s *Store) revision(object *appsv1.ControllerRevision) (*Revision, error) {
	number, ok := release.Number(object.Name)
	if !ok || release.Name(number) != object.Name {
		return nil, errors.New("its name is not the name of a release, such as rel-0042")
	}
	document, known := s.documents[object.UID]
	if !known {
		var err error
		if document, err = release.Decode(object.Data.Raw); err != nil {
			return nil, err
		}
		if s.documents == nil {
			s.documents = map[types.UID]release.Document{}
		}
		s.documents[object.UID] = document
	}
	revision := &Revision{Document: document, Object: object, Release: rollout.Release{
		Name: object.Name, Number: int(number), Created: object.CreationTimestamp.Time, Unusable: !Usable(document),
	}}
	revision.Unreadable = readAnnotations(&revision.Release, object.Annotations)
	return revision, nil
}

// Create keeps the release, after its content. A process that dies in between leaves content that the next one finds.
func (s *Store) Create(ctx context.Context, inventory Inventory, number int64, document release.Document, contents map[string]release.Content, now time.Time) (*Revision, error) {
	if err := s.EnsureContent(ctx, inventory, document, contents, now); err != nil {
		return nil, err
	}
	object := s.object(release.Name(number), v1alpha1.RevisionRelease, number, document.Encode())
	if err := s.create(ctx, object, now); err != nil {
		return nil, err
	}
	return s.revision(object)
}

// EnsureContent keeps the content of a release where it is not kept, because the release is new or the content was deleted.
func (s *Store) EnsureContent(ctx context.Context, inventory Inventory, document release.Document, contents map[string]release.Content, now time.Time) error {
	for _, name := range document.Library {
		if err := s.createContent(ctx, inventory, name, contents[name], now); err != nil {
			return err
		}
	}
	return nil
}

// createContent keeps content that is not kept yet.
func (s *Store) createContent(ctx context.Context, inventory Inventory, name string, content release.Content, now time.Time) error {
	if _, there := inventory.Contents[name]; there {
		return nil
	}
	return s.create(ctx, s.object(name, v1alpha1.RevisionContent, 1, content.Encode()), now)
}

func (s *Store) object(name, kind string, number int64, data []byte) *appsv1.ControllerRevision {
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.Namespace, Name: name,
			Labels:      map[string]string{desired.ManagedByLabel: desired.ManagedBy, v1alpha1.LabelRevision: kind},
			Annotations: map[string]string{v1alpha1.AnnotationInstallation: s.Installation},
		},
		Revision: number,
		Data:     runtime.RawExtension{Raw: data},
	}
}

// create makes the object. One that is there already has to hold the same: then it is taken over.
func (s *Store) create(ctx context.Context, object *appsv1.ControllerRevision, now time.Time) error {
	data := object.Data.Raw
	err := s.Client.Create(ctx, object)
	if apierrors.IsAlreadyExists(err) {
		if err := s.Live.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return fmt.Errorf("reading %s, which exists already: %w", object.Name, err)
		}
		if !sameJSON(object.Data.Raw, data) {
			return fmt.Errorf("the ControllerRevision %s/%s exists already with other content; retrying", object.Namespace, object.Name)
		}
	} else if err != nil {
		return fmt.Errorf("storing %s: %w", object.Name, err)
	}
	if object.Labels[v1alpha1.LabelRevision] == v1alpha1.RevisionContent {
		object = object.DeepCopy()
		object.Data = runtime.RawExtension{}
	}
	s.remember(object, now)
	return nil
}

func (s *Store) remember(object *appsv1.ControllerRevision, now time.Time) {
	if s.ownWrites == nil {
		s.ownWrites = map[string]ownWrite{}
	}
	s.ownWrites[object.Name] = ownWrite{object, now}
}

// sameJSON compares in the form in which the API server gives JSON back.
func sameJSON(a, b []byte) bool {
	var left, right any
	if json.Unmarshal(a, &left) != nil || json.Unmarshal(b, &right) != nil {
		return false
	}
	one, errOne := json.Marshal(left)
	other, errOther := json.Marshal(right)
	return errOne == nil && errOther == nil && bytes.Equal(one, other)
}

// SaveProgress stores the progress with the release, unless it is stored already. It fails if another client has changed the
// release since it was read: the decision may be out of date.
func (s *Store) SaveProgress(ctx context.Context, revision *Revision, progress rollout.Progress, now time.Time) error {
	if sameProgress(revision.Release.Progress, progress) || (revision.Release.Pause == rollout.PausedAll && len(revision.Unreadable) > 0) {
		return nil // or the stored one cannot be read, and must not be overwritten
	}
	text, err := json.Marshal(progress)
	if err != nil {
		return fmt.Errorf("encoding the progress of the release %s: %w", revision.Release.Name, err)
	}
	object := revision.Object.DeepCopy()
	if object.Annotations == nil {
		object.Annotations = map[string]string{}
	}
	object.Annotations[v1alpha1.AnnotationLatched] = string(text)
	patch := client.MergeFromWithOptions(revision.Object, client.MergeFromWithOptimisticLock{})
	if err := s.Client.Patch(ctx, object, patch); err != nil {
		return fmt.Errorf("writing the progress of the release %s: %w", revision.Release.Name, err)
	}
	s.remember(object, now)
	return nil
}

// Prune deletes releases that are not referred to, and content that no remaining release refers to.
func (s *Store) Prune(ctx context.Context, inventory Inventory, referred map[int64]bool, now time.Time) error {
	numbers := make([]int64, 0, len(inventory.Releases))
	for _, r := range inventory.Releases {
		numbers = append(numbers, int64(r.Release.Number))
	}
	expired := release.Expired(numbers, referred)
	var kept []release.Document
	for _, r := range inventory.Releases {
		if !slices.Contains(expired, int64(r.Release.Number)) {
			kept = append(kept, r.Document)
		}
	}
	for _, number := range expired {
		if err := s.deleteRevision(ctx, release.Name(number), "Deleted an expired release"); err != nil {
			return err
		}
	}
	if len(inventory.Damaged) == 0 { // an unreadable release may refer to any content
		settled := []string{}
		for name, made := range inventory.Contents {
			if now.Sub(made) > orphanAge {
				settled = append(settled, name)
			}
		}
		for _, name := range release.Orphans(settled, kept) {
			if err := s.deleteRevision(ctx, name, "Deleted content that no release uses"); err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteRevision deletes a ControllerRevision, and logs the line.
func (s *Store) deleteRevision(ctx context.Context, name, line string) error {
	object := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: name}}
	if err := s.Client.Delete(ctx, object); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting %s: %w", name, err)
	}
	ctrl.LoggerFrom(ctx).Info(line, "controllerRevision", name)
	delete(s.ownWrites, name)
	return nil
}
