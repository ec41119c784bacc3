package configreload

import (
	"context"
	"fmt"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/text"
)

// StatusName is the ConfigMap with the operator's status, FileName the ConfigMap with its configuration file.
const (
	StatusName = "wismo-status"
	FileName   = "wismo-config"
)

// Keys of the status.
const (
	StateKey    = "config"         // Current or Refused
	MessageKey  = "configMessage"  // why it was refused, or which settings take effect later
	LastGoodKey = "configLastGood" // the file in effect; an operator that finds an invalid file starts with it
	VersionKey  = "version"        // of the operator that leads
)

// States of the configuration.
const (
	Current = "Current"
	Refused = "Refused"
)

// maxNote is the bytes of an event's note.
const maxNote = 1000

// statusWriter reports in a ConfigMap and by events whether the configuration file is in effect.
type statusWriter struct {
	live      client.Reader
	client    client.Client
	recorder  events.EventRecorder
	namespace string
	version   string
}

// write updates the status, and sends an event if it changed. An error is only logged, because the configuration is in effect anyway.
func (t statusWriter) write(ctx context.Context, source *config.Source, later []string) {
	data := map[string]string{StateKey: Current, MessageKey: "", LastGoodKey: source.Text(), VersionKey: t.version}
	if err := source.Err(); err != nil {
		data[StateKey] = Refused
		data[MessageKey] = fmt.Sprintf("The configuration file was refused, and the previous configuration stays in effect. Fix config.yaml in the ConfigMap %s: %v", FileName, err)
	} else if len(later) > 0 {
		data[MessageKey] = "These settings take effect when the operator restarts (kubectl rollout restart deployment/wismo-manager): " + strings.Join(later, ", ")
	}
	before, err := t.writeConfigMap(ctx, data)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Failed to write the ConfigMap with the operator's status", "configMap", StatusName)
	}
	if before[StateKey] != data[StateKey] || before[MessageKey] != data[MessageKey] || before[LastGoodKey] != data[LastGoodKey] {
		t.event(ctx, data)
	}
}

// writeConfigMap writes the status, and returns the data that it had before.
func (t statusWriter) writeConfigMap(ctx context.Context, data map[string]string) (map[string]string, error) {
	status := &corev1.ConfigMap{}
	err := t.live.Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: StatusName}, status)
	if apierrors.IsNotFound(err) {
		status.ObjectMeta = metav1.ObjectMeta{
			Namespace: t.namespace, Name: StatusName, Labels: map[string]string{desired.ManagedByLabel: desired.ManagedBy},
		}
		status.Data = data
		return nil, t.client.Create(ctx, status)
	}
	if err != nil || maps.Equal(status.Data, data) {
		return status.Data, err
	}
	changed := status.DeepCopy()
	changed.Data = data
	return status.Data, t.client.Patch(ctx, changed, client.MergeFrom(status))
}

// event sends an event at the ConfigMap that people edit, if it exists.
func (t statusWriter) event(ctx context.Context, data map[string]string) {
	file := &metav1.PartialObjectMetadata{}
	file.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	if err := t.live.Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: FileName}, file); err != nil {
		return
	}
	kind, reason, note := corev1.EventTypeNormal, "ConfigurationAccepted", "The configuration is in effect"
	if data[StateKey] == Refused {
		kind, reason = corev1.EventTypeWarning, "ConfigurationRefused"
	}
	if data[MessageKey] != "" {
		note = data[MessageKey]
	}
	t.recorder.Eventf(file, nil, kind, reason, "Reload", "%s", text.Truncate(note, maxNote))
}

// LastGood returns the configuration that counted when an operator led last.
func LastGood(ctx context.Context, live client.Reader, namespace string) ([]byte, error) {
	status := &corev1.ConfigMap{}
	if err := live.Get(ctx, client.ObjectKey{Namespace: namespace, Name: StatusName}, status); err != nil {
		return nil, fmt.Errorf("reading the ConfigMap %s: %w", StatusName, err)
	}
	return []byte(status.Data[LastGoodKey]), nil
}
