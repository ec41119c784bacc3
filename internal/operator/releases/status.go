package releases

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/text"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// StatusName is the ConfigMap with the state of the latest release.
const StatusName = "wismo-release"

// Its keys, besides counts of Shops.
const (
	StateKey     = "state"     // a rollout.State
	ReleaseKey   = "release"   // the latest
	WaveKey      = "wave"      // the current one; empty = none
	PausedKey    = "paused"    // a rollout.Pause, as of the decision
	WaveShopsKey = "waveShops" // namespace/name of the Shops of the current wave, if its size is limited to a few
	HighestKey   = "highest"   // the release with the highest number ever used
	GateKey      = "gate"      // GateOpen or GateClosed
	ProblemsKey  = "problems"  // one a line: problems in the library, and annotations that cannot be read
)

// States of the gate.
const (
	GateOpen   = "Open"
	GateClosed = "Closed" // invalid content of the library is kept out of releases
)

const (
	countsEvery  = 5 * time.Second  // the least interval of writes if only counts changed
	rereadEvery  = 10 * time.Minute // because another client may have edited or deleted the ConfigMap
	maxProblems  = 20               // lines
	maxLine      = 300              // bytes
	maxWaveShops = 10
	maxNote      = 1000 // bytes of an event's note
)

// Decision is what StatusWriter reports.
type Decision struct {
	Inventory       Inventory
	Output          rollout.Output
	Policy          rollout.Policy
	LibraryProblems []LibraryProblem
	Problems        []string // others
	Now             time.Time
}

// StatusWriter reports the state of the latest release in a ConfigMap and by events. It is for one goroutine.
type StatusWriter struct {
	Client    client.Client
	Live      client.Reader
	Recorder  events.EventRecorder
	Namespace string

	written   map[string]string // data of the ConfigMap; nil = not read yet
	writtenAt time.Time         // when it was written
	readAt    time.Time         // when it was read
	reported  map[string]bool   // problems for which an event was sent
}

// Write writes the status and sends events for what changed. It returns after how long it has to be called again to
// write counts that it left out; 0 = not needed.
func (t *StatusWriter) Write(ctx context.Context, decision Decision) (after time.Duration, err error) {
	if t.written == nil || decision.Now.Sub(t.readAt) >= rereadEvery {
		if t.written, err = t.read(ctx); err != nil {
			return 0, err
		}
		t.readAt = decision.Now
	}
	now := statusOf(decision)
	now[HighestKey] = higher(t.written[HighestKey], decision.Output.Latest)
	t.recordLibraryProblems(ctx, decision)
	if maps.Equal(t.written, now) {
		return 0, nil
	}
	if wait := t.writtenAt.Add(countsEvery).Sub(decision.Now); wait > 0 && onlyCounts(t.written, now) {
		return wait, nil
	}
	before := t.written
	if err := t.writeConfigMap(ctx, now); err != nil {
		return 0, err
	}
	t.written, t.writtenAt = now, decision.Now
	t.recordChange(ctx, decision, before, now)
	return 0, nil
}

// Highest returns the release with the highest number that was ever in the status; empty = none.
func (t *StatusWriter) Highest(ctx context.Context) (string, error) {
	if t.written == nil {
		written, err := t.read(ctx)
		return written[HighestKey], err
	}
	return t.written[HighestKey], nil
}

// higher returns the one of two releases with the higher number.
func higher(a, b string) string {
	one, _ := release.Number(a)
	other, _ := release.Number(b)
	if one > other {
		return a
	}
	return b
}

func statusOf(decision Decision) map[string]string {
	out, c := decision.Output, decision.Output.Counts
	lines := slices.Clone(decision.Problems)
	for _, f := range decision.LibraryProblems {
		lines = append(lines, f.Error())
	}
	for i := range lines {
		lines[i] = text.Truncate(lines[i], maxLine)
	}
	if more := len(lines) - maxProblems; more > 0 {
		lines = append(lines[:maxProblems], fmt.Sprintf("and %d more", more))
	}
	gate := GateOpen
	if len(decision.LibraryProblems) > 0 {
		gate = GateClosed
	}
	paused := rollout.NotPaused
	if latest := decision.Inventory.Latest(); latest != nil {
		paused = latest.Release.Pause
	}
	return map[string]string{
		PausedKey: string(paused),
		StateKey:  string(out.State), ReleaseKey: out.Latest, WaveKey: out.Wave, GateKey: gate, ProblemsKey: strings.Join(lines, "\n"),
		WaveShopsKey: waveShops(decision),
		"total":      strconv.Itoa(c.Total), "upToDate": strconv.Itoa(c.UpToDate), "updating": strconv.Itoa(c.Updating),
		"waiting": strconv.Itoa(c.Waiting), "failed": strconv.Itoa(c.Failed), "skipped": strconv.Itoa(c.Skipped),
	}
}

// waveShops returns the Shops of the current wave, separated by commas, if its size is limited to a few.
func waveShops(decision Decision) string {
	i := slices.IndexFunc(decision.Policy.Waves, func(w rollout.Wave) bool { return w.Name == decision.Output.Wave })
	if i < 0 || decision.Policy.Waves[i].Size == 0 || decision.Policy.Waves[i].Size > maxWaveShops {
		return ""
	}
	var shops []string
	for id, step := range decision.Output.Steps {
		if step.Wave == decision.Output.Wave {
			shops = append(shops, id)
		}
	}
	slices.Sort(shops)
	return strings.Join(shops, ",")
}

// onlyCounts reports whether nothing but numbers differs.
func onlyCounts(a, b map[string]string) bool {
	for _, key := range []string{StateKey, ReleaseKey, WaveKey, PausedKey, WaveShopsKey, GateKey, ProblemsKey} {
		if a[key] != b[key] {
			return false
		}
	}
	return true
}

// read returns the data of the ConfigMap; empty if it does not exist.
func (t *StatusWriter) read(ctx context.Context) (map[string]string, error) {
	status := &corev1.ConfigMap{}
	err := t.Live.Get(ctx, client.ObjectKey{Namespace: t.Namespace, Name: StatusName}, status)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("reading the ConfigMap %s/%s: %w", t.Namespace, StatusName, err)
	}
	if status.Data == nil {
		return map[string]string{}, nil
	}
	return status.Data, nil
}

func (t *StatusWriter) writeConfigMap(ctx context.Context, data map[string]string) error {
	status := &corev1.ConfigMap{}
	err := t.Live.Get(ctx, client.ObjectKey{Namespace: t.Namespace, Name: StatusName}, status)
	switch {
	case apierrors.IsNotFound(err):
		status.ObjectMeta = metav1.ObjectMeta{
			Namespace: t.Namespace, Name: StatusName, Labels: map[string]string{desired.ManagedByLabel: desired.ManagedBy},
		}
		status.Data = data
		err = t.Client.Create(ctx, status)
	case err == nil:
		changed := status.DeepCopy()
		changed.Data = data
		err = t.Client.Patch(ctx, changed, client.MergeFrom(status))
	}
	if err != nil {
		return fmt.Errorf("writing the ConfigMap %s/%s: %w", t.Namespace, StatusName, err)
	}
	return nil
}

// recordChange logs each change of the release, and sends an event for it.
func (t *StatusWriter) recordChange(ctx context.Context, decision Decision, before, now map[string]string) {
	latest := decision.Inventory.Latest()
	if latest == nil {
		return
	}
	log := ctrl.LoggerFrom(ctx).WithValues("release", now[ReleaseKey])
	event := func(kind, reason, note string) {
		t.Recorder.Eventf(latest.Object, nil, kind, reason, "Release", "%s", text.Truncate(note, maxNote))
	}
	if before[ReleaseKey] != now[ReleaseKey] {
		log.Info("Created a release, which is now the latest", "previous", before[ReleaseKey])
		event(corev1.EventTypeNormal, v1alpha1.EventReleaseMade, "Became the latest release; the release before is "+cmp.Or(before[ReleaseKey], "none"))
	}
	sameWave := before[ReleaseKey] == now[ReleaseKey] && before[WaveKey] == now[WaveKey]
	if !sameWave && now[WaveKey] != "" && decision.Output.Progress.Halt == nil {
		log.Info("Started moving the Shops of a wave to the release", "wave", now[WaveKey], "shops", now[WaveShopsKey])
		event(corev1.EventTypeNormal, v1alpha1.EventWaveBegan, waveNote(now))
	}
	if known, ok := stateEvents[decision.Output.State]; ok && (!sameWave || before[StateKey] != now[StateKey]) {
		note := known.note + haltNote(decision.Output.Progress.Halt)
		log.Info("State of the release changed", "state", decision.Output.State, "previous", before[StateKey], "message", note)
		event(known.kind, known.reason, note)
	}
}

func waveNote(now map[string]string) string {
	note := "Wave " + now[WaveKey] + " began"
	if now[WaveShopsKey] != "" {
		note += " with " + now[WaveShopsKey]
	}
	return note
}

// haltNote returns why a release was halted, as the end of an event's note; "" = it was not.
func haltNote(h *rollout.Halt) string {
	switch {
	case h == nil:
		return ""
	case h.Reason == rollout.RollbackRequested:
		return "; the rollback was requested by an annotation"
	default:
		return "; more Shops failed in wave " + h.Wave + " than its maxFailures allows"
	}
}

type stateEvent struct{ kind, reason, note string }

// stateEvents are the states that are worth an event.
var stateEvents = map[rollout.State]stateEvent{
	rollout.StateWaitingForApproval: {corev1.EventTypeNormal, v1alpha1.EventReleaseWaits, "The wave waits for approval: kubectl wismo release approve"},
	rollout.StatePaused:             {corev1.EventTypeNormal, v1alpha1.EventReleasePaused, "Paused by an annotation; to go on: kubectl wismo release resume"},
	rollout.StateHalted:             {corev1.EventTypeWarning, v1alpha1.EventReleaseHalted, "Halted; Shops stay on the release that they run"},
	rollout.StateRollingBack:        {corev1.EventTypeWarning, v1alpha1.EventReleaseHalted, "Halted; Shops return to the last good release"},
	rollout.StateRolledBack:         {corev1.EventTypeWarning, v1alpha1.EventReleaseRolledBack, "Rolled back; Shops run the last good release"},
	rollout.StateUnusable:           {corev1.EventTypeWarning, v1alpha1.EventReleaseCannotRun, "This version of the operator cannot render the release; no Shop moves"},
	rollout.StateSucceeded:          {corev1.EventTypeNormal, v1alpha1.EventReleaseSucceeded, "Succeeded; all waves are complete"},
}

// recordLibraryProblems logs each new problem in the library, and sends an event on its object.
func (t *StatusWriter) recordLibraryProblems(ctx context.Context, decision Decision) {
	now := map[string]bool{}
	for _, f := range decision.LibraryProblems {
		id := string(f.Item.Object.GetUID()) + f.Error()
		now[id] = true
		if !t.reported[id] && len(now) <= maxProblems {
			note := f.Error() + "; the previous content stays in use"
			ctrl.LoggerFrom(ctx).Info("Kept invalid content of the library out of releases; its previous content stays in use", "object", f.Item.Key, "problem", f.Error())
			t.Recorder.Eventf(f.Item.Object, nil, corev1.EventTypeWarning, v1alpha1.EventLibraryRefused, "Release", "%s", text.Truncate(note, maxNote))
		}
	}
	t.reported = now
}
