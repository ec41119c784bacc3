package config

// Exposure is how Shops are reached.
type Exposure struct {
	// IngressClassName of Ingresses; empty = the default class of the cluster.
	IngressClassName string `json:"ingressClassName"`
}

func (e Exposure) validate(*problems) {}
