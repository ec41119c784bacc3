package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"

	"github.com/wismo-dev/wismo/api/v1alpha1"
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

func TestEveryMerchantsJourneyMailsAtItsEnd(t *testing.T) {
	for _, m := range merchants() {
		hooks := m.journey("1001", time.Now())
		if hooks[len(hooks)-1].Mails != "Delivered" {
			t.Errorf("%s does not end with the mail that the page's link is taken from", m.name)
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
