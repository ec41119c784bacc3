package status

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// width is the column at which text is wrapped.
const width = 100

// printer writes text for the terminal.
type printer struct {
	bytes.Buffer
	paint cmdutil.Painter
	now   time.Time
}

func (p *printer) line(format string, args ...any) { _, _ = fmt.Fprintf(p, format+"\n", args...) }

func (p *printer) heading(text string) { p.line("\n%s", p.paint.Paint(cmdutil.Bold, text)) }

func (p *printer) table(rows [][]string) { _ = cmdutil.Table(p, rows) } // writing to a buffer cannot fail

// wrapped writes a text in indented lines of at most width.
func (p *printer) wrapped(indent, text string) {
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && strings.TrimSpace(line) != "" {
			p.line("%s", line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	if strings.TrimSpace(line) != "" {
		p.line("%s", line)
	}
}

// shop writes everything about one Shop.
func (p *printer) shop(s Shop) {
	p.line("%s  %s", p.paint.Paint(cmdutil.Bold, s.Namespace+"/"+s.Name), s.DisplayName)
	rows := [][]string{{"  Page", "https://" + s.Hostname}}
	if len(s.Aliases) > 0 {
		rows = append(rows, []string{"  Aliases", strings.Join(s.Aliases, ", ")})
	}
	rows = append(rows, []string{"  Activity", activityText(s)}, []string{"  Release", dash(s.Release)}, []string{"  Age", age(s.Created, p.now)})
	for _, c := range []struct {
		name  string
		state State
	}{{"Ready", s.Ready}, {"Operational", s.Operational}, {"Released", s.Released}} {
		if c.state.Reason != "" || c.name == "Ready" {
			rows = append(rows, []string{"  " + c.name, stateText(c.state)})
		}
	}
	if s.Inactive != nil {
		rows = append(rows, []string{"  Inactive", "fields without effect, listed below"})
	}
	p.table(rows)
	p.steps(s.Next)
	p.inactive(s.Inactive)
	p.endpoints(s)
	p.carriers(s.Carriers)
	p.dns(s.DNS)
}

func stateText(s State) string {
	if s.Reason == "" || s.Status == string(metav1.ConditionTrue) {
		return s.Status
	}
	return s.Status + " (" + s.Reason + ")"
}

func (p *printer) steps(all []Step) {
	if len(all) == 0 {
		p.heading("Nothing to do")
		return
	}
	for _, part := range []struct {
		need  Need
		title string
	}{{NeedsAction, "What to do next"}, {NeedsTime, "Waiting for"}} {
		n := 0
		for _, s := range all {
			if s.Need != part.need {
				continue
			}
			if n++; n == 1 {
				p.heading(part.title)
			}
			p.step(n, s)
		}
	}
}

func (p *printer) step(n int, s Step) {
	colour := cmdutil.Red
	if s.Need == NeedsTime {
		colour = cmdutil.Yellow
	}
	p.line("  %d. %s: %s %s", n, s.Object, s.Condition, p.paint.Paint(colour, s.Reason))
	words, command := commandIn(s.Message)
	p.wrapped("     ", words)
	if command != "" {
		p.line("     %s", command)
	}
	if s.Next != "" {
		p.wrapped("     ", "-> "+s.Next)
	}
}

// commandIn splits a message from the shell command at its end, which must not be wrapped.
func commandIn(message string) (words, command string) {
	const before = " with: "
	if at := strings.Index(message, before); at >= 0 && strings.Contains(message[at:], "$(") {
		return message[:at+len(before)], message[at+len(before):]
	}
	return message, ""
}

func (p *printer) inactive(s *State) {
	if s == nil {
		return
	}
	p.heading("Fields without effect")
	p.wrapped("  ", s.Message)
}

func (p *printer) endpoints(s Shop) {
	rows := [][]string{{"  SOURCE", "URL"}}
	for _, e := range s.Endpoints {
		rows = append(rows, []string{"  " + string(e.Name), address(s.Namespace, e)})
	}
	for _, c := range s.Carriers {
		for _, e := range c.Endpoints {
			rows = append(rows, []string{"  " + string(e.Name), address(s.Namespace, e)})
		}
	}
	if len(rows) > 1 {
		p.heading("Endpoints, for shop systems and carriers")
		p.table(rows)
	}
}

// address returns the URL of an endpoint or, where that is secret, the command that reads it.
func address(namespace string, e v1alpha1.Endpoint) string {
	if e.URLSecretName == "" {
		return string(e.URL)
	}
	return fmt.Sprintf("kubectl get secret %s -n %s -o go-template='{{.data.url|base64decode}}'", e.URLSecretName, namespace)
}

func (p *printer) carriers(all []Carrier) {
	if len(all) == 0 {
		return
	}
	rows := [][]string{{"  NAME", "DEFINITION", "INTAKE", "READY", "OPERATIONAL", "REASON"}}
	for _, c := range all {
		rows = append(rows, []string{"  " + c.Name, c.Definition, c.Intake, c.Ready.Status, c.Operational.Status, dash(reason(c.Ready, c.Operational))})
	}
	p.heading("Carriers")
	p.table(rows)
}

// reason returns the reason of the first state that is not True.
func reason(states ...State) string {
	for _, s := range states {
		if s.Status != string(metav1.ConditionTrue) {
			return s.Reason
		}
	}
	return ""
}

func (p *printer) dns(records []v1alpha1.DNSRecord) {
	if len(records) == 0 {
		return
	}
	rows := [][]string{{"  TYPE", "NAME", "VALUE", "STATE"}}
	for _, r := range records {
		rows = append(rows, []string{"  " + string(r.Type), r.Name, r.Value, string(r.State)})
	}
	p.heading("DNS records")
	p.table(rows)
}

// fleet writes the counts, then the Shops with something to do, and all others if wide.
func (p *printer) fleet(f Fleet, wide bool) {
	s := f.Summary
	p.line("%s: %d ready, %d operational, %d stalled, %s", cmdutil.Count(s.Shops, "Shop"), s.Ready, s.Operational, s.Stalled, p.toDoText(s.NeedHands))
	if releases := counts(s.Releases); releases != "" {
		p.line("Releases: %s", releases)
	}
	p.part(f, NeedsAction, "To act on", true)
	p.part(f, NeedsTime, "Waiting", wide)
	p.part(f, NeedsNone, "Healthy", wide)
	if hidden := s.Shops - s.NeedHands; hidden > 0 && !wide {
		p.line("\n%s with nothing to do. To list them: kubectl wismo status -o wide", cmdutil.Count(hidden, "more Shop"))
	}
	if s.NeedHands > 0 {
		p.line("\nTo see every step for one Shop: kubectl wismo status NAME -n NAMESPACE")
	}
}

// toDoText returns how many Shops a person has to act on, in words and colour.
func (p *printer) toDoText(count int) string {
	if count == 0 {
		return p.paint.Paint(cmdutil.Green, "nothing to do")
	}
	return p.paint.Paint(cmdutil.Red, strconv.Itoa(count)+" to act on")
}

func (p *printer) part(f Fleet, need Need, title string, show bool) {
	rows := [][]string{{"  NAMESPACE", "NAME", "HOST", "ACTIVITY", "READY", "OPERATIONAL", "REASON", "RELEASE", "AGE"}}
	for _, s := range f.Shops {
		if s.Need != need {
			continue
		}
		why := "-"
		if len(s.Next) > 0 {
			why = s.Next[0].Reason
		}
		rows = append(rows, []string{"  " + s.Namespace, s.Name, s.Hostname, activityText(s), s.Ready.Status, s.Operational.Status, why, dash(s.Release), age(s.Created, p.now)})
	}
	if !show || len(rows) == 1 {
		return
	}
	p.heading(fmt.Sprintf("%s (%d)", title, len(rows)-1))
	p.table(rows)
}

func counts(by map[string]int) string {
	var parts []string
	for name, n := range by {
		parts = append(parts, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// activityText returns the activity in force, and what is asked for where that differs.
func activityText(s Shop) string {
	if s.Activity == s.Wanted {
		return s.Activity
	}
	return fmt.Sprintf("%s (%s requested)", dash(s.Activity), s.Wanted)
}
