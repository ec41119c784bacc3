package reports

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// podsVariable makes this test binary the pods that the benchmark asks: in a process of their own, so that their work
// does not count as the operator's.
const podsVariable = "WISMO_TEST_PODS"

func TestMain(m *testing.M) {
	if os.Getenv(podsVariable) != "" {
		if err := serveReports(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveReports answers at every address of this machine as the pods of a Shop with four sources do, until its standard
// input ends.
func serveReports() error {
	now := time.Now()
	report := bundle.Report{Version: bundle.ReportVersion, Component: bundle.PageComponent, BundleHash: strings.Repeat("0a", 16), Storage: bundle.Healthy}
	for _, source := range []string{"api", "shopify", "carrier-postnord", "carrier-easypost"} {
		report.Sources = append(report.Sources, bundle.SourceReport{Name: source, LastReceived: &now, UnmappedCodes: []string{"A1", "B2"}})
		report.Credentials = append(report.Credentials, bundle.CredentialReport{Source: source, Key: "webhookSecret", State: bundle.Present})
	}
	body, err := json.Marshal(report)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort("0.0.0.0", strconv.Itoa(bundle.InternalPort)))
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(body)
	})}
	fmt.Println("serving")
	go func() { _ = server.Serve(listener) }()
	_, _ = bufio.NewReader(os.Stdin).ReadString(0)
	return server.Close()
}

// BenchmarkAThousandShops asks two pods each of a thousand Shops once, over real connections, and says which part of a
// core that costs the operator when it does so every calmInterval, and when all are urgent.
func BenchmarkAThousandShops(b *testing.B) {
	startPods(b)
	const shops = 1000
	poller := New(HTTPFetcher())
	changes := poller.Subscribe()
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	keys := make([]types.NamespacedName, 0, shops)
	go func() { _ = poller.Start(ctx) }()
	round := func() {
		for _, key := range keys {
			poller.AskNow(key)
		}
		for range keys {
			<-changes
		}
	}
	for i := range shops {
		keys = append(keys, types.NamespacedName{Namespace: "merchant", Name: strconv.Itoa(i)})
		poller.Track(keys[i], []netip.Addr{address(2 * i), address(2*i + 1)}, false)
	}
	for range keys {
		<-changes
	}
	for _, key := range keys {
		if len(poller.Latest(key)) != 2 {
			b.Fatalf("%d pods of a Shop answered", len(poller.Latest(key)))
		}
	}
	before := processorTime(b)
	for b.Loop() {
		round()
	}
	each := (processorTime(b) - before) / time.Duration(b.N)
	b.ReportMetric(float64(each.Microseconds())/(2*shops), "cpu-µs/pod")
	b.ReportMetric(100*each.Seconds()/calmInterval.Seconds(), "%core-calm")
	b.ReportMetric(100*each.Seconds()/urgentInterval.Seconds(), "%core-urgent")
}

// address returns the loopback address of the n-th pod.
func address(n int) netip.Addr {
	const octet = 250
	return netip.AddrFrom4([4]byte{127, 9, byte(n / octet), byte(1 + n%octet)})
}

func startPods(b *testing.B) {
	b.Helper()
	executable, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	pods := exec.CommandContext(b.Context(), executable)
	pods.Env = append(os.Environ(), podsVariable+"=1")
	pods.Stderr = os.Stderr
	hold, err := pods.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := pods.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := pods.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = hold.Close(); _ = pods.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "serving\n" {
		b.Fatalf("the pods said %q: %v", line, err)
	}
}

// processorTime returns what this process has used, in user and kernel mode.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
