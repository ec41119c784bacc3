package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func none() ([]byte, error) { return nil, errors.New("nobody ever led") }

func replace(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAFileCountsWhenItIsGoodAndTheOneBeforeWhenItIsNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	replace(t, path, "links: {port: 1}")
	s, err := Open(path, env, none)
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		text    string
		changed bool
		port    int
		fault   string
		good    string
	}{
		{"links: {port: 1}", false, 1, "", "links: {port: 1}"},
		{"links: {port: 2}", true, 2, "", "links: {port: 2}"},
		{"links: {port: -2}", true, 2, "links.port", "links: {port: 2}"},
		{"links: {port: -2}", false, 2, "links.port", "links: {port: 2}"},
		{"link: {port: 3}", true, 2, "unknown field", "links: {port: 2}"},
		{"", true, 0, "", ""},
	} {
		replace(t, path, step.text)
		if changed := s.Reread(); changed != step.changed {
			t.Errorf("step %d: changed is %v", i, changed)
		}
		if err := s.Err(); (err == nil) != (step.fault == "") || (err != nil && !strings.Contains(err.Error(), step.fault)) {
			t.Errorf("step %d: the fault is %v, want %q", i, err, step.fault)
		}
		if s.Current().Links.Port != step.port || s.Text() != step.good {
			t.Errorf("step %d: %d counts, from %q", i, s.Current().Links.Port, s.Text())
		}
	}
}

func TestAFaultyFileAtTheStartFallsBackToTheLastGoodOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	replace(t, path, "links: {port: -1}")
	if _, err := Open(path, env, none); err == nil || !strings.Contains(err.Error(), "links.port") || !strings.Contains(err.Error(), "nobody ever led") {
		t.Errorf("without an earlier one: %v", err)
	}
	s, err := Open(path, env, func() ([]byte, error) { return []byte("links: {port: 7}"), nil })
	if err != nil || s.Current().Links.Port != 7 || s.Err() == nil {
		t.Errorf("with an earlier one: %v, %v", err, s)
	}
	if _, err := Open(path, env, func() ([]byte, error) { return []byte("links: {port: -7}"), nil }); err == nil {
		t.Error("an earlier one that is faulty as well counts")
	}
}

func TestAFileThatCannotBeReadIsToldOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	replace(t, path, "links: {port: 1}")
	s, err := Open(path, env, none)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	if !s.Reread() || s.Reread() || s.Err() == nil || s.Current().Links.Port != 1 {
		t.Errorf("%v, %d", s.Err(), s.Current().Links.Port)
	}
}

func TestWhatCountsLaterIsNamed(t *testing.T) {
	before, after := Defaults(env), Defaults(env)
	if fields := NextStart(before, after); len(fields) > 0 {
		t.Errorf("without a change: %v", fields)
	}
	after.Budgets.ConcurrentReconciles++
	after.Links.Port = 7
	if fields := NextStart(before, after); len(fields) != 1 || fields[0] != "budgets.concurrentReconciles" {
		t.Errorf("named are %v", fields)
	}
}
