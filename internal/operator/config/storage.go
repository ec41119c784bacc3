package config

import "k8s.io/apimachinery/pkg/api/resource"

// Storage is where Shops keep their orders that say nothing about it. It counts for volumes made from then on: one that
// is there keeps its class and its size.
type Storage struct {
	// StorageClassName of new volumes; empty = the default class of the cluster.
	StorageClassName string `json:"storageClassName"`
	// Size of new volumes, 1Gi by default: some hundred thousand orders with their receipts.
	Size resource.Quantity `json:"size"`
}

func defaultStorage() Storage { return Storage{Size: resource.MustParse("1Gi")} }

func (s Storage) validate(p *problems) {
	smallest := resource.MustParse("64Mi")
	p.check(s.Size.Cmp(smallest) >= 0, "storage.size %s must be at least %s", s.Size.String(), smallest.String())
}
