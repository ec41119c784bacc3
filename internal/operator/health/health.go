// Package health states the conditions that feed Operational, from the reports of the workloads. They depend on other
// parties. Without a report they are Unknown. The package requests no reports itself.
package health

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// View is what the conditions are read from.
type View struct {
	Shop        *v1alpha1.Shop
	Output      compile.Output
	Keys        []desired.KeyRecord
	Reports     []bundle.Report
	Unreachable string // why the Shop's pods cannot reach their mail server, whatever that does; "" = nothing is between
}

// Of says which sources a condition is about.
type Of func(source string) bool

// OfShop returns the Shop's own order sources and its mail sender.
func OfShop(source string) bool { return !strings.HasPrefix(source, compile.IntegrationPrefix) }

// OfIntegration returns the one source of a CarrierIntegration.
func OfIntegration(name string) Of {
	return func(source string) bool { return source == compile.IntegrationPrefix+name }
}

// noReport is the message of conditions without a report.
const noReport = "the pods have not answered a request for their report yet"

// unknownValue is the message where a pod reports a value that this operator does not know.
const unknownValue = "the pods run a later version than the operator and report a value that it does not know: upgrade the operator"

// Known reports whether the conditions were stated before, all of which are stated together. An operator that has just started
// has polled no pod yet; until it has, the conditions stay, or every restart would change them. A condition that an upgrade
// adds is stated with the first poll, and status leaves Operational as it was until then.
func Known(conditions []metav1.Condition) bool {
	c := meta.FindStatusCondition(conditions, v1alpha1.ConditionCredentialsAccepted)
	return c != nil && c.Reason != v1alpha1.ReasonNotYetObserved
}

// slow are reasons that end when an order arrives, which may take weeks.
var slow = []string{v1alpha1.ReasonWaitingForFirstOrder, v1alpha1.ReasonSilent}

// Reported returns the conditions of a Shop that are stated from the reports of its pods.
func Reported() []string {
	return []string{
		v1alpha1.ConditionCredentialsAccepted, v1alpha1.ConditionStorageReady, v1alpha1.ConditionSenderVerified, v1alpha1.ConditionOrdersFlowing,
	}
}

// Urgent reports whether a Shop's pods are worth polling often: a condition of Reported is not True, and not only because an
// order is still to come.
func Urgent(conditions []metav1.Condition) bool {
	return slices.ContainsFunc(Reported(), func(kind string) bool {
		c := meta.FindStatusCondition(conditions, kind)
		return c == nil || (c.Status != metav1.ConditionTrue && !slices.Contains(slow, c.Reason))
	})
}

// Credentials states CredentialsAccepted from the health of every file of every Secret.
func Credentials(w *status.Writer, v View, of Of) {
	if message := v.lostKey(of); message != "" {
		w.False(v1alpha1.ConditionCredentialsAccepted, v1alpha1.ReasonGeneratedSecretMissing, message)
		return
	}
	needed := slices.ContainsFunc(v.Output.Credentials, func(c compile.Credential) bool { return of(c.Directory) })
	for _, fault := range []struct {
		state  bundle.CredentialState
		reason string
		text   string
	}{
		{bundle.Missing, v1alpha1.ReasonSecretNotFound, "the Secret %s or its key %s does not exist"},
		{bundle.Malformed, v1alpha1.ReasonSecretMalformed, "the Secret %s has a key %s that is empty or too short"},
		{bundle.Rejected, v1alpha1.ReasonRefused, "the credentials in the Secret %s, key %s, were refused"},
	} {
		if secret, key, found := v.credential(of, fault.state); found {
			w.False(v1alpha1.ConditionCredentialsAccepted, fault.reason, fmt.Sprintf(fault.text, secret, key))
			return
		}
	}
	switch {
	case v.unsure(of):
		w.Unknown(v1alpha1.ConditionCredentialsAccepted, v1alpha1.ReasonUnknown, unknownValue)
	case !needed:
		w.True(v1alpha1.ConditionCredentialsAccepted, v1alpha1.ReasonNotNeeded, "no Secret is referenced")
	case !v.complete():
		w.Unknown(v1alpha1.ConditionCredentialsAccepted, v1alpha1.ReasonReportUnavailable, noReport)
	default:
		w.True(v1alpha1.ConditionCredentialsAccepted, v1alpha1.ReasonPresent, "every Secret is present, and none was refused")
	}
}

// credential returns the first file in this state: the Secret it comes from, and its key.
func (v View) credential(of Of, state bundle.CredentialState) (secret, key string, found bool) {
	var all []bundle.CredentialReport
	for _, report := range v.Reports {
		for _, c := range report.Credentials {
			if of(c.Source) && c.State == state && c.Number == 0 {
				all = append(all, c)
			}
		}
	}
	if len(all) == 0 {
		return "", "", false
	}
	first := slices.MinFunc(all, func(a, b bundle.CredentialReport) int {
		return strings.Compare(a.Source+"/"+a.Key, b.Source+"/"+b.Key)
	})
	return v.secretOf(first.Source), first.Key, true
}

// unsure reports whether a pod says something of a credential that this operator does not know.
func (v View) unsure(of Of) bool {
	return slices.ContainsFunc(v.Reports, func(r bundle.Report) bool {
		return slices.ContainsFunc(r.Credentials, func(c bundle.CredentialReport) bool {
			return c.State == bundle.UnknownCredential && of(strings.TrimPrefix(c.Source, bundle.HookKeys))
		})
	})
}

// secretOf returns the name of the Secret behind a source: the user's, or the generated one.
func (v View) secretOf(source string) string {
	for _, c := range v.Output.Credentials {
		if c.Directory == source {
			return c.SecretName
		}
	}
	for _, k := range slices.Backward(v.Keys) { // the newest is to be used
		if k.Purpose == bundle.HookKeys+source {
			return k.Secret
		}
	}
	return "of the source " + source
}

// complete reports whether at least one pod of each workload was asked.
func (v View) complete() bool {
	return v.has(bundle.PageComponent) && v.has(bundle.NotifierComponent)
}

func (v View) has(component bundle.Component) bool {
	return slices.ContainsFunc(v.Reports, func(r bundle.Report) bool { return r.Component == component })
}

// Volume is the state of the PersistentVolumeClaim that holds the Shop's database.
type Volume struct {
	Pending  bool   // it is not provisioned yet
	Resizing bool   // it is becoming larger
	Refusal  string // why the API server refused a change; "" = it did not
	Deleted  string // that it is being deleted, and what to do; "" = it is not
}

// Storage sets StorageReady.
func Storage(w *status.Writer, v View, volume Volume) {
	says := func(h bundle.Health) bool {
		return slices.ContainsFunc(v.Reports, func(r bundle.Report) bool { return r.Storage == h })
	}
	switch {
	case volume.Deleted != "":
		w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonVolumeBeingDeleted, volume.Deleted)
	case says(bundle.Unhealthy):
		w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonStorageUnreachable, "a pod cannot use its database; see the log of the pod")
	case volume.Refusal != "":
		w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonVolumeChangeRefused, "the change of the volume was refused, and the volume stays as it is: "+volume.Refusal)
	case volume.Resizing:
		w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonVolumeResizing, "the volume is being expanded; the Shop keeps serving")
	case says(bundle.Full):
		w.False(v1alpha1.ConditionStorageReady, v1alpha1.ReasonStorageFull, "the volume is nearly full, and webhooks are refused when it is full: raise spec.storage.sqlite.size")
	case says(bundle.UnknownHealth):
		w.Unknown(v1alpha1.ConditionStorageReady, v1alpha1.ReasonUnknown, unknownValue)
	case v.complete():
		w.True(v1alpha1.ConditionStorageReady, v1alpha1.ReasonHealthy, "the database answers")
	case volume.Pending:
		w.Unknown(v1alpha1.ConditionStorageReady, v1alpha1.ReasonVolumePending, "the volume is not bound yet")
	default:
		w.Unknown(v1alpha1.ConditionStorageReady, v1alpha1.ReasonReportUnavailable, noReport)
	}
}

// Sender sets SenderVerified from the last answer of the mail server.
func Sender(w *status.Writer, v View) {
	email := v.Output.Document.Email
	kind := v1alpha1.ConditionSenderVerified
	server := fmt.Sprintf("the mail server %s:%d", email.Host, email.Port)
	switch state := v.sender(); {
	case email.FromAddress == "" || state == bundle.SenderNotConfigured:
		w.False(kind, v1alpha1.ReasonSenderNotConfigured, "neither the Shop nor the platform configures a mail server, so messages wait: set spec.senders.email, or houseRelay in the operator's configuration")
	case v.Unreachable != "":
		w.False(kind, v1alpha1.ReasonSenderUnreachable, server+" cannot be reached, so messages wait: "+v.Unreachable)
	case state == bundle.SenderRefused:
		w.False(kind, v1alpha1.ReasonSenderRefused, server+" does not let the Shop send from "+email.FromAddress+": check the credentials, and that the account may use this address")
	case state == bundle.SenderUnreachable:
		w.False(kind, v1alpha1.ReasonSenderUnreachable, server+" does not answer, so messages wait: check its host and port, and that it accepts connections from the cluster")
	case state == "":
		w.Unknown(kind, v1alpha1.ReasonReportUnavailable, noReport)
	case email.Type == bundle.House:
		w.True(kind, v1alpha1.ReasonHouseSender, "mails are sent from the platform's address")
	case state == bundle.SenderAccepted:
		w.True(kind, v1alpha1.ReasonVerified, server+" accepts mails from the Shop; SPF, DKIM and DMARC are not checked")
	default:
		w.Unknown(kind, v1alpha1.ReasonUnknown, "the notifier has not tried the mail server yet")
	}
}

// sender returns the worst state that a notifier reports; "" = no notifier has answered.
func (v View) sender() bundle.SenderState {
	for _, state := range []bundle.SenderState{
		bundle.SenderRefused, bundle.SenderUnreachable, bundle.SenderNotConfigured, bundle.SenderAccepted, bundle.SenderUnknown,
	} {
		if slices.ContainsFunc(v.Reports, func(r bundle.Report) bool { return r.Component == bundle.NotifierComponent && r.Sender == state }) {
			return state
		}
	}
	if v.has(bundle.NotifierComponent) {
		return bundle.SenderUnknown
	}
	return ""
}
