package bundle

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sample() *Document {
	return &Document{
		SchemaVersion: SchemaVersion, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", BaseURL: "https://track.linden.example", HomeCountry: "NL",
		Locales: []string{"nl"}, TimeZone: "Europe/Amsterdam", Activity: Live,
		Texts:   map[string]Texts{"nl": {"b": "2", "a": "1"}},
		Sources: []Source{{Name: "api", Kind: Orders, EndpointID: "x", Definition: "api", Intake: "Webhook"}},
		Page:    Page{VerifyBy: []string{"Postcode", "Email"}},
		Links:   Links{TTLDays: 365}, Storage: Storage{Type: SQLite},
	}
}

func TestADocumentSurvivesTheWayToTheWorkload(t *testing.T) {
	data, hash, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	got, gotHash, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Errorf("document changed on the way:\n%s", diff)
	}
	if hash != gotHash || len(hash) != 10 {
		t.Errorf("hash %q became %q", hash, gotHash)
	}
}

func TestEqualContentHasAnEqualNameAndAnyEditAnother(t *testing.T) {
	_, first, _ := Encode(sample())
	_, again, _ := Encode(sample())
	edited := sample()
	edited.DisplayName = "Linden"
	_, other, _ := Encode(edited)
	if first != again || first == other {
		t.Errorf("hashes: %s, %s, edited %s", first, again, other)
	}
}

func TestAWorkloadRefusesABundleItCannotUnderstand(t *testing.T) {
	newer := sample()
	newer.SchemaVersion = SchemaVersion + 1
	data, _, err := Encode(newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Decode(data); err == nil || !strings.Contains(err.Error(), "update the workload image") {
		t.Errorf("newer schema: %v", err)
	}
	if _, _, err := Decode([]byte("not gzip")); err == nil {
		t.Error("garbage was accepted")
	}
}

func TestAWorkloadRefusesABundleOfWhichItWouldSendTooMuchAndReadsPastTheRest(t *testing.T) {
	for name, tc := range map[string]struct {
		minReader int
		says      string
	}{
		"needs this reader":   {Reader, ""},
		"needs a later one":   {Reader + 1, "would send or show more than the Shop allows: update the workload image"},
		"every reader may do": {0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			newer := struct {
				*Document
				MinReader int    `json:"minReader"`
				Novelty   string `json:"novelty"`
			}{sample(), tc.minReader, "of a later build"}
			plain, err := json.Marshal(newer)
			if err != nil {
				t.Fatal(err)
			}
			doc, _, err := Decode(packed(t, plain))
			if tc.says == "" && (err != nil || doc.Name != "linden") {
				t.Fatalf("%v", err)
			}
			if tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
				t.Fatalf("%v", err)
			}
		})
	}
}

func packed(t *testing.T, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	if _, err := zw.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestABundleThatDoesNotFitAConfigMapIsRefusedWithAdvice(t *testing.T) {
	big := sample()
	noise := make([]byte, MaxBytes*2)
	_, _ = rand.Read(noise)
	big.Theme.Logo = &Logo{MediaType: "image/png", Data: noise}
	if _, _, err := Encode(big); err == nil || !strings.Contains(err.Error(), "shorten") {
		t.Errorf("got %v", err)
	}
}
