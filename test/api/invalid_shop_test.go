package api_test

// refusal is a change to the smallest document and what the API server has to say about it.
type refusal struct {
	name   string
	change string
	field  string
	text   string
}

var refusedIdentities = []refusal{
	{"a Shop without a hostname has no page", `spec: {hostname: null}`, "spec.hostname", "Required value"},
	{"a Shop without a name cannot greet", `spec: {displayName: ""}`, "spec.displayName", "should be at least 1 chars long"},
	{"a name does not end with a space", `spec: {displayName: "Linden "}`, "spec.displayName", "must not start or end with a space"},
	{"a name does not break the subject of a mail", `spec: {displayName: "Linden\r\nBcc: all"}`, "spec.displayName", "must not hold control characters"},
	{"a name fits the screen of a phone", `spec: {displayName: "` + characters65 + `"}`, "spec.displayName", "may not be more than 64"},
	{"a hostname in capitals is refused, not rewritten", `spec: {hostname: Track.linden.example}`, "spec.hostname", "must be a lower-case DNS name of at least two labels"},
	{"a hostname of one label cannot be reached", `spec: {hostname: linden}`, "spec.hostname", "at least two labels"},
	{"a hostname is not a URL", `spec: {hostname: "https://track.linden.example"}`, "spec.hostname", "must be a lower-case DNS name"},
	{"a hostname is no wildcard", `spec: {hostname: "*.linden.example"}`, "spec.hostname", "must be a lower-case DNS name"},
	{"a hostname is no IPv4 address", `spec: {hostname: "192.0.2.1"}`, "spec.hostname", "its last label must not be a number"},
	{"a hostname is no IPv4 address in hexadecimal", `spec: {hostname: "127.0x1"}`, "spec.hostname", "its last label must not be a number"},
	{"a hostname is no IPv6 address", `spec: {hostname: "[::1]"}`, "spec.hostname", "must be a lower-case DNS name"},
	{"an alias is no address", `spec: {aliases: [{hostname: "192.0.2.1"}]}`, "spec.aliases[0].hostname", "its last label must not be a number"},
	{"the hostname of webhooks is no address", `spec: {exposure: {type: Ingress, webhookHostname: "192.0.2.1"}}`, "spec.exposure.webhookHostname", "its last label must not be a number"},
	{"an alias differs from the hostname", `spec: {aliases: [{hostname: track.linden.example}]}`, "spec.aliases", "must not repeat `hostname`"},
	{"an alias is listed once", `spec: {aliases: [{hostname: a.linden.example}, {hostname: a.linden.example}]}`, "spec.aliases[1]", "Duplicate value"},
	{"an alias speaks a language the Shop speaks", `spec: {locales: [nl], aliases: [{hostname: a.linden.example, locale: es}]}`, "spec.aliases", "must only use locales listed in `locales`"},
	{"a country is a code", `spec: {homeCountry: Netherlands}`, "spec.homeCountry", "may not be more than 2"},
	{"a country code is in capitals", `spec: {homeCountry: nl}`, "spec.homeCountry", "two upper-case letters, such as 'SE'"},
	{"where a country has several time zones one is chosen", `spec: {homeCountry: US}`, "spec.timeZone", "must be set because the country in `homeCountry` has several time zones"},
	{"a time zone is no offset", `spec: {timeZone: "+01:00"}`, "spec.timeZone", "must be an IANA time zone, such as 'Europe/Stockholm'"},
	{"a locale is a language tag", `spec: {locales: [Dutch]}`, "spec.locales[0]", "must be a BCP 47 language tag"},
	{"a locale is listed once", `spec: {locales: [nl, en, nl]}`, "spec.locales", "must not list a locale twice"},
	{"no locales at all is said by leaving them out", `spec: {locales: []}`, "spec.locales", "should have at least 1 items"},
	{"an activity is one of three", `spec: {activity: Paused}`, "spec.activity", `supported values: "Live", "Rehearsal", "Suspended"`},
	{"a rehearsal has an inbox", `spec: {activity: Rehearsal}`, "spec.rehearsal", "must be set when `activity` is 'Rehearsal'"},
	{"a rehearsal's inbox is one address", `spec: {rehearsal: {email: "Onboarding <a@b.example>"}}`, "spec.rehearsal.email", "must be one e-mail address"},
	{"a name of an object leaves room for what is named after it", `metadata: {name: ` + letters41 + `}`, "", "`metadata.name` must start with a lower-case letter"},
	{"a name of an object can name a Service", `metadata: {name: 1linden}`, "", "`metadata.name` must start with a lower-case letter"},
	{"a typing error is no silent no-op", `spec: {hostName: track.linden.example}`, "", `unknown field "spec.hostName"`},
}

var refusedPresentation = []refusal{
	{"a privacy notice is read over https", `spec: {legal: {privacyURL: "http://linden.example/privacy"}}`, "spec.legal.privacyURL", "must be an https URL"},
	{"a link hides no password", `spec: {legal: {imprintURL: "https://user:secret@linden.example"}}`, "spec.legal.imprintURL", "without user name and password"},
	{"a phone number can be dialled from abroad", `spec: {support: {phone: "020 123 45 67"}}`, "spec.support.phone", "international form, such as '+46812345678'"},
	{"opening hours can be translated", `spec: {support: {hours: "weekdays from nine"}}`, "spec.support.hours", "must be days and times"},
	{"cases go where they are said to go", `spec: {support: {cases: {type: Webhook, email: a@b.example}}}`, "spec.support.cases.webhook", "must be set when, and only when, `type` is 'Webhook'"},
	{"cases name one target only", `spec: {support: {cases: {type: Link, url: "https://a.example", email: a@b.example}}}`, "spec.support.cases.email", "only when, `type` is 'Email'"},
	{"a cut-off is a time of day", `spec: {promise: {cutOff: "24:00"}}`, "spec.promise.cutOff", "from '00:00' to '23:59'"},
	{"a transit time does not end before it starts", `spec: {promise: {transit: [{name: home, minBusinessDays: 3, maxBusinessDays: 1}]}}`, "spec.promise.transit[0].maxBusinessDays", "must not be less than `minBusinessDays`"},
	{"no transit time is out of reach", `spec: {promise: {transit: [{name: rest, minBusinessDays: 1, maxBusinessDays: 2}, {name: home, countries: [NL], minBusinessDays: 1, maxBusinessDays: 2}]}}`, "spec.promise.transit", "it must be the last, because the first match wins"},
	{"a closed day is a date", `spec: {promise: {closedDays: ["24 Dec"]}}`, "spec.promise.closedDays[0]", "must be a date such as '2026-12-24', or a day of every year such as '12-24'"},
	{"a closed day has a month", `spec: {promise: {closedDays: ["13-24"]}}`, "spec.promise.closedDays[0]", "must be a date"},
	{"a delivery method has both bounds or none", `spec: {deliveryMethods: [{name: a, titles: [A], method: Letter, minBusinessDays: 1}]}`, "spec.deliveryMethods[0].maxBusinessDays", "must be set when, and only when, `minBusinessDays` is set"},
	{"a delivery method does not end before it starts", `spec: {deliveryMethods: [{name: a, titles: [A], method: Letter, minBusinessDays: 4, maxBusinessDays: 1}]}`, "spec.deliveryMethods[0].maxBusinessDays", "must not be less than `minBusinessDays`"},
	{"what does not travel takes no days", `spec: {deliveryMethods: [{name: a, titles: [A], method: Digital, minBusinessDays: 0, maxBusinessDays: 1}]}`, "spec.deliveryMethods[0].minBusinessDays", "must not be set when `method` is 'Digital'"},
	{"a delivery method has a title", `spec: {deliveryMethods: [{name: a, method: Letter}]}`, "spec.deliveryMethods[0].titles", "Required value"},
	{"a transit time is named once", `spec: {promise: {transit: [{name: a, countries: [NL], minBusinessDays: 1, maxBusinessDays: 2}, {name: a, minBusinessDays: 1, maxBusinessDays: 2}]}}`, "spec.promise.transit", "must not use a `name` twice"},
	{"a promise is kept this year", `spec: {promise: {handlingBusinessDays: 400}}`, "spec.promise.handlingBusinessDays", "should be less than or equal to 60"},
	{"a colour is hexadecimal", `spec: {theme: {accentColor: "teal   "}}`, "spec.theme.accentColor", "six hexadecimal digits, such as '#1F5C4D'"},
	{"an empty theme is said by leaving it out", `spec: {theme: {}}`, "spec.theme", "should have at least 1 properties"},
	{"a template is laid down once", `spec: {templates: [{configMapRef: {name: a}, source: Local}, {configMapRef: {name: a}, source: Local}]}`, "spec.templates", "must not list a template twice"},
	{"a template says whose it is", `spec: {templates: [{configMapRef: {name: a}}]}`, "spec.templates[0].source", "Required value"},
	{"a number alone never shows an address", `spec: {page: {fields: [{name: Address, show: Always}]}}`, "spec.page.fields[0].show", "must not be 'Always' for personal data"},
	{"a field is shown one way", `spec: {page: {fields: [{name: Price, show: Never}, {name: Price, show: AfterVerification}]}}`, "spec.page.fields[1]", "Duplicate value"},
	{"an action that links has a link", `spec: {page: {actions: [{name: CancelOrder, type: Link}]}}`, "spec.page.actions[0].url", "must be set when, and only when, `type` is 'Link'"},
	{"an action is one that has words", `spec: {page: {actions: [{name: PayInvoice, type: Link, url: "https://a.example"}]}}`, "spec.page.actions[0].name", "supported values"},
	{"a campaign ends after it starts", `spec: {page: {campaigns: [{name: spring, startTime: "2026-04-01T00:00:00Z", endTime: "2026-03-01T00:00:00Z"}]}}`, "spec.page.campaigns[0].endTime", "must be later than `startTime`"},
	{"a campaign ends", `spec: {page: {campaigns: [{name: spring}]}}`, "spec.page.campaigns[0].endTime", "Required value"},
	{"a site that frames the page is an origin", `spec: {page: {embed: {allowedOrigins: ["https://linden.example/shop"]}}}`, "spec.page.embed.allowedOrigins[0]", "must be an https origin without path"},
	{"a step is named once", `spec: {page: {steps: [{name: sew, reachedOn: Preparing}, {name: sew, reachedOn: Packed}]}}`, "spec.page.steps", "must not use a `name` twice"},
}

var refusedPlumbing = []refusal{
	{"the built-in source keeps its name", `spec: {orders: {sources: [{name: api, definition: {name: shopify, source: Catalog}, intake: {mode: Webhook}}]}}`, "spec.orders.sources[0].name", "must not be 'api' or 'email'"},
	{"a source of orders is no carrier", `spec: {orders: {sources: [{name: carrier-a, definition: {name: shopify, source: Catalog}, intake: {mode: Webhook}}]}}`, "spec.orders.sources[0].name", "must not start with 'carrier-'"},
	{"a definition comes from somewhere known", `spec: {orders: {sources: [{name: web, definition: {name: shopify, source: Internet}, intake: {mode: Webhook}}]}}`, "spec.orders.sources[0].definition.source", `supported values: "Catalog", "Library", "Local"`},
	{"an account is reached over https", `spec: {orders: {sources: [{name: web, accountURL: "http://a.example", definition: {name: shopify, source: Catalog}, intake: {mode: Webhook}}]}}`, "spec.orders.sources[0].accountURL", "must be an https URL"},
	{"a server of one's own is named", `spec: {senders: {email: {type: SMTP, fromAddress: a@b.example}}}`, "spec.senders.email.smtp", "must be set when, and only when, `type` is 'SMTP'"},
	{"a merchant does not choose the platform's address", `spec: {senders: {email: {type: House, fromAddress: a@b.example}}}`, "spec.senders.email.fromAddress", "the platform chooses the address of type 'House'"},
	{"a password never travels in clear", `spec: {senders: {email: {type: SMTP, fromAddress: a@b.example, smtp: {host: relay, port: 25, tls: None, credentialsSecretRef: {name: smtp}}}}}`, "spec.senders.email.smtp.credentialsSecretRef", "the password would travel in clear"},
	{"a mail server is a host, without its port", `spec: {senders: {email: {type: SMTP, fromAddress: a@b.example, smtp: {host: "smtp.b.example:587", port: 587, tls: StartTLS}}}}`, "spec.senders.email.smtp.host", "without scheme and port"},
	{"a text message has a sender that networks take", `spec: {senders: {sms: {type: Twilio, senderID: "Linden Living!", monthlySegmentLimit: 1, credentialsSecretRef: {name: a}}}}`, "spec.senders.sms.senderID", "at most 11 letters, digits and spaces"},
	{"text messages have a hard stop", `spec: {senders: {sms: {type: Twilio, senderID: LINDEN, credentialsSecretRef: {name: a}}}}`, "spec.senders.sms.monthlySegmentLimit", "Required value"},
	{"a WhatsApp template exists once for an occasion and locale", `spec: {senders: {whatsApp: {type: MetaCloud, phoneNumberID: "10020", credentialsSecretRef: {name: a}, templates: [{occasion: Delivered, locale: nl, name: a}, {occasion: Delivered, locale: nl, name: b}]}}}`, "spec.senders.whatsApp.templates[1]", "Duplicate value"},
	{"a WhatsApp template speaks a language the Shop speaks", `spec: {locales: [nl], senders: {whatsApp: {type: MetaCloud, phoneNumberID: "10020", credentialsSecretRef: {name: a}, templates: [{occasion: Delivered, locale: es, name: a}]}}}`, "spec.senders", "must only use locales listed in `locales`"},
	{"a database needs an address", `spec: {storage: {type: PostgreSQL}}`, "spec.storage.postgreSQL", "must be set when, and only when, `type` is 'PostgreSQL'"},
	{"a store has one kind of settings", `spec: {storage: {type: PostgreSQL, sqlite: {size: 1Gi}, postgreSQL: {host: pg, database: a, credentialsSecretRef: {name: a}}}}`, "spec.storage.sqlite", "must not be set when `type` is 'PostgreSQL'"},
	{"a store is not moved onto itself", `spec: {storage: {type: SQLite, moveFrom: SQLite}}`, "spec.storage.moveFrom", "must differ from `type`"},
	{"a volume has room", `spec: {storage: {type: SQLite, sqlite: {size: 10Mi}}}`, "spec.storage.sqlite.size", "must be from 256Mi to 1Ti"},
	{"one volume serves one replica", `spec: {page: {replicas: 2}}`, "spec.page", "must not ask for more than one replica or for autoscaling when `storage.type` is 'SQLite'"},
	{"one volume does not scale", `spec: {storage: {type: SQLite}, page: {autoscaling: {maxReplicas: 3}}}`, "spec.page", "or for autoscaling when `storage.type` is 'SQLite'"},
	{"replicas are either fixed or scaled", `spec: {page: {replicas: 1, autoscaling: {maxReplicas: 3}}}`, "spec.page.replicas", "must not be set together with `autoscaling`"},
	{"scaling goes up", `spec: {page: {autoscaling: {minReplicas: 5, maxReplicas: 3}}}`, "spec.page.autoscaling.maxReplicas", "must not be less than `minReplicas`"},
	{"a route of a Gateway has a Gateway", `spec: {exposure: {type: Gateway}}`, "spec.exposure.gateway", "must be set when, and only when, `type` is 'Gateway'"},
	{"an Ingress class needs an Ingress", `spec: {exposure: {type: None, ingress: {className: public}}}`, "spec.exposure.ingress", "must not be set unless `type` is 'Ingress'"},
	{"a Gateway holds its own certificates", `spec: {exposure: {type: Gateway, gateway: {parentRefs: [{name: public}]}, tls: {type: External}}}`, "spec.exposure.tls", "the listeners of a Gateway hold their own certificates"},
	{"a certificate has an issuer", `spec: {exposure: {type: Ingress, tls: {type: CertManager}}}`, "spec.exposure.tls.issuerRef", "must be set when, and only when, `type` is 'CertManager'"},
	{"webhooks have a hostname of their own or none", `spec: {exposure: {type: None, webhookHostname: track.linden.example}}`, "spec.exposure", "`webhookHostname` must not repeat `hostname` or an alias"},
	{"eight keys are enough for every link", `spec: {links: {ttlDays: 365, keyRotationDays: 7}}`, "spec.links.keyRotationDays", "at most 8 keys can be valid at a time"},
	{"messages are not kept longer than their order", `spec: {retention: {orderDays: 30, messageDays: 60}}`, "spec.retention.messageDays", "must not be more than `orderDays`"},
	{"a pod asks for what exists", `spec: {scheduling: {resources: {requests: {memory: 1Mi}}}}`, "spec.scheduling.resources.requests.memory", "must be from 16Mi to 256Gi"},
	{"a node is chosen by labels", `spec: {scheduling: {nodeSelector: {"not a key": x}}}`, "spec.scheduling.nodeSelector", "must hold valid label keys and values"},
	{"a toleration says what it tolerates", `spec: {scheduling: {tolerations: [{effect: NoSchedule}]}}`, "spec.scheduling.tolerations[0].key", "must be set unless `operator` is 'Exists'"},
	{"a pin has a release", `spec: {release: {policy: Pin}}`, "spec.release.name", "must be set when, and only when, `policy` is 'Pin'"},
	{"a release without a pin means nothing", `spec: {release: {policy: Auto, name: rel-0042}}`, "spec.release.name", "must be set when, and only when, `policy` is 'Pin'"},
	{"a release is numbered", `spec: {release: {policy: Pin, name: latest}}`, "spec.release.name", "must be the name of a release, such as 'rel-0042'"},
	{"a made-up order runs on a schedule", `spec: {syntheticOrder: {schedule: "every day", email: a@b.example}}`, "spec.syntheticOrder.schedule", "must be a cron schedule of five fields"},
	{"a policy says whose it is", `spec: {notificationPolicyRef: {name: house}}`, "spec.notificationPolicyRef.source", "Required value"},
	{"a reference is a name, not a path", `spec: {notificationPolicyRef: {name: ../house, source: Local}}`, "spec.notificationPolicyRef.name", "must be lower-case letters, digits, '-' and '.'"},
}

const (
	letters41    = "abcdefghijklmnopqrstuvwxyzabcdefghijklmno"
	characters65 = "Lindenlindenlindenlindenlindenlindenlindenlindenlindenlindenlinde"
)
