package kube

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// EndpointPath is the path of a webhook endpoint, as the status of the Shop or of its CarrierIntegration names it.
func (c *Cluster) EndpointPath(ctx context.Context, shop client.ObjectKey, source string) (string, error) {
	var s v1alpha1.Shop
	if err := c.Get(ctx, shop, &s); err != nil {
		return "", err
	}
	endpoints := s.Status.Endpoints
	var integration v1alpha1.CarrierIntegration
	switch err := c.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: source}, &integration); {
	case err == nil && integration.Spec.ShopRef.Name == shop.Name:
		endpoints = append(endpoints, integration.Status.Endpoints...)
	case err != nil && !apierrors.IsNotFound(err):
		return "", err
	}
	i := slices.IndexFunc(endpoints, func(e v1alpha1.Endpoint) bool { return string(e.Name) == source })
	if i < 0 {
		return "", fmt.Errorf("the status of Shop %s has no endpoint named %s", shop, source)
	}
	address, err := url.Parse(string(endpoints[i].URL))
	if err != nil || address.Path == "" {
		return "", fmt.Errorf("the endpoint %s of Shop %s has no usable url: %q", source, shop, endpoints[i].URL)
	}
	return address.Path, nil
}

// SigningSecret reads what a source signs its webhooks with: the newest generated secret, found by its key record, or,
// where the shop platform makes the secret, the user's own. The operator itself could read neither.
func (c *Cluster) SigningSecret(ctx context.Context, shop client.ObjectKey, source string) (string, error) {
	var records corev1.ConfigMapList
	if err := c.List(ctx, &records, client.InNamespace(shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: shop.Name}); err != nil {
		return "", err
	}
	purposes := []string{"hook-" + source, "hook-carrier-" + source}
	matching := slices.DeleteFunc(records.Items, func(r corev1.ConfigMap) bool { return !slices.Contains(purposes, r.Data["purpose"]) })
	slices.SortFunc(matching, func(a, b corev1.ConfigMap) int { return cmp.Compare(number(b), number(a)) })
	for _, record := range matching {
		var secret corev1.Secret
		err := c.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: record.Data["secretName"]}, &secret)
		if apierrors.IsNotFound(err) {
			continue // the next key: its record comes first, its Secret when its time has come
		}
		return string(secret.Data["key"]), err
	}
	return c.ownSecret(ctx, shop, source)
}

// ownSecret reads the client secret of an order source.
func (c *Cluster) ownSecret(ctx context.Context, shop client.ObjectKey, source string) (string, error) {
	var s v1alpha1.Shop
	if err := c.Get(ctx, shop, &s); err != nil {
		return "", err
	}
	if s.Spec.Orders != nil {
		for _, o := range s.Spec.Orders.Sources {
			if string(o.Name) != source || o.CredentialsSecretRef == nil {
				continue
			}
			var secret corev1.Secret
			err := c.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: string(o.CredentialsSecretRef.Name)}, &secret)
			return string(secret.Data["client-secret"]), err
		}
	}
	return "", fmt.Errorf("the Shop %s has no signing secret for a source %s", shop, source)
}

func number(record corev1.ConfigMap) int {
	n, err := strconv.Atoi(record.Data["number"])
	if err != nil {
		return 0
	}
	return n
}
