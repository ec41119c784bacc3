package ingest_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"log/slog"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/ingest"
)

// The commands that docs/api-source.md tells users to paste are run as they stand there.
func TestTheDocumentedCommandsSignAsWeVerify(t *testing.T) {
	for _, tool := range []string{"sh", "openssl", "curl", "base64", "od"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	text, err := os.ReadFile("../../docs/api-source.md")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(text), "```sh\nsend() {")
	script, _, ok := strings.Cut("send() {"+script, "```")
	if !ok || strings.Count(script, "\nsend '") != 2 {
		t.Fatalf("the page has no longer the two commands: %s", script)
	}

	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	endpoints, err := ingest.Endpoints([]bundle.Source{{Name: "api", EndpointID: "abc", Definition: "api", Intake: "Webhook"}})
	if err != nil {
		t.Fatal(err)
	}
	box := &inbox{}
	server := httptest.NewServer(ingest.New(ingest.Config{
		Endpoints: endpoints, Inbox: box, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Secrets: func(bundle.Source, *definition.Definition) [][]byte { return [][]byte{[]byte(secret)} },
	}))
	defer server.Close()
	cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", script)
	cmd.Env = append(os.Environ(), "URL="+server.URL+"/hooks/abc", "KEY="+secret, "no_proxy=127.0.0.1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(box.receipts) != 2 || !strings.Contains(string(box.receipts[1].Body), "OutForDelivery") {
		t.Errorf("%d receipts", len(box.receipts))
	}
}
