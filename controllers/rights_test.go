package controllers_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// neededElsewhere are rights that no test here can use, with what needs them.
var neededElsewhere = []string{
	"update shops/finalizers",               // the admission plugin OwnerReferencesPermissionEnforcement, which is off here
	"update carrierintegrations/finalizers", // the same
	"update configmaps/finalizers",          // the same: a key record is there until its Secret is gone
	"patch events",                          // an event that repeats; these tests hold that none does
}

// unusedRights is an error for every verb in the operator's roles that the whole suite did not use: least privilege,
// measured. A run of some tests only says nothing about it.
func unusedRights() error {
	if f := flag.Lookup("test.run"); f != nil && f.Value.String() != "" {
		return nil
	}
	used := traffic.rights()
	var unused []error
	for _, file := range []string{"manager_role.yaml", "release_role.yaml"} {
		content, err := os.ReadFile(filepath.Join("..", "config", "rbac", file))
		if err != nil {
			return err
		}
		role := &rbacv1.ClusterRole{} // a Role has the same rules
		if err := yaml.UnmarshalStrict(content, role); err != nil {
			return err
		}
		for _, right := range rightsOf(role.Rules) {
			if !used[right] && !slices.Contains(neededElsewhere, right) {
				unused = append(unused, fmt.Errorf("config/rbac allows %s, and the operator does not need it", right))
			}
		}
	}
	return errors.Join(unused...)
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

// rights are what the operator's requests needed, as "verb resource". An apply that creates needs create, too.
func (r *recorder) rights() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	used := map[string]bool{}
	for _, s := range r.requests {
		verb, resource := rightOf(s)
		used[verb+" "+resource] = true
		if verb == "watch" { // API servers without watch lists are listed instead; get shows no more than these two
			used["list "+resource], used["get "+resource] = true, true
		}
		if s.method == http.MethodPatch && s.status == http.StatusCreated {
			used["create "+resource] = true
		}
	}
	return used
}

// rightOf reads /api/v1 and /apis/<group>/<version> paths, with or without a namespace.
func rightOf(s seen) (verb, resource string) {
	parts := strings.Split(strings.Trim(s.path, "/"), "/")
	parts = parts[min(len(parts), 2):]
	if strings.HasPrefix(s.path, "/apis/") {
		parts = parts[min(len(parts), 1):]
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		parts = parts[2:]
	}
	resource = strings.Join(append(parts[:min(len(parts), 1)], parts[min(len(parts), 2):]...), "/")
	return verbOf(s, len(parts) > 1), resource
}

func verbOf(s seen, named bool) string {
	switch {
	case s.method == http.MethodGet && s.query.Get("watch") != "":
		return "watch"
	case s.method == http.MethodGet && !named:
		return "list"
	default:
		return map[string]string{
			http.MethodGet: "get", http.MethodPost: "create", http.MethodPut: "update", http.MethodPatch: "patch", http.MethodDelete: "delete",
		}[s.method]
	}
}

// query is kept of every request, because only it tells a watch from a list.
type query = url.Values
