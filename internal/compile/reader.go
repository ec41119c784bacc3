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

// fit returns the Document that the workloads of the release can read. The check functions of inactiveFields report what the
// objects ask for and the workloads do not support; fit reports what no object asks for, such as the release's own policy.
func (c *compiler) fit(doc *bundle.Document) *bundle.Document {
	f := c.inactiveFieldsOf(ShopObject)
	f.checkShop(&c.shop.Spec)
	c.collect(f)
	fitted, lost := bundle.Fit(doc, c.reader)
	for _, e := range lost {
		if e.Loss == bundle.Required && !c.in.Returning && !c.asksForLater() {
			c.problems = append(c.problems, Problem{Object: ShopObject, Path: "spec", Message: fmt.Sprintf("the bundle has %s: %s", e.Path, unsupportedByRelease), Later: true})
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
