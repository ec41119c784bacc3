package compile_test

import (
	"testing"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
)

func TestTheStricterOfSpecAndAnnotationCounts(t *testing.T) {
	const inbox = "try@linden.example"
	for _, c := range []struct {
		spec       v1alpha1.Activity
		annotation string // "-" = none
		noInbox    bool
		want       bundle.Activity
	}{
		{"", "-", false, bundle.Live},
		{"Live", "-", false, bundle.Live},
		{"Live", "Live", false, bundle.Live},
		{"Live", "Rehearsal", false, bundle.Rehearsal},
		{"Live", "Suspended", false, bundle.Suspended},
		{"Rehearsal", "-", false, bundle.Rehearsal},
		{"Rehearsal", "Live", false, bundle.Rehearsal},
		{"Rehearsal", "Suspended", false, bundle.Suspended},
		{"Suspended", "-", false, bundle.Suspended},
		{"Suspended", "Live", false, bundle.Suspended},
		{"Suspended", "Rehearsal", false, bundle.Suspended},
		{"Live", "suspended", false, bundle.Suspended}, // a word that is none must not let messages go on
		{"Live", "", false, bundle.Suspended},
		{"Live", "Rehearsal", true, bundle.Suspended}, // no inbox would get them
	} {
		shop := &v1alpha1.Shop{}
		shop.Spec.Activity = c.spec
		if !c.noInbox {
			shop.Spec.Rehearsal = &v1alpha1.Rehearsal{Email: inbox}
		}
		if c.annotation != "-" {
			shop.Annotations = map[string]string{v1alpha1.AnnotationActivity: c.annotation}
		}
		got := compile.ActivityOf(shop)
		if got.Activity != c.want || (got.RehearsalTo == inbox) != (c.want == bundle.Rehearsal) {
			t.Errorf("spec %q, annotation %q: got %+v, want %s", c.spec, c.annotation, got, c.want)
		}
		data, err := bundle.EncodeActivity(got)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bundle.DecodeActivity(data); err != nil {
			t.Errorf("spec %q, annotation %q: the pods cannot read it: %v", c.spec, c.annotation, err)
		}
	}
}

func TestTheActivityChangesNoBundleButThatOfWorkloadsWithoutTheFile(t *testing.T) {
	suspended := func(in compile.Input) compile.Output {
		in.Shop.Annotations = map[string]string{v1alpha1.AnnotationActivity: "Suspended"}
		return compile.Compile(in)
	}
	if live, now := compile.Compile(compiletest.Linden(t)), suspended(compiletest.Linden(t)); live.Hash != now.Hash || now.Document.Activity != bundle.Suspended {
		t.Errorf("the hash %s became %s; the document states %s to workloads without the file", live.Hash, now.Hash, now.Document.Activity)
	}
	before := compiletest.LastRelease(t, compiletest.Linden(t))
	if out := compile.Compile(before); out.Document.Activity != bundle.Live || out.Document.ActivityFile {
		t.Errorf("on the release before: %+v", out.Document)
	}
	if out := suspended(before); out.Document.Activity != bundle.Suspended {
		t.Errorf("on the release before, suspended: %s", out.Document.Activity)
	}
}
