package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
)

// StorageType is the kind of database.
// +kubebuilder:validation:Enum=SQLite;PostgreSQL
type StorageType string

const (
	// StorageSQLite keeps everything in one file on one volume.
	StorageSQLite StorageType = "SQLite"
	// StoragePostgreSQL keeps everything in a database server, for a Shop that outgrew one node.
	StoragePostgreSQL StorageType = "PostgreSQL"
)

// DeletionPolicy defines what happens to the data when the Shop is deleted.
// +kubebuilder:validation:Enum=Retain;Delete
type DeletionPolicy string

const (
	// DeletionRetain keeps the volume and the keys; a Shop of the same name takes them up again.
	DeletionRetain DeletionPolicy = "Retain"
	// DeletionDelete removes them with the Shop.
	DeletionDelete DeletionPolicy = "Delete"
)

// MoveSource is a store that data can be moved away from.
// +kubebuilder:validation:Enum=SQLite
type MoveSource string

// MoveFromSQLite moves everything from the volume into the database server.
const MoveFromSQLite MoveSource = "SQLite"

// Storage is where orders, events and messages are kept.
// +kubebuilder:validation:XValidation:rule="!has(self.sqlite) || self.type == 'SQLite'",message="must not be set when `type` is 'PostgreSQL'",fieldPath=".sqlite"
// +kubebuilder:validation:XValidation:rule="has(self.postgreSQL) == (self.type == 'PostgreSQL')",message="must be set when, and only when, `type` is 'PostgreSQL'",fieldPath=".postgreSQL"
// +kubebuilder:validation:XValidation:rule="!has(self.moveFrom) || self.moveFrom != self.type",message="must differ from `type`",fieldPath=".moveFrom"
type Storage struct {
	// type of store: `SQLite` on one volume, or `PostgreSQL` for a Shop that outgrew one node.
	// +required
	Type StorageType `json:"type,omitempty"`

	// sqlite tunes the volume; for type `SQLite`.
	// +optional
	SQLite *SQLiteStorage `json:"sqlite,omitempty"`

	// postgreSQL is the database server; for type `PostgreSQL`.
	// +optional
	PostgreSQL *PostgreSQLStorage `json:"postgreSQL,omitempty"`

	// moveFrom is the store that the data is moved from, `SQLite`; the old store serves until counts and hashes match. It may stay afterwards.
	// +optional
	MoveFrom MoveSource `json:"moveFrom,omitempty"`

	// deletionPolicy defines what happens to the data with the Shop: `Retain`, which holds when omitted, keeps volume and keys for a Shop of the same name, `Delete` removes them.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
}

// SQLiteStorage is the volume of a Shop.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)",message="must not change, because a volume cannot change its class",fieldPath=".storageClassName"
type SQLiteStorage struct {
	// size of the volume, from 256Mi to 1Ti, such as `2Gi`; 1Gi when omitted. It can grow where the storage class allows, never shrink.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('256Mi')) >= 0 && quantity(string(self)).compareTo(quantity('1Ti')) <= 0",message="must be from 256Mi to 1Ti"
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0",message="must not shrink, because a volume cannot"
	Size *resource.Quantity `json:"size,omitempty"`

	// storageClassName of the volume. Without it: the default class of the cluster. It cannot change later.
	// +optional
	StorageClassName ObjectName `json:"storageClassName,omitempty"`
}

// PostgreSQLTLS defines how a connection to PostgreSQL is protected.
// +kubebuilder:validation:Enum=VerifyFull;VerifyCA;Require;Disable
type PostgreSQLTLS string

const (
	// PostgreSQLVerifyFull checks the certificate and the name in it.
	PostgreSQLVerifyFull PostgreSQLTLS = "VerifyFull"
	// PostgreSQLVerifyCA checks the certificate, not the name in it.
	PostgreSQLVerifyCA PostgreSQLTLS = "VerifyCA"
	// PostgreSQLRequire encrypts without verifying the server.
	PostgreSQLRequire PostgreSQLTLS = "Require"
	// PostgreSQLDisable sends everything in clear.
	PostgreSQLDisable PostgreSQLTLS = "Disable"
)

// PostgreSQLStorage is a database server. Host and port are set here, not in the Secret, so that exactly they can be
// opened for egress.
type PostgreSQLStorage struct {
	// host of the server: a DNS name or an IP address, such as `pg-rw.data.svc`.
	// +required
	Host Host `json:"host,omitempty"`

	// port of the server, from 1 to 65535. Without it: 5432.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port,omitempty"`

	// database name, at most 63 characters, such as `fjallro`. Every Shop needs one of its own.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z_][a-z0-9_-]*$')",message="must start with a lower-case letter or '_' and hold only lower-case letters, digits, '_' and '-'"
	Database string `json:"database,omitempty"`

	// tls of the connection: `VerifyFull` checks certificate and name and holds when omitted, `VerifyCA` the certificate, `Require` only encrypts, `Disable` does not.
	// +optional
	TLS PostgreSQLTLS `json:"tls,omitempty"`

	// credentialsSecretRef names the Secret with the keys `username` and `password`, and `ca.crt` where the server's certificate is of a private authority.
	// +required
	CredentialsSecretRef SecretReference `json:"credentialsSecretRef,omitzero"`
}

// ExposureType is how the page is reached from outside.
// +kubebuilder:validation:Enum=Ingress;Gateway;None
type ExposureType string

const (
	// ExposureIngress creates an Ingress.
	ExposureIngress ExposureType = "Ingress"
	// ExposureGateway creates an HTTPRoute.
	ExposureGateway ExposureType = "Gateway"
	// ExposureNone creates neither; you route the hostname to the Service.
	ExposureNone ExposureType = "None"
)

// Exposure is how the page is reached from outside.
// +kubebuilder:validation:XValidation:rule="!has(self.ingress) || self.type == 'Ingress'",message="must not be set unless `type` is 'Ingress'",fieldPath=".ingress"
// +kubebuilder:validation:XValidation:rule="has(self.gateway) == (self.type == 'Gateway')",message="must be set when, and only when, `type` is 'Gateway'",fieldPath=".gateway"
// +kubebuilder:validation:XValidation:rule="!has(self.tls) || self.type == 'Ingress'",message="must not be set unless `type` is 'Ingress': the listeners of a Gateway hold their own certificates",fieldPath=".tls"
type Exposure struct {
	// type of exposure: `Ingress` creates an Ingress, `Gateway` an HTTPRoute, `None` neither, so that you route the hostname to the Service.
	// +required
	Type ExposureType `json:"type,omitempty"`

	// ingress tunes the Ingress; for type `Ingress`.
	// +optional
	Ingress *IngressExposure `json:"ingress,omitempty"`

	// gateway names the Gateways that the route attaches to; for type `Gateway`.
	// +optional
	Gateway *GatewayExposure `json:"gateway,omitempty"`

	// webhookHostname is a hostname of its own for what providers and shop systems send, such as `hooks.fjallro.example`. Without it: `hostname`.
	// +optional
	WebhookHostname Hostname `json:"webhookHostname,omitempty"`

	// tls defines where the certificate comes from; for type `Ingress`. Without it: as the platform configures it.
	// +optional
	TLS *ExposureTLS `json:"tls,omitempty"`
}

// IngressExposure tunes the Ingress.
type IngressExposure struct {
	// className of the IngressClass, such as `public`.
	// +required
	ClassName ObjectName `json:"className,omitempty"`
}

// GatewayExposure names the Gateways that the route attaches to.
type GatewayExposure struct {
	// parentRefs are the Gateways, from 1 to 4.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	// +kubebuilder:validation:XValidation:rule="self.all(p, self.exists_one(o, o == p))",message="must not name a listener twice"
	ParentRefs []GatewayReference `json:"parentRefs,omitempty"`
}

// GatewayReference names a Gateway. Its listeners say which namespaces may attach, so both sides have to agree.
type GatewayReference struct {
	// name of the Gateway, such as `public`.
	// +required
	Name ObjectName `json:"name,omitempty"`

	// namespace of the Gateway, at most 63 characters. Without it: this namespace.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Label().validate(self).hasValue()",message="must be the name of a namespace"
	Namespace string `json:"namespace,omitempty"`

	// sectionName is one listener of the Gateway. Without it: every listener that fits.
	// +optional
	SectionName ObjectName `json:"sectionName,omitempty"`
}

// TLSType defines where a certificate comes from.
// +kubebuilder:validation:Enum=CertManager;Secret;External
type TLSType string

const (
	// TLSCertManager asks cert-manager for a certificate.
	TLSCertManager TLSType = "CertManager"
	// TLSSecret uses a Secret of the user.
	TLSSecret TLSType = "Secret"
	// TLSExternal leaves TLS to the ingress controller or a proxy in front of it.
	TLSExternal TLSType = "External"
)

// ExposureTLS defines where the certificate comes from.
// +kubebuilder:validation:XValidation:rule="has(self.issuerRef) == (self.type == 'CertManager')",message="must be set when, and only when, `type` is 'CertManager'",fieldPath=".issuerRef"
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) == (self.type == 'Secret')",message="must be set when, and only when, `type` is 'Secret'",fieldPath=".secretRef"
type ExposureTLS struct {
	// type of source: `CertManager` asks cert-manager, `Secret` uses a Secret of yours, `External` leaves TLS to the ingress controller or a proxy in front of it.
	// +required
	Type TLSType `json:"type,omitempty"`

	// issuerRef names the issuer of cert-manager; for type `CertManager`.
	// +optional
	IssuerRef *IssuerReference `json:"issuerRef,omitempty"`

	// secretRef names the Secret of type kubernetes.io/tls; for type `Secret`.
	// +optional
	SecretRef *SecretReference `json:"secretRef,omitempty"`
}

// IssuerKind is a kind of cert-manager issuer.
// +kubebuilder:validation:Enum=Issuer;ClusterIssuer
type IssuerKind string

const (
	// IssuerNamespaced is an issuer of this namespace.
	IssuerNamespaced IssuerKind = "Issuer"
	// IssuerCluster is an issuer for all namespaces.
	IssuerCluster IssuerKind = "ClusterIssuer"
)

// IssuerReference names an issuer of cert-manager.
type IssuerReference struct {
	// kind of the issuer: `Issuer` of this namespace or `ClusterIssuer`.
	// +required
	Kind IssuerKind `json:"kind,omitempty"`

	// name of the issuer, such as `letsencrypt`.
	// +required
	Name ObjectName `json:"name,omitempty"`
}

// Links defines how long the signed links in messages work. At most 8 keys can be valid at a time.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="(has(self.ttlDays) ? self.ttlDays : 90) <= 6 * (has(self.keyRotationDays) ? self.keyRotationDays : 90)",message="must be at least a sixth of `ttlDays` (90 when omitted), because at most 8 keys can be valid at a time",fieldPath=".keyRotationDays"
type Links struct {
	// ttlDays that a link works after it was sent, in days from 1 to 730. Without it: 90.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=730
	TTLDays int32 `json:"ttlDays,omitempty"`

	// keyRotationDays after which the next key signs, in days from 1 to 365. Without it: 90. Links signed before keep working.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=365
	KeyRotationDays int32 `json:"keyRotationDays,omitempty"`
}

// Retention defines when personal data is deleted.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="(has(self.receiptDays) ? self.receiptDays : 1) <= (has(self.orderDays) ? self.orderDays : 365)",message="must not be more than `orderDays` (365 when omitted)",fieldPath=".receiptDays"
// +kubebuilder:validation:XValidation:rule="(has(self.messageDays) ? self.messageDays : 1) <= (has(self.orderDays) ? self.orderDays : 365)",message="must not be more than `orderDays` (365 when omitted)",fieldPath=".messageDays"
type Retention struct {
	// orderDays that an order is kept after its last event, in days from 1 to 3650.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3650
	OrderDays int32 `json:"orderDays,omitempty"`

	// receiptDays that webhooks and poll answers are kept as they were received, for replay, in days from 1 to 3650.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3650
	ReceiptDays int32 `json:"receiptDays,omitempty"`

	// messageDays that messages and decisions are kept, in days from 1 to 3650.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3650
	MessageDays int32 `json:"messageDays,omitempty"`
}

// Scheduling defines where the pods of a Shop run and what they may use. It is deliberately no pod template.
// +kubebuilder:validation:MinProperties=1
type Scheduling struct {
	// resources of each container of the page and the notifier. Without it: as the platform configures it.
	// +optional
	Resources *Resources `json:"resources,omitempty"`

	// nodeSelector is at most 16 labels that a node must have.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, !format.qualifiedName().validate(k).hasValue() && !format.labelValue().validate(self[k]).hasValue())",message="must hold valid label keys and values"
	NodeSelector map[string]LabelValue `json:"nodeSelector,omitempty"`

	// tolerations of the pods, at most 16.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Tolerations []Toleration `json:"tolerations,omitempty"`

	// priorityClassName of the pods. Without it: the default of the cluster.
	// +optional
	PriorityClassName ObjectName `json:"priorityClassName,omitempty"`
}

// LabelValue is the value of a Kubernetes label.
// +kubebuilder:validation:MinLength=0
// +kubebuilder:validation:MaxLength=63
type LabelValue string

// Resources is what a container asks for and may use.
// +kubebuilder:validation:MinProperties=1
type Resources struct {
	// requests are what the scheduler sets aside for a container.
	// +optional
	Requests *ResourceAmounts `json:"requests,omitempty"`

	// limits are what a container can never exceed.
	// +optional
	Limits *ResourceAmounts `json:"limits,omitempty"`
}

// ResourceAmounts is an amount of CPU and memory.
// +kubebuilder:validation:MinProperties=1
type ResourceAmounts struct {
	// cpu in cores, from 1m to 64, such as `100m`.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('1m')) >= 0 && quantity(string(self)).compareTo(quantity('64')) <= 0",message="must be from 1m to 64"
	CPU *resource.Quantity `json:"cpu,omitempty"`

	// memory in bytes, from 16Mi to 256Gi, such as `64Mi`.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('16Mi')) >= 0 && quantity(string(self)).compareTo(quantity('256Gi')) <= 0",message="must be from 16Mi to 256Gi"
	Memory *resource.Quantity `json:"memory,omitempty"`
}

// TolerationOperator compares the value of a taint.
// +kubebuilder:validation:Enum=Equal;Exists
type TolerationOperator string

// TaintEffect is what a taint does to pods that do not tolerate it.
// +kubebuilder:validation:Enum=NoSchedule;PreferNoSchedule;NoExecute
type TaintEffect string

// Toleration has the shape of a pod's toleration, but bounded.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="!has(self.value) || !has(self.operator) || self.operator == 'Equal'",message="must not be set when `operator` is 'Exists'",fieldPath=".value"
// +kubebuilder:validation:XValidation:rule="has(self.key) || (has(self.operator) && self.operator == 'Exists')",message="must be set unless `operator` is 'Exists'",fieldPath=".key"
// +kubebuilder:validation:XValidation:rule="!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",message="must not be set unless `effect` is 'NoExecute'",fieldPath=".tolerationSeconds"
type Toleration struct {
	// key of the taint. Without it, and with operator `Exists`: every taint.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=316
	// +kubebuilder:validation:XValidation:rule="!format.qualifiedName().validate(self).hasValue()",message="must be a valid taint key"
	Key string `json:"key,omitempty"`

	// operator is `Equal`, which holds when omitted, or `Exists`.
	// +optional
	Operator TolerationOperator `json:"operator,omitempty"`

	// value of the taint; for operator `Equal`.
	// +optional
	Value *LabelValue `json:"value,omitempty"`

	// effect of the taint: `NoSchedule`, `PreferNoSchedule` or `NoExecute`. Without it: any.
	// +optional
	Effect TaintEffect `json:"effect,omitempty"`

	// tolerationSeconds that a pod stays after the taint appears, in seconds from 0 to 86400; for effect `NoExecute`. Without it: for ever.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	TolerationSeconds *int64 `json:"tolerationSeconds,omitempty"`
}

// ReleasePolicy defines how a Shop follows the releases of the platform.
// +kubebuilder:validation:Enum=Auto;Hold;Pin
type ReleasePolicy string

const (
	// ReleaseAuto follows every release in its wave.
	ReleaseAuto ReleasePolicy = "Auto"
	// ReleaseHold stays on the release the Shop is on.
	ReleaseHold ReleasePolicy = "Hold"
	// ReleasePin goes to one named release and stays there.
	ReleasePin ReleasePolicy = "Pin"
)

// ReleaseName is the name of a release of the platform.
// +kubebuilder:validation:MinLength=5
// +kubebuilder:validation:MaxLength=16
// +kubebuilder:validation:XValidation:rule="self.matches('^rel-[0-9]+$')",message="must be the name of a release, such as 'rel-0042'"
type ReleaseName string

// ReleaseChoice defines how a Shop follows the releases of the platform.
// +kubebuilder:validation:XValidation:rule="has(self.name) == (self.policy == 'Pin')",message="must be set when, and only when, `policy` is 'Pin'",fieldPath=".name"
type ReleaseChoice struct {
	// policy is `Auto` to follow every release in its wave, `Hold` to stay, or `Pin` to go to the release in `name` and stay there.
	// +required
	Policy ReleasePolicy `json:"policy,omitempty"`

	// name of the release, such as `rel-0042`; for policy `Pin`.
	// +optional
	Name ReleaseName `json:"name,omitempty"`
}

// SyntheticOrder is a made-up order that regularly takes the whole way.
type SyntheticOrder struct {
	// schedule in cron form with five fields, in the time zone of the Shop, such as `30 6 * * *`; at most 64 characters.
	// +required
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9*][0-9*,/-]*( [0-9*][0-9*,/-]*){4}$')",message="must be a cron schedule of five fields, such as '30 6 * * *'"
	Schedule string `json:"schedule,omitempty"`

	// email is the inbox that the messages of the made-up order go to.
	// +required
	Email EmailAddress `json:"email,omitempty"`
}
