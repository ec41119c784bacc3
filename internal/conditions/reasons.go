package conditions

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Reasons returns every reason, in the order of the document.
func Reasons() []Reason {
	return slices.Concat(
		sharedReasons, rollUpReasons, acceptedReasons, fieldsInactiveReasons, hostnameAcceptedReasons, workloadsAvailableReasons, releasedReasons, domainReadyReasons, senderVerifiedReasons,
		credentialsAcceptedReasons, flowingReasons, storageReadyReasons, syntheticOrderReasons, endpointPublishedReasons, webhookRegisteredReasons, mappingCompleteReasons,
	)
}

// reasonsOf returns the reasons with their field Conditions set.
func reasonsOf(conditions []string, reasons []Reason) []Reason {
	for i := range reasons {
		reasons[i].Conditions = conditions
	}
	return reasons
}

var rollUpReasons = []Reason{
	{
		Name: v1alpha1.ReasonReady, Conditions: []string{v1alpha1.ConditionReady}, Status: metav1.ConditionTrue, Need: None,
		Means: "All conditions that feed Ready are True.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonOperational, Conditions: []string{v1alpha1.ConditionOperational}, Status: metav1.ConditionTrue, Need: None,
		Means: "All conditions that feed Operational are True.",
		Next:  "None.",
	},
}

var sharedReasons = []Reason{
	{
		Name: v1alpha1.ReasonNotYetObserved, Status: metav1.ConditionUnknown, Need: Time,
		Means: "The operator has not checked this yet.",
		Next:  "Wait a few seconds. If it does not change, check that the operator runs: `kubectl get pods -n wismo-system`.",
	},
	{
		Name: v1alpha1.ReasonProgressing, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Time,
		Means: "A change is being rolled out.",
		Next:  "Wait. The message names what the operator is waiting for.",
	},
	{
		Name: v1alpha1.ReasonMissingReference, Status: metav1.ConditionFalse, Need: Action,
		Means: "A ConfigMap, NotificationPolicy, definition or Shop that the spec names does not exist.",
		Next:  "Create the object that the message names, or correct the name. Nothing has to be applied again.",
	},
	{
		Name: v1alpha1.ReasonInvalidSpec, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionStalled}, Need: Action,
		Means: "The spec contradicts itself or asks for something that this version cannot do, in a way that the API server cannot detect; or a key record was edited by hand.",
		Next:  "Correct the field that the message names and apply again; delete the key record if it names one.",
	},
	{
		Name: v1alpha1.ReasonObjectRefused, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Action,
		Means: "The API server refuses an object that the operator has to write: because of a quota, an admission rule, or a right that the operator lacks. The last state that worked stays in effect.",
		Next:  "Follow the message, which quotes the API server. Nothing has to be applied again.",
	},
	{
		Name: v1alpha1.ReasonNameTaken, TrueOn: []string{v1alpha1.ConditionStalled}, Need: Action,
		Means: "An object that the operator did not create has a name that the Shop needs. It is not changed, and neither is what the Shop needs it for.",
		Next:  "Remove the object that the message names, or create the Shop under another name. To let the Shop take the object over, with what it holds, set the annotation `tracking.wismo.dev/adoptable-by` to the Shop's name on it.",
	},
	{
		Name: v1alpha1.ReasonObjectBeingDeleted, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Action,
		Means: "An object of the Shop was deleted and is not gone yet. The operator creates it again when it is gone.",
		Next:  "Wait. If it lasts, find out what holds the finalizers that the message names.",
	},
	{
		Name: v1alpha1.ReasonFieldContested, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Action,
		Means: "Another program changes a field of an object of the Shop each time after the operator has restored it. The operator leaves it as it is for a while, from one minute up to an hour.",
		Next:  "Find the program that writes the field which the message names, and keep it from that. The field managers of the object, in `kubectl get -o yaml --show-managed-fields`, may show it.",
	},
	{
		Name: v1alpha1.ReasonReportUnavailable, Status: metav1.ConditionUnknown, Need: Time,
		Means: "The operator cannot reach the pods to ask for their report.",
		Next:  "None if it is brief. If it lasts, check whether a NetworkPolicy keeps the operator from the pods' internal port.",
	},
	{
		Name: v1alpha1.ReasonUnknown, Status: metav1.ConditionUnknown, Need: Time,
		Means: "The pods are newer than the operator and report a state that this version does not know. The sections below list what else it means for their conditions.",
		Next:  "Upgrade the operator, or follow the message.",
	},
	{
		Name: v1alpha1.ReasonNotNeeded, Status: metav1.ConditionTrue, Need: None,
		Means: "The condition does not apply to this object, as for a webhook's registration where `intake.mode` is `Poll`.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonSuspended, Status: metav1.ConditionTrue, Need: None,
		Means: "The Shop is suspended, so no orders or events are expected.",
		Next:  "None. To send messages again, run `kubectl wismo resume`, and set `spec.activity: Live`.",
	},
}

var acceptedReasons = reasonsOf([]string{v1alpha1.ConditionAccepted}, []Reason{
	{
		Name: v1alpha1.ReasonValid, Status: metav1.ConditionTrue, Need: None,
		Means: "The input is valid.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonInvalidTemplate, Status: metav1.ConditionFalse, Need: Action,
		Means: "A template cannot be rendered for every locale and occasion. The last valid one stays in use.",
		Next:  "Fix the file and line that the message names. For a misspelled key it suggests the nearest one that exists.",
	},
	{
		Name: v1alpha1.ReasonInvalidDefinition, Status: metav1.ConditionFalse, Need: Action,
		Means: "A provider definition from a ConfigMap does not compile, or the catalog has no definition of this name.",
		Next:  "Fix the line that the message names, or choose a name from the catalog.",
	},
	{
		Name: v1alpha1.ReasonInvalidPolicy, Status: metav1.ConditionFalse, Need: Action,
		Means: "The NotificationPolicy cannot be used, for example because its base has a base itself.",
		Next:  "Follow the message, and fix the policy rather than the Shop.",
	},
	{
		Name: v1alpha1.ReasonReleaseTooOld, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionReconciling}, Need: Action,
		Means: "The spec sets a field, such as `quietHours`, that the workloads of the Shop's release do not support, and to ignore it would send or show more than it allows. The last bundle stays in use. False: the Shop is pinned to that release or held on it. True on Reconciling: the field takes effect with the release that the Shop waits for.",
		Next:  "Follow the message: pin a later release, set `spec.release.policy: Auto`, or remove the field. A Shop that waits for its wave needs nothing.",
	},
	{
		Name: v1alpha1.ReasonUnsupportedIntake, Status: metav1.ConditionFalse, Need: Action,
		Means: "The provider does not support what `intake` asks for, such as polling.",
		Next:  "Choose one of the modes that the message names.",
	},
	{
		Name: v1alpha1.ReasonGatewayAPIMissing, Status: metav1.ConditionFalse, Need: Action,
		Means: "`spec.exposure.type` is `Gateway`, and the cluster has no Gateway API. The old route stays.",
		Next:  "Ask the platform to install the Gateway API, or set the type to `Ingress`. Nothing has to be applied again.",
	},
	{
		Name: v1alpha1.ReasonBundleTooLarge, Status: metav1.ConditionFalse, Need: Action,
		Means: "Texts, layout and settings together are too large for one bundle.",
		Next:  "Make the templates or the logo smaller; the message says by how much.",
	},
})

var fieldsInactiveReasons = reasonsOf([]string{v1alpha1.ConditionFieldsInactive}, []Reason{
	{
		Name: v1alpha1.ReasonNotActedOn, Status: metav1.ConditionTrue, Need: None,
		Means: "The spec sets the fields in the message, and this version or the Shop's release stores them without acting on them. For a Shop, the message also has the fields of its CarrierIntegrations and its policy.",
		Next:  "Do not rely on the fields: remove them, or keep them for a later version. `kubectl explain` marks those that this version does not act on.",
	},
})

var hostnameAcceptedReasons = reasonsOf([]string{v1alpha1.ConditionHostnameAccepted}, []Reason{
	{
		Name: v1alpha1.ReasonClaimed, Status: metav1.ConditionTrue, Need: None,
		Means: "The hostname and the aliases belong to this Shop.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonHostnameConflict, Status: metav1.ConditionFalse, Need: Action,
		Means: "Another Shop has claimed the hostname, an alias or the hostname for webhooks. The first claim wins.",
		Next:  "Choose another hostname, or remove it from the other Shop; this Shop then claims it without another change.",
	},
	{
		Name: v1alpha1.ReasonHostnameNotGranted, Status: metav1.ConditionFalse, Need: Action,
		Means: "The platform does not grant this hostname to this namespace.",
		Next:  "Ask the platform for a grant, or use a hostname below a suffix that it grants.",
	},
})

var workloadsAvailableReasons = reasonsOf([]string{v1alpha1.ConditionWorkloadsAvailable}, []Reason{
	{
		Name: v1alpha1.ReasonAvailable, Status: metav1.ConditionTrue, Need: None,
		Means: "The tracking page and the notifier are serving.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonProgressDeadlineExceeded, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionStalled}, Need: Action,
		Means: "The pods of the last edit did not become ready in time. The Shop was rolled back to its last working configuration, which stays in use, and does not retry the same edit; `WorkloadsAvailable` is True meanwhile.",
		Next:  "Follow the message, which quotes the new pods, and fix the edit; any other edit is rolled out at once. If the Shop has never served, look at its pods: `kubectl describe pods -n <namespace> -l tracking.wismo.dev/shop=<shop>`.",
	},
	{
		Name: v1alpha1.ReasonPodsFailing, Status: metav1.ConditionFalse, Need: Action,
		Means: "Pods crash or are not ready.",
		Next:  "Read their logs: `kubectl logs -n <namespace> -l tracking.wismo.dev/shop=<shop> --all-containers --tail=50`.",
	},
	{
		Name: v1alpha1.ReasonPodsUnschedulable, Status: metav1.ConditionFalse, Need: Action,
		Means: "No node has room for the pods.",
		Next:  "Make room, or relax `spec.scheduling`; the message quotes the scheduler.",
	},
	{
		Name: v1alpha1.ReasonNamespaceBeingDeleted, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Time,
		Means: "The Shop's namespace is being deleted. The operator changes nothing in it any more, and the Shop counts for no release.",
		Next:  "None. If it does not end, the conditions of the namespace name what holds it.",
	},
	{
		Name: v1alpha1.ReasonImageUnavailable, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Action,
		Means: "A node cannot pull the image of a pod. While old pods serve, only Reconciling and later Stalled report it.",
		Next:  "Follow the message, which quotes the kubelet: correct the image in the operator's configuration, or give the nodes access to the registry.",
	},
	{
		Name: v1alpha1.ReasonRolloutPaused, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Action,
		Means: "A person paused the rollout of a Deployment (`kubectl rollout pause`), so a change does not reach its pods.",
		Next:  "Run the command in the message, `kubectl rollout resume`.",
	},
	{
		Name: v1alpha1.ReasonScaledToZero, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Action,
		Means: "A Deployment of the Shop is scaled to zero, most often by an autoscaler.",
		Next:  "Let the autoscaler of the Deployment keep at least one pod.",
	},
	{
		Name: v1alpha1.ReasonPodsForbidden, Status: metav1.ConditionFalse, Need: Action,
		Means: "An admission rule of the namespace refuses the pods, such as a LimitRange or a policy of the platform.",
		Next:  "Follow the message, which quotes the refusal. In most cases, change `spec.scheduling.resources`.",
	},
	{
		Name: v1alpha1.ReasonQuotaExceeded, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}, Need: Action,
		Means: "A ResourceQuota of the namespace leaves no room. What runs keeps running.",
		Next:  "Raise the quota, or lower `spec.scheduling.resources`; the message names the resource that is used up. The operator tries again within minutes. [isolation.md](isolation.md#quotas) lists what a Shop needs.",
	},
	{
		Name: v1alpha1.ReasonPriorityClassNotFound, Status: metav1.ConditionFalse, Need: Action,
		Means: "The cluster has no PriorityClass with the name in `spec.scheduling.priorityClassName`.",
		Next:  "Create the PriorityClass, or choose one that `kubectl get priorityclasses` lists.",
	},
})

var releasedReasons = reasonsOf([]string{v1alpha1.ConditionReleased}, []Reason{
	{
		Name: v1alpha1.ReasonUpToDate, Status: metav1.ConditionTrue, Need: None,
		Means: "The Shop runs the latest release.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonWaitingForWave, Status: metav1.ConditionFalse, Need: Time,
		Means: "The Shop's wave has not begun.",
		Next:  "None. The label `tracking.wismo.dev/ring` puts a Shop into an earlier or later wave.",
	},
	{
		Name: v1alpha1.ReasonWaitingForTurn, Status: metav1.ConditionFalse, Need: Time,
		Means: "The Shop's wave has begun, and other Shops of it move first.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonWaitingForApproval, Status: metav1.ConditionFalse, Need: Action,
		Means: "The Shop's wave needs an approval.",
		Next:  "The platform team must approve the wave with `kubectl wismo release approve`; there is nothing to do on the Shop.",
	},
	{
		Name: v1alpha1.ReasonUpdating, Status: metav1.ConditionFalse, Need: Time,
		Means: "The Shop has been moving to the release for more than half a minute; a shorter move is reported when it is complete. The old pods serve until the new ones are ready.",
		Next:  "Wait.",
	},
	{
		Name: v1alpha1.ReasonBaking, Status: metav1.ConditionTrue, Need: None,
		Means: "The Shop runs the release as one of the first, and has to keep serving on it before the next wave begins.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonHeld, Status: metav1.ConditionTrue, Need: None,
		Means: "The Shop stays on its release, because `spec.release.policy` is `Hold`.",
		Next:  "None. Set the policy to `Auto` to follow releases again.",
	},
	{
		Name: v1alpha1.ReasonPinned, Status: metav1.ConditionTrue, Need: None,
		Means: "The Shop runs the release that `spec.release.name` pins it to.",
		Next:  "None. Set the policy to `Auto` to follow releases again.",
	},
	{
		Name: v1alpha1.ReasonPaused, Status: metav1.ConditionFalse, Need: Action,
		Means: "A person paused the release. This Shop stays on the release before it.",
		Next:  "The platform team must resume the release with `kubectl wismo release resume`; there is nothing to do on the Shop.",
	},
	{
		Name: v1alpha1.ReasonHalted, Status: metav1.ConditionFalse, Need: Action,
		Means: "The release was halted, because too many Shops failed on it. This Shop stays on its release.",
		Next:  "The platform team must fix or retry the release; there is nothing to do on the Shop.",
	},
	{
		Name: v1alpha1.ReasonRollingBack, Status: metav1.ConditionFalse, Need: Time,
		Means: "The release is being rolled back, and the Shop returns to the release before it.",
		Next:  "Wait.",
	},
	{
		Name: v1alpha1.ReasonRolledBack, Status: metav1.ConditionFalse, Need: Action,
		Means: "The release was rolled back. This Shop runs the release before it.",
		Next:  "The platform team must fix or retry the release; there is nothing to do on the Shop.",
	},
	{
		Name: v1alpha1.ReasonReleaseFailed, Status: metav1.ConditionFalse, Need: Action,
		Means: "The Shop cannot run the release: its pods did not become ready on it, or its own texts and policies conflict with it. It runs the release before it.",
		Next:  "Read the message. If it names the Shop's spec, texts or policies, fix them: the Shop then moves to the release again, unless the release was halted meanwhile. If it names pods, ask the platform to fix the release or to retry it.",
	},
	{
		Name: v1alpha1.ReasonShopInvalid, Status: metav1.ConditionFalse, Need: Action,
		Means: "The Shop's own input cannot be rendered with the release, or no pod of the Shop may be replaced now; so the Shop stays on its release.",
		Next:  "Fix what the condition `Accepted` or the message names. The Shop then moves without another change.",
	},
	{
		Name: v1alpha1.ReasonReleaseNotFound, Status: metav1.ConditionFalse, Need: Action,
		Means: "The pinned release does not exist, or was removed. The Shop is Stalled and stays on its release.",
		Next:  "Pin a release that exists, or set the policy to `Auto`.",
	},
	{
		Name: v1alpha1.ReasonReleaseUnusable, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionReconciling}, Need: Action,
		Means: "Another version of the operator made the release, and this version cannot render it. The Shop stays on its release.",
		Next:  "The platform team must complete the upgrade or the downgrade of the operator; there is nothing to do on the Shop. See [where a release lives](adr/0010-where-a-release-lives.md).",
	},
})

var domainReadyReasons = reasonsOf([]string{v1alpha1.ConditionDomainReady}, []Reason{
	{
		Name: v1alpha1.ReasonReachable, Status: metav1.ConditionTrue, Need: None,
		Means: "The hostname leads to the page, with a valid certificate.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonDNSRecordMissing, Status: metav1.ConditionFalse, Need: Action,
		Means: "A hostname has no DNS record.",
		Next:  "At the DNS provider, create each record whose state in `status.dns.records` is `Missing`.",
	},
	{
		Name: v1alpha1.ReasonDNSRecordDifferent, Status: metav1.ConditionFalse, Need: Action,
		Means: "A hostname resolves to an address that is not the platform's.",
		Next:  "At the DNS provider, change each record whose state in `status.dns.records` is `Different` to the value that is given there.",
	},
	{
		Name: v1alpha1.ReasonCertificatePending, Status: metav1.ConditionFalse, Need: Time,
		Means: "cert-manager has not issued the certificate yet; another one is served meanwhile.",
		Next:  "Wait some minutes. If it lasts, look at the Certificate: `kubectl describe certificate -n <namespace>`.",
	},
	{
		Name: v1alpha1.ReasonCertificateFailed, Status: metav1.ConditionFalse, Need: Action,
		Means: "There is no certificate, or the one that is served has expired, is for other hostnames or is not trusted.",
		Next:  "Fix the Secret in `spec.exposure.tls`, or the certificate that your ingress controller or Gateway serves; with cert-manager: `kubectl describe certificate -n <namespace>`.",
	},
	{
		Name: v1alpha1.ReasonUnknown, Status: metav1.ConditionUnknown, Need: Time,
		Means: "DNS does not answer, or the operator cannot reach the load balancer from inside the cluster; the message says which.",
		Next:  "None for shoppers. [How a Shop is reached](exposure.md) explains how to give the operator a way to check, or to turn the check off.",
	},
	{
		Name: v1alpha1.ReasonRouteNotAccepted, Status: metav1.ConditionFalse, Need: Action,
		Means: "The ingress controller or the Gateway does not accept the route.",
		Next:  "Check `spec.exposure`, and whether the Gateway's listener admits this namespace and hostname.",
	},
})

var senderVerifiedReasons = reasonsOf([]string{v1alpha1.ConditionSenderVerified}, []Reason{
	{
		Name: v1alpha1.ReasonVerified, Status: metav1.ConditionTrue, Need: None,
		Means: "The mail server accepts mail from the sender. This version does not check SPF, DKIM and DMARC.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonHouseSender, Status: metav1.ConditionTrue, Need: None,
		Means: "Mails are sent from the platform's own address.",
		Next:  "None. To send from your own address, set `spec.senders.email` to type `SMTP`.",
	},
	{
		Name: v1alpha1.ReasonSenderRefused, Status: metav1.ConditionFalse, Need: Action,
		Means: "The mail server does not let the Shop send from this address. Messages wait.",
		Next:  "Allow the account to send from `spec.senders.email.fromAddress`, or change the address; the message quotes the server.",
	},
	{
		Name: v1alpha1.ReasonSenderUnreachable, Status: metav1.ConditionFalse, Need: Action,
		Means: "The mail server does not answer. Messages wait.",
		Next:  "Check host, port and `tls` of `spec.senders.email.smtp`, and whether a firewall blocks the way. If the message says that the platform blocks this server, ask the platform; see [isolation.md](isolation.md#what-a-shop-reaches).",
	},
	{
		Name: v1alpha1.ReasonSenderNotConfigured, Status: metav1.ConditionFalse, Need: Action,
		Means: "Neither the Shop nor the platform configures a mail server. Messages wait.",
		Next:  "Set `spec.senders.email` to type `SMTP`, or ask the platform to set up a relay.",
	},
	{
		Name: v1alpha1.ReasonUnknown, Status: metav1.ConditionUnknown, Need: Time,
		Means: "The notifier has not contacted the mail server yet, or reports an answer that this version of the operator does not know.",
		Next:  "None: the notifier contacts it when it starts.",
	},
})

var credentialsAcceptedReasons = reasonsOf([]string{v1alpha1.ConditionCredentialsAccepted}, []Reason{
	{
		Name: v1alpha1.ReasonPresent, Status: metav1.ConditionTrue, Need: None,
		Means: "Every Secret exists, and none was refused.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonSecretNotFound, Status: metav1.ConditionFalse, Need: Action,
		Means: "A Secret, or one of its keys, does not exist in the Shop's namespace.",
		Next:  "Create the Secret that the message names; the pods read it within two minutes, without a restart.",
	},
	{
		Name: v1alpha1.ReasonGeneratedSecretMissing, Status: metav1.ConditionFalse, Need: Action,
		Means: "The Secret of a key that wismo generated was deleted. What is signed with that key is refused.",
		Next:  "Run the `kubectl delete configmap` that the message contains, and a new key is generated. Give the sender the new one.",
	},
	{
		Name: v1alpha1.ReasonSecretMalformed, Status: metav1.ConditionFalse, Need: Action,
		Means: "A key of a Secret is empty, too short or otherwise invalid.",
		Next:  "Correct the key that the message names.",
	},
	{
		Name: v1alpha1.ReasonRefused, Status: metav1.ConditionFalse, Need: Action,
		Means: "The mail server or the provider refuses the credentials.",
		Next:  "Replace the content of the Secret. In most cases a key was revoked or lacks a right.",
	},
	{
		Name: v1alpha1.ReasonUnknown, Status: metav1.ConditionUnknown, Need: Time,
		Means: "It is not known yet whether the credentials are accepted, for example because the mail server or the provider does not answer.",
		Next:  "None if it is brief. If it lasts, check that the mail server and the provider can be reached from the cluster.",
	},
})

var flowingReasons = reasonsOf([]string{v1alpha1.ConditionOrdersFlowing, v1alpha1.ConditionEventsFlowing}, []Reason{
	{
		Name: v1alpha1.ReasonFlowing, Status: metav1.ConditionTrue, Need: None,
		Means: "Orders or events arrive.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonWaitingForFirstOrder, Status: metav1.ConditionUnknown, Need: Time,
		Means: "No order has arrived yet.",
		Next:  "Send one with the command in the message.",
	},
	{
		Name: v1alpha1.ReasonWaitingForFirstEvent, Status: metav1.ConditionUnknown, Need: Time,
		Means: "No parcel event has arrived yet.",
		Next:  "None before the first parcel. After it, check the endpoint at the provider.",
	},
	{
		Name: v1alpha1.ReasonNotPolled, Status: metav1.ConditionFalse, Need: Action,
		Means: "A source has `intake.mode: Poll`, and this version polls no provider: nothing arrives from the source.",
		Next:  "Set `intake.mode: Webhook` if the provider sends webhooks. If it does not, remove the source, and send its events to the built-in source `api`.",
	},
	{
		Name: v1alpha1.ReasonSilent, Status: metav1.ConditionFalse, Need: Action,
		Means: "A source has sent nothing for [longer than usual](#how-long-is-silent), or has never sent anything.",
		Next:  "Check at the provider whether the webhook is still enabled; the message names the source and when it last sent something.",
	},
	{
		Name: v1alpha1.ReasonSignaturesRejected, Status: metav1.ConditionFalse, Need: Action,
		Means: "Webhooks arrive that are not signed with the Shop's secret. They are refused.",
		Next:  "Give the provider the current secret, or find out who else knows the endpoint.",
	},
	{
		Name: v1alpha1.ReasonPayloadsQuarantined, Status: metav1.ConditionFalse, Need: Action,
		Means: "Payloads arrive that the definition cannot read. They are kept, and processed once the definition is fixed.",
		Next:  "Fix the definition; `/report` of the notifier lists the payloads.",
	},
})

var storageReadyReasons = reasonsOf([]string{v1alpha1.ConditionStorageReady}, []Reason{
	{
		Name: v1alpha1.ReasonHealthy, Status: metav1.ConditionTrue, Need: None,
		Means: "The database of the Shop answers and has free space.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonVolumePending, Status: metav1.ConditionUnknown, Need: Time,
		Means: "The volume is not bound yet.",
		Next:  "Wait. If it lasts, look at the claim: `kubectl describe pvc -n <namespace>`. In most cases the storage class is missing.",
	},
	{
		Name: v1alpha1.ReasonVolumeResizing, Status: metav1.ConditionFalse, Need: Time,
		Means: "The volume is being resized.",
		Next:  "Wait.",
	},
	{
		Name: v1alpha1.ReasonVolumeBeingDeleted, Status: metav1.ConditionFalse, TrueOn: []string{v1alpha1.ConditionStalled}, Need: Action,
		Means: "The PersistentVolumeClaim was deleted. Kubernetes keeps it, and the orders on it, only while pods mount it, so no pod is replaced until this is over.",
		Next:  "Do not restart or drain the pods. Set the reclaim policy of the volume to `Retain`, then follow [A volume that is being deleted](operations.md#a-volume-that-is-being-deleted).",
	},
	{
		Name: v1alpha1.ReasonVolumeChangeRefused, Status: metav1.ConditionFalse, Need: Action,
		Means: "The cluster refuses to change the volume to what `spec.storage.sqlite` asks for. It stays in use unchanged.",
		Next:  "Set size and class back, or let the storage class expand volumes (`allowVolumeExpansion`); the message quotes the API server.",
	},
	{
		Name: v1alpha1.ReasonStorageFull, Status: metav1.ConditionFalse, Need: Action,
		Means: "The database of the Shop has less than a twentieth of its space left, or less than 32 MiB.",
		Next:  "Raise `spec.storage.sqlite.size`. While the database is full, webhooks are answered with 503, and their senders repeat them.",
	},
	{
		Name: v1alpha1.ReasonStorageUnreachable, Status: metav1.ConditionFalse, Need: Action,
		Means: "The database of the Shop does not answer.",
		Next:  "For PostgreSQL, check host, port and `tls`; for SQLite, look at the volume and its node.",
	},
})

var syntheticOrderReasons = reasonsOf([]string{v1alpha1.ConditionSyntheticOrderSucceeded}, []Reason{
	{
		Name: v1alpha1.ReasonSucceeded, Status: metav1.ConditionTrue, Need: None, Planned: true,
		Means: "The last synthetic order passed every step from receipt to inbox.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonWaitingForFirstRun, Status: metav1.ConditionUnknown, Need: Time, Planned: true,
		Means: "No synthetic order has run yet.",
		Next:  "Wait for the time in `spec.syntheticOrder.schedule`.",
	},
	{
		Name: v1alpha1.ReasonSyntheticOrderFailed, Status: metav1.ConditionFalse, Need: Action, Planned: true,
		Means: "The last synthetic order did not pass every step.",
		Next:  "Fix the step after the one that the message names, before a shopper notices.",
	},
})

var endpointPublishedReasons = reasonsOf([]string{v1alpha1.ConditionEndpointPublished}, []Reason{
	{
		Name: v1alpha1.ReasonPublished, Status: metav1.ConditionTrue, Need: None,
		Means: "The endpoint is in `status.endpoints`.",
		Next:  "None. With registration `Manual`, enter the URL of `status.endpoints` at the provider.",
	},
	{
		Name: v1alpha1.ReasonWaitingForShop, Status: metav1.ConditionFalse, Need: Action, Planned: true,
		Means: "The Shop does not exist or is not Ready yet.",
		Next:  "Look at the conditions of the Shop.",
	},
})

var webhookRegisteredReasons = reasonsOf([]string{v1alpha1.ConditionWebhookRegistered}, []Reason{
	{
		Name: v1alpha1.ReasonRegistered, Status: metav1.ConditionTrue, Need: None,
		Means: "Webhooks of the provider have arrived at the endpoint.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonManualRegistration, Status: metav1.ConditionUnknown, Need: Time,
		Means: "A person registers the endpoint at the provider, so wismo cannot know whether that is done.",
		Next:  "Paste the endpoint from `status.endpoints` into the provider's console, if that is not done yet.",
	},
})

var mappingCompleteReasons = reasonsOf([]string{v1alpha1.ConditionMappingComplete}, []Reason{
	{
		Name: v1alpha1.ReasonAllCodesMapped, Status: metav1.ConditionTrue, Need: None,
		Means: "The definition maps every code that has arrived.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.ReasonUnmappedCodes, Status: metav1.ConditionFalse, Need: Action,
		Means: "Codes have arrived that the definition does not map. They are kept, and changed no status.",
		Next:  "Add the codes that `/report` lists to a definition of your own, or report them to wismo.",
	},
})
