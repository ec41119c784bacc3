package health

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
)

// Activity returns the activity in force: the loosest under which a notifier of the reports may send; "" = it is not known.
func Activity(output compile.Output, reports []bundle.Report) bundle.Activity {
	inForce := bundle.Activity("")
	for _, r := range reports {
		if r.Component == bundle.PageComponent {
			continue
		}
		now := activityOf(output, r)
		switch {
		case !slices.Contains(bundle.Activities(), now):
			return ""
		case inForce == "" || bundle.Stricter(inForce, now) == inForce:
			inForce = now
		}
	}
	return inForce
}

// activityOf returns the activity of one notifier. One of an earlier version reports none, and has that of its bundle.
func activityOf(output compile.Output, r bundle.Report) bundle.Activity {
	if r.Activity == "" && output.Document != nil && !output.Document.ActivityFile && r.BundleHash == output.Hash {
		return output.Document.Activity
	}
	return r.Activity
}
