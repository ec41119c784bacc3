package installers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// allows reports whether a rule grants the verb on the resource; a wildcard grants everything, as the API server reads it.
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

// managerRoles returns the rules of every role that is bound to the operator's ServiceAccount, by kind and name. It reports a
// binding to another subject, or to a role that the installation does not contain.
func managerRoles(t *testing.T, all map[string]object) map[string][]rbacv1.PolicyRule {
	t.Helper()
	bound := map[string][]rbacv1.PolicyRule{}
	for _, o := range all {
		if o["kind"] != "ClusterRoleBinding" && o["kind"] != "RoleBinding" {
			continue
		}
		b := convert[rbacv1.ClusterRoleBinding](t, o)
		manager := []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "wismo-system", Name: "wismo-manager"}}
		if !slices.Equal(b.Subjects, manager) {
			t.Errorf("the binding %s is for %v", b.Name, b.Subjects)
		}
		role, ok := roleOf(t, all, b.RoleRef)
		if !ok || role.AggregationRule != nil {
			t.Errorf("the binding %s names %v, which the installation does not contain", b.Name, b.RoleRef)
		}
		bound[b.RoleRef.Kind+" "+b.RoleRef.Name] = role.Rules
	}
	return bound
}

func roleOf(t *testing.T, all map[string]object, ref rbacv1.RoleRef) (rbacv1.ClusterRole, bool) {
	t.Helper()
	for _, o := range all {
		if o["kind"] != ref.Kind {
			continue
		}
		if role := convert[rbacv1.ClusterRole](t, o); role.Name == ref.Name {
			return role, true
		}
	}
	return rbacv1.ClusterRole{}, false
}

// grants lists what roles grant, one line a role and resource: "Role name: group/resource verb verb".
func grants(roles map[string][]rbacv1.PolicyRule) []string {
	granted := map[string][]string{}
	for name, rules := range roles {
		for _, r := range rules {
			for _, url := range r.NonResourceURLs {
				granted[name+": "+url] = r.Verbs
			}
			for _, resource := range resourcesOf(r) {
				line := name + ": " + resource
				granted[line] = append(granted[line], r.Verbs...)
			}
		}
	}
	var lines []string
	for line, verbs := range granted {
		slices.Sort(verbs)
		lines = append(lines, line+" "+strings.Join(slices.Compact(verbs), " "))
	}
	slices.Sort(lines)
	return lines
}

func resourcesOf(r rbacv1.PolicyRule) []string {
	var all []string
	for _, group := range r.APIGroups {
		for _, resource := range r.Resources {
			all = append(all, strings.TrimPrefix(group+"/"+resource, "/"))
		}
	}
	return all
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

// namespaced are both installers' ways to an operator of one namespace.
func namespaced(t *testing.T) map[string]map[string]object {
	return map[string]map[string]object{"config": kustomized(t, "namespaced"), "chart": mustTemplate(t, map[string]any{"watchNamespaces": []any{"shops"}})}
}

func TestTheOperatorCanNeverReadASecretNorGainRights(t *testing.T) {
	all := renderings(t)
	for installer, objects := range namespaced(t) {
		all[installer+", namespaced"] = objects
	}
	for installer, all := range all {
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
		"ClusterRole wismo-manager: apps/replicasets list",
		"ClusterRole wismo-manager: autoscaling/horizontalpodautoscalers create delete get list patch watch",
		"ClusterRole wismo-manager: configmaps create delete get list patch watch",
		"ClusterRole wismo-manager: configmaps/finalizers update",
		"ClusterRole wismo-manager: discovery.k8s.io/endpointslices get list watch",
		"ClusterRole wismo-manager: events.k8s.io/events create patch",
		"ClusterRole wismo-manager: gateway.networking.k8s.io/gateways get list watch",
		"ClusterRole wismo-manager: gateway.networking.k8s.io/httproutes create delete get list patch watch",
		"ClusterRole wismo-manager: namespaces get list watch",
		"ClusterRole wismo-manager: networking.k8s.io/ingresses create delete get list patch watch",
		"ClusterRole wismo-manager: networking.k8s.io/networkpolicies create get list patch watch",
		"ClusterRole wismo-manager: persistentvolumeclaims create delete get list patch watch",
		"ClusterRole wismo-manager: pods list",
		"ClusterRole wismo-manager: policy/poddisruptionbudgets create delete get list patch watch",
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
		"Role wismo-releases: apps/controllerrevisions create delete get list patch watch",
	}
	for installer, all := range renderings(t) {
		if diff := cmp.Diff(want, grants(managerRoles(t, all))); diff != "" {
			t.Errorf("%s: reviewed (-), granted (+):\n%s", installer, diff)
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
	kinds := []string{"tracking.wismo.dev/carrierintegrations", "tracking.wismo.dev/notificationpolicies", "tracking.wismo.dev/shops"}
	for installer, all := range renderings(t) {
		granted := map[string][]string{}
		for id, o := range all {
			role := convert[rbacv1.ClusterRole](t, o)
			for label := range role.Labels {
				joins, ok := strings.CutPrefix(label, "rbac.authorization.k8s.io/aggregate-to-")
				if !ok {
					continue
				}
				for _, r := range role.Rules {
					granted[joins] = append(granted[joins], resourcesOf(r)...)
					if joins == "view" && !slices.Equal(r.Verbs, []string{"get", "list", "watch"}) {
						t.Errorf("%s: %s lets viewers %v", installer, id, r.Verbs)
					}
				}
			}
		}
		for _, role := range []string{"view", "edit", "admin"} {
			slices.Sort(granted[role])
			if !slices.Equal(granted[role], kinds) {
				t.Errorf("%s: the role %s is given %v", installer, role, granted[role])
			}
		}
	}
}
