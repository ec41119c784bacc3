// Package storage provisions PersistentVolumes as directories of the node.
package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

// Run provisions volumes of the StorageClass's provisioner as directories below root, and deletes them, until the context ends.
func Run(ctx context.Context, client kubernetes.Interface, root, node string) {
	controller.NewProvisionController(ctx, client, layout.Provisioner, provisioner{root: root, node: node},
		controller.LeaderElection(false), controller.Threadiness(4)).Run(ctx)
}

// provisioner creates and deletes the directories below root, on one node.
type provisioner struct{ root, node string }

// Provision creates the directory of a volume. Every user may write to it: the
// user of the pod is not known here, and only pods with the claim mount it.
func (p provisioner) Provision(_ context.Context, options controller.ProvisionOptions) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	claim := options.PVC
	dir := filepath.Join(p.root, claim.Namespace+"_"+claim.Name+"_"+options.PVName)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("create the volume's directory: %w", err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("make the volume's directory writable for pods: %w", err)
	}
	volume := &corev1.PersistentVolume{}
	volume.Name = options.PVName
	volume.Spec = corev1.PersistentVolumeSpec{
		AccessModes:                   claim.Spec.AccessModes,
		Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
		PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
		PersistentVolumeSource:        corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: dir}},
		NodeAffinity:                  p.affinity(),
	}
	return volume, controller.ProvisioningFinished, nil
}

func (p provisioner) affinity() *corev1.VolumeNodeAffinity {
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{
			Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{p.node},
		}},
	}}}}
}

// Delete removes the directory of a volume, and nothing outside of root.
func (p provisioner) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	local := volume.Spec.Local
	if local == nil || filepath.Dir(filepath.Clean(local.Path)) != strings.TrimSuffix(p.root, "/") {
		return fmt.Errorf("the volume %s is not a directory in %s: nothing was deleted", volume.Name, p.root)
	}
	if err := os.RemoveAll(local.Path); err != nil {
		return fmt.Errorf("remove the volume's directory: %w", err)
	}
	return nil
}
