package config

// Links is what addresses look like.
type Links struct {
	// Scheme is https by default; http is for a cluster on a developer's machine.
	Scheme string `json:"scheme"`
	// Port is 0 for the scheme's own, by default.
	Port int `json:"port"`
}

func defaultLinks() Links { return Links{Scheme: "https"} }

func (l Links) validate(p *problems) {
	p.check(l.Scheme == "https" || l.Scheme == "http", "links.scheme %q must be https or http", l.Scheme)
	p.port("links.port", l.Port, 0)
}
