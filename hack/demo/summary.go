package main

import (
	"context"
	"errors"

	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

const whatNext = `
Try next:
  make demo-order NUMBER=2001              one more order, with a number of your own
  open http://%-26s every mail, as the shoppers got it
  kubectl -n linden describe shop linden   what the operator says
  kubectl -n fjallro edit shop fjallro     change the accent colour or the texts: the page rolls, without a gap
  make demo-down                           remove everything`

const howToKubectl = `
kubectl is the cluster's own:  eval "$(go run -C hack/cluster . env)"`

const howToForward = `
The addresses above end with this program; to open them again:  go run ./hack/demo forward`

// summary ends the run with what a person or a program wants to know.
func (d demo) summary(ctx context.Context, orders []finishedOrder) error {
	d.say.step("Done; everything is left running")
	shops, err := d.cluster.Kubectl(ctx, "get", "shops", "-A")
	if err != nil {
		return err
	}
	d.say.plain("\n%s", shops)
	for _, order := range orders {
		order.print(d.say)
	}
	d.say.plain(whatNext, d.cluster.Address(inboxPort))
	if d.cluster.Local {
		d.say.plain(howToKubectl)
		return nil
	}
	d.say.plain(howToForward)
	return nil
}

// removeDemo removes the demo from a cluster that goes on living: the Shops first, while the operator can tidy up.
func removeDemo(ctx context.Context, cluster *kube.Cluster, say narrator) error {
	say.step("Removing the merchants")
	var problems []error
	for _, m := range merchants() {
		_, err := cluster.Kubectl(ctx, "delete", "namespace", m.name, "--ignore-not-found", "--timeout=120s")
		problems = append(problems, err)
	}
	say.step("Removing the mailbox and the operator")
	_, err := cluster.Kubectl(ctx, "delete", "namespace", demoNamespace, "--ignore-not-found", "--timeout=120s")
	problems = append(problems, err)
	_, err = cluster.Kubectl(ctx, "delete", "-k", "hack/demo/kustomize", "--ignore-not-found", "--timeout=120s")
	return errors.Join(append(problems, err)...)
}
