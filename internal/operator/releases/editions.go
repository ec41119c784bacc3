package releases

import (
	"context"
	"fmt"
	"maps"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/release"
)

// Usable reports whether this build can render the release.
func Usable(d release.Document) bool {
	return release.Known(d.HashVersion) && d.Render >= desired.OldestRender && d.Render <= desired.RenderVersion
}

// Editions are the releases that Shops run, each read once. Content that several of them share is in memory once, so
// that neither Shops nor releases make it grow. It is for one goroutine.
type Editions struct {
	Live      client.Reader
	Namespace string

	known    map[string]*Edition
	contents map[string]release.Content // by name
}

// Of returns the edition of a release of the inventory, whether this build can render it or not.
func (e *Editions) Of(ctx context.Context, inventory Inventory, revision *Revision) (*Edition, error) {
	name, library := revision.Release.Name, inventory.Library(revision)
	if known, ok := e.known[name]; ok && maps.Equal(known.Library, library) {
		return known, nil
	}
	edition := &Edition{
		Name: name, Document: revision.Document, Library: library,
		Content: map[string]compile.Content{}, Policies: map[string]*v1alpha1.NotificationPolicy{},
	}
	for key, contentName := range library {
		content, err := e.content(ctx, contentName)
		if apierrors.IsNotFound(err) && revision.Document.Library[key] == "" {
			continue // it is the later release that has lost it
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s of release %s: %w", key, name, err)
		}
		edition.add(key, content)
	}
	if e.known == nil {
		e.known = map[string]*Edition{}
	}
	e.known[name] = edition
	return edition, nil
}

func (e *Edition) add(key string, content release.Content) {
	kind, name, _ := strings.Cut(key, "/")
	if kind == release.NotificationPolicy && content.Policy != nil {
		e.Policies[name] = &v1alpha1.NotificationPolicy{
			ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.LibraryNamespace, Name: name}, Spec: *content.Policy,
		}
		return
	}
	e.Content[name] = compile.Content{Data: content.Data, BinaryData: content.BinaryData}
}

// Remember keeps content in memory that is known already.
func (e *Editions) Remember(contents map[string]release.Content) {
	if e.contents == nil {
		e.contents = map[string]release.Content{}
	}
	for name, content := range contents {
		if _, ok := e.contents[name]; !ok {
			e.contents[name] = content
		}
	}
}

func (e *Editions) content(ctx context.Context, name string) (release.Content, error) {
	if content, ok := e.contents[name]; ok {
		return content, nil
	}
	kept := &appsv1.ControllerRevision{}
	if err := e.Live.Get(ctx, client.ObjectKey{Namespace: e.Namespace, Name: name}, kept); err != nil {
		return release.Content{}, err
	}
	content, err := release.DecodeContent(kept.Data.Raw)
	if err == nil {
		e.Remember(map[string]release.Content{name: content})
	}
	return content, err
}

// Forget drops what is not used any more.
func (e *Editions) Forget(used map[string]*Edition) {
	content := map[string]bool{}
	for name, edition := range e.known {
		if used[name] != edition {
			delete(e.known, name)
			continue
		}
		for _, contentName := range edition.Library {
			content[contentName] = true
		}
	}
	for name := range e.contents {
		if !content[name] {
			delete(e.contents, name)
		}
	}
}
