package v1alpha1

// Condition types. kstatus reads Ready, Reconciling and Stalled. internal/conditions has the next step of each reason.
const (
	// ConditionReady means that the object is valid and in effect.
	ConditionReady = "Ready"
	// ConditionReconciling is present, and True, only while a change is being rolled out.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is present, and True, only while the object's own input cannot work; the last state that worked stays in effect.
	ConditionStalled = "Stalled"
	// ConditionOperational rolls up what other parties are responsible for; it never feeds Ready or Stalled.
	ConditionOperational = "Operational"

	// ConditionAccepted means the spec is valid and everything that it names exists.
	ConditionAccepted = "Accepted"
	// ConditionFieldsInactive is present, and True, only while the spec sets fields that are stored and not acted on.
	ConditionFieldsInactive = "FieldsInactive"
	// ConditionHostnameAccepted means the hostname and the aliases belong to this Shop.
	ConditionHostnameAccepted = "HostnameAccepted"
	// ConditionWorkloadsAvailable means the tracking page and the notifier are serving.
	ConditionWorkloadsAvailable = "WorkloadsAvailable"
	// ConditionReleased means the Shop runs the release that it should run.
	ConditionReleased = "Released"
	// ConditionDomainReady means DNS leads to the page, and its certificate is valid.
	ConditionDomainReady = "DomainReady"
	// ConditionSenderVerified means the mail server accepts mail from the Shop's sender.
	ConditionSenderVerified = "SenderVerified"
	// ConditionCredentialsAccepted means every Secret that is referred to exists, and none was refused.
	ConditionCredentialsAccepted = "CredentialsAccepted"
	// ConditionOrdersFlowing means orders arrive.
	ConditionOrdersFlowing = "OrdersFlowing"
	// ConditionStorageReady means the database of the Shop answers and has free space.
	ConditionStorageReady = "StorageReady"
	// ConditionSyntheticOrderSucceeded means the last synthetic order passed every step.
	ConditionSyntheticOrderSucceeded = "SyntheticOrderSucceeded"

	// ConditionEndpointPublished means the URL for the provider's webhooks is in the status.
	ConditionEndpointPublished = "EndpointPublished"
	// ConditionWebhookRegistered means the provider sends to the endpoint.
	ConditionWebhookRegistered = "WebhookRegistered"
	// ConditionEventsFlowing means parcel events arrive.
	ConditionEventsFlowing = "EventsFlowing"
	// ConditionMappingComplete means the definition maps every code that has arrived.
	ConditionMappingComplete = "MappingComplete"
)

// Reasons that more than one condition uses.
const (
	// ReasonReady means all conditions that feed Ready are True.
	ReasonReady = "Ready"
	// ReasonOperational means all conditions that feed Operational are True.
	ReasonOperational = "Operational"
	// ReasonNotYetObserved means the operator has not checked this yet.
	ReasonNotYetObserved = "NotYetObserved"
	// ReasonProgressing means a change is being rolled out.
	ReasonProgressing = "Progressing"
	// ReasonMissingReference means an object that the spec names does not exist.
	ReasonMissingReference = "MissingReference"
	// ReasonInvalidSpec means the spec contradicts itself in a way that the API server cannot detect.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonObjectRefused means the API server refuses an object that the operator has to write.
	ReasonObjectRefused = "ObjectRefused"
	// ReasonNameTaken means an object that the operator did not create has a name that the Shop needs.
	ReasonNameTaken = "NameTaken"
	// ReasonObjectBeingDeleted means an object that the Shop needs is being deleted, and is created again afterwards.
	ReasonObjectBeingDeleted = "ObjectBeingDeleted"
	// ReasonFieldContested means another program changes a field of an object each time after the operator has restored it.
	ReasonFieldContested = "FieldContested"
	// ReasonReportUnavailable means the operator cannot reach the pods to ask for their report.
	ReasonReportUnavailable = "ReportUnavailable"
	// ReasonNotNeeded means the condition does not apply to the object.
	ReasonNotNeeded = "NotNeeded"
	// ReasonSuspended means the Shop is suspended, so no orders or events are expected.
	ReasonSuspended = "Suspended"
)

// Reasons of Accepted.
const (
	// ReasonValid means the input is valid.
	ReasonValid = "Valid"
	// ReasonInvalidTemplate means a template cannot be rendered for every locale and occasion.
	ReasonInvalidTemplate = "InvalidTemplate"
	// ReasonInvalidDefinition means a provider definition does not compile.
	ReasonInvalidDefinition = "InvalidDefinition"
	// ReasonInvalidPolicy means the notification policy cannot be used.
	ReasonInvalidPolicy = "InvalidPolicy"
	// ReasonReleaseTooOld means the Shop's release does not support a field that it must not ignore.
	ReasonReleaseTooOld = "ReleaseTooOld"
	// ReasonUnsupportedIntake means the provider does not support what `intake` asks for.
	ReasonUnsupportedIntake = "UnsupportedIntake"
	// ReasonGatewayAPIMissing means the cluster has no Gateway API, which the Shop's exposure asks for.
	ReasonGatewayAPIMissing = "GatewayAPIMissing"
	// ReasonBundleTooLarge means texts, layout and settings together are too large for one bundle.
	ReasonBundleTooLarge = "BundleTooLarge"
)

// Reasons of FieldsInactive.
const (
	// ReasonNotActedOn means this version, or the Shop's release, does not act on the fields in the message.
	ReasonNotActedOn = "NotActedOn"
)

// Reasons of HostnameAccepted.
const (
	// ReasonClaimed means the hostname and the aliases belong to this Shop.
	ReasonClaimed = "Claimed"
	// ReasonHostnameConflict means another Shop has claimed the hostname or an alias.
	ReasonHostnameConflict = "HostnameConflict"
	// ReasonHostnameNotGranted means the platform does not grant this hostname to this namespace.
	ReasonHostnameNotGranted = "HostnameNotGranted"
)

// Reasons of WorkloadsAvailable.
const (
	// ReasonAvailable means the tracking page and the notifier are serving.
	ReasonAvailable = "Available"
	// ReasonProgressDeadlineExceeded means the new pods did not become ready in time; the last bundle that worked stays in use.
	ReasonProgressDeadlineExceeded = "ProgressDeadlineExceeded"
	// ReasonPodsFailing means pods crash or are not ready.
	ReasonPodsFailing = "PodsFailing"
	// ReasonPodsUnschedulable means no node has room for the pods.
	ReasonPodsUnschedulable = "PodsUnschedulable"
	// ReasonNamespaceBeingDeleted means the Shop's namespace is being deleted.
	ReasonNamespaceBeingDeleted = "NamespaceBeingDeleted"
	// ReasonImageUnavailable means a node cannot pull the image of a pod.
	ReasonImageUnavailable = "ImageUnavailable"
	// ReasonRolloutPaused means a person paused the rollout of a Deployment.
	ReasonRolloutPaused = "RolloutPaused"
	// ReasonScaledToZero means a Deployment is scaled to no pod.
	ReasonScaledToZero = "ScaledToZero"
	// ReasonPodsForbidden means an admission rule of the namespace refuses the pods.
	ReasonPodsForbidden = "PodsForbidden"
	// ReasonQuotaExceeded means a ResourceQuota of the namespace leaves no room.
	ReasonQuotaExceeded = "QuotaExceeded"
	// ReasonPriorityClassNotFound means `scheduling.priorityClassName` names no PriorityClass.
	ReasonPriorityClassNotFound = "PriorityClassNotFound"
)

// Reasons of Released.
const (
	// ReasonUpToDate means the Shop runs the latest release.
	ReasonUpToDate = "UpToDate"
	// ReasonWaitingForWave means the Shop's wave has not begun.
	ReasonWaitingForWave = "WaitingForWave"
	// ReasonWaitingForApproval means the Shop's wave needs an approval.
	ReasonWaitingForApproval = "WaitingForApproval"
	// ReasonWaitingForTurn means the Shop's wave has begun, and other Shops of it move first.
	ReasonWaitingForTurn = "WaitingForTurn"
	// ReasonUpdating means the Shop is moving to the release.
	ReasonUpdating = "Updating"
	// ReasonBaking means the Shop runs the release, and has to keep serving on it before the next wave begins.
	ReasonBaking = "Baking"
	// ReasonHeld means the Shop stays because its `release.policy` is Hold.
	ReasonHeld = "Held"
	// ReasonPinned means the Shop stays because its `release.policy` is Pin.
	ReasonPinned = "Pinned"
	// ReasonPaused means a person paused the release.
	ReasonPaused = "Paused"
	// ReasonHalted means the release was halted, because too many Shops failed on it.
	ReasonHalted = "Halted"
	// ReasonRollingBack means the release is being rolled back, and the Shop returns to the one before.
	ReasonRollingBack = "RollingBack"
	// ReasonRolledBack means the release was rolled back, and the Shop runs the one before.
	ReasonRolledBack = "RolledBack"
	// ReasonReleaseFailed means the Shop cannot run the release, and runs the one before.
	ReasonReleaseFailed = "ReleaseFailed"
	// ReasonReleaseUnusable means another version of the operator made the release, and this version cannot render it.
	ReasonReleaseUnusable = "ReleaseUnusable"
	// ReasonShopInvalid means the Shop's own input cannot be rendered with the release.
	ReasonShopInvalid = "ShopInvalid"
	// ReasonReleaseNotFound means the pinned release does not exist, or was removed.
	ReasonReleaseNotFound = "ReleaseNotFound"
)

// Reasons of DomainReady.
const (
	// ReasonReachable means the hostname leads to the page with a valid certificate.
	ReasonReachable = "Reachable"
	// ReasonDNSRecordMissing means a DNS record does not exist.
	ReasonDNSRecordMissing = "DNSRecordMissing"
	// ReasonDNSRecordDifferent means a DNS record has another value.
	ReasonDNSRecordDifferent = "DNSRecordDifferent"
	// ReasonCertificatePending means cert-manager has not issued the certificate yet.
	ReasonCertificatePending = "CertificatePending"
	// ReasonCertificateFailed means there is no valid certificate for the hostnames.
	ReasonCertificateFailed = "CertificateFailed"
	// ReasonRouteNotAccepted means the ingress controller or Gateway does not accept the route.
	ReasonRouteNotAccepted = "RouteNotAccepted"
)

// Reasons of SenderVerified.
const (
	// ReasonVerified means the mail server accepts mail from the sender.
	ReasonVerified = "Verified"
	// ReasonHouseSender means mails are sent from the platform's own address.
	ReasonHouseSender = "HouseSender"
	// ReasonSenderRefused means the mail server does not let the Shop send from this address.
	ReasonSenderRefused = "SenderRefused"
	// ReasonSenderUnreachable means the mail server does not answer; messages wait.
	ReasonSenderUnreachable = "SenderUnreachable"
	// ReasonSenderNotConfigured means neither the Shop nor the platform configures a mail server; messages wait.
	ReasonSenderNotConfigured = "SenderNotConfigured"
)

// Reasons of CredentialsAccepted.
const (
	// ReasonPresent means every Secret exists, and none was refused.
	ReasonPresent = "Present"
	// ReasonSecretNotFound means a Secret, or one of its keys, does not exist.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonGeneratedSecretMissing means the Secret of a key that wismo generated was deleted.
	ReasonGeneratedSecretMissing = "GeneratedSecretMissing"
	// ReasonSecretMalformed means a key of a Secret is empty, too short or otherwise invalid.
	ReasonSecretMalformed = "SecretMalformed"
	// ReasonRefused means the mail server or the provider refuses the credentials.
	ReasonRefused = "Refused"
	// ReasonUnknown means the state could not be determined.
	ReasonUnknown = "Unknown"
)

// Reasons of OrdersFlowing and EventsFlowing.
const (
	// ReasonFlowing means orders or events arrive.
	ReasonFlowing = "Flowing"
	// ReasonWaitingForFirstOrder means no order has arrived yet.
	ReasonWaitingForFirstOrder = "WaitingForFirstOrder"
	// ReasonWaitingForFirstEvent means no parcel event has arrived yet.
	ReasonWaitingForFirstEvent = "WaitingForFirstEvent"
	// ReasonNotPolled means a source is to be polled, and this version polls no provider.
	ReasonNotPolled = "NotPolled"
	// ReasonSilent means a source has sent nothing for longer than usual.
	ReasonSilent = "Silent"
	// ReasonSignaturesRejected means webhooks arrive that are not signed with the Shop's secret.
	ReasonSignaturesRejected = "SignaturesRejected"
	// ReasonPayloadsQuarantined means payloads arrive that the definition cannot read.
	ReasonPayloadsQuarantined = "PayloadsQuarantined"
)

// Reasons of StorageReady.
const (
	// ReasonHealthy means the database of the Shop answers and has free space.
	ReasonHealthy = "Healthy"
	// ReasonVolumePending means the volume is not bound yet.
	ReasonVolumePending = "VolumePending"
	// ReasonVolumeResizing means the volume is being resized.
	ReasonVolumeResizing = "VolumeResizing"
	// ReasonVolumeBeingDeleted means the volume is being deleted, and with it all orders once no pod mounts it.
	ReasonVolumeBeingDeleted = "VolumeBeingDeleted"
	// ReasonVolumeChangeRefused means the cluster refuses to change the volume to what the spec asks for.
	ReasonVolumeChangeRefused = "VolumeChangeRefused"
	// ReasonStorageFull means the store has little or no space left.
	ReasonStorageFull = "StorageFull"
	// ReasonStorageUnreachable means the database of the Shop does not answer.
	ReasonStorageUnreachable = "StorageUnreachable"
)

// Reasons of SyntheticOrderSucceeded.
const (
	// ReasonSucceeded means the last synthetic order passed every step.
	ReasonSucceeded = "Succeeded"
	// ReasonWaitingForFirstRun means no synthetic order has run yet.
	ReasonWaitingForFirstRun = "WaitingForFirstRun"
	// ReasonSyntheticOrderFailed means the last synthetic order did not pass every step.
	ReasonSyntheticOrderFailed = "SyntheticOrderFailed"
)

// Reasons of EndpointPublished.
const (
	// ReasonPublished means the endpoint is in the status.
	ReasonPublished = "Published"
	// ReasonWaitingForShop means the Shop is not Ready yet.
	ReasonWaitingForShop = "WaitingForShop"
)

// Reasons of WebhookRegistered.
const (
	// ReasonRegistered means the provider sends to the endpoint.
	ReasonRegistered = "Registered"
	// ReasonManualRegistration means a person registers the endpoint at the provider.
	ReasonManualRegistration = "ManualRegistration"
)

// Reasons of MappingComplete.
const (
	// ReasonAllCodesMapped means the definition maps every code that has arrived.
	ReasonAllCodesMapped = "AllCodesMapped"
	// ReasonUnmappedCodes means codes have arrived that the definition does not map; they changed no status.
	ReasonUnmappedCodes = "UnmappedCodes"
)

// Reasons of events that no condition carries.
const (
	// EventSurgeUnschedulable means no node has room for one more pod, so this rollout stops the old pod first.
	EventSurgeUnschedulable = "SurgeUnschedulable"
	// EventReleaseMade means what all Shops share has changed, and a new release was made.
	EventReleaseMade = "ReleaseMade"
	// EventWaveBegan means Shops of the wave move to the release.
	EventWaveBegan = "WaveBegan"
	// EventReleaseWaits means the next wave of the release needs an approval.
	EventReleaseWaits = "ReleaseWaits"
	// EventReleasePaused means a person paused the release.
	EventReleasePaused = "ReleasePaused"
	// EventReleaseHalted means the release was halted, because too many Shops failed on it or a rollback was requested.
	EventReleaseHalted = "ReleaseHalted"
	// EventReleaseRolledBack means Shops are back on the last good release.
	EventReleaseRolledBack = "ReleaseRolledBack"
	// EventReleaseSucceeded means all waves of the release are complete.
	EventReleaseSucceeded = "ReleaseSucceeded"
	// EventReleaseCannotRun means this version of the operator cannot render the latest release.
	EventReleaseCannotRun = "ReleaseCannotRun"
	// EventLibraryRefused means an object of the library is invalid, and its last valid content stays in use.
	EventLibraryRefused = "LibraryRefused"
	// EventKeyRotated means a generated key was replaced by a new one.
	EventKeyRotated = "KeyRotated"
)
