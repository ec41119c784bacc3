package notifier

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// scrapeTimeout bounds the database queries of one scrape.
const scrapeTimeout = 5 * time.Second

// queues publishes what the report counts, and how old the waiting work is: the operator reads states, Prometheus
// reads numbers. Its labels are names from the configuration, never data of an order.
type queues struct{ n *Notifier }

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	receiptsWaiting     = gauge("wismo_inbox_receipts_waiting", "Received webhooks that wait to be processed.")
	receiptsQuarantined = gauge("wismo_inbox_receipts_quarantined", "Received webhooks that could not be read with the definition of their source. They are kept and can be replayed.")
	oldestReceipt       = gauge("wismo_inbox_oldest_receipt_age_seconds", "Age of the oldest received webhook that waits to be processed, in seconds; 0 = none waits.")
	messagesWaiting     = gauge("wismo_messages_waiting", "Messages that wait for their time or for the mail server.")
	messagesFailed      = gauge("wismo_messages_failed", "Messages that were not sent and will not be tried again.")
	messageOverdue      = gauge("wismo_messages_overdue_seconds", "How long the most overdue message has been due, in seconds; 0 = none is overdue.")
	sourceReceived      = gauge("wismo_source_last_received_timestamp_seconds", "Unix time at which the last webhook of the source was received, in seconds.", "source")
	sourceUnmapped      = gauge("wismo_source_unmapped_codes", "Codes of the source that its definition does not map; at most 20 are counted.", "source")
	senderState         = gauge("wismo_sender_accepted", "1 if the mail server last accepted the sender, 0 if it refused or could not be reached; absent before the first attempt.")
)

// Describe implements prometheus.Collector.
func (q queues) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		receiptsWaiting, receiptsQuarantined, oldestReceipt, messagesWaiting, messagesFailed, messageOverdue,
		sourceReceived, sourceUnmapped, senderState,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (q queues) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	counts, err := q.n.Store.Counts(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(receiptsWaiting, err)
		return
	}
	ages, err := q.n.Store.Ages(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(oldestReceipt, err)
		return
	}
	now := q.n.Now()
	send := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	send(receiptsWaiting, float64(counts.Inbox.Waiting))
	send(receiptsQuarantined, float64(counts.Inbox.Quarantined))
	send(oldestReceipt, since(ages.Receipt, now))
	send(messagesWaiting, float64(counts.Messages.Waiting))
	send(messagesFailed, float64(counts.Messages.Failed))
	send(messageOverdue, since(ages.Message, now))
	for _, s := range counts.Sources {
		send(sourceReceived, float64(s.LastReceived.Unix()), s.Name)
		send(sourceUnmapped, float64(len(s.UnmappedCodes)), s.Name)
	}
	switch q.n.sender.Load() {
	case bundle.SenderAccepted:
		send(senderState, 1)
	case bundle.SenderRefused, bundle.SenderUnreachable:
		send(senderState, 0)
	}
}

// since returns the time from then to now in seconds, and 0 if then is zero or in the future.
func since(then, now time.Time) float64 {
	if then.IsZero() || then.After(now) {
		return 0
	}
	return now.Sub(then).Seconds()
}
