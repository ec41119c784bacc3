package v1alpha1

// Labels that users set.
const (
	// LabelLibrary makes a ConfigMap in the library namespace count.
	LabelLibrary = GroupName + "/library"
	// LabelWatch makes a change of a ConfigMap count at once instead of within ten minutes.
	LabelWatch = GroupName + "/watch"
	// LabelRing defines how early a Shop gets a release, such as `canary` or `early`.
	LabelRing = GroupName + "/ring"
)

// Labels that the operator sets.
const (
	// LabelShop names the Shop that an object belongs to.
	LabelShop = GroupName + "/shop"
	// LabelComponent names the part of a Shop that an object belongs to: ComponentPage or ComponentNotifier.
	LabelComponent = GroupName + "/component"
	// LabelVolume names the Shop whose volume a pod mounts; pods of one volume go to one node.
	LabelVolume = GroupName + "/volume"
	// LabelRelease names the release that a Deployment runs.
	LabelRelease = GroupName + "/release"
	// LabelBundle is the hash of the bundle that an object was rendered from.
	LabelBundle = GroupName + "/bundle"
	// LabelRevision is what a ControllerRevision holds: RevisionRelease or RevisionContent.
	LabelRevision = GroupName + "/revision"
	// LabelKeyPurpose is what a generated key is for.
	LabelKeyPurpose = GroupName + "/key-purpose"
)

// Values of LabelComponent.
const (
	// ComponentPage is the tracking page with its webhook receiver.
	ComponentPage = "page"
	// ComponentNotifier is the notifier.
	ComponentNotifier = "notifier"
)

// Values of LabelRevision.
const (
	// RevisionRelease is a release: its name is such as rel-0042.
	RevisionRelease = "Release"
	// RevisionContent is content of the library as releases refer to it, by its hash.
	RevisionContent = "Content"
)

// AnnotationLatched is what the operator remembers of a release, on the release: a halt, the waves that are over.
const AnnotationLatched = GroupName + "/latched"

// Annotations with which people steer a release; they are set on the release, never in Git, so that no pipeline
// reverts them.
const (
	// AnnotationPause stops a release where it is.
	AnnotationPause = GroupName + "/pause"
	// AnnotationApprove opens the wave it names.
	AnnotationApprove = GroupName + "/approve"
	// AnnotationRetry clears a halt each time its value grows.
	AnnotationRetry = GroupName + "/retry"
	// AnnotationRollBack takes every Shop back to the release before.
	AnnotationRollBack = GroupName + "/roll-back"
)

// Annotations of a Shop's Deployments, by which the operator knows the state of the Shop on the releases.
const (
	// AnnotationReleaseBefore is the last release that the Shop served on before the one in LabelRelease.
	AnnotationReleaseBefore = GroupName + "/release-before"
	// AnnotationReleaseSince is when LabelRelease last changed and pods were replaced for it, in RFC 3339.
	AnnotationReleaseSince = GroupName + "/release-since"
	// AnnotationReleaseFailed names a release that the Shop failed on, and the attempt, such as `rel-0042.0`.
	AnnotationReleaseFailed = GroupName + "/release-failed"
	// AnnotationReleaseClash names a release, and the attempt, that the Shop's own input does not fit, as long as it does not.
	AnnotationReleaseClash = GroupName + "/release-clash"
	// AnnotationReleaseUnwell names a release, and the attempt, about which the Shop proves nothing.
	AnnotationReleaseUnwell = GroupName + "/release-unwell"
	// AnnotationTemplate is a hash of the pod template as it was rendered.
	AnnotationTemplate = GroupName + "/template"
	// AnnotationFailedTemplate is the hash of a pod template whose pods did not become ready in time.
	AnnotationFailedTemplate = GroupName + "/failed-template"
)

// AnnotationActivity on a Shop is an activity that counts beside `spec.activity`: the stricter of the two is in force, so no
// pipeline that writes the spec reverts a person's decision. `Suspended` or `Rehearsal`; any other value counts as Suspended.
const AnnotationActivity = GroupName + "/activity"

// AnnotationReconcileRequestedAt requests a reconciliation of the object, with content that is not watched, whenever its
// value changes; a time is a good value. It works on all three kinds, and the status echoes it.
const AnnotationReconcileRequestedAt = GroupName + "/reconcile-requested-at"

// AnnotationInstallation is a copy of the id of the installation, on claims of hostnames and on releases: with it, the ConfigMap
// wismo-installation is created again if it is lost.
const AnnotationInstallation = GroupName + "/installation"

// AnnotationAdoptableBy on an object that the operator did not create permits the Shop of that name, in the same namespace, to take
// the object over: to change it, and to delete it as the Shop's own.
const AnnotationAdoptableBy = GroupName + "/adoptable-by"

// Finalizers.
const (
	// FinalizerShop removes volume and keys under DeletionDelete.
	FinalizerShop = GroupName + "/shop-data"
	// FinalizerCarrierIntegration removes the endpoint at the provider.
	FinalizerCarrierIntegration = GroupName + "/deregistration"
)

// SourceAPI is the name of the order source that every Shop has.
const SourceAPI = "api"

// LibraryNamespace is the namespace of what the platform shares with all its Shops.
const LibraryNamespace = "wismo-library"
