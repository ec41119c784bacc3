//go:build e2e

package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

const operatorNamespace = "wismo-system"

func intOf(port int32) intstr.IntOrString { return intstr.FromInt32(port) }

// apply makes an object as the function says, whether it is there or not.
func apply(t *testing.T, object client.Object, change func()) {
	t.Helper()
	_, err := controllerutil.CreateOrUpdate(context.WithoutCancel(t.Context()), cluster, object, func() error {
		change()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rolledOut waits until a Deployment runs what it should; it also works in a clean-up.
func rolledOut(t *testing.T, namespace, name string) {
	t.Helper()
	if _, err := cluster.Kubectl(context.WithoutCancel(t.Context()), "-n", namespace, "rollout", "status", "deployment/"+name, "--timeout=120s"); err != nil {
		t.Fatal(err)
	}
}

// coreDNSImage is the one that answers for the cluster, which the node has.
func coreDNSImage(t *testing.T) string {
	t.Helper()
	var dns appsv1.Deployment
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: "kube-system", Name: "coredns"}, &dns); err != nil {
		t.Fatal(err)
	}
	return dns.Spec.Template.Spec.Containers[0].Image
}

// serveZone is a CoreDNS with the zone's Corefile; another content is another pod.
func serveZone(d *appsv1.Deployment, image, content string) {
	yes, no := true, false
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "zone"}}
	d.Spec.Template.Labels = map[string]string{"app": "zone"}
	d.Spec.Template.Annotations = map[string]string{"content": content}
	d.Spec.Template.Spec = corev1.PodSpec{
		AutomountServiceAccountToken: &no,
		SecurityContext:              &corev1.PodSecurityContext{RunAsNonRoot: &yes, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
		Volumes:                      []corev1.Volume{{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "zone"}}}}},
		Containers: []corev1.Container{{
			Name: "zone", Image: image, ImagePullPolicy: corev1.PullNever, Args: []string{"-conf", "/etc/coredns/Corefile"},
			VolumeMounts:    []corev1.VolumeMount{{Name: "config", MountPath: "/etc/coredns", ReadOnly: true}},
			SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
			ReadinessProbe:  &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intOf(5353)}}, PeriodSeconds: 1},
		}},
	}
}

// authority issues the certificates of a test. Only clients that are configured with it trust it.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "e2e"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{key, cert}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// issue puts a certificate for the names into a Secret, as a merchant does who brings his own.
func (a *authority) issue(t *testing.T, namespace, name string, hosts ...string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: hosts, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(12 * time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{
			corev1.TLSCertKey:       pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}),
			corev1.TLSPrivateKeyKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		},
	}
	if err := cluster.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
}

// operatorOf starts the operator with more in its configuration, sections in place of those that are there, until the
// test ends. The authority is made known to it, but not trusted yet.
func operatorOf(t *testing.T, more string, ca *authority) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	var before appsv1.Deployment
	if err := cluster.Get(ctx, client.ObjectKey{Namespace: operatorNamespace, Name: "wismo-manager"}, &before); err != nil {
		t.Fatal(err)
	}
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-config"}}
	if err := cluster.Get(ctx, client.ObjectKeyFromObject(config), config); err != nil {
		t.Fatal(err)
	}
	old := config.Data["config.yaml"]
	authorities := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "e2e-authorities"}}
	t.Cleanup(func() {
		apply(t, config, func() { config.Data["config.yaml"] = old })
		restartOperator(t, func(d *appsv1.Deployment) { d.Spec.Template.Spec = before.Spec.Template.Spec })
		if err := cluster.Delete(ctx, authorities); err != nil {
			t.Error(err)
		}
	})
	apply(t, authorities, func() { authorities.Data = map[string]string{"ca.crt": string(ca.pem())} })
	apply(t, config, func() { config.Data["config.yaml"] = laidOver(t, old, more) })
	restartOperator(t, func(*appsv1.Deployment) {})
}

// laidOver replaces sections of a configuration.
func laidOver(t *testing.T, base, more string) string {
	t.Helper()
	sections := map[string]any{}
	for _, text := range []string{base, more} {
		if err := yaml.Unmarshal([]byte(text), &sections); err != nil {
			t.Fatal(err)
		}
	}
	out, err := yaml.Marshal(sections)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// operatorTrusts lets the operator trust the authority that was made known to it.
func operatorTrusts(t *testing.T) {
	t.Helper()
	restartOperator(t, func(d *appsv1.Deployment) {
		pod := &d.Spec.Template.Spec
		pod.Volumes = append(pod.Volumes, corev1.Volume{Name: "authorities", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "e2e-authorities"}},
		}})
		c := &pod.Containers[0]
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: "authorities", MountPath: "/authorities", ReadOnly: true})
		c.Env = append(c.Env, corev1.EnvVar{Name: "SSL_CERT_FILE", Value: "/authorities/ca.crt"})
	})
}

// restartOperator changes the operator's pod and waits for the new one.
func restartOperator(t *testing.T, change func(*appsv1.Deployment)) {
	t.Helper()
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-manager"}}
	err := kube.Await(context.WithoutCancel(t.Context()), "the change of the operator's pod", time.Minute, func(ctx context.Context) (bool, string) {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(d), d); err != nil {
			return false, err.Error()
		}
		change(d)
		if d.Spec.Template.Annotations == nil {
			d.Spec.Template.Annotations = map[string]string{}
		}
		d.Spec.Template.Annotations["e2e/restarted"] = time.Now().Format(time.RFC3339Nano)
		err := cluster.Update(ctx, d)
		return err == nil, errorText(err)
	})
	if err != nil {
		t.Fatal(err)
	}
	rolledOut(t, operatorNamespace, "wismo-manager")
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
