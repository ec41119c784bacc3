package releases

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/release"
)

const digestBytes = 10

// builtin is the digest of the texts and the catalog in this build. Both are in the workloads' images as well.
var builtin = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(message.Digest() + definition.Digest()))
	return hex.EncodeToString(sum[:digestBytes])
})

// BuildDocument returns what this build ships with the images and the library.
func BuildDocument(images release.Images, library map[string]string) release.Document {
	return release.Document{
		HashVersion: release.HashVersion, Render: desired.RenderVersion, Images: images,
		Policy: bundle.BuiltinPolicy(), Builtin: builtin(), Library: library,
	}
}
