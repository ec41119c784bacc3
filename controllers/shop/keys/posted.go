package keys

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// posted remembers the Secrets that this process has posted, until the keyring in the cache shows it: by Shop, the UIDs
// of their records.
type posted struct {
	mu    sync.Mutex
	shops map[types.NamespacedName]map[types.UID]bool
}

func (p *posted) has(shop types.NamespacedName, record types.UID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shops[shop][record]
}

func (p *posted) add(shop types.NamespacedName, record types.UID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shops == nil {
		p.shops = map[types.NamespacedName]map[types.UID]bool{}
	}
	if p.shops[shop] == nil {
		p.shops[shop] = map[types.UID]bool{}
	}
	p.shops[shop][record] = true
}

// forget drops a Shop; its keyring in the cache shows the same, or its keys are gone.
func (p *posted) forget(shop types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.shops, shop)
}
