package installed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/client-go/rest"

	"github.com/wismo-dev/wismo/internal/manager"
)

// patience is how long an operator may take to lead; one that was killed leaves its Lease behind.
const patience = time.Minute

// Operator is one start of it.
type Operator struct {
	cancel context.CancelFunc
	done   chan error
}

// Start starts an operator that is as (see AsOperator), and returns when it leads. Options need not say what is the same
// for every operator in a test: namespace, leader election, no metrics and no probes.
func Start(as *rest.Config, o manager.Options) (*Operator, error) {
	o.Namespace, o.LeaderElection, o.SkipNameValidation = Namespace, true, true
	o.MetricsAddress, o.ProbeAddress = "0", "0"
	ctx, cancel := context.WithCancel(context.Background())
	mgr, err := manager.New(ctx, as, o)
	if err != nil {
		cancel()
		return nil, err
	}
	operator := &Operator{cancel: cancel, done: make(chan error, 1)}
	go func() { operator.done <- mgr.Start(ctx) }()
	select {
	case <-mgr.Elected():
		return operator, nil
	case err := <-operator.done:
		cancel()
		return nil, fmt.Errorf("the operator ended: %w", err)
	case <-time.After(patience):
		return nil, errors.Join(errors.New("the operator does not lead"), operator.Stop())
	}
}

// Stop ends the operator in order, and returns how it ended.
func (o *Operator) Stop() error {
	o.cancel()
	return <-o.done
}
