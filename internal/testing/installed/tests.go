package installed

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Tests returns the TestMain of a package: prepare takes the cluster to where all of its tests begin.
func Tests(m *testing.M, prepare func(*Cluster) error, flags ...Flag) {
	Main(func(c *Cluster) (int, error) {
		if err := prepare(c); err != nil {
			return 0, err
		}
		return m.Run(), nil
	}, flags...)
}

// Add creates the objects as a user with all rights.
func (c *Cluster) Add(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, o := range objects {
		if err := c.Client.Create(t.Context(), o); err != nil {
			t.Fatalf("creating %T %s: %v", o, o.GetName(), err)
		}
	}
}

// NewNamespace returns one of the name.
func NewNamespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// MinimalShop returns the smallest document there is. A hostname below owner is no other Shop's.
func MinimalShop(namespace, name, owner string) *v1alpha1.Shop {
	return &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.ShopSpec{DisplayName: "Linden Living", Hostname: v1alpha1.Hostname("track." + owner + ".example"), HomeCountry: "NL"},
	}
}

// RolledOut returns the status of a Deployment all of whose pods are there, as its controller writes it.
func RolledOut(d *appsv1.Deployment) appsv1.DeploymentStatus {
	now := metav1.Now()
	return appsv1.DeploymentStatus{
		ObservedGeneration: d.Generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1,
		Conditions: []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable", LastUpdateTime: now, LastTransitionTime: now},
			{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable", LastUpdateTime: now, LastTransitionTime: now},
		},
	}
}

// Eventually asks again until check has no error, and fails the test if that takes longer than within.
func Eventually(t *testing.T, within time.Duration, what string, check func() error) {
	t.Helper()
	const pause = 20 * time.Millisecond
	for deadline := time.Now().Add(within); ; time.Sleep(pause) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s: %v", what, within, err)
		}
	}
}
