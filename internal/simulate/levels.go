package simulate

import (
	"fmt"
	"slices"

	"github.com/wismo-dev/wismo/internal/simulate/check"
)

// Levels are the service levels of a run. Percentages are of 100.
type Levels struct {
	UntrueWords               int     `json:"untrueWords"`
	LateWithoutNotice         int     `json:"lateWithoutNotice"`
	SilentOrders              int     `json:"silentOrders"`
	RoutineInQuietHours       int     `json:"routineInQuietHours"`
	Doubles                   int     `json:"doubles"`
	KnowableNotSaidPercent    float64 `json:"knowableNotSaidPercent"`
	NeedlessLateNoticePercent float64 `json:"needlessLateNoticesPercent"`
	RoutinePerOrderMax        int     `json:"routinePerOrderMax"`
	RoutinePerOrderMedian     float64 `json:"routinePerOrderMedian"`
	MessagesPerOrderMax       int     `json:"messagesPerOrderMax"`
}

// Bars are the highest values that the levels may have.
var Bars = Levels{
	KnowableNotSaidPercent: 1, NeedlessLateNoticePercent: 2, RoutinePerOrderMax: 5, RoutinePerOrderMedian: 3, MessagesPerOrderMax: 8,
}

// Level is one level with its name.
type Level struct {
	Name  string
	Value float64
}

// List returns the levels with their names, in a fixed order.
func (l Levels) List() []Level {
	return []Level{
		{"untrueWords", float64(l.UntrueWords)},
		{"lateWithoutNotice", float64(l.LateWithoutNotice)},
		{"silentOrders", float64(l.SilentOrders)},
		{"routineInQuietHours", float64(l.RoutineInQuietHours)},
		{"doubles", float64(l.Doubles)},
		{"knowableNotSaidPercent", l.KnowableNotSaidPercent},
		{"needlessLateNoticesPercent", l.NeedlessLateNoticePercent},
		{"routinePerOrderMax", float64(l.RoutinePerOrderMax)},
		{"routinePerOrderMedian", l.RoutinePerOrderMedian},
		{"messagesPerOrderMax", float64(l.MessagesPerOrderMax)},
	}
}

// Broken returns a sentence for each level that is above its bar.
func (l Levels) Broken() []string {
	var broken []string
	bars := Bars.List()
	for i, have := range l.List() {
		if have.Value > bars[i].Value {
			broken = append(broken, fmt.Sprintf("%s is %s, at most %s is allowed", have.Name, Number(have.Value), Number(bars[i].Value)))
		}
	}
	return broken
}

// Number formats a value, without decimals if it is a whole number.
func Number(v float64) string {
	if v == float64(int64(v)) {
		return fmt.Sprintf("%d", int64(v))
	}
	return fmt.Sprintf("%.2f", v)
}

// count counts the messages that were sent for one order.
type count struct{ routine, all int }

// levels computes the levels from the findings and from the messages per order; orders without messages count too.
func levels(findings []check.Finding, tally check.Tally, perOrder []count) Levels {
	var l Levels
	for _, f := range findings {
		switch {
		case slices.Contains(check.Untrue, f.Kind):
			l.UntrueWords++
		case f.Kind == check.LateWithout:
			l.LateWithoutNotice++
		case f.Kind == check.SilentOrder:
			l.SilentOrders++
		case f.Kind == check.QuietHours:
			l.RoutineInQuietHours++
		case f.Kind == check.Double:
			l.Doubles++
		}
	}
	l.KnowableNotSaidPercent = percent(tally.Knowable-tally.Said, tally.Knowable)
	l.NeedlessLateNoticePercent = percent(tally.Needless, tally.LateNotices)
	routine := make([]int, 0, len(perOrder))
	for _, c := range perOrder {
		routine = append(routine, c.routine)
		l.RoutinePerOrderMax = max(l.RoutinePerOrderMax, c.routine)
		l.MessagesPerOrderMax = max(l.MessagesPerOrderMax, c.all)
	}
	l.RoutinePerOrderMedian = median(routine)
	return l
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

func median(values []int) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return float64(values[middle])
	}
	return float64(values[middle-1]+values[middle]) / 2
}
