package v1alpha1

// Condition types. Ready, Reconciling and Stalled are what kstatus reads; see docs/conditions.md.
const (
	// ConditionReady means that what a commit can mend is right and serving.
	ConditionReady = "Ready"
	// ConditionReconciling is present, and True, only while something is still on its way.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is present, and True, only while the object's own input cannot work; the old state serves on.
	ConditionStalled = "Stalled"
	// ConditionOperational rolls up what only the world can mend; it never feeds Ready or Stalled.
	ConditionOperational = "Operational"

	// ConditionAccepted means the input is valid and everything it names exists.
	ConditionAccepted = "Accepted"
	// ConditionHostnameAccepted means the hostname is this Shop's and nobody else's.
	ConditionHostnameAccepted = "HostnameAccepted"
	// ConditionWorkloadsAvailable means page and notifier serve.
	ConditionWorkloadsAvailable = "WorkloadsAvailable"
	// ConditionReleased means the Shop is on the release it should be on.
	ConditionReleased = "Released"
	// ConditionDomainReady means DNS and certificate lead shoppers to the page.
	ConditionDomainReady = "DomainReady"
	// ConditionSenderVerified means receivers can trust the mail identity.
	ConditionSenderVerified = "SenderVerified"
	// ConditionCredentialsAccepted means every Secret is present and its owner accepts it.
	ConditionCredentialsAccepted = "CredentialsAccepted"
	// ConditionOrdersFlowing means orders arrive.
	ConditionOrdersFlowing = "OrdersFlowing"
	// ConditionStorageReady means the store is healthy and where it should be.
	ConditionStorageReady = "StorageReady"
	// ConditionSyntheticOrderSucceeded means the last made-up order took the whole way.
	ConditionSyntheticOrderSucceeded = "SyntheticOrderSucceeded"

	// ConditionEndpointPublished means the provider can be told where to send.
	ConditionEndpointPublished = "EndpointPublished"
	// ConditionWebhookRegistered means the provider knows our endpoint.
	ConditionWebhookRegistered = "WebhookRegistered"
	// ConditionEventsFlowing means parcel events arrive.
	ConditionEventsFlowing = "EventsFlowing"
	// ConditionMappingComplete means every code that arrived is understood.
	ConditionMappingComplete = "MappingComplete"
)

// Reasons that more than one condition uses.
const (
	// ReasonReady means all that feeds Ready is True.
	ReasonReady = "Ready"
	// ReasonOperational means all that feeds Operational is True.
	ReasonOperational = "Operational"
	// ReasonNotYetObserved means nobody has looked yet.
	ReasonNotYetObserved = "NotYetObserved"
	// ReasonProgressing means a change is on its way.
	ReasonProgressing = "Progressing"
	// ReasonMissingReference means something that is named does not exist (yet).
	ReasonMissingReference = "MissingReference"
	// ReasonInvalidSpec means the spec contradicts itself in a way that the API server cannot see.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonObjectRefused means the API server refuses an object that is needed.
	ReasonObjectRefused = "ObjectRefused"
	// ReasonReportUnavailable means the pods could not be asked.
	ReasonReportUnavailable = "ReportUnavailable"
	// ReasonNotNeeded means there is nothing to be done.
	ReasonNotNeeded = "NotNeeded"
	// ReasonSuspended means the Shop is suspended, so nothing is expected.
	ReasonSuspended = "Suspended"
)

// Reasons of Accepted.
const (
	// ReasonValid means the input is valid.
	ReasonValid = "Valid"
	// ReasonInvalidTemplate means a template does not render for every locale and occasion.
	ReasonInvalidTemplate = "InvalidTemplate"
	// ReasonInvalidDefinition means a provider definition does not compile.
	ReasonInvalidDefinition = "InvalidDefinition"
	// ReasonInvalidPolicy means the notification policy cannot be used.
	ReasonInvalidPolicy = "InvalidPolicy"
	// ReasonReleaseTooOld means the release that the Shop runs cannot do what is asked for, and must not leave it out.
	ReasonReleaseTooOld = "ReleaseTooOld"
	// ReasonUnsupportedIntake means the provider cannot do what `intake` asks for.
	ReasonUnsupportedIntake = "UnsupportedIntake"
	// ReasonGatewayAPIMissing means the cluster has no Gateway API, which the Shop's exposure asks for.
	ReasonGatewayAPIMissing = "GatewayAPIMissing"
	// ReasonBundleTooLarge means texts and settings together are too large.
	ReasonBundleTooLarge = "BundleTooLarge"
)

// Reasons of HostnameAccepted.
const (
	// ReasonClaimed means the hostname is this Shop's.
	ReasonClaimed = "Claimed"
	// ReasonHostnameConflict means another Shop holds the hostname or an alias.
	ReasonHostnameConflict = "HostnameConflict"
	// ReasonHostnameNotGranted means the platform does not grant this hostname to this namespace.
	ReasonHostnameNotGranted = "HostnameNotGranted"
)

// Reasons of WorkloadsAvailable.
const (
	// ReasonAvailable means page and notifier serve.
	ReasonAvailable = "Available"
	// ReasonProgressDeadlineExceeded means a roll did not finish in time; the last good bundle serves.
	ReasonProgressDeadlineExceeded = "ProgressDeadlineExceeded"
	// ReasonPodsFailing means pods crash or are not ready.
	ReasonPodsFailing = "PodsFailing"
	// ReasonPodsUnschedulable means no node takes the pods.
	ReasonPodsUnschedulable = "PodsUnschedulable"
	// ReasonPodsForbidden means a quota or admission rule of the namespace refuses the pods.
	ReasonPodsForbidden = "PodsForbidden"
	// ReasonQuotaExceeded means a ResourceQuota of the namespace leaves no room.
	ReasonQuotaExceeded = "QuotaExceeded"
	// ReasonPriorityClassNotFound means `scheduling.priorityClassName` names no PriorityClass.
	ReasonPriorityClassNotFound = "PriorityClassNotFound"
)

// Reasons of Released.
const (
	// ReasonUpToDate means the Shop runs the current release.
	ReasonUpToDate = "UpToDate"
	// ReasonWaitingForWave means the Shop's wave is not open yet.
	ReasonWaitingForWave = "WaitingForWave"
	// ReasonWaitingForApproval means the Shop's wave waits for somebody's approval.
	ReasonWaitingForApproval = "WaitingForApproval"
	// ReasonWaitingForTurn means the Shop's wave is open, and others of it move first.
	ReasonWaitingForTurn = "WaitingForTurn"
	// ReasonUpdating means the Shop moves to the release now.
	ReasonUpdating = "Updating"
	// ReasonBaking means the Shop runs the release and is being watched.
	ReasonBaking = "Baking"
	// ReasonHeld means the Shop stays because its `release.policy` is Hold.
	ReasonHeld = "Held"
	// ReasonPinned means the Shop stays because its `release.policy` is Pin.
	ReasonPinned = "Pinned"
	// ReasonPaused means the release was paused by hand.
	ReasonPaused = "Paused"
	// ReasonHalted means the release was stopped because Shops failed on it.
	ReasonHalted = "Halted"
	// ReasonRollingBack means the release is taken back and the Shop returns to the one before.
	ReasonRollingBack = "RollingBack"
	// ReasonRolledBack means the release was taken back and the Shop serves on the one before.
	ReasonRolledBack = "RolledBack"
	// ReasonReleaseFailed means the Shop failed on the release and went back by itself.
	ReasonReleaseFailed = "ReleaseFailed"
	// ReasonReleaseUnusable means another version of the operator made the release, and this one cannot render it.
	ReasonReleaseUnusable = "ReleaseUnusable"
	// ReasonShopInvalid means what the Shop itself asks for keeps it from moving to the release.
	ReasonShopInvalid = "ShopInvalid"
	// ReasonReleaseNotFound means the pinned release does not exist (any more).
	ReasonReleaseNotFound = "ReleaseNotFound"
)

// Reasons of DomainReady.
const (
	// ReasonReachable means the hostname leads to the page with a valid certificate.
	ReasonReachable = "Reachable"
	// ReasonDNSRecordMissing means a DNS record does not exist.
	ReasonDNSRecordMissing = "DNSRecordMissing"
	// ReasonDNSRecordDifferent means a DNS record leads elsewhere.
	ReasonDNSRecordDifferent = "DNSRecordDifferent"
	// ReasonCertificatePending means the certificate is not issued yet.
	ReasonCertificatePending = "CertificatePending"
	// ReasonCertificateFailed means the certificate cannot be issued or has expired.
	ReasonCertificateFailed = "CertificateFailed"
	// ReasonRouteNotAccepted means the ingress controller or Gateway does not take the route.
	ReasonRouteNotAccepted = "RouteNotAccepted"
)

// Reasons of SenderVerified.
const (
	// ReasonVerified means the mail server takes mail from the sender.
	ReasonVerified = "Verified"
	// ReasonHouseSender means mails come from the platform's own address.
	ReasonHouseSender = "HouseSender"
	// ReasonSenderRefused means the mail server does not let us send from this address.
	ReasonSenderRefused = "SenderRefused"
	// ReasonSenderUnreachable means the mail server does not answer; messages wait.
	ReasonSenderUnreachable = "SenderUnreachable"
	// ReasonSenderNotConfigured means neither the Shop nor the platform names a mail server; messages wait.
	ReasonSenderNotConfigured = "SenderNotConfigured"
)

// Reasons of CredentialsAccepted.
const (
	// ReasonPresent means every Secret is there and nobody refused it.
	ReasonPresent = "Present"
	// ReasonSecretNotFound means a Secret does not exist.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonGeneratedSecretMissing means somebody deleted the Secret of a key that wismo made.
	ReasonGeneratedSecretMissing = "GeneratedSecretMissing"
	// ReasonSecretMalformed means a Secret lacks a key or holds something else.
	ReasonSecretMalformed = "SecretMalformed"
	// ReasonRefused means the other side does not accept the credentials.
	ReasonRefused = "Refused"
	// ReasonUnknown means nobody could tell.
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
	// ReasonSilent means a source has been silent for longer than it usually is.
	ReasonSilent = "Silent"
	// ReasonSignaturesRejected means what arrives is not signed with our secret.
	ReasonSignaturesRejected = "SignaturesRejected"
	// ReasonPayloadsQuarantined means what arrives cannot be understood.
	ReasonPayloadsQuarantined = "PayloadsQuarantined"
)

// Reasons of StorageReady.
const (
	// ReasonHealthy means the store answers and has room.
	ReasonHealthy = "Healthy"
	// ReasonVolumePending means the volume is not bound yet.
	ReasonVolumePending = "VolumePending"
	// ReasonVolumeResizing means the volume is growing.
	ReasonVolumeResizing = "VolumeResizing"
	// ReasonVolumeChangeRefused means the volume cannot become as the spec says; it serves on as it is.
	ReasonVolumeChangeRefused = "VolumeChangeRefused"
	// ReasonStorageFull means the store has little or no room left.
	ReasonStorageFull = "StorageFull"
	// ReasonStorageUnreachable means the store does not answer.
	ReasonStorageUnreachable = "StorageUnreachable"
)

// Reasons of SyntheticOrderSucceeded.
const (
	// ReasonSucceeded means the last made-up order took the whole way.
	ReasonSucceeded = "Succeeded"
	// ReasonWaitingForFirstRun means no made-up order has run yet.
	ReasonWaitingForFirstRun = "WaitingForFirstRun"
	// ReasonSyntheticOrderFailed means the last made-up order got stuck.
	ReasonSyntheticOrderFailed = "SyntheticOrderFailed"
)

// Reasons of EndpointPublished.
const (
	// ReasonPublished means the endpoint stands in the status.
	ReasonPublished = "Published"
	// ReasonWaitingForShop means the Shop is not Ready yet.
	ReasonWaitingForShop = "WaitingForShop"
)

// Reasons of WebhookRegistered.
const (
	// ReasonRegistered means the provider knows our endpoint.
	ReasonRegistered = "Registered"
	// ReasonManualRegistration means a person has to paste the endpoint at the provider.
	ReasonManualRegistration = "ManualRegistration"
)

// Reasons of MappingComplete.
const (
	// ReasonAllCodesMapped means every code that arrived is understood.
	ReasonAllCodesMapped = "AllCodesMapped"
	// ReasonUnmappedCodes means codes arrived that the definition does not know; they changed nothing.
	ReasonUnmappedCodes = "UnmappedCodes"
)

// Reasons of events that no condition carries.
const (
	// EventSurgeUnschedulable means no node takes one pod more, so this roll has a short gap.
	EventSurgeUnschedulable = "SurgeUnschedulable"
	// EventReleaseMade means what all Shops share has changed, and is a new release.
	EventReleaseMade = "ReleaseMade"
	// EventWaveBegan means Shops of the wave may move to the release.
	EventWaveBegan = "WaveBegan"
	// EventReleaseWaits means the release waits for a person to approve the next wave.
	EventReleaseWaits = "ReleaseWaits"
	// EventReleasePaused means somebody paused the release.
	EventReleasePaused = "ReleasePaused"
	// EventReleaseHalted means the release was stopped because Shops failed on it, or because somebody asked for it.
	EventReleaseHalted = "ReleaseHalted"
	// EventReleaseRolledBack means Shops are back on the last good release.
	EventReleaseRolledBack = "ReleaseRolledBack"
	// EventReleaseSucceeded means all waves of the release are over.
	EventReleaseSucceeded = "ReleaseSucceeded"
	// EventReleaseCannotRun means this version of the operator cannot render the latest release.
	EventReleaseCannotRun = "ReleaseCannotRun"
	// EventLibraryRefused means an object of the library is wrong, and what it said before goes on to count.
	EventLibraryRefused = "LibraryRefused"
	// EventKeyRotated means a generated secret was replaced.
	EventKeyRotated = "KeyRotated"
)
