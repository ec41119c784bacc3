// Package rbac carries the operator's role as it is installed, for tools that compare it with what a cluster grants. It
// interprets nothing.
package rbac

import (
	_ "embed"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

//go:embed manager_role.yaml
var managerRole []byte

// ManagerRole is what the operator may do in every namespace.
func ManagerRole() (*rbacv1.ClusterRole, error) {
	role := &rbacv1.ClusterRole{}
	return role, yaml.UnmarshalStrict(managerRole, role)
}
