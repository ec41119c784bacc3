package manager

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/namespaces"
)

// namespaceList is a flag with the names of namespaces, separated by commas.
type namespaceList []string

func (l *namespaceList) String() string { return strings.Join(*l, ",") }

// Set implements flag.Value.
func (l *namespaceList) Set(value string) error {
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if faults := validation.IsDNS1123Label(name); len(faults) > 0 {
			return fmt.Errorf("%q is not a valid namespace name: %s", name, strings.Join(faults, "; "))
		}
		if !slices.Contains(*l, name) {
			*l = append(*l, name)
		}
	}
	return nil
}

// within limits caches to the namespaces whose Shops this operator serves; none means all of them. Nothing is asked of
// the whole cluster then, so that rights in these namespaces are enough. Policies also come from the library.
func within(options cache.Options, watch []string) cache.Options {
	if len(watch) == 0 {
		return options
	}
	options.DefaultNamespaces = places(watch)
	if options.ByObject == nil {
		options.ByObject = map[client.Object]cache.ByObject{}
	}
	options.ByObject[&v1alpha1.NotificationPolicy{}] = cache.ByObject{
		Namespaces: places(append([]string{v1alpha1.LibraryNamespace}, watch...)),
	}
	return options
}

func places(names []string) map[string]cache.Config {
	configs := map[string]cache.Config{}
	for _, name := range names {
		configs[name] = cache.Config{}
	}
	return configs
}

// watchedNamespaces reports which namespaces are being deleted. An operator that serves some namespaces only has no right to watch
// any, and asks.
func watchedNamespaces(mgr ctrl.Manager, o Options) *namespaces.Namespaces {
	spaces := &namespaces.Namespaces{Writer: mgr.GetClient(), Now: o.now()}
	if len(o.Watch) == 0 {
		spaces.Cached = mgr.GetClient()
	}
	return spaces
}
