package placement

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/lru"
	"github.com/wismo-dev/wismo/internal/operator/releases"
)

// compiler compiles Shops on releases, unless that was done before.
type compiler struct {
	gatherer *inputs.Gatherer

	assigned lru.Cache[types.NamespacedName, compiled] // on the release that a Shop is to run
	others   lru.Cache[types.NamespacedName, compiled] // on another one
}

// compiled is what the last input of a Shop compiled to, problems included: it is remembered, so that a look at its pods
// does not render every template again.
type compiled struct {
	fingerprint string
	output      compile.Output
}

// Bytes returns about what it weighs: what users bring can be large, the rest is not.
func (c compiled) Bytes() int {
	const itself = 6 << 10
	total := itself + len(c.output.Data)
	document := c.output.Document
	if document == nil {
		return total
	}
	if document.Theme.Logo != nil {
		total += len(document.Theme.Logo.Data)
	}
	for _, texts := range document.Texts {
		for key, text := range texts {
			total += len(key) + len(text)
		}
	}
	for _, block := range document.Blocks {
		total += len(block)
	}
	for _, source := range document.Sources {
		total += len(source.Document)
	}
	return total
}

// on compiles the Shop on a release.
func (c *compiler) on(ctx context.Context, s Situation, edition *releases.Edition) (inputs.Gathered, compile.Output, error) {
	gathered, err := c.gatherer.Shop(ctx, s.Shop, edition, s.Workloads.Now)
	if err != nil {
		return gathered, compile.Output{}, err
	}
	if s.returnsTo(edition.Name) {
		gathered.Input.Returning = true
		gathered.Fingerprint += "\nreturning"
	}
	memory := &c.assigned
	if edition.Name != s.Assignment.Step.Release {
		memory = &c.others
	}
	key := client.ObjectKeyFromObject(s.Shop)
	last, known := memory.Get(key)
	if !known || last.fingerprint != gathered.Fingerprint {
		last = compiled{gathered.Fingerprint, compile.Compile(gathered.Input)}
		memory.Add(key, last)
	}
	return gathered, last.output, nil
}

func (c *compiler) forget(shop types.NamespacedName) {
	c.assigned.Remove(shop)
	c.others.Remove(shop)
}
