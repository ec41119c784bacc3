package reload

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	operatormetrics "github.com/wismo-dev/wismo/internal/operator/metrics"
)

type metrics struct {
	successful  prometheus.Gauge
	successTime prometheus.Gauge
}

func newMetrics() metrics {
	return metrics{
		successful: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "wismo_config_last_reload_successful", Help: "1 if the configuration file that is there now counts, 0 if it was refused and the one before holds on.",
		}),
		successTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "wismo_config_last_reload_success_timestamp_seconds", Help: "When a configuration file was taken last.",
		}),
	}
}

func (m metrics) register(registry prometheus.Registerer) error {
	return errors.Join(operatormetrics.Replace(registry, m.successful), operatormetrics.Replace(registry, m.successTime))
}
