package netpol

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/knftables"
)

const (
	table = "wismo-netpol"
	// settle is how long changes are collected before the table is written: those of a Deployment come together.
	settle = 20 * time.Millisecond
	retry  = time.Second
)

// Enforcer keeps one nftables table equal to the rules that Compile returns for the cluster's NetworkPolicies.
type Enforcer struct {
	nft     knftables.Interface
	factory informers.SharedInformerFactory
	changed chan struct{}
	log     *slog.Logger
}

// NewEnforcer returns an Enforcer for the cluster of client. It fails where nftables cannot be used.
func NewEnforcer(client kubernetes.Interface, log *slog.Logger) (*Enforcer, error) {
	nft, err := knftables.New(knftables.IPv4Family, table)
	if err != nil {
		return nil, fmt.Errorf("use nftables: %w", err)
	}
	return &Enforcer{
		nft:     nft,
		factory: informers.NewSharedInformerFactory(client, 0),
		changed: make(chan struct{}, 1),
		log:     log,
	}, nil
}

// Run watches the cluster and applies its NetworkPolicies until the context ends.
func (e *Enforcer) Run(ctx context.Context) error {
	core := e.factory.Core().V1()
	for _, informer := range []cache.SharedIndexInformer{
		core.Pods().Informer(),
		core.Namespaces().Informer(),
		e.factory.Networking().V1().NetworkPolicies().Informer(),
	} {
		if _, err := informer.AddEventHandler(e.handler()); err != nil {
			return fmt.Errorf("watch for NetworkPolicies: %w", err)
		}
	}
	e.factory.Start(ctx.Done())
	e.factory.WaitForCacheSync(ctx.Done())
	e.notify()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-e.changed:
			time.Sleep(settle)
			e.syncAndLog(ctx)
		}
	}
}

func (e *Enforcer) syncAndLog(ctx context.Context) {
	began := time.Now()
	if err := e.sync(ctx); err != nil {
		e.log.Error("failed to apply NetworkPolicies; the previous rules stay in effect and it will be tried again", "table", table, "retryAfter", retry, "error", err)
		time.AfterFunc(retry, e.notify)
		return
	}
	e.log.Info("applied NetworkPolicies", "table", table, "took", time.Since(began).Round(time.Millisecond))
}

func (e *Enforcer) notify() {
	select {
	case e.changed <- struct{}{}:
	default: // a sync is due anyway
	}
}

func (e *Enforcer) handler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { e.notify() },
		DeleteFunc: func(any) { e.notify() },
		UpdateFunc: func(before, after any) {
			if relevant(before, after) {
				e.notify()
			}
		},
	}
}

// relevant reports whether rules may depend on an update. Most updates of pods change neither address nor labels.
func relevant(before, after any) bool {
	old, isPod := before.(*corev1.Pod)
	if !isPod {
		return true
	}
	now, _ := after.(*corev1.Pod)
	oldIP, oldOK := address(old)
	newIP, newOK := address(now)
	return oldIP != newIP || oldOK != newOK || !maps.Equal(old.Labels, now.Labels)
}

// sync replaces the whole table in one transaction, so that every packet meets
// either all old or all new rules.
func (e *Enforcer) sync(ctx context.Context) error {
	snapshot, err := e.snapshot()
	if err != nil {
		return err
	}
	chains, err := Compile(snapshot)
	if err != nil {
		return err
	}
	tx := e.nft.NewTransaction()
	tx.Add(&knftables.Table{})
	tx.Delete(&knftables.Table{})
	tx.Add(&knftables.Table{Comment: knftables.PtrTo("NetworkPolicies of the development cluster")})
	for _, chain := range chains {
		tx.Add(describe(chain))
	}
	for _, chain := range chains {
		for _, rule := range chain.Rules {
			tx.Add(&knftables.Rule{Chain: chain.Name, Rule: rule})
		}
	}
	return e.nft.Run(ctx, tx)
}

func describe(chain Chain) *knftables.Chain {
	described := &knftables.Chain{Name: chain.Name}
	if chain.Hook != "" {
		described.Type = knftables.PtrTo(knftables.FilterType)
		described.Hook = knftables.PtrTo(knftables.BaseChainHook(chain.Hook))
		described.Priority = knftables.PtrTo(knftables.FilterPriority)
	}
	return described
}

func (e *Enforcer) snapshot() (s Snapshot, err error) {
	if s.Policies, err = e.factory.Networking().V1().NetworkPolicies().Lister().List(labels.Everything()); err != nil {
		return s, fmt.Errorf("list the NetworkPolicies: %w", err)
	}
	if s.Pods, err = e.factory.Core().V1().Pods().Lister().List(labels.Everything()); err != nil {
		return s, fmt.Errorf("list the pods: %w", err)
	}
	if s.Namespaces, err = e.factory.Core().V1().Namespaces().Lister().List(labels.Everything()); err != nil {
		return s, fmt.Errorf("list the namespaces: %w", err)
	}
	return s, nil
}
