// Package inbox reads the mails that the demo's mailbox has received. It must not know about shops and clusters.
package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Mail is one received mail.
type Mail struct {
	ID       int                 `json:"id"`
	From     string              `json:"from"`
	To       []string            `json:"to"`
	Subject  string              `json:"subject"`
	Received time.Time           `json:"received"`
	Headers  map[string][]string `json:"headers"`
	Text     string              `json:"text"`
	HTML     string              `json:"html"`
	Types    []string            `json:"types"` // media types of the leaf parts, in order
}

// Header returns the first value of a header, "" when there is none.
func (m Mail) Header(name string) string {
	if values := m.Headers[textproto.CanonicalMIMEHeaderKey(name)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

var (
	orderPath = regexp.MustCompile(`https?://[^/\s"<>]+(/o/[A-Za-z0-9_-]+)`)
	urls      = regexp.MustCompile(`<(https?://[^>]+)>`)
)

// PagePath returns the path of the page that the mail links to, such as /o/<token>; "" when it links to none.
func (m Mail) PagePath() string {
	if found := orderPath.FindStringSubmatch(m.Text + m.HTML); found != nil {
		return found[1]
	}
	return ""
}

// UnsubscribePath returns the path and query of the https address in List-Unsubscribe; "" when there is none.
func (m Mail) UnsubscribePath() string {
	found := urls.FindStringSubmatch(m.Header("List-Unsubscribe"))
	if found == nil {
		return ""
	}
	_, rest, _ := strings.Cut(found[1], "://")
	i := strings.Index(rest, "/")
	if i < 0 {
		return ""
	}
	return rest[i:]
}

// Client reads one mailbox.
type Client struct {
	URL string // scheme, host and port, e.g. http://127.0.0.1:18025
}

// To returns the mails to one recipient, the oldest first.
func (c Client) To(ctx context.Context, recipient string) ([]Mail, error) {
	all, err := c.All(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(m Mail) bool { return !slices.Contains(m.To, recipient) }), nil
}

// All returns every mail that is kept, the oldest first.
func (c Client) All(ctx context.Context) ([]Mail, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/messages", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking the mailbox: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the mailbox answered %s", response.Status)
	}
	var mails []Mail
	if err := json.NewDecoder(response.Body).Decode(&mails); err != nil {
		return nil, fmt.Errorf("reading the mailbox: %w", err)
	}
	return mails, nil
}
