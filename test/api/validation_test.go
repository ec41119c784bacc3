package api_test

import (
	"fmt"
	"testing"
)

// refused are the documents that cannot work, by what they change.
var refused = []struct {
	kind, base string
	refusals   [][]refusal
}{
	{"Shop", minimalShop, [][]refusal{refusedIdentities, refusedPresentation, refusedPlumbing}},
	{"CarrierIntegration", minimalIntegration, [][]refusal{refusedIntegrations}},
	{"NotificationPolicy", minimalPolicy, [][]refusal{refusedPolicies}},
}

func TestADocumentThatCannotWorkIsRefusedWithTheReason(t *testing.T) {
	for _, table := range refused {
		for _, refusals := range table.refusals {
			for _, r := range refusals {
				t.Run(table.kind+"/"+r.name, func(t *testing.T) {
					mustRefuse(t, tryCreate(t, document(t, table.base, r.change)), r.field, r.text)
				})
			}
		}
	}
}

// The documents that must stay acceptable, over the smallest of their kind.
var accepted = []struct{ name, base, change string }{
	{"the smallest Shop", minimalShop, ``},
	{"a hostname in Punycode", minimalShop, `spec: {hostname: track.xn--bcher-kva.example}`},
	{"a country with several time zones and a choice", minimalShop, `spec: {homeCountry: US, timeZone: America/Argentina/Buenos_Aires}`},
	{"a country whose mainland has one time zone", minimalShop, `spec: {homeCountry: ES}`},
	{"a name in any script", minimalShop, `spec: {displayName: "Łódź & 東京 Tea"}`},
	{"a Shop that goes live and keeps its rehearsal's inbox", minimalShop, `spec: {activity: Live, rehearsal: {email: a@b.example}}`},
	{"a Shop behind a Gateway of another namespace", minimalShop, `spec: {exposure: {type: Gateway, gateway: {parentRefs: [{name: public, namespace: gateways, sectionName: https}]}}}`},
	{"a certificate of one's own", minimalShop, `spec: {exposure: {type: Ingress, tls: {type: Secret, secretRef: {name: linden-tls}}, webhookHostname: hooks.linden.example}}`},
	{"a large Shop on PostgreSQL that scales", minimalShop, `spec: {storage: {type: PostgreSQL, postgreSQL: {host: 10.0.0.7, database: linden, credentialsSecretRef: {name: pg}}}, page: {autoscaling: {minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercent: 60}}}`},
	{"one replica on SQLite, said aloud", minimalShop, `spec: {page: {replicas: 1}, storage: {type: SQLite, sqlite: {size: 512Mi, storageClassName: fast}, deletionPolicy: Delete}}`},
	{"a relay in the cluster without log-in", minimalShop, `spec: {senders: {email: {type: SMTP, fromAddress: a@b.example, smtp: {host: relay, port: 25, tls: None}}}}`},
	{"the House sender, said aloud", minimalShop, `spec: {senders: {email: {type: House}, outboundWebhook: {url: "https://a.example/hook?x=1", credentialsSecretRef: {name: hook}}}}`},
	{"a pinned release", minimalShop, `spec: {release: {policy: Pin, name: rel-0042}}`},
	{"a page with everything on it", minimalShop, fullPage},
	{"a promise for the whole world", minimalShop, `spec: {promise: {handlingBusinessDays: 0, transit: [{name: all, minBusinessDays: 0, maxBusinessDays: 0}]}}`},
	{"a shop that closes", minimalShop, `spec: {promise: {closedDays: ["2026-12-24", "12-31", "02-29"]}}`},
	{"delivery in every way", minimalShop, `spec: {deliveryMethods: [{name: parcel, titles: [Pakket], method: Parcel, minBusinessDays: 0, maxBusinessDays: 1}, {name: letter, titles: [Brief, Postzegel], method: Letter}, {name: counter, titles: [Afhalen], method: Pickup}, {name: file, titles: [Download], method: Digital}]}`},
	{"support in every form", minimalShop, `spec: {support: {email: a@b.example, phone: "+31201234567", url: "https://a.example", hours: "Mon-Fri 09:00-17:00, Sat 10:00-14:00", cases: {type: Webhook, webhook: {url: "https://a.example/cases", credentialsSecretRef: {name: cases}}}}}`},
	{"pods with a place of their own", minimalShop, `spec: {scheduling: {resources: {requests: {cpu: 50m, memory: 32Mi}, limits: {memory: 64Mi}}, nodeSelector: {kubernetes.io/os: linux, pool: ""}, tolerations: [{key: dedicated, value: shops, effect: NoSchedule}, {operator: Exists}], priorityClassName: shops}}`},
	{"data that is soon forgotten", minimalShop, `spec: {retention: {orderDays: 14, receiptDays: 7, messageDays: 14}, links: {ttlDays: 14, keyRotationDays: 3}}`},
	{"a made-up order every morning", minimalShop, `spec: {syntheticOrder: {schedule: "30 6 * * 1-5", email: a@b.example}}`},
	{"the smallest CarrierIntegration", minimalIntegration, ``},
	{"a leaked secret that stops working now", minimalIntegration, `spec: {intake: {webhook: {rotation: {overlapHours: 0, token: leak-1}}}}`},
	{"a definition that the platform shares", minimalIntegration, `spec: {definition: {name: estafeta, source: Library}, accountURL: "https://a.example", unmatched: {mode: Discard}}`},
	{"the smallest NotificationPolicy", minimalPolicy, ``},
	{"a policy that says nothing at all", minimalPolicy, `spec: {budget: {routinePerOrder: 0, perRecipientPerDay: 0, minimumGapSeconds: 0}, promotion: {mode: Never}}`},
	{"quiet hours within one day", minimalPolicy, `spec: {quietHours: {start: "00:00", end: "07:30"}}`},
}

const fullPage = `
spec:
  page:
    fields: [{name: CarrierLink, show: Always}, {name: Price, show: Never}]
    lookup: {verifyBy: [Postcode, Email, Phone]}
    actions:
    - {name: CancelOrder, lastPhase: Packed, type: Webhook, webhook: {url: "https://a.example/cancel", credentialsSecretRef: {name: actions}}}
    - {name: StartReturn, type: Link, url: "https://a.example/returns"}
    instructions: [{name: bulky, itemTags: [sofa, table]}]
    campaigns: [{name: spring, startTime: "2026-03-01T00:00:00Z", endTime: "2026-04-01T00:00:00Z", locales: [nl], segments: [trade], url: "https://a.example/spring"}]
    steps: [{name: sewing, reachedOn: Preparing}, {name: delivery, reachedOn: OutForDelivery}]
    embed: {allowedOrigins: ["https://www.linden.example", "https://shop.linden.example:8443"], basePath: /orders/track}
`

func TestADocumentThatWorksIsAccepted(t *testing.T) {
	for _, a := range accepted {
		t.Run(a.name, func(t *testing.T) {
			if err := tryCreate(t, document(t, a.base, a.change)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEverySampleIsAccepted(t *testing.T) {
	for _, file := range []string{"linden.yaml", "fjallro.yaml", "house.yaml"} {
		for _, object := range samples(t, file) {
			t.Run(fmt.Sprintf("%s/%s/%s", file, object.GetKind(), object.GetName()), func(t *testing.T) {
				if err := tryCreate(t, object); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestEveryCountryWithSeveralTimeZonesAsksForOne(t *testing.T) {
	for _, country := range []string{"AU", "BR", "CA", "CD", "FM", "GL", "ID", "KI", "MN", "MX", "PF", "PG", "RU", "UM", "US"} {
		t.Run(country, func(t *testing.T) {
			shop := document(t, minimalShop, `spec: {homeCountry: `+country+`}`)
			mustRefuse(t, tryCreate(t, shop), "spec.timeZone", "has several time zones")
		})
	}
}
