// SPDX-License-Identifier: Apache-2.0
// Copyright The wismo Authors

package api_test

var refusedIntegrations = []refusal{
	{"events belong to a Shop", `spec: {shopRef: null}`, "spec.shopRef", "Required value"},
	{"an intake has a mode", `spec: {intake: {mode: null}}`, "spec.intake.mode", "Required value"},
	{"what is not polled has no interval", `spec: {intake: {poll: {intervalSeconds: 600}}}`, "spec.intake.poll", "must not be set when `mode` is 'Webhook'"},
	{"what is only polled has no webhook", `spec: {intake: {mode: Poll, webhook: {registration: Manual}}}`, "spec.intake.webhook", "must not be set when `mode` is 'Poll'"},
	{"a carrier is not asked every second", `spec: {intake: {mode: Poll, poll: {intervalSeconds: 1}}}`, "spec.intake.poll.intervalSeconds", "should be greater than or equal to 60"},
	{"near delivery a carrier is asked more often, not less", `spec: {intake: {mode: Poll, poll: {intervalSeconds: 600, nearDeliveryIntervalSeconds: 900}}}`, "spec.intake.poll.nearDeliveryIntervalSeconds", "must not be longer than `intervalSeconds`"},
	{"a rotation happens at most daily", `spec: {intake: {webhook: {rotation: {intervalDays: 0}}}}`, "spec.intake.webhook.rotation.intervalDays", "should be greater than or equal to 1"},
	{"a registration is one of two", `spec: {intake: {webhook: {registration: Auto}}}`, "spec.intake.webhook.registration", `supported values: "Automatic", "Manual"`},
	{"a carrier stands there once", `spec: {carriers: [{name: dpd}, {name: dpd}]}`, "spec.carriers[1]", "Duplicate value"},
	{"a carrier is named as the definition names it", `spec: {carriers: [{name: DHL Express}]}`, "spec.carriers[0].name", "must be lower-case letters, digits and '-'"},
	{"who tells the shopper is said once", `spec: {carriers: [{name: dpd, notices: [{occasion: Delivered, responsible: Carrier}, {occasion: Delivered, responsible: Shop}]}]}`, "spec.carriers[0].notices[1]", "Duplicate value"},
	{"a parcel is attempted at least once", `spec: {carriers: [{name: dpd, maxDeliveryAttempts: 0}]}`, "spec.carriers[0].maxDeliveryAttempts", "should be greater than or equal to 1"},
	{"an occasion is one that is known", `spec: {carriers: [{name: dpd, notices: [{occasion: Sorted, responsible: Carrier}]}]}`, "spec.carriers[0].notices[0].occasion", "supported values"},
	{"what is thrown away is kept for no days", `spec: {unmatched: {mode: Discard, days: 3}}`, "spec.unmatched.days", "must not be set when `mode` is 'Discard'"},
	{"a name of an object leaves room for what is named after it", `metadata: {name: ` + letters41 + `}`, "", "`metadata.name` must start with a lower-case letter"},
}

var refusedPolicies = []refusal{
	{"an empty policy is said by leaving it out", `spec: {budget: null}`, "spec", "should have at least 1 properties"},
	{"an occasion has one rule", `spec: {rules: [{occasion: Delayed, level: Critical}, {occasion: Delayed, level: Routine}]}`, "spec.rules[1]", "Duplicate value"},
	{"a level is one of four", `spec: {rules: [{occasion: Delayed, level: Urgent}]}`, "spec.rules[0].level", `supported values: "Critical", "Important", "Routine", "PageOnly"`},
	{"what is never sent has no channels", `spec: {rules: [{occasion: LocationChanged, level: PageOnly, channels: [Email]}]}`, "spec.rules[0].channels", "must not be set when `level` is 'PageOnly'"},
	{"a country has one route", `spec: {routes: [{country: ES, channels: [{name: Email}]}, {country: ES, channels: [{name: SMS}]}]}`, "spec.routes[1]", "Duplicate value"},
	{"a route tries a channel once", `spec: {routes: [{country: ES, channels: [{name: Email}, {name: Email, minimumLevel: Critical}]}]}`, "spec.routes[0].channels", "must not name a channel twice"},
	{"a route leads somewhere", `spec: {routes: [{country: ES, channels: []}]}`, "spec.routes[0].channels", "should have at least 1 items"},
	{"a channel has a level that is sent", `spec: {routes: [{country: ES, channels: [{name: Email, minimumLevel: PageOnly}]}]}`, "spec.routes[0].channels[0].minimumLevel", "must not be 'PageOnly', which is never sent"},
	{"a budget is a budget", `spec: {budget: {routinePerOrder: 1000}}`, "spec.budget.routinePerOrder", "should be less than or equal to 50"},
	{"quiet hours have an end", `spec: {quietHours: {start: "21:00"}}`, "spec.quietHours.end", "Required value"},
	{"quiet hours are not the whole day", `spec: {quietHours: {start: "21:00", end: "21:00"}}`, "spec.quietHours.end", "must differ from `start`"},
	{"quiet hours are times of day", `spec: {quietHours: {start: "9 pm ", end: "08:00"}}`, "spec.quietHours.start", "must be a time of day in the form 'HH:MM'"},
	{"a late notice goes out on the day", `spec: {watch: {lateNoticeTime: "25:00"}}`, "spec.watch.lateNoticeTime", "from '00:00' to '23:59'"},
	{"silence is measured in hours, not months", `spec: {watch: {noScanHours: 5000}}`, "spec.watch.noScanHours", "should be less than or equal to 720"},
	{"a segment is named once", `spec: {segments: [{name: trade, customerTags: [a]}, {name: trade, customerTags: [b]}]}`, "spec.segments", "must not use a `name` twice"},
	{"a segment matches somebody", `spec: {segments: [{name: trade, customerTags: []}]}`, "spec.segments[0].customerTags", "should have at least 1 items"},
	{"bad news carries no offer", `spec: {promotion: {mode: WithConsent, occasions: [Delayed]}}`, "spec.promotion.occasions[0]", "supported values"},
	{"no offers means on no occasion", `spec: {promotion: {mode: Never, occasions: [Delivered]}}`, "spec.promotion.occasions", "must be set when, and only when, `mode` is 'WithConsent'"},
	{"a phone number given at the till is no consent to WhatsApp", `spec: {consent: [{channel: WhatsApp, basis: PhoneGivenAtCheckout}]}`, "spec.consent[0].basis", "WhatsApp needs 'OptIn'"},
	{"a mail address does not make a phone ring", `spec: {consent: [{channel: SMS, basis: EmailGivenAtCheckout}]}`, "spec.consent[0].basis", "for a channel that needs a phone number"},
	{"a channel has one basis", `spec: {consent: [{channel: SMS, basis: OptIn}, {channel: SMS, basis: PhoneGivenAtCheckout}]}`, "spec.consent[1]", "Duplicate value"},
	{"a base is named with its source", `spec: {basePolicyRef: {name: house}}`, "spec.basePolicyRef.source", "Required value"},
	{"a policy holds no identity", `spec: {senders: {}}`, "", `unknown field "spec.senders"`},
}
