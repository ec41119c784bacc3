package fields_test

// base are the documents that every witness changes in one field.
const base = `
shop:
  apiVersion: tracking.wismo.dev/v1alpha1
  kind: Shop
  metadata: {name: linden, namespace: linden, uid: 11111111-2222-3333-4444-555555555555}
  spec:
    displayName: Linden Living
    hostname: track.linden.example
    aliases: [{hostname: old.linden.example, locale: nl}]
    homeCountry: NL
    timeZone: Europe/Amsterdam
    locales: [en, nl]
    activity: Live
    rehearsal: {email: try@linden.example}
    legal: {companyName: Linden BV, privacyURL: "https://linden.example/privacy", imprintURL: "https://linden.example/imprint"}
    support: {email: help@linden.example, phone: "+31201234567", url: "https://linden.example/help", hours: "Mon-Fri 09:00-17:00"}
    promise:
      handlingBusinessDays: 1
      cutOff: "15:00"
      closedDays: ["2026-12-24"]
      transit:
      - {name: home, countries: [NL], minBusinessDays: 1, maxBusinessDays: 2}
      - {name: abroad, minBusinessDays: 6, maxBusinessDays: 9}
    deliveryMethods: [{name: letter, titles: [Brief], method: Letter, minBusinessDays: 1, maxBusinessDays: 3}]
    theme: {accentColor: "#1F5C4D", logo: {configMapRef: {name: brand}, key: logo.svg}}
    templates: [{configMapRef: {name: words}, source: Local}]
    page:
      fields: [{name: Price, show: AfterVerification}]
      lookup: {verifyBy: [Postcode, Email]}
      actions: [{name: CancelOrder, lastPhase: Packed, type: Link, url: "https://linden.example/cancel"}]
      embed: {allowedOrigins: ["https://www.linden.example"]}
    orders:
      sources:
      - name: webshop
        definition: {name: shopify, source: Catalog}
        credentialsSecretRef: {name: shopify}
        intake: {mode: Webhook}
      - name: api
        definition: {name: api, source: Catalog}
        intake: {mode: Webhook, webhook: {rotation: {intervalDays: 90, overlapHours: 24, token: "1"}}}
    senders:
      email:
        type: SMTP
        fromAddress: order@linden.example
        smtp: {host: smtp.linden.example, port: 587, tls: StartTLS, credentialsSecretRef: {name: smtp}}
    notificationPolicyRef: {name: own, source: Local}
    storage: {type: SQLite, sqlite: {size: 2Gi, storageClassName: fast}, deletionPolicy: Retain}
    exposure: {type: Ingress, ingress: {className: public}, webhookHostname: hooks.linden.example, tls: {type: CertManager, issuerRef: {kind: ClusterIssuer, name: letsencrypt}}}
    links: {ttlDays: 90, keyRotationDays: 90}
    scheduling:
      resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {cpu: 1, memory: 128Mi}}
      nodeSelector: {disk: fast}
      tolerations: [{key: shops, operator: Equal, value: "1", effect: NoExecute, tolerationSeconds: 60}]
      priorityClassName: shops
    release: {policy: Auto}
carrierIntegration:
  apiVersion: tracking.wismo.dev/v1alpha1
  kind: CarrierIntegration
  metadata: {name: easypost, namespace: linden}
  spec:
    shopRef: {name: linden}
    definition: {name: easypost, source: Catalog}
    credentialsSecretRef: {name: easypost}
    intake: {mode: Webhook, webhook: {rotation: {intervalDays: 90, overlapHours: 24, token: "1"}}}
    carriers: [{name: dpd, maxDeliveryAttempts: 3, pickupHoldDays: 7, notices: [{occasion: DeliveryAttemptFailed, responsible: Shop}]}]
notificationPolicy:
  apiVersion: tracking.wismo.dev/v1alpha1
  kind: NotificationPolicy
  metadata: {name: own, namespace: linden}
  spec:
    basePolicyRef: {name: house, source: Local}
    rules: [{occasion: Shipped, level: Important}, {occasion: EtaMoved, level: Routine}]
    budget: {routinePerOrder: 6, perRecipientPerDay: 6, minimumGapSeconds: 0}
    quietHours: {start: "21:00", end: "08:00"}
    watch: {silentOrderHours: 48, noFirstScanHours: 48, noScanHours: 96, lateNoticeTime: "20:00", pickupReminderDays: 2, etaShiftHours: 4}
    segments: [{name: trade, customerTags: [trade], rules: [{occasion: OrderReceived, level: PageOnly}]}]
`

// witness is one change of one field.
type witness struct {
	to   string            // the value of the field, as YAML
	in   string            // where the change shows, see effects
	at   string            // the field, where the first item of a list is not meant
	with map[string]string // fields that both sides have besides base
}

// witnesses are by kind and field. A field whose only other values are in the table of inactive fields needs none.
var witnesses = map[string]map[string]witness{
	"Shop": {
		"activity":                                              {to: "Suspended", in: "mails"},
		"aliases[].hostname":                                    {to: "older.linden.example", in: "objects"},
		"aliases[].locale":                                      {to: "en", in: "pages"},
		"deliveryMethods[].maxBusinessDays":                     {to: "5", in: "pages"},
		"deliveryMethods[].minBusinessDays":                     {to: "3", in: "pages"},
		"deliveryMethods[].method":                              {to: "Pickup", in: "pages"},
		"deliveryMethods[].titles[]":                            {to: "Letterpost", in: "pages"},
		"displayName":                                           {to: "Linden Lights", in: "pages"},
		"exposure.gateway.parentRefs[].name":                    {to: "other", in: "objects", with: gateway},
		"exposure.gateway.parentRefs[].namespace":               {to: "other", in: "objects", with: gateway},
		"exposure.gateway.parentRefs[].sectionName":             {to: "other", in: "objects", with: gateway},
		"exposure.ingress.className":                            {to: "other", in: "objects"},
		"exposure.tls.issuerRef.kind":                           {to: "Issuer", in: "objects"},
		"exposure.tls.issuerRef.name":                           {to: "other", in: "objects"},
		"exposure.tls.secretRef.name":                           {to: "other", in: "objects", with: map[string]string{"exposure.tls": "{type: Secret, secretRef: {name: own}}"}},
		"exposure.tls.type":                                     {to: "External", in: "objects", with: map[string]string{"exposure.tls": "{type: CertManager, issuerRef: {kind: Issuer, name: own}}"}},
		"exposure.type":                                         {to: "None", in: "objects"},
		"exposure.webhookHostname":                              {to: "in.linden.example", in: "endpoints"},
		"homeCountry":                                           {to: "ES", in: "pages", with: map[string]string{"promise.handlingBusinessDays": "5"}},
		"hostname":                                              {to: "track2.linden.example", in: "objects"},
		"legal.companyName":                                     {to: "Linden NV", in: "pages"},
		"legal.imprintURL":                                      {to: "https://linden.example/other", in: "pages"},
		"legal.privacyURL":                                      {to: "https://linden.example/other", in: "pages"},
		"links.keyRotationDays":                                 {to: "30", in: "keys"},
		"links.ttlDays":                                         {to: "30", in: "mails"},
		"locales[]":                                             {to: "de", in: "pages", at: "locales[1]", with: map[string]string{"aliases": "[]"}},
		"notificationPolicyRef.name":                            {to: "other", in: "mails"},
		"notificationPolicyRef.source":                          {to: "Library", in: "mails"},
		"orders.sources[].credentialsSecretRef.name":            {to: "other", in: "objects"},
		"orders.sources[].definition.name":                      {to: "sendcloud", in: "status"},
		"orders.sources[].definition.source":                    {to: "Local", in: "status"},
		"orders.sources[].intake.webhook.rotation.intervalDays": {to: "30", in: "keys", at: "orders.sources[1].intake.webhook.rotation.intervalDays"},
		"orders.sources[].intake.webhook.rotation.overlapHours": {to: "1", in: "keys", at: "orders.sources[1].intake.webhook.rotation.overlapHours"},
		"orders.sources[].intake.webhook.rotation.token":        {to: `"2"`, in: "keys", at: "orders.sources[1].intake.webhook.rotation.token"},
		"orders.sources[].name":                                 {to: "shop", in: "endpoints"},
		"page.actions[].lastPhase":                              {to: "OrderReceived", in: "pages"},
		"page.actions[].name":                                   {to: "LeaveReview", in: "pages"},
		"page.actions[].url":                                    {to: "https://linden.example/no", in: "pages"},
		"page.embed.allowedOrigins[]":                           {to: "https://other.linden.example", in: "pages"},
		"page.fields[].name":                                    {to: "Items", in: "pages", with: map[string]string{"page.fields[0].show": "Never"}},
		"page.fields[].show":                                    {to: "Never", in: "pages"},
		"page.lookup.verifyBy[]":                                {to: "Email", in: "pages", with: map[string]string{"page.lookup.verifyBy": "[Postcode]"}},
		"page.replicas":                                         {to: "2", in: "status"},
		"promise.closedDays[]":                                  {to: `"2026-12-02"`, in: "pages"},
		"promise.cutOff":                                        {to: `"14:00"`, in: "pages"},
		"promise.handlingBusinessDays":                          {to: "4", in: "pages"},
		"promise.transit[].countries[]":                         {to: "SE", in: "pages"},
		"promise.transit[].maxBusinessDays":                     {to: "4", in: "pages"},
		"promise.transit[].minBusinessDays":                     {to: "2", in: "pages"},
		"rehearsal.email":                                       {to: "other@linden.example", in: "mails", with: map[string]string{"activity": "Rehearsal"}},
		"scheduling.nodeSelector":                               {to: "{disk: slow}", in: "objects"},
		"scheduling.priorityClassName":                          {to: "other", in: "objects"},
		"scheduling.resources.limits.cpu":                       {to: "2", in: "objects"},
		"scheduling.resources.limits.memory":                    {to: "256Mi", in: "objects"},
		"scheduling.resources.requests.cpu":                     {to: "30m", in: "objects"},
		"scheduling.resources.requests.memory":                  {to: "64Mi", in: "objects"},
		"scheduling.tolerations[].effect":                       {to: "NoSchedule", in: "objects"},
		"scheduling.tolerations[].key":                          {to: "other", in: "objects"},
		"scheduling.tolerations[].operator":                     {to: "Exists", in: "objects"},
		"scheduling.tolerations[].tolerationSeconds":            {to: "61", in: "objects"},
		"scheduling.tolerations[].value":                        {to: `"2"`, in: "objects"},
		"senders.email.smtp.credentialsSecretRef.name":          {to: "other", in: "objects"},
		"senders.email.smtp.port":                               {to: "465", in: "objects"},
		"senders.email.type":                                    {to: "House", in: "objects"},
		"storage.sqlite.size":                                   {to: "3Gi", in: "objects"},
		"storage.sqlite.storageClassName":                       {to: "slow", in: "objects"},
		"support.email":                                         {to: "care@linden.example", in: "pages"},
		"support.hours":                                         {to: `"Mon-Fri 10:00-17:00"`, in: "pages"},
		"support.phone":                                         {to: `"+31207654321"`, in: "pages"},
		"support.url":                                           {to: "https://linden.example/care", in: "pages", with: map[string]string{"support": `{url: "https://linden.example/help"}`}},
		"templates[].configMapRef.name":                         {to: "other-words", in: "mails"},
		"templates[].source":                                    {to: "Library", in: "mails"},
		"theme.accentColor":                                     {to: `"#AA0000"`, in: "mails"},
		"theme.logo.configMapRef.name":                          {to: "other-brand", in: "pages"},
		"theme.logo.key":                                        {to: "dark.svg", in: "pages"},
		"timeZone":                                              {to: "Asia/Tokyo", in: "pages"},
	},
	"CarrierIntegration": {
		"carriers[].maxDeliveryAttempts":       {to: "2", in: "mails"},
		"carriers[].name":                      {to: "dhl", in: "mails", with: map[string]string{"carriers[0].maxDeliveryAttempts": "2"}},
		"carriers[].notices[].occasion":        {to: "OutForDelivery", in: "mails", with: map[string]string{"carriers[0].notices[0].responsible": "Carrier"}},
		"carriers[].notices[].responsible":     {to: "Carrier", in: "mails"},
		"carriers[].pickupHoldDays":            {to: "14", in: "mails"},
		"credentialsSecretRef.name":            {to: "other", in: "objects"},
		"definition.name":                      {to: "sendcloud", in: "objects"},
		"definition.source":                    {to: "Local", in: "status"},
		"intake.webhook.rotation.intervalDays": {to: "30", in: "keys"},
		"intake.webhook.rotation.overlapHours": {to: "1", in: "keys"},
		"intake.webhook.rotation.token":        {to: `"2"`, in: "keys"},
	},
	"NotificationPolicy": {
		"basePolicyRef.name":          {to: "other", in: "status"},
		"basePolicyRef.source":        {to: "Library", in: "status"},
		"budget.minimumGapSeconds":    {to: "172800", in: "mails", with: routine},
		"budget.perRecipientPerDay":   {to: "1", in: "mails", with: routine},
		"budget.routinePerOrder":      {to: "1", in: "mails", with: routine},
		"quietHours.start":            {to: `"23:30"`, in: "mails"},
		"quietHours.end":              {to: `"09:30"`, in: "mails"},
		"rules[].level":               {to: "PageOnly", in: "mails"},
		"rules[].occasion":            {to: "DeliveryAttemptFailed", in: "mails", with: map[string]string{"rules[0].level": "PageOnly"}},
		"segments[].customerTags[]":   {to: "staff", in: "mails"},
		"segments[].rules[].level":    {to: "Important", in: "mails"},
		"segments[].rules[].occasion": {to: "DeliveryAttemptFailed", in: "mails"},
		"watch.lateNoticeTime":        {to: `"17:00"`, in: "mails"},
		"watch.noFirstScanHours":      {to: "24", in: "mails"},
		"watch.noScanHours":           {to: "48", in: "mails"},
		"watch.pickupReminderDays":    {to: "4", in: "mails"},
		"watch.silentOrderHours":      {to: "12", in: "mails", with: silent},
	},
}

var gateway = map[string]string{
	"exposure": "{type: Gateway, gateway: {parentRefs: [{name: public, namespace: gateways, sectionName: https}]}}",
}

// routine are rules with which several messages count in the budgets, for all shoppers.
var routine = map[string]string{
	"rules":    "[{occasion: OrderReceived, level: Routine}, {occasion: Shipped, level: Routine}, {occasion: ArrivesTomorrow, level: Important}, {occasion: EtaMoved, level: Important}]",
	"segments": "[]",
}

// silent are rules with which no message about a new order reaches the shopper.
var silent = map[string]string{
	"rules":    "[{occasion: Shipped, level: PageOnly}, {occasion: OrderReceived, level: PageOnly}, {occasion: LabelCreated, level: PageOnly}, {occasion: InTransit, level: PageOnly}, {occasion: NoFirstScan, level: PageOnly}]",
	"segments": "[]",
}

// keys name an entry of a list, in messages and for merging, and nothing else.
var keys = map[string][]string{
	"Shop":               {"deliveryMethods[].name", "promise.transit[].name"},
	"NotificationPolicy": {"segments[].name"},
}

// elsewhere are fields that no compiled document shows, with the test that shows what they do.
var elsewhere = map[string]map[string]string{
	"Shop": {
		"release.name":              "controllers/release TestPitfall13WhatAShopIsPinnedToIsKeptThroughThirtyReleases",
		"release.policy":            "internal/rollout TestPitfall17APinToAnUnknownReleaseIsSaidAndMovesNothing",
		"senders.email.fromAddress": "internal/message/channel TestEveryNameOfAShopCanSign",
		"senders.email.smtp.host":   "internal/message/channel TestMailLeavesOverEveryTLSModeWithALogIn",
		"senders.email.smtp.tls":    "internal/message/channel TestMailLeavesOverEveryTLSModeWithALogIn",
		"storage.deletionPolicy":    "test/controllers/lifecycle TestDeletingAShopKeepsItsOrdersUnlessItSaysOtherwise",
	},
	"NotificationPolicy": {
		"watch.etaShiftHours": "internal/tracking TestADateIsNewsWhenItNamesAnotherDay",
	},
	"CarrierIntegration": {
		"shopRef.name": "controllers/carrierintegration TestAMissingShopIsWaitedForTenMinutesAndThenAMistakeAndStillTakenUp",
	},
}
