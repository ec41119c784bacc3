//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// measureShops is how many Shops TestMeasure applies, one after the other; 0 skips it. It prints numbers and judges none.
var measureShops = flag.Int("measure", 0, "number of Shops to measure with; prints what docs/RESULTS.md shows")

func TestMeasure(t *testing.T) {
	if *measureShops == 0 {
		t.Skip("run it with -measure 10")
	}
	measureApplyToAnswer(t, *measureShops)
	measurePage(t)
	measureImages(t)
	measureMemory(t)
}

// measureApplyToAnswer times kubectl apply of a minimal Shop until its page answers through the Service.
func measureApplyToAnswer(t *testing.T, count int) {
	clientset, err := kubernetes.NewForConfig(cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	var times []time.Duration
	for i := range count {
		name := ofThisRun(fmt.Sprintf("m%d", i))
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := cluster.Create(t.Context(), namespace); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := cluster.Create(t.Context(), shopOf(client.ObjectKey{Namespace: name, Name: name}, "")); err != nil {
			t.Fatal(err)
		}
		for {
			_, err := clientset.CoreV1().RESTClient().Get().Namespace(name).Resource("services").
				Name(name + "-page:80").SubResource("proxy").DoRaw(t.Context())
			if err == nil {
				break
			}
			if time.Since(start) > 2*time.Minute {
				t.Fatalf("the page of %s does not answer: %v", name, err)
			}
			time.Sleep(50 * time.Millisecond)
		}
		times = append(times, time.Since(start))
		remove(t, namespace)
	}
	slices.Sort(times)
	fmt.Printf("apply -> page answers, %d Shops: p50 %.2f s, min %.2f s, max %.2f s\n", count,
		times[len(times)/2].Seconds(), times[0].Seconds(), times[len(times)-1].Seconds())
}

// measurePage prints the bytes of an order's page, as it is and compressed.
func measurePage(t *testing.T) {
	for _, m := range []merchant{linden, fjallro} {
		number := newNumber()
		m.sendAll(t, number)
		status, page := m.get(t, m.awaitMails(t, number, 1)[0].PagePath())
		if status != http.StatusOK {
			t.Fatalf("the page answers %d", status)
		}
		var small bytes.Buffer
		zip := gzip.NewWriter(&small)
		_, _ = zip.Write([]byte(page))
		_ = zip.Close()
		fmt.Printf("page of %s after delivery: %d bytes of HTML, %d compressed\n", m.name, len(page), small.Len())
	}
}

func measureImages(t *testing.T) {
	var nodes corev1.NodeList
	if err := cluster.List(t.Context(), &nodes); err != nil {
		t.Fatal(err)
	}
	for _, image := range nodes.Items[0].Status.Images {
		for _, name := range image.Names {
			if strings.HasPrefix(name, "wismo.dev/") && !strings.Contains(name, "@") {
				fmt.Printf("image %s: %.1f MB in the node's store\n", name, float64(image.SizeBytes)/1e6)
			}
		}
	}
}

// measureMemory prints RSS and PSS of each of our processes; the local cluster's are visible on this machine.
func measureMemory(t *testing.T) {
	if !cluster.Local {
		return
	}
	fmt.Println("memory after a minute of rest:")
	time.Sleep(time.Minute)
	statuses, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, exe := range statuses {
		target, err := os.Readlink(exe)
		if err != nil || !slices.Contains([]string{"/manager", "/tracking-page", "/notifier"}, target) {
			continue
		}
		rss, pss := memory(filepath.Dir(exe))
		fmt.Printf("%-15s pid %s: RSS %.1f MiB, PSS %.1f MiB\n", target[1:], filepath.Base(filepath.Dir(exe)), rss, pss)
	}
}

// memory reads smaps_rollup, in MiB; zero for a process that has ended.
func memory(proc string) (rss, pss float64) {
	file, err := os.Open(filepath.Join(proc, "smaps_rollup"))
	if err != nil {
		return 0, 0
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		kib, err := strconv.ParseFloat(fields[1], 64)
		switch {
		case err != nil:
		case fields[0] == "Rss:":
			rss = kib / 1024
		case fields[0] == "Pss:":
			pss = kib / 1024
		}
	}
	return rss, pss
}
