package release

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	shipped "github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// published is the name of the ConfigMap in which the operator publishes the state of the latest release.
const published = "wismo-release"

// storedRelease is a release as the operator stores it: a ControllerRevision with the requests of people and the progress in annotations.
type storedRelease struct {
	object   *appsv1.ControllerRevision
	number   int64
	document shipped.Document
	damaged  error // why it cannot be decoded; nil = it can

	pause       string
	approved    []string
	attempt     int
	rollbackFor int
	progress    rollout.Progress
}

// releases holds the releases that the operator keeps, and what it published about the latest.
type releases struct {
	namespace string
	revisions []*storedRelease // the newest first; at least one
	published map[string]string
}

func (s *releases) latest() *storedRelease { return s.revisions[0] }

// named returns the release with the name, or an error that lists the known ones.
func (s *releases) named(name string) (*storedRelease, error) {
	var all []string
	for _, r := range s.revisions {
		if r.object.Name == name {
			return r, nil
		}
		all = append(all, r.object.Name)
	}
	return nil, fmt.Errorf("there is no release %s; choose from %s", name, strings.Join(all, ", "))
}

// stable returns the last release before the latest that succeeded; nil if none did.
func (s *releases) stable() *storedRelease {
	i := slices.IndexFunc(s.revisions[1:], func(r *storedRelease) bool { return r.progress.Succeeded })
	if i < 0 {
		return nil
	}
	return s.revisions[i+1]
}

// read reads the releases, and what the operator published about the latest.
func read(ctx context.Context, c client.Client, namespace string) (*releases, error) {
	list := &appsv1.ControllerRevisionList{}
	if err := c.List(ctx, list, client.InNamespace(namespace), client.MatchingLabels{v1alpha1.LabelRevision: v1alpha1.RevisionRelease}); err != nil {
		return nil, fmt.Errorf("listing the releases in the namespace %s: %w", namespace, err)
	}
	s := &releases{namespace: namespace}
	for i := range list.Items {
		if number, ok := shipped.Number(list.Items[i].Name); ok {
			s.revisions = append(s.revisions, decode(&list.Items[i], number))
		}
	}
	if len(s.revisions) == 0 {
		return nil, fmt.Errorf("there is no release in the namespace %s; if the operator runs in another one, name it with --operator-namespace; to check the operator: kubectl wismo doctor", namespace)
	}
	slices.SortFunc(s.revisions, func(a, b *storedRelease) int { return cmp.Compare(b.number, a.number) })
	cm := &corev1.ConfigMap{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: published}, cm); client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("reading the ConfigMap %s/%s: %w", namespace, published, err)
	}
	s.published = cm.Data
	return s, nil
}

// open validates the flag --output, and reads the releases.
func (w *operatorNamespaceFlag) open(ctx context.Context, env *cmdutil.Env, output *cmdutil.Output) (client.Client, *releases, error) {
	if err := output.Check(); err != nil {
		return nil, nil, err
	}
	c, err := env.Client()
	if err != nil {
		return nil, nil, err
	}
	s, err := read(ctx, c, w.namespace)
	return c, s, err
}

// decode decodes a release. It ignores annotations that cannot be read: the operator reports those.
func decode(object *appsv1.ControllerRevision, number int64) *storedRelease {
	r := &storedRelease{object: object, number: number}
	r.document, r.damaged = shipped.Decode(object.Data.Raw)
	notes := object.Annotations
	r.pause = notes[v1alpha1.AnnotationPause]
	r.approved = waves(notes[v1alpha1.AnnotationApprove])
	r.attempt, _ = strconv.Atoi(notes[v1alpha1.AnnotationRetry])
	r.rollbackFor, _ = strconv.Atoi(notes[v1alpha1.AnnotationRollBack])
	if latched := notes[v1alpha1.AnnotationLatched]; latched != "" {
		if err := json.Unmarshal([]byte(latched), &r.progress); err != nil {
			r.progress = rollout.Progress{}
		}
	}
	return r
}

// waves splits the names in an annotation.
func waves(list string) []string {
	var all []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// shops lists all Shops from the API server's cache, which is cheap and recent enough.
func shops(ctx context.Context, c client.Client) ([]v1alpha1.Shop, error) {
	list := &v1alpha1.ShopList{}
	if err := c.List(ctx, list, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: "0"}}); err != nil {
		return nil, fmt.Errorf("listing the Shops of all namespaces: %w", err)
	}
	return list.Items, nil
}
