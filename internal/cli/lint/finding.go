package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level is the severity of a Finding.
type Level string

// Levels, the worst first.
const (
	// Error marks what the API server or the operator would refuse.
	Error Level = "error"
	// Warning marks what works only if the cluster has something that is not among the documents, and fields without effect.
	Warning Level = "warning"
	// Note marks other facts that the author should know.
	Note Level = "note"
)

// Finding is one remark about one place in the documents.
type Finding struct {
	Level   Level  `json:"level"`
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`   // from 1; 0 = the whole file
	Object  string `json:"object,omitempty"` // Kind namespace/name
	Path    string `json:"path,omitempty"`   // of the field
	Message string `json:"message"`
}

// String returns the finding as one line, in the form FILE:LINE: that editors can jump to.
func (f Finding) String() string {
	where := f.File
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	parts := []string{where, string(f.Level)}
	for _, part := range []string{f.Object, f.Path, f.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Report holds all findings about a set of documents.
type Report struct {
	Findings []Finding `json:"findings"`
	Summary  Summary   `json:"summary"`
}

// Summary counts documents and findings.
type Summary struct {
	Documents int `json:"documents"` // of wismo's kinds, ConfigMaps and Secrets
	Errors    int `json:"errors"`
	Warnings  int `json:"warnings"`
	Notes     int `json:"notes"`
}

// report sorts the findings by place, drops duplicates, and counts.
func report(findings []Finding, documents int) Report {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Object, b.Object),
			strings.Compare(a.Path, b.Path), strings.Compare(string(a.Level), string(b.Level)), strings.Compare(a.Message, b.Message))
	})
	r := Report{Findings: slices.Compact(findings), Summary: Summary{Documents: documents}}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	for _, f := range r.Findings {
		switch f.Level {
		case Error:
			r.Summary.Errors++
		case Warning:
			r.Summary.Warnings++
		case Note:
			r.Summary.Notes++
		}
	}
	return r
}
