package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/demo/inbox"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

const (
	rolloutTimeout = 3 * time.Minute
	readyTimeout   = 3 * time.Minute
)

type upOptions struct {
	screenshots  string
	imagesLoaded bool
}

// demo is the cluster with the mailbox and the output.
type demo struct {
	cluster  *kube.Cluster
	mails    inbox.Client
	say      narrator
	pictures string // directory for pictures of the pages, "" = none are taken
	// recording is locked while a number is recorded: orders are sent in parallel.
	recording *sync.Mutex
}

func connect(ctx context.Context, say narrator) (demo, error) {
	root, err := kube.FindRoot()
	if err != nil {
		return demo{}, err
	}
	cluster, err := kube.Connect(ctx, root)
	if err != nil {
		return demo{}, err
	}
	return demo{cluster: cluster, mails: inbox.Client{URL: "http://" + cluster.Address(inboxPort)}, say: say, recording: &sync.Mutex{}}, nil
}

// up does everything, from the cluster to the summary.
func up(ctx context.Context, say narrator, o upOptions) error {
	newImages, err := prepareCluster(ctx, say, o)
	if err != nil {
		return err
	}
	d, err := connect(ctx, say)
	if err != nil {
		return err
	}
	d.pictures = o.screenshots
	if err := d.install(ctx, newImages); err != nil {
		return err
	}
	if err := d.applyMerchants(ctx, newImages); err != nil {
		return err
	}
	say.step("Opening the pages and the mailbox on this machine")
	if err := d.publish(ctx); err != nil {
		return err
	}
	orders, err := d.sendOrders(ctx)
	if err != nil {
		return err
	}
	return d.summary(ctx, orders)
}

// prepareCluster starts the local cluster and gives it our images; newImages says that running pods have older ones.
func prepareCluster(ctx context.Context, say narrator, o upOptions) (newImages bool, err error) {
	if !kube.IsLocal() {
		say.step("Using the cluster that KUBECONFIG names")
		if !o.imagesLoaded {
			return false, fmt.Errorf("its nodes need the images wismo.dev/{manager,tracking-page,notifier,mailbox}:dev " +
				"(docker build --target manager -t wismo.dev/manager:dev . and so on, then kind load docker-image); then add --images-loaded")
		}
		return false, nil
	}
	root, err := kube.FindRoot()
	if err != nil {
		return false, err
	}
	say.step("Starting the local cluster (the first time it builds Kubernetes, which takes some minutes)")
	if err := kube.LocalCommand(ctx, root, say.indented(), "up"); err != nil {
		return false, err
	}
	if o.imagesLoaded {
		return false, nil
	}
	say.step("Building the images and loading them into the cluster")
	var told bytes.Buffer
	err = kube.LocalCommand(ctx, root, io.MultiWriter(say.indented(), &told), "load", "--image", "mailbox=./hack/mailbox")
	return strings.Contains(told.String(), "imported"), err
}

// install applies config/default with the demo's settings, and waits for the operator.
func (d demo) install(ctx context.Context, newImages bool) error {
	d.say.step("Installing the operator from config/default")
	if _, err := d.cluster.Kubectl(ctx, "apply", "--server-side", "--force-conflicts", "-k", "hack/demo/kustomize"); err != nil {
		return err
	}
	if _, err := d.cluster.Kubectl(ctx, "wait", "--for=condition=Established", "--timeout=60s", "crd",
		"shops.tracking.wismo.dev", "carrierintegrations.tracking.wismo.dev", "notificationpolicies.tracking.wismo.dev"); err != nil {
		return err
	}
	return d.rollOut(ctx, "wismo-system", newImages, "wismo-manager")
}

// renew restarts the Deployments that were there before, because their image has changed under the same name.
func (d demo) renew(ctx context.Context, namespace string, deployments ...string) error {
	for _, name := range deployments {
		var deployment appsv1.Deployment
		err := d.cluster.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &deployment)
		if apierrors.IsNotFound(err) || err == nil && !deployment.CreationTimestamp.Time.Before(d.say.start) {
			continue
		}
		if err == nil {
			_, err = d.cluster.Kubectl(ctx, "-n", namespace, "rollout", "restart", "deployment/"+name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rollOut waits for Deployments; with new images those that were there before are restarted first.
func (d demo) rollOut(ctx context.Context, namespace string, newImages bool, deployments ...string) error {
	if newImages {
		if err := d.renew(ctx, namespace, deployments...); err != nil {
			return err
		}
	}
	for _, name := range deployments {
		if _, err := d.cluster.Kubectl(ctx, "-n", namespace, "rollout", "status", "deployment/"+name, "--timeout="+rolloutTimeout.String()); err != nil {
			return err
		}
		d.say.note("%s/%s is rolled out", namespace, name)
	}
	return nil
}

func (d demo) applyMerchants(ctx context.Context, newImages bool) error {
	d.say.step("Applying the mailbox and two merchants")
	if _, err := d.cluster.Kubectl(ctx, "apply", "--server-side", "--force-conflicts", "-f", "hack/demo/manifests"); err != nil {
		return err
	}
	if err := d.rollOut(ctx, demoNamespace, newImages, "mailbox"); err != nil {
		return err
	}
	for _, m := range merchants() {
		if newImages { // first: pods that fail with the old images would never make the Shop Ready
			if err := d.renew(ctx, m.name, m.name+"-page", m.name+"-notifier"); err != nil {
				return err
			}
		}
		if err := d.cluster.AwaitShopReady(ctx, m.key(), readyTimeout, func(state string) { d.say.note("%s: %s", m.key(), state) }); err != nil {
			return err
		}
		if err := d.rollOut(ctx, m.name, false, m.name+"-page", m.name+"-notifier"); err != nil {
			return err
		}
	}
	return nil
}

// publish opens the fixed ports on this machine.
func (d demo) publish(ctx context.Context) error {
	var quiet bytes.Buffer
	mailbox := kube.Target{Namespace: demoNamespace, Service: "mailbox", Port: 8025}
	if err := d.cluster.Publish(ctx, "demo-mailbox", d.cluster.Address(inboxPort), mailbox, &quiet); err != nil {
		return fmt.Errorf("%w\n%s", err, quiet.String())
	}
	d.say.note("mailbox  http://%s", d.cluster.Address(inboxPort))
	for _, m := range merchants() {
		if err := d.cluster.Publish(ctx, "demo-"+m.name, d.cluster.Address(m.port), m.target(), &quiet); err != nil {
			return fmt.Errorf("%w\n%s", err, quiet.String())
		}
		d.say.note("%-8s http://%s", m.name, d.cluster.Address(m.port))
	}
	return nil
}
