package bundle

// Paths of what the operator mounts into a workload, and what both halves agree on beside them.
const (
	// DocumentPath is the gzip-compressed canonical JSON of the Document.
	DocumentPath = "/etc/wismo/bundle/bundle.json.gz"
	// DocumentKey is the key of the Document in its ConfigMap's binaryData.
	DocumentKey = "bundle.json.gz"
	// ActivityPath is the ActivityDocument, and ActivityKey its key in its ConfigMap's data.
	ActivityPath = "/etc/wismo/activity/activity.json"
	ActivityKey  = "activity.json"
	// KeysDir holds the generated keys, see KeyFile, and the KeyringFile.
	KeysDir = "/etc/wismo/keys"
	// CredentialsDir holds the user's secrets: <CredentialsDir>/<source or sender>/<key>.
	CredentialsDir = "/etc/wismo/credentials"
	// EmailUsernameKey and EmailPasswordKey are the keys of a mail server's credential, as in Secrets of type kubernetes.io/basic-auth.
	EmailUsernameKey = "username"
	EmailPasswordKey = "password"
	// DataDir is the Shop's volume.
	DataDir = "/data"
	// PagePort serves the public page and the webhook endpoints.
	PagePort = 8080
	// InternalPort serves /healthz, /readyz, /metrics and /report, to the kubelet, the operator and Prometheus only.
	InternalPort = 9090
	// HookPath precedes the endpoint id in a webhook URL.
	HookPath = "/hooks/"
	// UID runs every container, and owns the volume.
	UID = 65532
)

// Purposes of generated keys.
const (
	// LinkKeys sign the links in messages; the page verifies, the notifier signs with the newest.
	LinkKeys = "links"
	// HookKeys + the source's name sign that source's webhooks, where wismo makes the secret.
	HookKeys = "hook-"
)
