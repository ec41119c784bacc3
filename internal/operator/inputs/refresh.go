package inputs

import "github.com/wismo-dev/wismo/internal/compile"

// Refresh forgets content, so that the next reconciliation reads it again, with or without a watch.
func (g *Gatherer) Refresh(refs []compile.Ref) {
	for _, ref := range refs {
		g.memory.Remove(ref)
	}
}
