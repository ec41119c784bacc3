package compile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

func TestTheKeysThatASecretMustHaveAreTold(t *testing.T) {
	d, err := definition.Load("shopify")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, k := range compile.SecretKeysOfDefinition(d) {
		got[k.Key] = k.Optional
	}
	if diff := cmp.Diff(map[string]bool{"client-secret": false, "access-token": true}, got); diff != "" {
		t.Errorf("shopify, by key whether it is optional (-want +got):\n%s", diff)
	}
	var smtp []string
	for _, k := range compile.SecretKeysOfSender(v1alpha1.EmailSenderSMTP) {
		smtp = append(smtp, k.Key)
	}
	if diff := cmp.Diff([]string{"username", "password"}, smtp); diff != "" {
		t.Errorf("a mail server (-want +got):\n%s", diff)
	}
	if keys := compile.SecretKeysOfSender(v1alpha1.EmailSenderHouse); keys != nil {
		t.Errorf("the platform's relay wants %v of the user", keys)
	}
}
