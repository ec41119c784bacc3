package children

import (
	"errors"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// partOf is a field that the operator renders on every object.
const partOf = "app.kubernetes.io/part-of"

// admit lets the API server change every object that is created or updated in the namespace, until the test ends or stop is called.
func admit(t *testing.T, namespace, expression string, resources ...string) (stop func()) {
	t.Helper()
	policy := &admissionregistrationv1.MutatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: namespace},
		Spec: admissionregistrationv1.MutatingAdmissionPolicySpec{
			FailurePolicy: new(admissionregistrationv1.Fail), ReinvocationPolicy: admissionregistrationv1.IfNeededReinvocationPolicy,
			MatchConstraints: &admissionregistrationv1.MatchResources{ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{
				RuleWithOperations: admissionregistrationv1.RuleWithOperations{
					Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update},
					Rule:       admissionregistrationv1.Rule{APIGroups: []string{"*"}, APIVersions: []string{"*"}, Resources: resources},
				},
			}}},
			Mutations: []admissionregistrationv1.Mutation{{
				PatchType: admissionregistrationv1.PatchTypeJSONPatch, JSONPatch: &admissionregistrationv1.JSONPatch{Expression: expression},
			}},
		},
	}
	binding := &admissionregistrationv1.MutatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: namespace},
		Spec: admissionregistrationv1.MutatingAdmissionPolicyBindingSpec{
			PolicyName: namespace,
			MatchResources: &admissionregistrationv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": namespace}},
			},
		},
	}
	suite.Create(t, policy, binding)
	return func() {
		if err := errors.Join(suite.Kube.Delete(t.Context(), binding), suite.Kube.Delete(t.Context(), policy)); err != nil {
			t.Fatal(err)
		}
	}
}

// inForce waits until the rule is in force, or is no more: the API server reads it with a delay.
func inForce(t *testing.T, namespace string, want bool) {
	t.Helper()
	suite.Eventually(t, "the admission rule is read", func() error {
		probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "probe-", Labels: map[string]string{partOf: "wismo"}}}
		if err := suite.Kube.Create(t.Context(), probe, client.DryRunAll); err != nil {
			return err
		}
		if got := probe.Labels[partOf] == "platform"; got != want {
			return errors.New(probe.Labels[partOf])
		}
		return nil
	})
}

// set changes a label as another program does.
func set(t *testing.T, c child, label, value string) {
	t.Helper()
	suite.Eventually(t, "the label is set", func() error {
		o := c.live(t)
		labels := o.GetLabels()
		labels[label] = value
		o.SetLabels(labels)
		return suite.Kube.Update(t.Context(), o, client.FieldOwner("somebody"))
	})
}

// writes returns how many requests of the operator's changed, or were to change, something in the namespace.
func (c child) writes() int { return len(suite.Writes(c.shop.Namespace)) }

// A platform's admission may set a field of every object: a limit, an image, a label.
func TestAFieldThatAnAdmissionRuleSetsIsLeftAloneAndDriftBesideItIsRestored(t *testing.T) {
	const name = "app.kubernetes.io/name"
	expression := `[JSONPatch{op: "add", path: "/metadata/labels/app.kubernetes.io~1part-of", value: "platform"}]`
	each(t, func(t *testing.T, c child) {
		if !c.apply(t) {
			t.Fatal("it is not created")
		}
		stop := admit(t, c.shop.Namespace, expression, "*")
		inForce(t, c.shop.Namespace, true)
		set(t, c, "other", "write") // so that the rule changes it
		if c.live(t).GetLabels()[partOf] != "platform" {
			t.Fatal("the rule is not in force")
		}
		c.apply(t)
		before := c.writes()
		for range 3 {
			if c.apply(t) {
				t.Error("it counts as changed")
			}
		}
		if after := c.writes(); after != before {
			t.Errorf("%d writes at rest", after-before)
		}
		set(t, c, name, "drift")
		if !c.apply(t) || c.live(t).GetLabels()[name] != "wismo" {
			t.Errorf("drift beside it is not restored: %v", c.live(t).GetLabels())
		}
		restarted := child{operator(t), c.shop, c.rendered}
		before = c.writes()
		for range 3 {
			if restarted.apply(t) {
				t.Error("after a restart it counts as changed")
			}
		}
		if after := c.writes(); after != before+1 {
			t.Errorf("%d writes after a restart, want one", after-before)
		}
		stop()
		inForce(t, c.shop.Namespace, false)
		c.Applier = operator(t)
		if c.apply(t); c.live(t).GetLabels()[partOf] != "wismo" {
			t.Errorf("without the rule it is %v", c.live(t).GetLabels())
		}
	})
}

func TestAFieldThatAnotherProgramChangesBackIsNamedAndLeftAloneForAWhile(t *testing.T) {
	each(t, func(t *testing.T, c child) {
		now := time.Now()
		c.Answers = &apply.Answers{Now: func() time.Time { return now }}
		c.apply(t)
		for range 3 {
			set(t, c, partOf, "mine")
			if !c.apply(t) {
				t.Fatal("drift is not restored")
			}
		}
		for _, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
			set(t, c, partOf, "mine")
			before := c.writes()
			_, err := c.Apply(t.Context(), c.rendered)
			contested, ok := errors.AsType[*apply.Contested](err)
			if !ok {
				t.Fatalf("the error is %v", err)
			}
			for _, part := range []string{*c.rendered.GetKind(), *c.rendered.GetName(), "metadata.labels[" + partOf + "]", `"mine"`, `"wismo"`} {
				if !strings.Contains(contested.Error(), part) {
					t.Errorf("the message lacks %s: %v", part, contested)
				}
			}
			if after := c.writes(); after != before || contested.Retry != pause {
				t.Errorf("%d writes, and another in %s, want none for %s", after-before, contested.Retry, pause)
			}
			now = now.Add(pause)
			if !c.apply(t) {
				t.Error("it is not restored again")
			}
		}
		set(t, c, partOf, "mine")
		set(t, c, "app.kubernetes.io/name", "drift")
		if c.apply(t); c.live(t).GetLabels()["app.kubernetes.io/name"] != "wismo" {
			t.Error("drift beside it is not restored")
		}
		now = now.Add(3 * time.Hour)
		if c.apply(t) {
			t.Error("it is written at rest")
		}
	})
}

// cert-manager adds its path to the Shop's own Ingress while a challenge runs, where a class serves one Ingress a hostname.
func TestThePathOfAChallengeStaysLongEnoughToBeSeen(t *testing.T) {
	each(t, func(t *testing.T, c child) {
		if *c.rendered.GetKind() != "Ingress" {
			return
		}
		c.apply(t)
		kept := false
		for range 10 {
			o := &networkingv1.Ingress{}
			if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: c.shop.Namespace, Name: c.shop.Name}, o); err != nil {
				t.Fatal(err)
			}
			paths := &o.Spec.Rules[0].HTTP.Paths
			if len(*paths) == 1 {
				path := *(*paths)[0].DeepCopy()
				path.Path = "/.well-known/acme-challenge/tok"
				*paths = append(*paths, path)
				if err := suite.Kube.Update(t.Context(), o, client.FieldOwner("cert-manager")); err != nil {
					t.Fatal(err)
				}
			}
			_, err := c.Apply(t.Context(), c.rendered)
			if contested, ok := errors.AsType[*apply.Contested](err); ok {
				kept = strings.Contains(contested.Error(), "spec.rules") && strings.Contains(contested.Error(), "acme-challenge")
				break
			}
		}
		if !kept {
			t.Error("the path is taken back each time")
		}
	})
}

// The pods of the Shop run what the API server made of the Deployment.
func TestAShopIsReadyOnWhatAnAdmissionRuleMadeOfItsObjects(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	stop := admit(t, shop.Namespace, `[JSONPatch{op: "add", path: "/metadata/labels/app.kubernetes.io~1part-of", value: "platform"}] + (
		has(object.kind) && object.kind == "Deployment" ? [JSONPatch{op: "replace", path: "/spec/template/spec/containers/0/resources/limits/memory", value: "128Mi"}] : [])`,
		"deployments", "services", "configmaps", "ingresses", "networkpolicies", "serviceaccounts", "persistentvolumeclaims")
	inForce(t, shop.Namespace, true)
	suite.ReadyShop(t, shop)
	suite.Settled(t)
	if got := suite.DeploymentOf(t, shop, "page").Spec.Template.Spec.Containers[0].Resources.Limits.Memory().String(); got != "128Mi" {
		t.Fatalf("the limit is %s", got)
	}
	suite.Resync(t, shop, 1)
	suite.Settled(t)
	before := len(suite.Writes(shop.Namespace))
	suite.Resync(t, shop, 5)
	suite.Settled(t)
	if writes := suite.Writes(shop.Namespace)[before:]; len(writes) > 0 {
		t.Errorf("%d writes at rest: %v", len(writes), writes)
	}
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, v1alpha1.ReasonReady)
	stop()
}
