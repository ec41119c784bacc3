package installers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

// verbs are all that a rule can grant on a resource.
var verbs = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}

// denied is what the operator must never be able to do, by group/resource.
var denied = map[string][]string{
	"/secrets":                               {"get", "list", "watch", "patch", "update", "delete", "deletecollection"},
	"/pods":                                  {"create", "update", "patch", "delete", "deletecollection"},
	"/pods/exec":                             verbs,
	"/pods/attach":                           verbs,
	"/pods/portforward":                      verbs,
	"/pods/ephemeralcontainers":              verbs,
	"/serviceaccounts/token":                 verbs,
	"/nodes/proxy":                           verbs,
	"/users":                                 {"impersonate"},
	"/groups":                                {"impersonate"},
	"/serviceaccounts":                       {"impersonate"},
	"rbac.authorization.k8s.io/roles":        append([]string{"bind", "escalate"}, verbs...),
	"rbac.authorization.k8s.io/clusterroles": append([]string{"bind", "escalate"}, verbs...),
	"rbac.authorization.k8s.io/rolebindings": verbs,
	"rbac.authorization.k8s.io/clusterrolebindings":                verbs,
	"admissionregistration.k8s.io/validatingwebhookconfigurations": verbs,
	"admissionregistration.k8s.io/mutatingwebhookconfigurations":   verbs,
}

// allows says whether a rule grants the verb on the resource; a wildcard grants everything, as the API server reads it.
func allows(r rbacv1.PolicyRule, verb, group, resource string) bool {
	has := func(list []string, value string) bool {
		return slices.Contains(list, value) || slices.Contains(list, rbacv1.ResourceAll)
	}
	if !has(r.Verbs, verb) || !has(r.APIGroups, group) {
		return false
	}
	_, sub, isSub := strings.Cut(resource, "/")
	return has(r.Resources, resource) || (isSub && slices.Contains(r.Resources, "*/"+sub))
}

// breaches names every denied thing that a rule grants, whatever resourceNames limit it to: names can be chosen.
func breaches(r rbacv1.PolicyRule) []string {
	var found []string
	for what, verbs := range denied {
		group, resource, _ := strings.Cut(what, "/")
		for _, verb := range verbs {
			if allows(r, verb, group, resource) {
				found = append(found, fmt.Sprintf("%s %s", verb, strings.TrimPrefix(what, "/")))
			}
		}
	}
	slices.Sort(found)
	return found
}

// managerRoles returns, resolved through bindings and aggregation, the rules of every role that the operator's
// ServiceAccount has.
func managerRoles(t *testing.T, all map[string]object) map[string][]rbacv1.PolicyRule {
	t.Helper()
	roles := map[string]rbacv1.ClusterRole{}
	var bindings []rbacv1.ClusterRoleBinding
	for _, o := range all {
		switch o["kind"] {
		case "ClusterRole", "Role":
			role := convert[rbacv1.ClusterRole](t, o)
			roles[fmt.Sprint(o["kind"], " ", role.Name)] = role
		case "ClusterRoleBinding", "RoleBinding":
			bindings = append(bindings, convert[rbacv1.ClusterRoleBinding](t, o))
		}
	}
	bound := map[string][]rbacv1.PolicyRule{}
	for _, b := range bindings {
		for _, s := range b.Subjects {
			if s.Kind != "ServiceAccount" || s.Name != "wismo-manager" || s.Namespace != "wismo-system" {
				t.Errorf("the binding %s is for %s %s/%s", b.Name, s.Kind, s.Namespace, s.Name)
			}
		}
		ref := b.RoleRef.Kind + " " + b.RoleRef.Name
		role, ok := roles[ref]
		if !ok {
			t.Errorf("the binding %s names %s, which is not ours", b.Name, ref)
		}
		if role.AggregationRule != nil {
			t.Errorf("%s collects rules that nobody here can see", ref)
		}
		bound[ref] = role.Rules
	}
	return bound
}

func convert[T any](t *testing.T, o object) T {
	t.Helper()
	var typed T
	if err := json.Unmarshal([]byte(dump(t, o)), &typed); err != nil {
		t.Fatal(err)
	}
	return typed
}

func dump(t *testing.T, o object) string {
	t.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func renderings(t *testing.T) map[string]map[string]object {
	return map[string]map[string]object{"config": kustomized(t, "default"), "chart": mustTemplate(t, nil)}
}

func TestTheOperatorCanNeverReadASecretNorGainRights(t *testing.T) {
	for installer, all := range renderings(t) {
		roles := managerRoles(t, all)
		if len(roles) == 0 {
			t.Errorf("%s: the operator has no role at all", installer)
		}
		for name, rules := range roles {
			for _, r := range rules {
				for _, breach := range breaches(r) {
					t.Errorf("%s: %s grants %s", installer, name, breach)
				}
			}
		}
	}
}

func TestTheRightsOfTheOperatorAreThese(t *testing.T) {
	want := []string{
		"ClusterRole wismo-manager: apps/deployments create get list patch watch",
		"ClusterRole wismo-manager: configmaps create delete get list patch watch",
		"ClusterRole wismo-manager: discovery.k8s.io/endpointslices get list watch",
		"ClusterRole wismo-manager: events.k8s.io/events create patch",
		"ClusterRole wismo-manager: networking.k8s.io/ingresses create delete get list patch watch",
		"ClusterRole wismo-manager: networking.k8s.io/networkpolicies create get list patch watch",
		"ClusterRole wismo-manager: persistentvolumeclaims create delete get list patch watch",
		"ClusterRole wismo-manager: secrets create",
		"ClusterRole wismo-manager: serviceaccounts create get list patch watch",
		"ClusterRole wismo-manager: services create get list patch watch",
		"ClusterRole wismo-manager: tracking.wismo.dev/carrierintegrations get list watch",
		"ClusterRole wismo-manager: tracking.wismo.dev/carrierintegrations/status patch",
		"ClusterRole wismo-manager: tracking.wismo.dev/notificationpolicies get list watch",
		"ClusterRole wismo-manager: tracking.wismo.dev/notificationpolicies/status patch",
		"ClusterRole wismo-manager: tracking.wismo.dev/shops get list patch watch",
		"ClusterRole wismo-manager: tracking.wismo.dev/shops/finalizers update",
		"ClusterRole wismo-manager: tracking.wismo.dev/shops/status patch",
		"Role wismo-leader-election: coordination.k8s.io/leases create delete get list update watch",
		"Role wismo-leader-election: events create patch",
		"Role wismo-leader-election: events.k8s.io/events create patch",
	}
	for installer, all := range renderings(t) {
		granted := map[string]map[string]bool{}
		for name, rules := range managerRoles(t, all) {
			for _, r := range rules {
				if len(r.NonResourceURLs) > 0 {
					t.Errorf("%s: %s grants %v", installer, name, r.NonResourceURLs)
				}
				for _, group := range r.APIGroups {
					for _, resource := range r.Resources {
						line := name + ": " + strings.TrimPrefix(group+"/"+resource, "/")
						if granted[line] == nil {
							granted[line] = map[string]bool{}
						}
						for _, verb := range r.Verbs {
							granted[line][verb] = true
						}
					}
				}
			}
		}
		var got []string
		for line, verbs := range granted {
			got = append(got, line+" "+strings.Join(slices.Sorted(maps.Keys(verbs)), " "))
		}
		slices.Sort(got)
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("%s grants what nobody reviewed: %s", installer, line)
			}
		}
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("%s lacks: %s", installer, line)
			}
		}
	}
}

func TestAWildcardCountsAsEverything(t *testing.T) {
	for name, r := range map[string]rbacv1.PolicyRule{
		"all verbs":        {APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"*"}},
		"all resources":    {APIGroups: []string{""}, Resources: []string{"*"}, Verbs: []string{"get"}},
		"all groups":       {APIGroups: []string{"*"}, Resources: []string{"secrets"}, Verbs: []string{"list"}},
		"named secret":     {APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}, ResourceNames: []string{"one"}},
		"all subresources": {APIGroups: []string{""}, Resources: []string{"*/exec"}, Verbs: []string{"create"}},
		"a shell":          {APIGroups: []string{""}, Resources: []string{"pods/exec"}, Verbs: []string{"create"}},
		"a token":          {APIGroups: []string{""}, Resources: []string{"serviceaccounts/token"}, Verbs: []string{"create"}},
		"another's rights": {APIGroups: []string{""}, Resources: []string{"users"}, Verbs: []string{"impersonate"}},
		"more rights":      {APIGroups: []string{"rbac.authorization.k8s.io"}, Resources: []string{"clusterroles"}, Verbs: []string{"bind"}},
	} {
		if len(breaches(r)) == 0 {
			t.Errorf("%s passes", name)
		}
	}
	if found := breaches(rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"create"}}); len(found) > 0 {
		t.Errorf("creating a Secret is refused: %v", found)
	}
}

func TestPeopleWhoMayEditMayNotWriteStatus(t *testing.T) {
	for installer, all := range renderings(t) {
		joined := 0
		for id, o := range all {
			role := convert[rbacv1.ClusterRole](t, o)
			if o["kind"] != "ClusterRole" || !slices.ContainsFunc(slices.Collect(maps.Keys(role.Labels)), func(l string) bool {
				return strings.HasPrefix(l, "rbac.authorization.k8s.io/aggregate-to-")
			}) {
				continue
			}
			joined++
			for _, r := range role.Rules {
				for _, resource := range r.Resources {
					if strings.Contains(resource, "/") || strings.Contains(resource, "*") || !slices.Equal(r.APIGroups, []string{"tracking.wismo.dev"}) {
						t.Errorf("%s: %s grants %v %v", installer, id, r.APIGroups, resource)
					}
				}
			}
		}
		if joined != 9 {
			t.Errorf("%s: %d roles join view, edit and admin, want three a kind", installer, joined)
		}
	}
}
