package doctor

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/config"
)

// Level is the outcome of a check.
type Level string

// Levels.
const (
	OK      Level = "ok"
	Warn    Level = "warn"    // works, but not for everybody or not for ever
	Fail    Level = "fail"    // Shops cannot work
	Unknown Level = "unknown" // nobody can tell from here
)

// Check is one thing that was looked at.
type Check struct {
	Name    string `json:"name"`
	Level   Level  `json:"level"`
	Message string `json:"message"`
	Next    string `json:"next,omitempty"`
}

// examiner looks at one cluster.
type examiner struct {
	client.Client
	discovery  discovery.ServerVersionInterface
	namespace  string // of the operator
	checks     []Check
	deployment *appsv1.Deployment // nil while none was found
	config     config.Config      // of the platform; the defaults while none was found
	shops      []v1alpha1.Shop
}

func (e *examiner) add(name string, level Level, next, format string, args ...any) {
	e.checks = append(e.checks, Check{Name: name, Level: level, Message: fmt.Sprintf(format, args...), Next: next})
}

// cannot notes that a check could not be made: most often a right is missing.
func (e *examiner) cannot(name string, err error) {
	next := ""
	if apierrors.IsForbidden(err) {
		next = "Run it with the rights to read this, such as those of cluster-admin."
	}
	e.add(name, Unknown, next, "cannot tell: %v", err)
}

func absent(err error) bool { return apierrors.IsNotFound(err) || meta.IsNoMatchError(err) }

// examine makes every check, in the order in which one builds on the other.
func (e *examiner) examine(ctx context.Context) []Check {
	for _, look := range []func(context.Context){
		e.kubernetes, e.crds, e.operator, e.leader, e.configuration, e.installation, e.library, e.rights,
		e.storage, e.routes, e.certificates, e.services, e.walls, e.podSecurity, e.images, e.fleet,
	} {
		look(ctx)
	}
	return e.checks
}
