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
	Warn    Level = "warn"    // works, but not for every Shop or not permanently
	Fail    Level = "fail"    // Shops cannot work
	Unknown Level = "unknown" // cannot be found out from here
)

// Check is the result of one check.
type Check struct {
	Name    string `json:"name"`
	Level   Level  `json:"level"`
	Message string `json:"message"`
	Next    string `json:"next,omitempty"`
}

// examiner runs the checks against one cluster.
type examiner struct {
	client.Client
	discovery  discovery.ServerVersionInterface
	namespace  string // of the operator
	checks     []Check
	deployment *appsv1.Deployment // nil until the check operator has found it
	config     config.Config      // the operator's; the defaults until the check configuration has read it
	shops      []v1alpha1.Shop
}

func (e *examiner) add(name string, level Level, next, format string, args ...any) {
	e.checks = append(e.checks, Check{Name: name, Level: level, Message: fmt.Sprintf(format, args...), Next: next})
}

// cannot adds a check that could not be made, most often for lack of permission.
func (e *examiner) cannot(name string, err error) {
	next := ""
	if apierrors.IsForbidden(err) {
		next = "Run it again as a user who may read this, such as cluster-admin."
	}
	e.add(name, Unknown, next, "not checked: %v", err)
}

func absent(err error) bool { return apierrors.IsNotFound(err) || meta.IsNoMatchError(err) }

// examine runs every check, in an order in which later ones may use what earlier ones found.
func (e *examiner) examine(ctx context.Context) []Check {
	for _, check := range []func(context.Context){
		e.kubernetes, e.crds, e.operator, e.checkLeader, e.checkConfiguration, e.checkInstallationID, e.checkLibrary, e.checkPermissions,
		e.checkStorage, e.checkRoutes, e.checkCertificates, e.checkServiceAddresses, e.checkNetworkPolicies, e.checkReclaim, e.checkPodSecurity, e.checkImages, e.fleet,
	} {
		check(ctx)
	}
	return e.checks
}
