package release

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	kduration "k8s.io/apimachinery/pkg/util/duration"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// maxNamed is the largest number of Shops that a list shows without -o wide.
const maxNamed = 20

func (p *printer) line(format string, args ...any) { _, _ = fmt.Fprintf(p, format+"\n", args...) }

func (p *printer) table(rows [][]string) { _ = cmdutil.Table(p, rows) } // writing to a buffer cannot fail

// state colours a state by its urgency.
func (p *printer) state(text string) string {
	switch rollout.State(text) {
	case rollout.StateSucceeded:
		return p.paint.Paint(cmdutil.Green, text)
	case rollout.StateHalted, rollout.StateRollingBack, rollout.StateRolledBack, rollout.StateUnusable:
		return p.paint.Paint(cmdutil.Red, text)
	case rollout.StatePaused, rollout.StateWaitingForApproval:
		return p.paint.Paint(cmdutil.Yellow, text)
	default:
		return text
	}
}

// status writes the state of the latest release, then the next step.
func (p *printer) status(st Status, wide bool) {
	head := p.paint.Paint(cmdutil.Bold, st.Release) + "  " + p.state(st.State)
	if st.Wave != "" {
		head += "  wave " + st.Wave
	}
	if st.Few != "" {
		head += " (" + strings.ReplaceAll(st.Few, ",", ", ") + ")"
	}
	p.line("%s  (created %s ago)", head, kduration.HumanDuration(p.now.Sub(st.Created.Time)))
	p.line("%s", progress(st))
	p.line("Shops by release: %s", formatCounts(st.Running))
	if len(st.Waves) > 0 {
		p.line("")
		p.waves(st)
	}
	p.named("Failed", st.Shops, wide, v1alpha1.ReasonReleaseFailed)
	p.named("Moving", st.Shops, wide, v1alpha1.ReasonUpdating, v1alpha1.ReasonRollingBack)
	p.named("Not following the rollout", st.Shops, wide, v1alpha1.ReasonReleaseNotFound, v1alpha1.ReasonShopInvalid, v1alpha1.ReasonHeld, v1alpha1.ReasonPinned)
	if wide {
		p.named("Others", st.Shops, wide, v1alpha1.ReasonUpToDate, v1alpha1.ReasonBaking, v1alpha1.ReasonWaitingForWave, v1alpha1.ReasonWaitingForTurn,
			v1alpha1.ReasonWaitingForApproval, v1alpha1.ReasonPaused, v1alpha1.ReasonHalted, v1alpha1.ReasonRolledBack, v1alpha1.ReasonReleaseUnusable, v1alpha1.ReasonNotYetObserved)
	}
	if st.Problems != "" {
		p.line("\n%s", p.paint.Paint(cmdutil.Bold, "Problems"))
		for problem := range strings.SplitSeq(st.Problems, "\n") {
			p.line("  %s", problem)
		}
	}
	if next := advice(st); next != "" {
		p.line("\n-> %s", next)
	}
}

// progress returns the counts of all Shops as one line.
func progress(st Status) string {
	var all Wave
	for _, shop := range st.Shops {
		all.add(shop)
	}
	text := fmt.Sprintf("%d of %s up to date", all.UpToDate+all.Baking, cmdutil.Count(all.Shops, "Shop"))
	for _, part := range []struct {
		n    int
		what string
	}{{all.Baking, "of them baking"}, {all.Updating, "updating"}, {all.Waiting, "waiting"}, {all.Failed, "failed"}, {all.Back, "returned or returning"}, {all.Apart, "not following"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	return text
}

func (p *printer) waves(st Status) {
	rows := [][]string{{"WAVE", "SHOPS", "UP TO DATE", "BAKING", "UPDATING", "WAITING", "FAILED", "BACK", "NOT FOLLOWING", ""}}
	for _, w := range st.Waves {
		note := ""
		switch {
		case w.Over:
			note = "complete"
		case w.Name == st.Wave:
			note = "current"
		case slices.Contains(st.Approved, w.Name):
			note = "approved"
		}
		row := []string{w.Name}
		for _, n := range []int{w.Shops, w.UpToDate, w.Baking, w.Updating, w.Waiting, w.Failed, w.Back, w.Apart} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, append(row, note))
	}
	p.table(rows)
}

// named lists the Shops with one of the reasons.
func (p *printer) named(title string, all []Shop, wide bool, reasons ...string) {
	var rows [][]string
	for _, s := range all {
		if slices.Contains(reasons, s.Reason) {
			rows = append(rows, []string{"  " + s.Namespace + "/" + s.Name, dash(s.Wave), dash(s.Current), s.Reason, s.Message})
		}
	}
	if len(rows) == 0 {
		return
	}
	p.line("\n%s", p.paint.Paint(cmdutil.Bold, fmt.Sprintf("%s (%d)", title, len(rows))))
	shown := rows
	if !wide && len(rows) > maxNamed {
		shown = rows[:maxNamed]
	}
	p.table(shown)
	if hidden := len(rows) - len(shown); hidden > 0 {
		p.line("  and %d more; -o wide lists them", hidden)
	}
}

// advice returns the next step for the user.
func advice(st Status) string {
	const command = "kubectl wismo release "
	switch rollout.State(st.State) {
	case rollout.StateWaitingForApproval:
		return command + "approve " + st.Wave
	case rollout.StatePaused:
		return command + "resume"
	case rollout.StateHalted:
		return "fix what failed and change the library or the images, which creates a new release; or " + command + "retry, or " + command + "rollback"
	case rollout.StateRollingBack, rollout.StateRolledBack:
		return "fix what failed and change the library or the images, which creates a new release; or " + command + "retry"
	case rollout.StateUnusable:
		return "another version of the operator created this release: run that version, or change the library or the images, which creates a new release"
	default:
		return ""
	}
}

func (p *printer) history(entries []Entry) {
	rows := [][]string{{"RELEASE", "AGE", "STATE", "SHOPS", "CHANGED"}}
	for _, e := range entries {
		rows = append(rows, []string{e.Name, kduration.HumanDuration(p.now.Sub(e.Created.Time)), e.State, strconv.Itoa(e.Shops), dash(strings.Join(e.Changes, ", "))})
	}
	p.table(rows)
}

// formatCounts formats the counts by release, such as "rel-0041 3, rel-0042 7", sorted by name.
func formatCounts(by map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, by[name]))
	}
	return dash(strings.Join(parts, ", "))
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
