package storage

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func TestLifeOfAVolume(t *testing.T) {
	p := provisioner{root: t.TempDir(), node: "wismo-node"}
	policy := corev1.PersistentVolumeReclaimDelete
	volume, _, err := p.Provision(t.Context(), controller.ProvisionOptions{
		PVName:       "pvc-1",
		PVC:          &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "data"}},
		StorageClass: &storagev1.StorageClass{ReclaimPolicy: &policy},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(p.root, "shop_data_pvc-1")
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o777 || volume.Spec.Local.Path != dir {
		t.Fatalf("got %v at %s: %v", info, volume.Spec.Local.Path, err)
	}
	if err := p.Delete(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the data is still there")
	}
}

func TestDeleteTouchesNothingElse(t *testing.T) {
	elsewhere := t.TempDir()
	p := provisioner{root: t.TempDir()}
	for _, path := range []string{elsewhere, p.root, p.root + "/", p.root + "/../" + filepath.Base(elsewhere), p.root + "/a/b"} {
		volume := &corev1.PersistentVolume{}
		volume.Spec.Local = &corev1.LocalVolumeSource{Path: path}
		if err := p.Delete(t.Context(), volume); err == nil {
			t.Errorf("accepted to delete %s", path)
		}
	}
	if err := p.Delete(t.Context(), &corev1.PersistentVolume{}); err == nil {
		t.Error("accepted to delete a volume of another kind")
	}
	if _, err := os.Stat(elsewhere); err != nil {
		t.Error(err)
	}
}
