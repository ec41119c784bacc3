package desired_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/testing/golden"
)

// versions returns all that this build renders.
func versions() []int {
	var all []int
	for v := desired.OldestRender; v <= desired.RenderVersion; v++ {
		all = append(all, v)
	}
	return all
}

// rendering are the samples as a release of the version has them.
func renderings(t *testing.T, version int) map[string]desired.Input {
	t.Helper()
	of := func(sample compile.Input) desired.Input {
		if version < desired.RenderVersion { // with what that release brought, and as a Shop that goes back to it
			sample = compiletest.LastRelease(t, sample)
			sample.Returning = true
		}
		sample.Platform.Render = version
		in := input(t, sample)
		in.Render = version
		return in
	}
	all := map[string]desired.Input{"linden": of(compiletest.Linden(t)), "fjallro": of(compiletest.Fjallro(t)), "scaled": scaled(t)}
	several := all["scaled"]
	several.Render, several.Bundle = version, of(compiletest.Linden(t)).Bundle
	several.Bundle.Document.Storage.Type = bundle.PostgreSQL
	all["scaled"] = several
	return all
}

// marked returns the objects with what stands on the Deployments of a Shop that moved once.
func marked(in desired.Input) []desired.Object {
	objects := desired.Objects(in)
	for _, o := range objects {
		if d, ok := o.(*appsv1ac.DeploymentApplyConfiguration); ok {
			desired.Mark(d, release.Marks{Release: "rel-0002", Before: "rel-0001", Since: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, nil)
		}
	}
	return objects
}

// templateHashes replaces what changes with every byte of the bundle.
func templateHashes(doc []byte, objects []desired.Object) []byte {
	for _, o := range objects {
		if d, ok := o.(*appsv1ac.DeploymentApplyConfiguration); ok {
			doc = bytes.ReplaceAll(doc, []byte(d.Annotations[v1alpha1.AnnotationTemplate]), []byte("<template>"))
		}
	}
	return doc
}

func TestTheObjectsOfTheSamples(t *testing.T) {
	for _, version := range versions() {
		for name, in := range renderings(t, version) {
			path := filepath.Join("testdata", fmt.Sprint("v", version), name+".yaml")
			t.Run(path, func(t *testing.T) {
				objects := marked(in)
				got := templateHashes(rendered(t, objects), objects)
				// The bundle has its own golden file; here its bytes would only hide the rest.
				got = bytes.ReplaceAll(got, []byte(base64.StdEncoding.EncodeToString(in.Bundle.Data)), []byte("<the bundle>"))
				got = bytes.ReplaceAll(got, []byte(in.Bundle.Hash), []byte("<hash>"))
				if version == desired.RenderVersion {
					golden.File(t, path, got)
					return
				}
				golden.Frozen(t, path, got) // Shops run it
			})
		}
	}
}

const changed = `render version %[1]d gives other objects than it did. With the operator's upgrade all Shops would change at once, and not in waves.
If wismo was released with this version, give it back what it rendered: make the change only where Input.Render, or
compile.Platform.Render, is above %[1]d; raise desired.RenderVersion, and desired.OldestRender to the version before it; run
the tests of this package with -update, and add a line for the new version to testdata/renders.txt.
If it was not, run the tests of this package with -update, and let the line in testdata/renders.txt be:
%[1]d %[2]s`

// Golden files are rewritten easily; this list is written by hand.
func TestWhatARenderVersionGivesNeverChanges(t *testing.T) {
	ledger, err := os.Open(filepath.Join("testdata", "renders.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ledger.Close() }()
	known := map[int]string{}
	for lines := bufio.NewScanner(ledger); lines.Scan(); {
		var version int
		var digest string
		if n, err := fmt.Sscan(lines.Text(), &version, &digest); n != 2 || err != nil {
			t.Fatalf("testdata/renders.txt: %q is not a version and a digest", lines.Text())
		}
		known[version] = digest
	}
	for _, version := range versions() {
		all := renderings(t, version)
		sum := sha256.New()
		for _, name := range slices.Sorted(maps.Keys(all)) {
			sum.Write(rendered(t, desired.Objects(all[name])))
		}
		if got := hex.EncodeToString(sum.Sum(nil))[:20]; known[version] != got {
			t.Errorf(changed, version, got)
		}
	}
}

func TestMarksStandOnTheDeploymentAndNeverOnItsPods(t *testing.T) {
	render := func(m release.Marks, instead *desired.Template) *appsv1ac.DeploymentApplyConfiguration {
		for _, o := range desired.Objects(input(t, compiletest.Linden(t))) {
			if d, ok := o.(*appsv1ac.DeploymentApplyConfiguration); ok {
				desired.Mark(d, m, instead)
				return d
			}
		}
		t.Fatal("there is no Deployment")
		return nil
	}
	bare := render(release.Marks{}, nil)
	mark := release.AttemptRef{Release: "rel-0002"}
	full := render(release.Marks{Release: "rel-0002", Before: "rel-0001", Since: time.Now(), Failed: mark, UnhealthyBefore: mark, FailedTemplate: "f"}, nil)
	if desired.TemplateHash(bare) != desired.TemplateHash(full) || full.Annotations[v1alpha1.AnnotationTemplate] != desired.TemplateHash(bare) {
		t.Error("marks change the pod template, so that every release would restart every pod")
	}
	if len(full.Annotations) != 6 || full.Labels[v1alpha1.LabelRelease] != "rel-0002" || len(bare.Annotations) != 1 {
		t.Errorf("marks are %v %v, and without any %v", full.Labels, full.Annotations, bare.Annotations)
	}
	other := &desired.Template{Hash: "of then", Spec: corev1ac.PodTemplateSpec().WithLabels(map[string]string{"a": "b"})}
	back := render(release.Marks{FailedTemplate: "f"}, other)
	if back.Spec.Template != other.Spec || back.Annotations[v1alpha1.AnnotationTemplate] != "of then" {
		t.Error("the template that served before is not taken")
	}
}
