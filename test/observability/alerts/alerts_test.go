// Package alerts plays the shipped alerts through with Prometheus's own engine.
package alerts

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"

	"github.com/wismo-dev/wismo/test/observability"
)

// alertNamed returns an alert, with every recorded series in its expression written out.
func alertNamed(t *testing.T, name string) observability.Rule {
	t.Helper()
	rules, err := observability.Rules(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rules, func(r observability.Rule) bool { return r.Alert == name })
	if i < 0 {
		t.Fatalf("there is no alert %s", name)
	}
	alert := rules[i]
	for _, r := range rules {
		if r.Record != "" {
			alert.Expr = strings.ReplaceAll(alert.Expr, r.Record, "("+r.Expr+")")
		}
	}
	return alert
}

// fires reports whether the alert is firing an hour and a half after the series began: its expression holds for one and the
// same series in every minute of its `for`.
func fires(t *testing.T, name, series string) bool {
	t.Helper()
	alert := alertNamed(t, name)
	storage := promqltest.LoadedStorage(t, "load 1m\n"+series)
	t.Cleanup(func() { _ = storage.Close() })
	engine := promqltest.NewTestEngine(t, false, 5*time.Minute, promqltest.DefaultMaxSamplesPerQuery)
	period, err := model.ParseDuration(alert.For)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Unix(0, 0).Add(90 * time.Minute)
	evaluation, err := engine.NewRangeQuery(t.Context(), storage, nil, alert.Expr, end.Add(-time.Duration(period)), end, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer evaluation.Close()
	result := evaluation.Exec(t.Context())
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	matrix, ok := result.Value.(promql.Matrix)
	if !ok {
		t.Fatalf("%s is a %T", name, result.Value)
	}
	steps := int(time.Duration(period)/time.Minute) + 1
	for _, s := range matrix {
		if len(s.Floats) == steps {
			return true
		}
	}
	return false
}

func TestAlertsFireWhenTheyShouldAndAreSilentOtherwise(t *testing.T) {
	const (
		hundred = "  wismo_shops_by_condition{condition=\"Ready\",status=\"True\"} 94x120\n  wismo_shops_by_condition{condition=\"Ready\",status=\"False\"} 6x120\n"
		looks   = "  controller_runtime_reconcile_total{controller=\"shop\"} 0+60x120\n"
		answers = "  wismo_page_requests_total{namespace=\"linden\",code=\"200\"} 0+60x120\n"
		hooks   = "  wismo_receipts_total{namespace=\"linden\",definition=\"easypost\",outcome=\"Accepted\"} 0+6x120\n"
	)
	for _, c := range []struct {
		alert, when, series string
		want                bool
	}{
		{"WismoOperatorDown", "one of two leads", "  leader_election_master_status{name=\"wismo-manager\",pod=\"a\"} 1x120\n  leader_election_master_status{name=\"wismo-manager\",pod=\"b\"} 0x120\n", false},
		{"WismoOperatorDown", "another one takes over within minutes, as in an upgrade", "  leader_election_master_status{name=\"wismo-manager\",pod=\"a\"} 1x84 stale _x35\n  leader_election_master_status{name=\"wismo-manager\",pod=\"b\"} _x87 1x33\n", false},
		{"WismoOperatorDown", "all only wait", "  leader_election_master_status{name=\"wismo-manager\",pod=\"a\"} 0x120\n", true},
		{"WismoOperatorDown", "nothing is scraped", "  other 1x120\n", true},
		{"WismoReconcileErrors", "one look in ten fails", looks + "  controller_runtime_reconcile_errors_total{controller=\"shop\"} 0+6x120\n", false},
		{"WismoReconcileErrors", "every second look fails", looks + "  controller_runtime_reconcile_errors_total{controller=\"shop\"} 0+30x120\n", true},
		{"WismoReconcileBacklog", "it empties after a start", "  workqueue_depth{controller=\"shop\"} 1000-20x49 0x60\n", false},
		{"WismoReconcileBacklog", "it does not empty", "  workqueue_depth{controller=\"shop\"} 1000x120\n", true},
		{"WismoConfigurationRefused", "the file counts", "  wismo_config_last_reload_successful{pod=\"a\"} 1x120\n", false},
		{"WismoConfigurationRefused", "one replica refuses it", "  wismo_config_last_reload_successful{pod=\"a\"} 1x120\n  wismo_config_last_reload_successful{pod=\"b\"} 0x120\n", true},
		{"WismoReleaseHalted", "it is progressing", "  wismo_release_state{state=\"Progressing\"} 1x120\n  wismo_release_state{state=\"RolledBack\"} 0x120\n", false},
		{"WismoReleaseHalted", "it was taken back", "  wismo_release_state{state=\"Progressing\"} 0x120\n  wismo_release_state{state=\"RolledBack\"} 1x120\n", true},
		{"WismoReleaseStalled", "Shops arrive every ten minutes", "  wismo_release_wave_stalled_seconds 0+60x9 0+60x9 0+60x9 0x100\n", false},
		{"WismoReleaseStalled", "none arrives for an hour", "  wismo_release_wave_stalled_seconds 0+60x120\n", true},
		{"WismoReleaseGateClosed", "the library is right", "  wismo_release_gate_problems 0x120\n", false},
		{"WismoReleaseGateClosed", "a text is wrong", "  wismo_release_gate_problems 1x120\n", true},
		{"WismoShopUnavailable", "none", "  wismo_shops_by_condition{condition=\"WorkloadsAvailable\",status=\"True\"} 100x120\n", false},
		{"WismoShopUnavailable", "one rolls for ten minutes", "  wismo_shops_by_condition{condition=\"WorkloadsAvailable\",status=\"False\"} 0x80 1x10 0x30\n", false},
		{"WismoShopUnavailable", "one stays away", "  wismo_shops_by_condition{condition=\"WorkloadsAvailable\",status=\"False\"} 1x120\n", true},
		{"WismoManyShopsUnavailable", "5 of 100", hundred + "  wismo_shops_by_condition{condition=\"WorkloadsAvailable\",status=\"False\"} 5x120\n", false},
		{"WismoManyShopsUnavailable", "6 of 100", hundred + "  wismo_shops_by_condition{condition=\"WorkloadsAvailable\",status=\"False\"} 6x120\n", true},
		{"WismoShopStalled", "one", "  wismo_shops_by_condition{condition=\"Stalled\",status=\"True\"} 1x120\n", true},
		{"WismoShopStalled", "one for a short while", "  wismo_shops_by_condition{condition=\"Stalled\",status=\"True\"} 0x70 1x50\n", false},
		{"WismoShopNotOperational", "a new Shop waits for its first order", "  wismo_shops_by_fault{condition=\"Operational\",reason=\"WaitingForFirstOrder\"} 1x120\n", false},
		{"WismoShopNotOperational", "a credential is refused", "  wismo_shops_by_fault{condition=\"Operational\",reason=\"CredentialsRejected\"} 1x120\n", true},
		{"WismoCarrierDegraded", "a credential is refused", "  wismo_carrier_integrations_by_fault{condition=\"Operational\",reason=\"CredentialsRejected\"} 1x120\n", true},
		{"WismoFieldsInactive", "every Shop's fields are acted on", hundred, false},
		{"WismoFieldsInactive", "one Shop tries a field and removes it", "  wismo_shops_by_condition{condition=\"FieldsInactive\",status=\"True\"} 0x60 1x30 0x30\n", false},
		{"WismoFieldsInactive", "one Shop keeps a field", "  wismo_shops_by_condition{condition=\"FieldsInactive\",status=\"True\"} 1x120\n", true},
		{"WismoSecretRotationOverdue", "the operator was away for a while", "  wismo_key_rotation_overdue_seconds{signs=\"links\"} 0x30 0+60x50 0x40\n", false},
		{"WismoSecretRotationOverdue", "all are in time", "  wismo_key_rotation_overdue_seconds{signs=\"links\"} 0x120\n  wismo_key_rotation_overdue_seconds{signs=\"webhooks\"} 0x120\n", false},
		{"WismoSecretRotationOverdue", "one is not replaced", "  wismo_key_rotation_overdue_seconds{signs=\"links\"} 0x120\n  wismo_key_rotation_overdue_seconds{signs=\"webhooks\"} 0+60x120\n", true},
		{"WismoPageErrors", "shoppers mistype", answers + "  wismo_page_requests_total{namespace=\"linden\",code=\"404\"} 0+60x120\n", false},
		{"WismoPageErrors", "one answer in ten is an error", answers + "  wismo_page_requests_total{namespace=\"linden\",code=\"500\"} 0+6x120\n", true},
		{"WismoPageErrors", "no requests", "  wismo_page_requests_total{namespace=\"linden\",code=\"500\"} 7x120\n", false},
		{"WismoReceiptsWaiting", "they come and go", "  wismo_inbox_oldest_receipt_age_seconds{namespace=\"linden\"} 0x10 5x110\n", false},
		{"WismoReceiptsWaiting", "one stays", "  wismo_inbox_oldest_receipt_age_seconds{namespace=\"linden\"} 0+60x120\n", true},
		{"WismoNotificationBacklog", "none is overdue", "  wismo_messages_overdue_seconds{namespace=\"linden\"} 0x120\n", false},
		{"WismoNotificationBacklog", "one is", "  wismo_messages_overdue_seconds{namespace=\"linden\"} 0+60x120\n", true},
		{"WismoSenderRefused", "accepted", "  wismo_sender_accepted{namespace=\"linden\"} 1x120\n", false},
		{"WismoSenderRefused", "refused", "  wismo_sender_accepted{namespace=\"linden\"} 0x120\n", true},
		{"WismoWebhooksRejected", "a stranger knocks now and then", hooks + "  wismo_receipts_total{namespace=\"linden\",definition=\"easypost\",outcome=\"Unsigned\"} 0+1x120\n", false},
		{"WismoWebhooksRejected", "the secret differs", hooks + "  wismo_receipts_total{namespace=\"linden\",definition=\"easypost\",outcome=\"WrongSignature\"} 0+60x120\n", true},
		{"WismoUnmappedCodes", "one", "  wismo_source_unmapped_codes{namespace=\"linden\",source=\"api\"} 1x120\n", true},
		{"WismoUnmappedCodes", "none", "  wismo_source_unmapped_codes{namespace=\"linden\",source=\"api\"} 0x120\n", false},
	} {
		if got := fires(t, c.alert, c.series); got != c.want {
			t.Errorf("%s, %s: fires is %v", c.alert, c.when, got)
		}
	}
}
