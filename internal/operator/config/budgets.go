package config

// Budgets bound how much the operator does at once.
type Budgets struct {
	// ConcurrentReconciles is how many objects of a kind are worked on at once, 10 by default. It counts from the
	// operator's next start.
	ConcurrentReconciles int `json:"concurrentReconciles"`
	// ReloadShopsPerSecond is how many Shops a change of this file reaches in a second, 10 by default.
	ReloadShopsPerSecond int `json:"reloadShopsPerSecond"`
}

func defaultBudgets() Budgets { return Budgets{ConcurrentReconciles: 10, ReloadShopsPerSecond: 10} }

func (b Budgets) validate(p *problems) {
	p.check(b.ConcurrentReconciles >= 1 && b.ConcurrentReconciles <= 100,
		"budgets.concurrentReconciles %d must be from 1 to 100", b.ConcurrentReconciles)
	p.check(b.ReloadShopsPerSecond >= 1 && b.ReloadShopsPerSecond <= 1000,
		"budgets.reloadShopsPerSecond %d must be from 1 to 1000", b.ReloadShopsPerSecond)
}
