package apply

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"

	corev1 "k8s.io/api/core/v1"
)

// mark precedes every digest, so that one is known where it is met again: a cache may slim an object twice. It is chosen
// anew by every process, so that no user can write a value that passes for a digest.
var mark = []byte(rand.Text())

// Slim replaces the bytes that a ConfigMap carries by their digests, all that comparing them takes: a cache of a
// thousand bundles with their logos would otherwise weigh a hundred megabytes. Slimming again changes nothing.
func Slim(cm *corev1.ConfigMap) {
	for key, content := range cm.BinaryData {
		if !bytes.HasPrefix(content, mark) {
			cm.BinaryData[key] = digest(content)
		}
	}
}

func digest(content []byte) []byte {
	sum := sha256.Sum256(content)
	return append(bytes.Clone(mark), sum[:]...)
}
