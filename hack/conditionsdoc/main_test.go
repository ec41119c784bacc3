package main

import (
	"os"
	"strings"
	"testing"
)

func TestTheDocumentIsWhatTheTableSays(t *testing.T) {
	var b strings.Builder
	if err := write(&b, text); err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../../docs/conditions.md")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(committed) {
		t.Error("docs/conditions.md is not up to date; run: make generate")
	}
}

func TestAReasonThatNoSectionShowsIsAnError(t *testing.T) {
	var b strings.Builder
	short := strings.Replace(text, `{{reasons "StorageReady"}}`, "", 1)
	if err := write(&b, short); err == nil || !strings.Contains(err.Error(), "StorageReady") || !strings.Contains(err.Error(), templatePath) {
		t.Errorf("the template without the reasons of StorageReady gives %v", err)
	}
}
