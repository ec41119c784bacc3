package simulate

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/simulate/check"
)

func TestALevelAboveItsBarIsNamed(t *testing.T) {
	within := Levels{KnowableNotSaidPercent: 1, NeedlessLateNoticePercent: 2, RoutinePerOrderMax: 5, RoutinePerOrderMedian: 3, MessagesPerOrderMax: 8}
	if broken := within.Broken(); len(broken) > 0 {
		t.Error(broken)
	}
	above := Levels{1, 1, 1, 1, 1, 1.01, 2.5, 6, 3.5, 9}
	if broken := above.Broken(); len(broken) != len(above.List()) {
		t.Errorf("%d of %d levels are broken: %q", len(broken), len(above.List()), broken)
	}
}

func TestLevelsCountOrdersWithoutMessages(t *testing.T) {
	l := levels([]check.Finding{{Kind: check.UntrueDay}, {Kind: check.WrongSubject}, {Kind: check.Double}},
		check.Tally{Knowable: 200, Said: 199, LateNotices: 4, Needless: 1}, []count{{2, 3}, {0, 0}, {0, 1}, {4, 9}})
	want := Levels{UntrueWords: 2, Doubles: 1, KnowableNotSaidPercent: 0.5, NeedlessLateNoticePercent: 25, RoutinePerOrderMax: 4, RoutinePerOrderMedian: 1, MessagesPerOrderMax: 9}
	if l != want {
		t.Errorf("got %+v, want %+v", l, want)
	}
}
