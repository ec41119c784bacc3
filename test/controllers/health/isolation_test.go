package health

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// warnings are what the API server said beside its answers.
type warnings struct {
	mu  sync.Mutex
	all []string
}

func (w *warnings) HandleWarningHeader(_ int, _ string, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, text)
}

// The admission plugin PodSecurity runs in the API server, so this needs no kubelet.
func TestPodsAreAdmittedWithoutAWarningWherePodSecurityIsRestricted(t *testing.T) {
	const level = "pod-security.kubernetes.io/"
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "restricted-", Labels: map[string]string{
		level + "enforce": "restricted", level + "enforce-version": "latest", level + "warn": "restricted", level + "warn-version": "latest",
	}}}
	suite.Create(t, ns)
	shop := suite.MinimalShop(ns.Name)
	suite.ReadyShop(t, shop)
	said := &warnings{}
	config := rest.CopyConfig(suite.Cluster.Config)
	config.WarningHandler = said
	user, err := client.New(config, client.Options{Scheme: suite.Kube.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"linden-page", "linden-notifier"} {
		deployment := &appsv1.Deployment{}
		if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: ns.Name, Name: name}, deployment); err != nil {
			t.Fatal(err)
		}
		template := deployment.Spec.Template
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns.Name, Name: name + "-0", Labels: template.Labels}, Spec: template.Spec}
		if err := user.Create(t.Context(), pod); err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
		if slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return strings.HasPrefix(v.Name, "kube-api-access") }) {
			t.Errorf("%s got a token", name)
		}
		root := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns.Name, Name: name + "-root"}, Spec: template.Spec}
		root.Spec.SecurityContext = nil
		if err := user.Create(t.Context(), root); err == nil || !strings.Contains(err.Error(), "violates PodSecurity") {
			t.Errorf("a pod that may run as root is admitted, so this test proves nothing: %v", err)
		}
	}
	if len(said.all) > 0 {
		t.Errorf("the API server warned: %q", said.all)
	}
}

// quotaOf returns a ResourceQuota, with the status that its controller would write.
func quotaOf(t *testing.T, namespace string, hard corev1.ResourceList) *corev1.ResourceQuota {
	t.Helper()
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "tight"}, Spec: corev1.ResourceQuotaSpec{Hard: hard}}
	suite.Create(t, quota)
	quota.Status = corev1.ResourceQuotaStatus{Hard: hard, Used: corev1.ResourceList{}}
	for name := range hard {
		quota.Status.Used[name] = resource.MustParse("0")
	}
	if err := suite.Kube.Status().Update(t.Context(), quota); err != nil {
		t.Fatal(err)
	}
	return quota
}

func TestAQuotaOnObjectsIsToldAndTheShopGoesOnWhenItIsRaised(t *testing.T) {
	ns := suite.InNamespace(t)
	quota := quotaOf(t, ns, corev1.ResourceList{corev1.ResourcePersistentVolumeClaims: resource.MustParse("0")})
	shop := suite.MinimalShop(ns)
	suite.Create(t, shop)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonQuotaExceeded)
	if !strings.Contains(c.Message, "tight") || !strings.Contains(c.Message, "persistentvolumeclaims") {
		t.Errorf("the message names neither quota nor resource: %s", c.Message)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonQuotaExceeded)
	if err := suite.Kube.Delete(t.Context(), quota); err != nil {
		t.Fatal(err)
	}
	suite.RollOut(t, ns)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

func TestPodsThatAreRefusedAreToldWithTheReasonAndTheShopRecovers(t *testing.T) {
	for reason, message := range map[string]string{
		v1alpha1.ReasonQuotaExceeded:         `exceeded quota: compute, requested: limits.memory=96Mi, used: limits.memory=96Mi, limited: limits.memory=128Mi`,
		v1alpha1.ReasonPriorityClassNotFound: `no PriorityClass with name shops was found`,
		v1alpha1.ReasonPodsForbidden:         `maximum memory usage per Container is 64Mi, but limit is 96Mi`,
	} {
		t.Run(reason, func(t *testing.T) {
			shop := suite.MinimalShop(suite.InNamespace(t))
			suite.Create(t, shop)
			suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, "")
			refuse(t, shop.Namespace, fmt.Sprintf(`pods "linden-page-5d4f8-x7k2p" is forbidden: %s`, message))
			c := suite.WantCondition(t, shop, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionFalse, reason)
			if !strings.Contains(c.Message, message) || strings.Contains(c.Message, "x7k2p") {
				t.Errorf("the message is %q", c.Message)
			}
			suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionFalse, reason)
			suite.RollOut(t, shop.Namespace)
			suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
		})
	}
}

// refuse does what the Deployment's controller does when the API server takes no pod.
func refuse(t *testing.T, namespace, message string) {
	t.Helper()
	suite.Eventually(t, "the pods are refused", func() error {
		d := &appsv1.Deployment{}
		if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "linden-page"}, d); err != nil {
			return err
		}
		d.Status.ObservedGeneration = d.Generation
		d.Status.Conditions = []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionFalse, Reason: "MinimumReplicasUnavailable"},
			{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: message},
		}
		return suite.Kube.Status().Update(t.Context(), d)
	})
}

// The name of a mail server that stands in a namespace which the platform does not open is a mistake that the Shop's owner
// can see, before a message waits for ever.
func TestAMailServerBehindTheWallIsToldToBeOutOfReach(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	shop.Spec.Senders = &v1alpha1.Senders{Email: &v1alpha1.EmailSender{
		Type: v1alpha1.EmailSenderSMTP, FromAddress: "order@linden.example",
		SMTP: &v1alpha1.SMTP{Host: "relay.mail.svc", Port: 2525, TLS: v1alpha1.SMTPNone},
	}}
	suite.ReadyShop(t, shop)
	suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	c := suite.WantCondition(t, shop, v1alpha1.ConditionSenderVerified, metav1.ConditionFalse, v1alpha1.ReasonSenderUnreachable)
	if !strings.Contains(c.Message, "namespace mail") || !strings.Contains(c.Message, "network.egressNamespaces") {
		t.Errorf("the message does not say what to do: %s", c.Message)
	}
}
