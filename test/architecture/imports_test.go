package architecture

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors lists the packages of the operator's half from the bottom up: a package imports those of a lower floor, and nothing
// of its own floor or above. A package that is not listed must not close an import cycle.
var floors = [][]string{
	{"api", "internal/bundle", "internal/keyring"},
	{"internal/release", "internal/compile", "internal/conditions"},
	{"internal/desired", "internal/rollout"},
	{"internal/operator"},
	{"controllers"},
	{"internal/manager"},
	{"internal/cli"},
	{"cmd", "internal/testing"},
}

func TestNoFolderImportsUpwards(t *testing.T) {
	floor := map[string]int{}
	for i, rooms := range floors {
		for _, room := range rooms {
			floor[room] = i
		}
	}
	for room, imported := range imports(t) {
		own, known := floor[room]
		for _, other := range imported {
			if theirs, named := floor[other]; known && named && theirs >= own {
				t.Errorf("%s imports %s, which does not stand below it", room, other)
			}
		}
	}
}

func TestNoRoomsImportEachOther(t *testing.T) {
	all := imports(t)
	var leadsTo func(from, to string, passed map[string]bool) bool
	leadsTo = func(from, to string, passed map[string]bool) bool {
		passed[from] = true
		return slices.ContainsFunc(all[from], func(next string) bool {
			return next == to || (!passed[next] && leadsTo(next, to, passed))
		})
	}
	for room := range all {
		if leadsTo(room, room, map[string]bool{}) {
			t.Errorf("%s is imported, in the end, by what it imports", room)
		}
	}
}

// duties of the Shops' controller, with those that each may use. The coordinator hands what one answers to the next.
var duties = map[string][]string{"hostnames": nil, "keys": nil, "placement": {"workloads"}, "routes": nil, "workloads": nil}

func TestTheDutiesOfTheShopsControllerKnowNoOthers(t *testing.T) {
	const coordinator = "controllers/shop"
	tr := newTree(t)
	for _, folder := range foldersBelow(t, coordinator) {
		duty, is := strings.CutPrefix(folder, coordinator+"/")
		if !is {
			continue
		}
		if _, known := duties[duty]; !known {
			t.Errorf("%s is no duty that is named here", folder)
		}
		for _, imported := range importsOf(t, tr.load(folder)) {
			other, shops := strings.CutPrefix(imported, coordinator)
			if shops && !slices.Contains(duties[duty], strings.TrimPrefix(other, "/")) {
				t.Errorf("%s imports %s", folder, imported)
			}
		}
	}
}

// imports returns which rooms each room imports, tests aside.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	tr := newTree(t)
	found := map[string]map[string]bool{}
	for _, folder := range foldersBelow(t, "api", "config", "controllers", "internal", "cmd") {
		s := tr.load(folder)
		if s == nil {
			continue
		}
		from := roomOf(folder)
		if found[from] == nil {
			found[from] = map[string]bool{}
		}
		for _, imported := range importsOf(t, s) {
			if room := roomOf(imported); room != from {
				found[from][room] = true
			}
		}
	}
	rooms := map[string][]string{}
	for room, imported := range found {
		rooms[room] = slices.Sorted(maps.Keys(imported))
	}
	return rooms
}

// importsOf returns the folders of this module that a package imports.
func importsOf(t *testing.T, s *source) []string {
	t.Helper()
	var folders []string
	for _, file := range s.files {
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if folder, ours := strings.CutPrefix(name, module+"/"); ours {
				folders = append(folders, folder)
			}
		}
	}
	return folders
}

// roomOf returns the folder of the README's map that holds a package: one below internal, or at the top.
func roomOf(folder string) string {
	parts := strings.Split(folder, "/")
	if parts[0] == "internal" && len(parts) > 1 {
		return path.Join(parts[:2]...)
	}
	return parts[0]
}
