package notifier

import "github.com/prometheus/client_golang/prometheus"

// metrics count outcomes; no label holds anything of an order.
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
			Name: "wismo_receipts_processed_total", Help: "Receipts worked off, by source and outcome.",
		}, []string{"source", "outcome"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wismo_decisions_total", Help: "Decisions on telling a shopper, by when they were asked for and the rule that decided.",
		}, []string{"asked", "rule"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wismo_messages_total", Help: "Attempts at messages, by occasion and outcome.",
		}, []string{"occasion", "outcome"}),
		looks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wismo_order_looks_total", Help: "Orders that were looked at because time has passed, by outcome.",
		}, []string{"outcome"}),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wismo_message_delay_seconds", Help: "From learning of an occasion to the relay taking the message.",
			Buckets: []float64{0.1, 0.5, 1, 5, 30, 60, 300, 1800, 7200, 43200},
		}),
	}
	registry.MustRegister(m.receipts, m.decisions, m.messages, m.looks, m.delay)
	return m
}
