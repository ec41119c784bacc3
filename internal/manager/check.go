package manager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/configreload"
)

// check checks whether an operator can run in the cluster: the configuration file is valid, the API server serves the three kinds, and a
// running operator leads with its configuration in effect. It uses the permissions of the caller, prints one line for each check, and
// writes nothing to the cluster.
func check(ctx context.Context, cluster *rest.Config, c command, out io.Writer) error {
	scheme, err := newScheme()
	if err != nil {
		return err
	}
	reader, err := client.New(cluster, client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("connecting to the API server: %w", err)
	}
	none := func() ([]byte, error) { return nil, errors.New("--check uses no earlier configuration") }
	_, configuration := config.Open(c.file, os.Getenv, none)
	var faults []error
	for _, one := range []struct {
		what string
		err  error
	}{
		{"the configuration is valid", configuration},
		{"Shops can be listed", canList(ctx, reader, &v1alpha1.ShopList{}, c.Watch)},
		{"CarrierIntegrations can be listed", canList(ctx, reader, &v1alpha1.CarrierIntegrationList{}, c.Watch)},
		{"NotificationPolicies can be listed", canList(ctx, reader, &v1alpha1.NotificationPolicyList{}, c.Watch)},
		{"an operator leads, and its configuration is in effect", checkLeader(ctx, reader, c.Namespace)},
	} {
		verdict := "ok  "
		if one.err != nil {
			verdict = "FAIL"
			faults = append(faults, fmt.Errorf("check failed: %s: %w", one.what, one.err))
		}
		_, _ = fmt.Fprintln(out, verdict, one.what)
	}
	return errors.Join(faults...)
}

// canList returns an error unless objects of the kind can be listed: in all namespaces, or in each of the given ones.
func canList(ctx context.Context, reader client.Reader, objects client.ObjectList, namespaces []string) error {
	if len(namespaces) == 0 {
		return reader.List(ctx, objects, client.Limit(1))
	}
	for _, namespace := range namespaces {
		if err := reader.List(ctx, objects, client.Limit(1), client.InNamespace(namespace)); err != nil {
			return err
		}
	}
	return nil
}

// checkLeader returns an error unless the leading operator has reported that its configuration is in effect.
func checkLeader(ctx context.Context, reader client.Reader, namespace string) error {
	status := &corev1.ConfigMap{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: configreload.StatusName}, status); err != nil {
		return fmt.Errorf("reading the ConfigMap with the status of the operator, which its leader creates: %w", err)
	}
	if status.Data[configreload.StateKey] != configreload.Current {
		return errors.New(status.Data[configreload.MessageKey])
	}
	return nil
}
