package desired

import (
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// secretFileMode lets the container's group read, and no other user.
const secretFileMode int32 = 0o440

// tmpSize bounds what a pod may leave on its node; the database sorts in there.
var tmpSize = resource.MustParse("256Mi")

// mounted is a volume and where the container finds it.
type mounted struct {
	volume   *corev1ac.VolumeApplyConfiguration
	path     string
	readOnly bool
}

func volumes(in Input, w workload) []mounted {
	shop := in.Shop.Name
	all := []mounted{{
		volume: corev1ac.Volume().WithName(BundleVolume).
			WithConfigMap(corev1ac.ConfigMapVolumeSource().WithName(BundleName(shop, in.Bundle.Hash))),
		path: path.Dir(bundle.DocumentPath), readOnly: true,
	}}
	if in.Bundle.Document.ActivityFile {
		all = append(all, mounted{
			volume: corev1ac.Volume().WithName("activity").
				WithConfigMap(corev1ac.ConfigMapVolumeSource().WithName(ActivityName(shop))), // a pod waits for it, so that none starts without
			path: path.Dir(bundle.ActivityPath), readOnly: true,
		})
	}
	all = append(all, projected("keys", bundle.KeysDir, keySources(in, w)))
	if sources := credentialSources(in, w); len(sources) > 0 {
		all = append(all, projected("credentials", bundle.CredentialsDir, sources))
	}
	all = append(all, mounted{
		volume: corev1ac.Volume().WithName("tmp").WithEmptyDir(corev1ac.EmptyDirVolumeSource().WithSizeLimit(tmpSize)),
		path:   "/tmp",
	})
	if in.Bundle.Document.Storage.Type == bundle.SQLite {
		all = append(all, mounted{
			volume: corev1ac.Volume().WithName("data").
				WithPersistentVolumeClaim(corev1ac.PersistentVolumeClaimVolumeSource().WithClaimName(VolumeName(shop))),
			path: bundle.DataDir,
		})
	}
	return all
}

// projected gathers files of many objects in one directory. The kubelet keeps them up to date, because nothing is
// mounted by subPath; all are optional, so that a pod starts before its secrets exist and says what is missing.
func projected(name, at string, sources []*corev1ac.VolumeProjectionApplyConfiguration) mounted {
	return mounted{
		volume: corev1ac.Volume().WithName(name).
			WithProjected(corev1ac.ProjectedVolumeSource().WithDefaultMode(secretFileMode).WithSources(sources...)),
		path: at, readOnly: true,
	}
}

// keySources mount every name of every ring, from the first day on: a rotation changes no pod. Beside them lies the
// keyring, which tells which of them count.
func keySources(in Input, w workload) []*corev1ac.VolumeProjectionApplyConfiguration {
	all := []*corev1ac.VolumeProjectionApplyConfiguration{
		corev1ac.VolumeProjection().WithConfigMap(corev1ac.ConfigMapProjection().
			WithName(KeyringName(in.Shop.Name)).WithOptional(true).WithItems(item(bundle.KeyringFile, ""))),
	}
	for _, k := range in.Bundle.Keys {
		if !readsKey(w, k.Purpose) {
			continue
		}
		mounts := in.Rings[k.Purpose].Mounts(KeyPrefix(in.Shop.Name, k.Purpose))
		for _, slot := range slices.Sorted(maps.Keys(mounts)) {
			all = append(all, secretFiles(mounts[slot], path.Join(k.Purpose, slot), []string{bundle.KeyFile, bundle.KeyNumberFile}))
		}
	}
	return all
}

// readsKey keeps verification secrets away from the notifier; links are signed there and verified by the page.
func readsKey(w workload, purpose string) bool {
	return w.component == bundle.PageComponent || !strings.HasPrefix(purpose, bundle.HookKeys)
}

func credentialSources(in Input, w workload) []*corev1ac.VolumeProjectionApplyConfiguration {
	var all []*corev1ac.VolumeProjectionApplyConfiguration
	for _, c := range in.Bundle.Credentials {
		keys := c.NotifierKeys
		if w.component == bundle.PageComponent {
			keys = c.PageKeys
		}
		if len(keys) > 0 {
			all = append(all, secretFiles(c.SecretName, c.Directory, keys))
		}
	}
	return all
}

func secretFiles(secret, dir string, keys []string) *corev1ac.VolumeProjectionApplyConfiguration {
	s := corev1ac.SecretProjection().WithName(secret).WithOptional(true)
	for _, k := range keys {
		s.WithItems(item(k, dir))
	}
	return corev1ac.VolumeProjection().WithSecret(s)
}

func item(key, dir string) *corev1ac.KeyToPathApplyConfiguration {
	return corev1ac.KeyToPath().WithKey(key).WithPath(path.Join(dir, key))
}
