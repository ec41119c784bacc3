package observability

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

func repository(parts ...string) string {
	return filepath.Join(append([]string{"..", ".."}, parts...)...)
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(repository(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func shippedRules(t *testing.T) []Rule {
	t.Helper()
	rules, err := Rules(repository())
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// published are the names that a query may ask for: our metrics as docs/observability.md lists them, which a test holds
// to the binaries, those of controller-runtime, and what rules record.
func published(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	for _, cells := range regexp.MustCompile("(?m)^\\| `(wismo_[a-z_]+)` \\|").FindAllStringSubmatch(string(read(t, "docs", "observability.md")), -1) {
		known[cells[1]] = true
	}
	for name := range strings.FieldsSeq(string(read(t, "test", "observability", "testdata", "library_metrics.txt"))) {
		known[name] = true
	}
	for _, r := range shippedRules(t) {
		known[r.Record] = true
	}
	return known
}

// check parses a query and names the metrics in it that wismo does not publish.
func check(t *testing.T, where, query string, known map[string]bool) {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		t.Errorf("%s: %v in %s", where, err, query)
		return
	}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		name := selector.Name
		if bucket, cut := strings.CutSuffix(name, "_bucket"); cut {
			name = bucket
		}
		if !known[name] {
			t.Errorf("%s: wismo does not publish %s", where, selector.Name)
		}
		return nil
	})
}

func TestEveryRuleAsksForWhatIsPublishedAndSaysWhatToDo(t *testing.T) {
	known := published(t)
	alerts := 0
	for _, r := range shippedRules(t) {
		check(t, r.Alert+r.Record, r.Expr, known)
		if r.Alert == "" {
			continue
		}
		alerts++
		if !strings.HasPrefix(r.Alert, "Wismo") || !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s has the severity %q", r.Alert, r.Labels["severity"])
		}
		for _, field := range []string{"summary", "description", "runbook_url"} {
			if r.Annotations[field] == "" {
				t.Errorf("%s has no %s", r.Alert, field)
			}
		}
		if !strings.HasSuffix(r.Annotations["runbook_url"], "/docs/runbooks/"+r.Alert+".md") {
			t.Errorf("%s leads to %s", r.Alert, r.Annotations["runbook_url"])
		}
		if !slices.Contains([]string{"5m", "10m", "15m", "30m", "1h"}, r.For) {
			t.Errorf("%s fires after %q: an upgrade would set it off", r.Alert, r.For)
		}
	}
	if alerts < 9 {
		t.Errorf("only %d alerts", alerts)
	}
}

// variables are what Grafana fills in.
var variables = strings.NewReplacer("$__rate_interval", "5m", "$namespace", "linden")

// dashboard is what matters here of Grafana's format.
type dashboard struct {
	UID        string `json:"uid"`
	ID         *int   `json:"id"`
	Templating struct {
		List []struct{ Name, Type string } `json:"list"`
	} `json:"templating"`
	Panels []panel
}

type panel struct {
	ID         int
	Title      string
	Datasource struct{ UID string }
	Targets    []struct {
		Expr       string
		Datasource struct{ UID string }
	}
}

// dashboards are those that are shipped, by the name of their file.
func dashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	files, err := filepath.Glob(repository("config", "grafana", "*.json"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	all := map[string]dashboard{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(content, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = d
	}
	return all
}

func TestEveryDashboardCanBeImportedAnywhere(t *testing.T) {
	for file, d := range dashboards(t) {
		if d.UID == "" || d.ID != nil || d.UID+".json" != file { // so two never have one uid
			t.Errorf("%s has the uid %q and the id %v", file, d.UID, d.ID)
		}
		if len(d.Templating.List) == 0 || d.Templating.List[0].Type != "datasource" {
			t.Errorf("%s does not let people choose the data source", file)
		}
		wantWholePanels(t, file, d.Panels)
	}
}

func wantWholePanels(t *testing.T, file string, panels []panel) {
	t.Helper()
	ids := map[int]bool{}
	for _, p := range panels {
		if ids[p.ID] || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
			t.Errorf("%s %s: id %d, data source %q, %d queries", file, p.Title, p.ID, p.Datasource.UID, len(p.Targets))
		}
		ids[p.ID] = true
	}
}

func TestEveryQueryOfTheDashboardsAsksForWhatIsPublished(t *testing.T) {
	known := published(t)
	for file, d := range dashboards(t) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				check(t, file+" "+p.Title, variables.Replace(target.Expr), known)
			}
		}
	}
}

func TestAQueryForAnUnpublishedMetricIsFound(t *testing.T) {
	probe := &testing.T{}
	check(probe, "probe", "rate(wismo_no_such_thing_total[5m])", published(t))
	if !probe.Failed() {
		t.Error("a metric that does not exist passes")
	}
}
