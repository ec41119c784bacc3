package health

import (
	"fmt"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// flow is what the pods report of some sources together.
type flow struct {
	received    bool
	quarantined bool
	unmapped    bool
	unsure      bool                 // a pod says a word that this operator does not know
	rejected    *bundle.SourceReport // the first by name whose signatures are refused; nil = none
	silent      *bundle.SourceReport // and the first from which nothing comes any more
}

func (v View) flow(of Of) flow {
	var f flow
	for _, report := range v.Reports {
		for _, s := range report.Sources {
			if !of(s.Name) {
				continue
			}
			f.received = f.received || s.LastReceived != nil
			f.quarantined = f.quarantined || s.Quarantined > 0
			f.unmapped = f.unmapped || len(s.UnmappedCodes) > 0
			switch s.Flow {
			case bundle.SignaturesRejected:
				f.rejected = firstOf(f.rejected, s)
			case bundle.Silent:
				f.silent = firstOf(f.silent, s)
			case bundle.UnknownFlow:
				f.unsure = true
			default: // nothing is wrong
			}
		}
	}
	return f
}

// firstOf returns the one whose name comes first, so that the order of pods changes no message.
func firstOf(known *bundle.SourceReport, s bundle.SourceReport) *bundle.SourceReport {
	if known != nil && known.Name <= s.Name {
		return known
	}
	return &s
}

func rejected(s *bundle.SourceReport) string {
	message := "every webhook for the source " + name(s) + " is refused, because it is not signed with the secret of the source"
	if s.LastReceived != nil {
		message += "; the last correctly signed one arrived at " + s.LastReceived.UTC().Format(time.RFC3339)
	}
	return message
}

func silent(s *bundle.SourceReport) string {
	switch {
	case s.LastReceived != nil:
		return "nothing has arrived from the source " + name(s) + " since " + s.LastReceived.UTC().Format(time.RFC3339) + ", which is longer than usual"
	case s.ExpectedSince != nil:
		return "nothing has ever arrived from the source " + name(s) + ", whose endpoint was created at " + s.ExpectedSince.UTC().Format(time.RFC3339)
	default:
		return "nothing has ever arrived from the source " + name(s)
	}
}

// name returns what its own object calls the source.
func name(s *bundle.SourceReport) string {
	return strings.TrimPrefix(s.Name, compile.IntegrationPrefix)
}

// problem states what keeps orders or events from flowing, or that none are expected; false = there is nothing of the kind. unpolled
// is a source that would have to be polled; "" = there is none.
func (v View) problem(w *status.Writer, kind string, f flow, unpolled string) bool {
	switch {
	case compile.ActivityOf(v.Shop).Activity == bundle.Suspended:
		w.True(kind, v1alpha1.ReasonSuspended, "the Shop is suspended, so no orders or events are expected")
	case unpolled != "":
		w.False(kind, v1alpha1.ReasonNotPolled, "intake.mode of the source "+unpolled+" is Poll, and this version polls no provider: nothing arrives from it")
	case f.rejected != nil:
		w.False(kind, v1alpha1.ReasonSignaturesRejected, rejected(f.rejected))
	case f.quarantined:
		w.False(kind, v1alpha1.ReasonPayloadsQuarantined, "payloads arrived that the definition cannot map; they are quarantined, and /report of the notifier lists them")
	case f.silent != nil:
		message := silent(f.silent)
		if f.silent.LastReceived == nil && f.silent.Name == v1alpha1.SourceAPI {
			message += "; send the first one with: " + v.firstOrder()
		}
		w.False(kind, v1alpha1.ReasonSilent, message)
	case f.unsure:
		w.Unknown(kind, v1alpha1.ReasonUnknown, unknownValue)
	default:
		return false
	}
	return true
}

// Orders states OrdersFlowing. Before the first order the message is the line that sends one.
func Orders(w *status.Writer, v View) {
	kind := v1alpha1.ConditionOrdersFlowing
	f := v.flow(OfShop)
	switch {
	case v.problem(w, kind, f, unpolledSource(v.Shop)):
	case f.received && v.has(bundle.PageComponent):
		w.True(kind, v1alpha1.ReasonFlowing, "orders arrive")
	case !v.complete():
		w.Unknown(kind, v1alpha1.ReasonReportUnavailable, noReport)
	default:
		w.Unknown(kind, v1alpha1.ReasonWaitingForFirstOrder, "no order has arrived yet; send the first one with: "+v.firstOrder())
	}
}

// unpolledSource returns the first order source that does nothing but poll; "" = there is none.
func unpolledSource(shop *v1alpha1.Shop) string {
	if shop.Spec.Orders == nil {
		return ""
	}
	for _, s := range shop.Spec.Orders.Sources {
		if s.Intake.Mode == v1alpha1.IntakePoll {
			return string(s.Name)
		}
	}
	return ""
}

// firstOrder returns a line for a shell with kubectl, openssl and curl, signed as Standard Webhooks describes:
// HMAC-SHA256 over "<id>.<time>.<body>" with the bytes behind "whsec_".
func (v View) firstOrder() string {
	body := `{"type":"order.upserted","data":{"number":"1001","phase":"Preparing","customer":{"name":"Kim","email":"kim@example.com"},` +
		`"destination":{"postcode":"1011AB","city":"Example","country":"` + string(v.Shop.Spec.HomeCountry) + `"},` +
		`"items":[{"name":"A first item","quantity":1}],"parcels":[]}}`
	return strings.Join([]string{
		fmt.Sprintf(`KEY=$(kubectl get secret -n %s %s -o jsonpath='{.data.key}' | base64 -d)`, v.Shop.Namespace, v.secretOf(v1alpha1.SourceAPI)),
		`ID=first-$(date +%s)`, `AT=$(date +%s)`,
		`BODY='` + body + `'`,
		`HEX=$(printf %s "${KEY#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')`,
		`SIGN=$(printf %s "$ID.$AT.$BODY" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$HEX -binary | base64)`,
		fmt.Sprintf(`curl -fsS %s -H "webhook-id: $ID" -H "webhook-timestamp: $AT" -H "webhook-signature: v1,$SIGN" -H 'content-type: application/json' -d "$BODY"`, v.endpoint()),
	}, "; ")
}

func (v View) endpoint() string {
	for _, e := range v.Output.Endpoints {
		if e.Object == compile.ShopObject && e.Name == v1alpha1.SourceAPI {
			return e.URL
		}
	}
	return ""
}

// Events states what the pods say of one CarrierIntegration: EventsFlowing, MappingComplete and WebhookRegistered.
func Events(w *status.Writer, v View, name string, intake v1alpha1.IntakeMode) {
	f := v.flow(OfIntegration(name))
	unpolled := ""
	if intake == v1alpha1.IntakePoll {
		unpolled = name
	}
	events(w, v, f, unpolled)
	mapping(w, v, f)
	switch {
	case intake == v1alpha1.IntakePoll:
		w.True(v1alpha1.ConditionWebhookRegistered, v1alpha1.ReasonNotNeeded, "intake.mode is Poll, which needs no webhook")
	case f.received:
		w.True(v1alpha1.ConditionWebhookRegistered, v1alpha1.ReasonRegistered, "the provider sends to the endpoint")
	default:
		w.Unknown(v1alpha1.ConditionWebhookRegistered, v1alpha1.ReasonManualRegistration, "enter the URL from status.endpoints in the provider's console")
	}
}

func events(w *status.Writer, v View, f flow, unpolled string) {
	kind := v1alpha1.ConditionEventsFlowing
	switch {
	case v.problem(w, kind, f, unpolled):
	case f.received && v.has(bundle.PageComponent): // only the page knows what it refuses, and when silence is unusual
		w.True(kind, v1alpha1.ReasonFlowing, "parcel events arrive")
	case !v.has(bundle.PageComponent):
		w.Unknown(kind, v1alpha1.ReasonReportUnavailable, noReport)
	default:
		w.Unknown(kind, v1alpha1.ReasonWaitingForFirstEvent, "no parcel event has arrived yet")
	}
}

func mapping(w *status.Writer, v View, f flow) {
	kind := v1alpha1.ConditionMappingComplete
	switch {
	case f.unmapped:
		w.False(kind, v1alpha1.ReasonUnmappedCodes, "codes arrived that the definition does not map; they changed no parcel, and /report of the notifier lists them")
	case !v.has(bundle.NotifierComponent):
		w.Unknown(kind, v1alpha1.ReasonReportUnavailable, noReport)
	default:
		w.True(kind, v1alpha1.ReasonAllCodesMapped, "every code that arrived is mapped")
	}
}
