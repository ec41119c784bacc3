package notifier_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/wismo-dev/wismo/internal/notifier"
)

func TestTheLogNamesNoShopperAndNoSecret(t *testing.T) {
	s := newShop(t)
	var log bytes.Buffer
	n := s.notifier(s.store, func(c *notifier.Config) {
		c.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	s.relay.refuse(550, smtp.EnhancedCode{5, 1, 1}) // with the address in its answer
	s.postOrder("2001")
	s.work(n)
	s.relay.refuse(451, smtp.EnhancedCode{4, 3, 0})
	s.postOrder("2002")
	s.work(n)
	s.post("api", `{"type": "order.upserted", "data": {"number": "2003", "customer": {"name": "Noor Jansen", "email": 7}}}`)
	s.post("carrier-easypost", `{"to": "noor@example.org", "address": "1015 CJ"`)
	s.post("api", event(t, "2002", "NoSuchStatus", s.now()))
	s.wait(time.Hour)
	s.work(n)
	if log.Len() == 0 {
		t.Fatal("nothing was logged, so nothing is proven")
	}
	for _, secret := range []string{"noor", "jansen", "1015", "amsterdam", strings.Repeat("k", 8)} {
		if i := strings.Index(strings.ToLower(log.String()), secret); i >= 0 {
			t.Errorf("the log holds %q: ...%.200s", secret, log.String()[max(0, i-100):])
		}
	}
}
