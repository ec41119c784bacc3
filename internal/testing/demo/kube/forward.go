package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Target is a port of a Service.
type Target struct {
	Namespace, Service string
	Port               int // of the Service
}

// Publish makes a Service reachable at a loopback address. On the local cluster this outlives the program; elsewhere it
// lasts until the context ends.
func (c *Cluster) Publish(ctx context.Context, name, listen string, to Target, out io.Writer) error {
	if c.Local {
		return LocalCommand(ctx, c.Root, out, "forward", name, "--listen", listen,
			"--to", fmt.Sprintf("%s/%s:%d", to.Namespace, to.Service, to.Port))
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("forwarding %s: %w", name, err)
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	go c.accept(ctx, listener, to)
	return nil
}

// Unpublish takes a Publish on the local cluster back.
func (c *Cluster) Unpublish(ctx context.Context, name string, out io.Writer) error {
	if !c.Local {
		return nil
	}
	return LocalCommand(ctx, c.Root, out, "forward", name, "--remove")
}

// accept serves each connection by a stream of its own to a pod that is ready now, so that a rollout breaks none.
func (c *Cluster) accept(ctx context.Context, listener net.Listener, to Target) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = connection.Close() }()
			// A failure shows to the caller as a closed connection, as a real network shows it.
			_ = c.stream(ctx, connection, to)
		}()
	}
}

func (c *Cluster) stream(ctx context.Context, local net.Conn, to Target) error {
	pod, port, err := c.backend(ctx, to)
	if err != nil {
		return err
	}
	clientset, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return err
	}
	request := clientset.CoreV1().RESTClient().Post().Resource("pods").Namespace(to.Namespace).Name(pod).SubResource("portforward")
	transport, upgrader, err := spdy.RoundTripperFor(c.Config)
	if err != nil {
		return err
	}
	connection, _, err := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, request.URL()).
		Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		return fmt.Errorf("forwarding to pod %s/%s: %w", to.Namespace, pod, err)
	}
	defer func() { _ = connection.Close() }()
	headers := http.Header{}
	headers.Set(corev1.PortHeader, strconv.Itoa(int(port)))
	headers.Set(corev1.PortForwardRequestIDHeader, "0")
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	if _, err := connection.CreateStream(headers); err != nil {
		return err
	}
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	remote, err := connection.CreateStream(headers)
	if err != nil {
		return err
	}
	var upload sync.WaitGroup
	upload.Go(func() {
		_, _ = io.Copy(remote, local)
		_ = remote.Close()
	})
	_, err = io.Copy(local, remote)
	_ = local.Close()
	upload.Wait()
	return err
}

// backend picks a pod behind the Service that is ready and stays.
func (c *Cluster) backend(ctx context.Context, to Target) (pod string, port int32, err error) {
	var slices discoveryv1.EndpointSliceList
	if err := c.List(ctx, &slices, client.InNamespace(to.Namespace), client.MatchingLabels{discoveryv1.LabelServiceName: to.Service}); err != nil {
		return "", 0, err
	}
	for _, slice := range slices.Items {
		for _, endpoint := range slice.Endpoints {
			ready := endpoint.Conditions.Ready != nil && *endpoint.Conditions.Ready
			if ready && endpoint.TargetRef != nil && len(slice.Ports) > 0 && slice.Ports[0].Port != nil {
				return endpoint.TargetRef.Name, *slice.Ports[0].Port, nil
			}
		}
	}
	return "", 0, errors.New("no pod behind " + to.Namespace + "/" + to.Service + " is ready")
}
