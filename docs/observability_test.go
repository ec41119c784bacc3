package docs_test

import (
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	_ "sigs.k8s.io/controller-runtime/pkg/controller" // registers its metrics
	crmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/ingest"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/operator/configreload"
	"github.com/wismo-dev/wismo/internal/operator/metrics"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/workload"
)

// names collects what is registered, by name.
type names map[string]bool

var fqName = regexp.MustCompile(`fqName: "([^"]+)"`)

func (n names) Register(c prometheus.Collector) error {
	descriptions := make(chan *prometheus.Desc)
	go func() {
		defer close(descriptions)
		c.Describe(descriptions)
	}()
	for d := range descriptions {
		n[fqName.FindStringSubmatch(d.String())[1]] = true
	}
	return nil
}

func (n names) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		_ = n.Register(c)
	}
}

func (n names) Unregister(prometheus.Collector) bool { return false }

// published are the metrics of our own that the binaries register.
func published(t *testing.T) []string {
	t.Helper()
	n := names{}
	n.MustRegister(&metrics.Fleet{})
	n.MustRegister(&releases.Metrics{})
	n.MustRegister(configreload.Collectors()...)
	workload.Measured(n, nil, nil)
	ingest.New(ingest.Config{Registerer: n})
	document := &bundle.Document{TimeZone: "UTC"}
	_, err := notifier.New(notifier.Config{
		Document: document, Sender: channel.NewSMTP(document.Email, nil), Log: slog.New(slog.DiscardHandler), Metrics: n, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(n))
}

var metricRow = regexp.MustCompile("(?m)^\\| `(wismo_[a-z_]+)` \\|")

func TestEveryMetricIsDocumentedAndNoOther(t *testing.T) {
	text, err := os.ReadFile("observability.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, cells := range metricRow.FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, cells[1])
	}
	slices.Sort(documented)
	if diff := cmp.Diff(documented, published(t)); diff != "" {
		t.Errorf("documented (-), published (+):\n%s", diff)
	}
}

// What alerts and dashboards ask of controller-runtime stands in test/observability; here it is held to what that has.
func TestTheLibrarysMetricsThatAreAskedForExist(t *testing.T) {
	registered := names{}
	registered.MustRegister(crmetrics.Registry.(prometheus.Collector))
	list, err := os.ReadFile("../test/observability/testdata/library_metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(list)) {
		if !registered[name] {
			t.Errorf("controller-runtime has no metric %s", name)
		}
	}
}

var alertRow = regexp.MustCompile(`(?m)^\| \[(Wismo[A-Za-z]+)\]\(runbooks/([A-Za-z]+)\.md\) \| (critical|warning|info) \|`)

func TestEveryAlertIsListedWithItsSeverityAndHasARunbook(t *testing.T) {
	text, errText := os.ReadFile("observability.md")
	rules, errRules := os.ReadFile("../config/prometheus/rules.yaml")
	if errText != nil || errRules != nil {
		t.Fatal(errText, errRules)
	}
	listed := map[string]string{}
	for _, cells := range alertRow.FindAllStringSubmatch(string(text), -1) {
		if cells[1] != cells[2] {
			t.Errorf("%s leads to the runbook %s", cells[1], cells[2])
		}
		listed[cells[1]] = cells[3]
	}
	alerts := map[string]string{}
	alert := regexp.MustCompile(`(?s)- alert: (\w+)\n.*?labels: \{severity: (\w+)\}`)
	for _, parts := range alert.FindAllStringSubmatch(string(rules), -1) {
		alerts[parts[1]] = parts[2]
		wantRunbook(t, parts[1])
	}
	if diff := cmp.Diff(listed, alerts); diff != "" || len(alerts) == 0 {
		t.Errorf("listed (-), shipped (+):\n%s", diff)
	}
	if files, err := os.ReadDir("runbooks"); err != nil || len(files) != len(alerts) {
		t.Errorf("%d runbooks for %d alerts, %v", len(files), len(alerts), err)
	}
}

func wantRunbook(t *testing.T, alert string) {
	t.Helper()
	runbook, err := os.ReadFile("runbooks/" + alert + ".md")
	if err != nil {
		t.Error(err)
	}
	for _, heading := range []string{"# " + alert, "## Meaning", "## Impact", "## Diagnosis", "## Mitigation"} {
		if !strings.Contains(string(runbook), heading+"\n") {
			t.Errorf("the runbook of %s has no %q", alert, heading)
		}
	}
}
