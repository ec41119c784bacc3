package compile

import (
	"fmt"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// earlier are the readers of the workloads that releases of earlier render versions have.
var earlier = map[int]int{1: 1}

// readerOf returns the reader of the workloads that a release of the render version has.
func readerOf(render int) int {
	if reader, ok := earlier[render]; ok {
		return reader
	}
	return bundle.Reader
}

// fit makes the Document one that the release's workloads can read. That they do not act on something was said where it was
// asked for; what was not, such as the release's own policy, is said here.
func (c *compiler) fit(doc *bundle.Document) *bundle.Document {
	f := c.fieldsOf(ShopObject)
	f.shop(&c.shop.Spec)
	c.keep(f)
	fitted, lost := bundle.Fit(doc, c.reader)
	for _, e := range lost {
		if e.Loss == bundle.Required && !c.in.Returning && !c.asksForLater() {
			c.problems = append(c.problems, Problem{Object: ShopObject, Path: "spec", Message: fmt.Sprintf("the bundle has %s: %s", e.Path, later), Later: true})
		}
	}
	return fitted
}

func (c *compiler) asksForLater() bool {
	for _, p := range c.problems {
		if p.Later {
			return true
		}
	}
	return false
}
