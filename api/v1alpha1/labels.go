package v1alpha1

// Labels that users set.
const (
	// LabelLibrary makes a ConfigMap in the library namespace count.
	LabelLibrary = GroupName + "/library"
	// LabelWatch makes a change of a ConfigMap count at once instead of within ten minutes.
	LabelWatch = GroupName + "/watch"
	// LabelRing says how early a Shop gets a release, such as `canary` or `early`.
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
	// LabelKeyPurpose says what a generated key is for.
	LabelKeyPurpose = GroupName + "/key-purpose"
)

// Values of LabelComponent.
const (
	// ComponentPage is the tracking page with its webhook receiver.
	ComponentPage = "page"
	// ComponentNotifier is the notifier.
	ComponentNotifier = "notifier"
)

// Annotations with which people steer a release; they stand on the release, never in Git, so that no pipeline
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

// AnnotationReconcileRequestedAt asks for a look at the object now, content that nobody watches included, whenever its
// value changes; a time is a good value. It stands on any of the three kinds, and the status echoes it.
const AnnotationReconcileRequestedAt = GroupName + "/reconcile-requested-at"

// Finalizers.
const (
	// FinalizerShop removes volume and keys under DeletionDelete.
	FinalizerShop = GroupName + "/shop-data"
	// FinalizerCarrierIntegration takes our endpoint off the provider's list.
	FinalizerCarrierIntegration = GroupName + "/deregistration"
)

// SourceAPI is the name of the order source that every Shop has.
const SourceAPI = "api"

// LibraryNamespace is the namespace of what the platform shares with all its Shops.
const LibraryNamespace = "wismo-library"
