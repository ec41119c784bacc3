package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
)

func TestTheManifestsHoldOnlyFieldsThatExist(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	files, err := filepath.Glob("manifests/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests (%v)", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
		for {
			document, err := documents.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := decoder.Decode(document, nil, nil); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestEveryPlayMailsAtItsEndAndOnItsPictures(t *testing.T) {
	for _, m := range merchants() {
		for _, p := range m.orders {
			hooks := p.journey("1001", time.Now())
			if hooks[len(hooks)-1].Mails == "" {
				t.Errorf("%s: %s does not end with a mail, from which the page's link is taken", m.name, p.about)
			}
			pictured := func(hook journey.Webhook) bool { return hook.Mails == p.pictured }
			if p.pictured != "" && !slices.ContainsFunc(hooks, pictured) {
				t.Errorf("%s: %s has no mail about %s, after which pictures are to be taken", m.name, p.about, p.pictured)
			}
		}
	}
}

func TestAnOrderNumberIsRefusedWhenNoShopWouldGiveIt(t *testing.T) {
	for number, valid := range map[string]bool{
		"2001": true, "A-17": true, "": false, "-1": false, "1 2": false, "<b>": false, strings.Repeat("1", 21): false,
	} {
		if err := orderNumber(number); (err == nil) != valid {
			t.Errorf("%q: %v", number, err)
		}
	}
}

func TestAnUnknownShopNamesThoseThatExist(t *testing.T) {
	if _, err := findMerchant("lindn"); err == nil || !strings.Contains(err.Error(), "linden") {
		t.Errorf("got %v", err)
	}
}
