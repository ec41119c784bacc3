package inputs

import "github.com/wismo-dev/wismo/internal/compile"

// Refresh forgets content, so that the next look reads it again, whether somebody watches it or not.
func (g *Gatherer) Refresh(refs []compile.Ref) {
	for _, ref := range refs {
		g.memory.Remove(ref)
	}
}
