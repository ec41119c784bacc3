package ctrlutil

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

func TestAnErrorThatStaysIsLoggedOnceAndEveryNewOneIs(t *testing.T) {
	var lines []string
	log := funcr.New(func(_, args string) { lines = append(lines, args) }, funcr.Options{})
	log = log.WithSink(quiet{log.GetSink()})
	var fails error
	reconciler := LogErrorsOnce(reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) { return reconcile.Result{}, fails }))
	request := reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "linden", Name: "linden"}}
	for i, step := range []struct {
		err  error
		want int // lines so far
	}{
		{nil, 0},
		{errors.New("dial 10.0.0.1:4321: refused"), 1},
		{errors.New("dial 10.0.0.1:4322: refused"), 1},
		{errors.New("quota exceeded"), 2},
		{errors.New("quota exceeded"), 2},
		{nil, 2},
		{errors.New("quota exceeded"), 3},
	} {
		fails = step.err
		_, err := reconciler.Reconcile(ctrl.LoggerInto(t.Context(), log), request)
		if !errors.Is(err, step.err) {
			t.Errorf("step %d: the error became %v", i, err)
		}
		if err != nil {
			log.WithValues("reconcileID", i).Error(err, repeatedError) // as controller-runtime does
		}
		if len(lines) != step.want {
			t.Fatalf("step %d: %d lines, want %d:\n%s", i, len(lines), step.want, strings.Join(lines, "\n"))
		}
	}
}

func TestAnEndingProcessDoesNotLogThatItEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	log := funcr.New(func(_, args string) { t.Errorf("logged %s", args) }, funcr.Options{})
	failing := LogErrorsOnce(reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
		return reconcile.Result{}, fmt.Errorf("reading: %w", context.Canceled)
	}))
	_, _ = failing.Reconcile(ctrl.LoggerInto(ctx, log), reconcile.Request{})
}

func TestALogNamesTheControllerAndTheObject(t *testing.T) {
	var line string
	ctrl.SetLogger(funcr.New(func(_, args string) { line = args }, funcr.Options{}))
	t.Cleanup(func() { ctrl.SetLogger(logr.Discard()) })
	request := &reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "linden", Name: "shop"}}
	logs("carrierintegration")(request).Error(errors.New("no answer"), "Failed")
	for _, part := range []string{`"controller"="carrierintegration"`, `"namespace"="linden"`, `"carrierintegration"="shop"`, "no answer"} {
		if !strings.Contains(line, part) {
			t.Errorf("the line lacks %s: %s", part, line)
		}
	}
}
