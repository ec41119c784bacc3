package configreload

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
			Name: "wismo_config_last_reload_successful", Help: "1 if the configuration file is in effect, 0 if it is not valid and the previous configuration stays in effect.",
		}),
		successTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "wismo_config_last_reload_success_timestamp_seconds", Help: "Unix time, in seconds, at which a configuration file last took effect.",
		}),
	}
}

func (m metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.successful, m.successTime}
}

func (m metrics) register(registry prometheus.Registerer) error {
	var errs []error
	for _, c := range m.all() {
		errs = append(errs, operatormetrics.Replace(registry, c))
	}
	return errors.Join(errs...)
}

// Collectors returns the metrics of a Reloader, for a list of their names.
func Collectors() []prometheus.Collector { return newMetrics().all() }
