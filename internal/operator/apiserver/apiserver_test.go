package apiserver

import (
	"context"
	"errors"
	"slices"
	"testing"

	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// answering is an API server that says where it is, or why it does not.
type answering struct {
	client.Reader
	addresses [][]string
	err       error
}

func (a *answering) Get(_ context.Context, key client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	slice, ok := o.(*discoveryv1.EndpointSlice)
	if !ok || key.String() != "default/kubernetes" {
		return errors.New("asked for something else")
	}
	for _, addresses := range a.addresses {
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{Addresses: addresses})
	}
	return a.err
}

var (
	forbidden = apierrors.NewForbidden(schema.GroupResource{Resource: "endpointslices"}, "kubernetes", errors.New("by RBAC"))
	notFound  = apierrors.NewNotFound(schema.GroupResource{Resource: "endpointslices"}, "kubernetes")
)

func TestTheAPIServerIsWhereItSaysAndWhereWeReachIt(t *testing.T) {
	for name, tc := range map[string]struct {
		host   string
		reader answering
		want   []string
	}{
		"inside the cluster":   {"https://10.96.0.1:443", answering{addresses: [][]string{{"34.1.2.3"}, {"2a00::1"}}}, []string{"10.96.0.1/32", "2a00::1/128", "34.1.2.3/32"}},
		"the same twice":       {"https://34.1.2.3", answering{addresses: [][]string{{"34.1.2.3"}}}, []string{"34.1.2.3/32"}},
		"IPv6":                 {"https://[fd00::1]:443", answering{}, []string{"fd00::1/128"}},
		"by name":              {"https://api.cluster.example:6443", answering{addresses: [][]string{{"10.0.0.7"}}}, []string{"10.0.0.7/32"}},
		"without the right":    {"https://10.96.0.1:443", answering{err: forbidden}, []string{"10.96.0.1/32"}},
		"without endpoints":    {"https://10.96.0.1:443", answering{err: notFound}, []string{"10.96.0.1/32"}},
		"with a port, no more": {"10.96.0.1:443", answering{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a := New(&tc.reader, tc.host)
			if _, err := a.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := a.Networks(); !slices.Equal(got, tc.want) {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestAnAPIServerThatMovesIsNoticedAndOneThatDoesNotAnswerIsNot(t *testing.T) {
	reader := &answering{addresses: [][]string{{"34.1.2.3"}}}
	a := New(reader, "")
	for i, step := range []struct {
		addresses [][]string
		err       error
		changed   bool
		want      string
	}{
		{[][]string{{"34.1.2.3"}}, nil, true, "34.1.2.3/32"},
		{[][]string{{"34.1.2.3"}}, nil, false, "34.1.2.3/32"},
		{nil, errors.New("timeout"), false, "34.1.2.3/32"},
		{[][]string{{"34.1.2.4"}}, nil, true, "34.1.2.4/32"},
	} {
		reader.addresses, reader.err = step.addresses, step.err
		changed, err := a.Refresh(t.Context())
		if changed != step.changed || (err != nil) != (step.err != nil) || !slices.Equal(a.Networks(), []string{step.want}) {
			t.Errorf("step %d: changed %t, %v, %q", i, changed, err, a.Networks())
		}
	}
}
