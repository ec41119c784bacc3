package suite

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// rightsFile lists rights, one per line, as "verb resource". The tests of the package must make the operator use each of them. A test
// checks that the files of all packages together list every right in config/rbac, so that the operator has no right that it does
// not need.
const rightsFile = "testdata/rights.txt"

// unusedRights returns an error for every right in the package's rightsFile that the operator did not use. With -run it checks
// nothing, because only some of the tests have run.
func unusedRights() error {
	if f := flag.Lookup("test.run"); f != nil && f.Value.String() != "" {
		return nil
	}
	shown, err := Lines(rightsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	used := rights(Traffic.Requests())
	var unused []error
	for _, right := range shown {
		if !used[right] {
			unused = append(unused, fmt.Errorf("the operator did not use the right to %s in these tests: remove it from %s, and if no other test uses it, from config/rbac", right, rightsFile))
		}
	}
	return errors.Join(unused...)
}

// Lines returns the lines of a file, without empty ones.
func Lines(name string) ([]string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(content), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" }), nil
}

// rights returns what the operator's requests needed, as "verb resource". An apply that creates needs create, too.
func rights(requests []installed.Request) map[string]bool {
	used := map[string]bool{}
	for _, r := range requests {
		verb, resource := rightOf(r)
		used[verb+" "+resource] = true
		if verb == "watch" { // API servers without watch lists are listed instead; get shows no more than these two
			used["list "+resource], used["get "+resource] = true, true
		}
		if r.Method == http.MethodPatch && r.Status == http.StatusCreated {
			used["create "+resource] = true
		}
	}
	return used
}

// rightOf reads /api/v1 and /apis/<group>/<version> paths, with or without a namespace.
func rightOf(r installed.Request) (verb, resource string) {
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	parts = parts[min(len(parts), 2):]
	if strings.HasPrefix(r.Path, "/apis/") {
		parts = parts[min(len(parts), 1):]
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		parts = parts[2:]
	}
	resource = strings.Join(append(parts[:min(len(parts), 1)], parts[min(len(parts), 2):]...), "/")
	return verbOf(r, len(parts) > 1), resource
}

func verbOf(r installed.Request, named bool) string {
	switch {
	case r.Method == http.MethodGet && r.Query.Get("watch") != "":
		return "watch"
	case r.Method == http.MethodGet && !named:
		return "list"
	default:
		return map[string]string{
			http.MethodGet: "get", http.MethodPost: "create", http.MethodPut: "update", http.MethodPatch: "patch", http.MethodDelete: "delete",
		}[r.Method]
	}
}
