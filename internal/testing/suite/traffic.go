package suite

import (
	"net/http"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// Writes returns what the operator wrote, or tried to write, in a namespace and about hostnames; neither events nor the Lease
// by which it leads count.
func Writes(namespace string) []installed.Request {
	return slices.DeleteFunc(Traffic.Requests(), func(r installed.Request) bool {
		mine := strings.Contains(r.Path, "/namespaces/"+namespace+"/")
		claim := strings.Contains(r.Path, "/leases") && !strings.HasSuffix(r.Path, "/leases/wismo-manager")
		return r.Method == http.MethodGet || strings.Contains(r.Path, "/events") || (!mine && !claim)
	})
}

// Changes returns the writes that the API server took. A Secret that is posted again after a restart is not one.
func Changes(namespace string) []installed.Request {
	return slices.DeleteFunc(Writes(namespace), func(r installed.Request) bool { return r.Status == http.StatusConflict })
}
