package audit

import (
	"bufio"
	"errors"
	"slices"
	"strings"
	"testing"
)

const (
	patched = `{"verb":"patch","user":{"username":"manager"},"objectRef":{"resource":"deployments","namespace":"a","name":"a-page","subresource":"status"},` +
		`"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-03-02T08:00:00.250000Z","responseObject":{"kind":"Deployment"}}` + "\n"
	created = `{"verb":"create","user":{"username":"manager"},"objectRef":{"resource":"services","namespace":"b","name":"b-page"},` +
		`"responseStatus":{"code":201},"requestReceivedTimestamp":"2026-03-02T08:00:01Z"}` + "\n"
	byAnother = `{"verb":"create","user":{"username":"kubelet"},"objectRef":{"resource":"events"}}` + "\n"
	halfALine = `{"verb":"create","user":{"username":"manager"},"objec`
)

// read returns what is said of each write, and the error at the end.
func read(log, word string) (said []string, err error) {
	for w, err := range Writes(strings.NewReader(log), word) {
		if err != nil {
			return said, err
		}
		said = append(said, w.String()+string(w.ResponseObject))
	}
	return said, nil
}

func TestTheWritesThatHoldTheWordAreReadInTheirOrder(t *testing.T) {
	said, err := read(patched+byAnother+created+halfALine, "manager")
	want := []string{
		`08:00:00.250 patch deployments/a/a-page status{"kind":"Deployment"}`,
		`08:00:01.000 create services/b/b-page `,
	}
	if err != nil || !slices.Equal(said, want) {
		t.Errorf("%q: %v", said, err)
	}
}

func TestALineThatIsTooLongIsNotPassedOverInSilence(t *testing.T) {
	said, err := read(patched+strings.Repeat("x", maxLine+1)+"\n"+created, "manager")
	if len(said) != 1 || !errors.Is(err, bufio.ErrTooLong) {
		t.Errorf("%q: %v", said, err)
	}
}

func TestWhoHasSeenEnoughMayStop(t *testing.T) {
	seen := 0
	for _, err := range Writes(strings.NewReader(patched+created), "manager") {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		break
	}
	if seen != 1 {
		t.Errorf("%d writes", seen)
	}
}
