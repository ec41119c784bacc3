package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
)

const pageAddress = "127.0.0.1:18081"

// shop is what the pods of a minimal Shop mount: paths of files and directories.
type shop struct {
	dir, bundle, keys, data string
	secret, endpoint        string // of the built-in source
}

func newShop(dir string) (*shop, error) {
	s := &shop{dir: dir, bundle: filepath.Join(dir, "bundle"), keys: filepath.Join(dir, "keys"), data: filepath.Join(dir, "data")}
	out := compile.Compile(compile.Input{
		Shop: &v1alpha1.Shop{
			ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden"},
			Spec:       v1alpha1.ShopSpec{DisplayName: "Linden Living", Hostname: "track.linden.example", HomeCountry: "NL"},
		},
		Platform: compile.Platform{InstallationID: "00000000-0000-0000-0000-000000000001", LinkScheme: "https"},
	})
	if out.Document == nil {
		return nil, fmt.Errorf("the Shop does not compile: %v", out.Problems)
	}
	at, err := url.Parse(out.Endpoints[0].URL)
	if err != nil {
		return nil, err
	}
	s.endpoint = "http://" + pageAddress + at.Path
	s.secret = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("s"), 32))
	return s, errors.Join(os.Mkdir(s.data, 0o700), os.WriteFile(s.bundle, out.Data, 0o600),
		s.key(bundle.LinkKeys, strings.Repeat("k", 32)), s.key(bundle.HookKeys+out.Document.Sources[0].Name, s.secret))
}

func (s *shop) key(purpose, content string) error {
	dir := filepath.Join(s.keys, purpose, "1")
	return errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, bundle.KeyFile), []byte(content), 0o600))
}

// journey sends the webhooks of one order and its parcel, and returns the URL of its page, which it finds by a look-up.
func (s *shop) journey(ctx context.Context) (string, error) {
	for _, hook := range journey.Linden("1001", time.Now()) {
		header, err := hook.Sign(s.secret, time.Now())
		if err != nil {
			return "", err
		}
		answer, err := ask(ctx, http.MethodPost, s.endpoint, header, hook.Body)
		if err != nil {
			return "", fmt.Errorf("sending %s: %w", hook.Tells, err)
		}
		_ = answer.Body.Close()
	}
	time.Sleep(3 * time.Second) // until the notifier has processed the webhooks
	form := url.Values{"number": {"1001"}, "factor": {"1234 AB"}}.Encode()
	answer, err := ask(ctx, http.MethodPost, "http://"+pageAddress+"/", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form))
	if err != nil {
		return "", fmt.Errorf("looking the order up: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	return "http://" + pageAddress + answer.Header.Get("Location"), nil
}

// ask makes one request and follows no redirect.
func ask(ctx context.Context, method, to string, header http.Header, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err == nil && answer.StatusCode >= http.StatusBadRequest {
		_ = answer.Body.Close()
		return nil, errors.New(answer.Status)
	}
	return answer, err
}

// asset matches the path of a style sheet or script.
var asset = regexp.MustCompile(`(?:href|src)="(/[^"?]+\.(?:css|js))"`)

// printPageSize prints how many bytes a browser loads for the page.
func printPageSize(ctx context.Context, page string) error {
	html, err := read(ctx, page)
	if err != nil {
		return err
	}
	total, paths := compressed(html), asset.FindAllSubmatch(html, -1)
	for _, path := range paths {
		content, err := read(ctx, "http://"+pageAddress+string(path[1]))
		if err != nil {
			return err
		}
		total += compressed(content)
	}
	fmt.Printf("order page: %d bytes, %d compressed; with %d more files %d compressed\n", len(html), compressed(html), len(paths), total)
	return nil
}

func read(ctx context.Context, from string) ([]byte, error) {
	answer, err := ask(ctx, http.MethodGet, from, http.Header{}, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	content, err := io.ReadAll(answer.Body)
	return content, errors.Join(err, answer.Body.Close())
}

func compressed(content []byte) int {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(content)
	_ = z.Close()
	return packed.Len()
}
