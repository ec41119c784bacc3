//go:build !windows

package simulate_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/wismo-dev/wismo/internal/cli"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/cli/simulate"
)

type outcome struct {
	out, err string
	code     int
}

func run(t *testing.T, args ...string) outcome {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none")) // no test may find a cluster
	var out, errs bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errs}
	code := cli.Run(t.Context(), "v1.2.3", append([]string{"simulate"}, args...), streams)
	return outcome{out.String(), errs.String(), code}
}

func decode[T any](t *testing.T, o outcome) T {
	t.Helper()
	var into T
	if err := json.Unmarshal([]byte(o.out), &into); err != nil {
		t.Fatalf("%v in %.500s%s", err, o.out, o.err)
	}
	return into
}

var levelNames = []string{
	"untrueWords", "lateWithoutNotice", "silentOrders", "routineInQuietHours", "doubles", "knowableNotSaidPercent",
	"needlessLateNoticesPercent", "routinePerOrderMax", "routinePerOrderMedian", "messagesPerOrderMax",
}

func TestAJourneyPrintsItsDiaryAndItsLevels(t *testing.T) {
	got := run(t, "--journey", "testdata/journey.json")
	for _, part := range append(levelNames, "1 journey, 1 order", "Diary of messages", "sent", "OrderReceived", "#1001") {
		if !strings.Contains(got.out, part) {
			t.Errorf("%q is not in\n%s%s", part, got.out, got.err)
		}
	}
}

func TestLevelsAreNumbersForAMachine(t *testing.T) {
	got := decode[struct {
		Journeys int                `json:"journeys"`
		Levels   map[string]float64 `json:"levels"`
		Mix      []any              `json:"mix"`
	}](t, run(t, "--generate", "10", "--seed", "4", "-o", "json"))
	if got.Journeys != 10 || len(got.Mix) == 0 || len(got.Levels) != len(levelNames) {
		t.Errorf("%+v", got)
	}
	for _, name := range levelNames {
		if _, ok := got.Levels[name]; !ok {
			t.Errorf("%s is not among %v", name, got.Levels)
		}
	}
}

func TestABrokenBarIsExitCodeOne(t *testing.T) {
	got := run(t, "--generate", "20", "--policy", "testdata/quiet.yaml")
	if got.code != cmdutil.ExitProblem || !strings.Contains(got.out, "broken:") {
		t.Errorf("exit code %d:\n%s%s", got.code, got.out, got.err)
	}
}

func TestTwoPoliciesAreCompared(t *testing.T) {
	quiet, err := os.ReadFile("testdata/quiet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	loud := filepath.Join(t.TempDir(), "loud.yaml")
	if err := os.WriteFile(loud, bytes.ReplaceAll(bytes.ReplaceAll(quiet, []byte("PageOnly"), []byte("Important")), []byte("quiet"), []byte("loud")), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--generate", "20", "--policy", "testdata/quiet.yaml", "--policy", loud}
	if got := run(t, args...); !strings.Contains(got.out, "Difference") || !strings.Contains(got.out, "loud.yaml") {
		t.Errorf("%s%s", got.out, got.err)
	}
	got := decode[simulate.Comparison](t, run(t, append(args, "-o", "json")...))
	if len(got.Runs) != 2 || got.Difference["messagesPerOrderMax"] <= 0 || len(got.Difference) != len(levelNames) {
		t.Errorf("%+v", got.Difference)
	}
}

func TestWhatCannotBeSimulatedSaysWhy(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "no journeys: name a file"},
		{[]string{"--generate", "-1"}, "-1 is not a number of journeys"},
		{[]string{"--generate", "1", "--journey", "x.json"}, "cannot be used together"},
		{[]string{"--journey", "absent.json"}, "absent.json"},
		{[]string{"--journey", "testdata/quiet.yaml"}, "testdata/quiet.yaml"},
		{[]string{"--generate", "1", "--policy", "testdata/journey.json"}, "holds no NotificationPolicy"},
		{[]string{"--generate", "1", "--shop", "testdata/quiet.yaml"}, "exactly one is needed"},
		{[]string{"--generate", "1", "-o", "wide"}, "must be one of json, yaml"},
	} {
		if got := run(t, c.args...); got.code != cmdutil.ExitUnable || !strings.Contains(got.err, c.want) {
			t.Errorf("%v: exit code %d, %s", c.args, got.code, got.err)
		}
	}
}
