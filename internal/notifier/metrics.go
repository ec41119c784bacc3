package notifier

import "github.com/prometheus/client_golang/prometheus"

// metrics counts outcomes; no label holds data of an order.
type metrics struct {
	receipts  *prometheus.CounterVec
	decisions *prometheus.CounterVec
	messages  *prometheus.CounterVec
	looks     *prometheus.CounterVec
	delay     prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer) metrics {
	m := metrics{
		receipts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wismo_receipts_processed_total", Help: "Received webhooks that the notifier has processed, by source and outcome. A webhook that is tried again counts again.",
		}, []string{"source", "outcome"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wismo_decisions_total", Help: "Decisions whether to send a message to a shopper, by when they were made (Queue: when the news was found, Send: before sending) and by the rule that decided.",
		}, []string{"asked", "rule"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wismo_messages_total", Help: "Attempts to send a message, by occasion and outcome.",
		}, []string{"occasion", "outcome"}),
		looks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wismo_order_looks_total", Help: "Orders that were evaluated again because time has passed and not because a webhook came, by outcome.",
		}, []string{"outcome"}),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wismo_message_delay_seconds", Help: "Time from receiving the webhook that caused a message until the mail server accepted the message, in seconds.",
			Buckets: []float64{0.1, 0.5, 1, 5, 30, 60, 300, 1800, 7200, 43200},
		}),
	}
	registry.MustRegister(m.receipts, m.decisions, m.messages, m.looks, m.delay)
	return m
}
