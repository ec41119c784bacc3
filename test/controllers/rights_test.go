// Package controllers_test holds what the tests in the folders below it show together.
package controllers_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// neededElsewhere are rights that no test here can use, with what needs them.
var neededElsewhere = []string{
	"update shops/finalizers",      // the admission plugin OwnerReferencesPermissionEnforcement, which is off here
	"update configmaps/finalizers", // the same: a key record is there until its Secret is gone
	"patch events",                 // an event that repeats; these tests hold that none does
}

// Least privilege, measured: each package lists the rights of which its tests show that the operator needs them.
func TestTheOperatorHasNoRightOfWhichNoTestShowsThatItIsNeeded(t *testing.T) {
	lists, err := filepath.Glob("*/testdata/rights.txt")
	if err != nil {
		t.Fatal(err)
	}
	shown := neededElsewhere
	for _, list := range lists {
		rights, err := suite.Lines(list)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, rights...)
	}
	var given []string
	for _, file := range []string{"manager_role.yaml", "release_role.yaml"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "config", "rbac", file))
		if err != nil {
			t.Fatal(err)
		}
		role := &rbacv1.ClusterRole{} // a Role has the same rules
		if err := yaml.UnmarshalStrict(content, role); err != nil {
			t.Fatal(err)
		}
		given = append(given, rightsOf(role.Rules)...)
	}
	for _, right := range given {
		if !slices.Contains(shown, right) {
			t.Errorf("config/rbac allows %s, and no test shows that the operator needs it", right)
		}
	}
	for _, right := range shown {
		if !slices.Contains(given, right) {
			t.Errorf("a list names %s, which config/rbac does not allow", right)
		}
	}
}

func rightsOf(rules []rbacv1.PolicyRule) []string {
	var rights []string
	for _, rule := range rules {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				rights = append(rights, verb+" "+resource)
			}
		}
	}
	return rights
}
