package suite

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"sync"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// log is everything that the operator has logged in this run.
var log = &transcript{}

type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *transcript) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

var _ io.Writer = log

func (l *transcript) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}

// leaks returns an error for every generated secret that can be read where it does not belong:
// in the log, in an event, in a status or in a ConfigMap.
func leaks() error {
	ctx := context.Background()
	secrets := &corev1.SecretList{}
	if err := Kube.List(ctx, secrets); err != nil {
		return err
	}
	places, err := readable(ctx)
	if err != nil {
		return err
	}
	whole := flag.Lookup("test.run") == nil || flag.Lookup("test.run").Value.String() == ""
	if whole && (len(places["the log"]) == 0 || len(secrets.Items) == 0) {
		return errors.New("nothing was logged, or no secret was made: that proves nothing")
	}
	var found []error
	for i := range secrets.Items {
		found = append(found, leaksOf(&secrets.Items[i], places)...)
	}
	return errors.Join(found...)
}

// readable returns all that people may read who may not read Secrets.
func readable(ctx context.Context) (map[string][]byte, error) {
	places := map[string][]byte{"the log": log.bytes()}
	for what, list := range map[string]client.ObjectList{
		"an event": &eventsv1.EventList{}, "a Shop": &v1alpha1.ShopList{}, "a CarrierIntegration": &v1alpha1.CarrierIntegrationList{},
		"a NotificationPolicy": &v1alpha1.NotificationPolicyList{}, "a ConfigMap": &corev1.ConfigMapList{},
	} {
		if err := Kube.List(ctx, list); err != nil {
			return nil, err
		}
		text, err := yaml.Marshal(list)
		if err != nil {
			return nil, err
		}
		places[what] = text
	}
	return places, nil
}

func leaksOf(secret *corev1.Secret, places map[string][]byte) (found []error) {
	for key, value := range secret.Data {
		if len(value) < 16 {
			continue // no key is so short
		}
		for place, text := range places {
			if bytes.Contains(text, value) || bytes.Contains(text, []byte(base64.StdEncoding.EncodeToString(value))) {
				found = append(found, fmt.Errorf("%s holds %s of the Secret %s/%s", place, key, secret.Namespace, secret.Name))
			}
		}
	}
	return found
}
