package observability

import (
	"errors"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

// Rule is one of a PrometheusRule: a recording rule, or an alert.
type Rule struct {
	Record      string            `json:"record"`
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for"` // a duration of Prometheus, such as 10m
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// Rules are all that the repository at the path ships.
func Rules(repository string) ([]Rule, error) {
	content, err := os.ReadFile(filepath.Join(repository, "config", "prometheus", "rules.yaml"))
	if err != nil {
		return nil, err
	}
	var object struct {
		Spec struct {
			Groups []struct {
				Rules []Rule `json:"rules"`
			} `json:"groups"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(content, &object); err != nil {
		return nil, err
	}
	var all []Rule
	for _, group := range object.Spec.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) == 0 {
		return nil, errors.New("there are no rules")
	}
	return all, nil
}
