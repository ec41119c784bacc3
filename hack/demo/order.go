package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/hack/demo/inbox"
	"github.com/wismo-dev/wismo/hack/demo/journey"
	"github.com/wismo-dev/wismo/hack/demo/kube"
)

const (
	firstNumber = 1001
	mailTimeout = 60 * time.Second
	pause       = time.Second // between two webhooks: an hour or more of the parcel's life
)

// finishedOrder is an order whose parcel has arrived.
type finishedOrder struct {
	merchant merchant
	number   string
	page     string // on this machine
	mails    []inbox.Mail
}

// oneOrder is the command order.
func oneOrder(ctx context.Context, say narrator, shop, number string) error {
	m, err := findMerchant(shop)
	if err != nil {
		return err
	}
	if err := orderNumber(number); err != nil {
		return err
	}
	d, err := connect(ctx, say)
	if err != nil {
		return err
	}
	if err := d.publish(ctx); err != nil {
		return err
	}
	used, err := d.usedNumbers(ctx)
	if err != nil {
		return err
	}
	if path, ok := used[m.recordKey(number)]; ok {
		return fmt.Errorf("order %s was sent to %s before: choose another number, or look at its page http://%s%s", number, m.name, d.cluster.Address(m.port), path)
	}
	order, err := d.sendOrder(ctx, m, number)
	if err != nil {
		return err
	}
	order.print(say)
	return nil
}

// pictured is the occasion on which a page is looked at most.
const pictured = "OutForDelivery"

// sendOrder plays the whole journey through the Shop's public endpoints and waits for each mail that it brings about.
func (d demo) sendOrder(ctx context.Context, m merchant, number string) (finishedOrder, error) {
	sender := kube.Sender{Cluster: d.cluster, Shop: m.key(), BaseURL: "http://" + d.cluster.Address(m.port)}
	d.say.step("Order %s of %s, hour by hour", number, m.name)
	mails := 0
	for i, hook := range m.journey(number, time.Now()) {
		if i > 0 {
			time.Sleep(pause)
		}
		if err := sender.Send(ctx, hook); err != nil {
			return finishedOrder{}, err
		}
		told := fmt.Sprintf("%s  %-18s from %s", hook.At.Format("Mon 15:04"), hook.Tells, hook.Source)
		if hook.Mails == "" {
			d.say.note("%s", told)
			continue
		}
		mails++
		mail, err := d.awaitMail(ctx, m.shopper(number), mails, hook)
		if err != nil {
			return finishedOrder{}, err
		}
		d.say.note("%s; mail %q", told, mail.Subject)
		if d.pictures != "" && hook.Mails == pictured {
			if err := d.takeScreenshots(ctx, m, mail.PagePath()); err != nil {
				return finishedOrder{}, err
			}
		}
	}
	return d.finish(ctx, m, number)
}

func (d demo) awaitMail(ctx context.Context, to string, count int, hook journey.Webhook) (newest inbox.Mail, err error) {
	err = kube.Await(ctx, fmt.Sprintf("the mail about %s to %s", hook.Mails, to), mailTimeout, func(ctx context.Context) (bool, string) {
		mails, err := d.mails.To(ctx, to)
		if err != nil {
			return false, err.Error()
		}
		if len(mails) > 0 {
			newest = mails[len(mails)-1]
		}
		return len(mails) >= count, fmt.Sprintf("%d of %d mails", len(mails), count)
	})
	return newest, err
}

// finish finds the page by the link in the newest mail, and notes that the number is used.
func (d demo) finish(ctx context.Context, m merchant, number string) (finishedOrder, error) {
	mails, err := d.mails.To(ctx, m.shopper(number))
	if err != nil {
		return finishedOrder{}, err
	}
	path := mails[len(mails)-1].PagePath()
	if path == "" {
		return finishedOrder{}, fmt.Errorf("the mail %q holds no link to the page", mails[len(mails)-1].Subject)
	}
	order := finishedOrder{merchant: m, number: number, page: "http://" + d.cluster.Address(m.port) + path, mails: mails}
	return order, d.recordNumber(ctx, m.recordKey(number), path)
}

func (o finishedOrder) print(say narrator) {
	say.plain("")
	for _, mail := range o.mails {
		say.plain("MAIL %s  %s", mail.To[0], mail.Subject)
	}
	say.plain("PAGE %s %s", o.merchant.key(), o.page)
}

func (m merchant) recordKey(number string) string { return m.name + "." + number }

func (d demo) usedNumbers(ctx context.Context) (map[string]string, error) {
	var record corev1.ConfigMap
	err := d.cluster.Get(ctx, client.ObjectKey{Namespace: demoNamespace, Name: ordersRecorded}, &record)
	return record.Data, client.IgnoreNotFound(err)
}

func (d demo) recordNumber(ctx context.Context, key, path string) error {
	record := corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: demoNamespace, Name: ordersRecorded}}
	if err := d.cluster.Create(ctx, &record); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := d.cluster.Get(ctx, client.ObjectKeyFromObject(&record), &record); err != nil {
		return err
	}
	if record.Data == nil {
		record.Data = map[string]string{}
	}
	record.Data[key] = path
	return d.cluster.Update(ctx, &record)
}

// nextNumber is the first from firstNumber that has not been used.
func (d demo) nextNumber(ctx context.Context, m merchant) (string, error) {
	used, err := d.usedNumbers(ctx)
	if err != nil {
		return "", err
	}
	for n := firstNumber; ; n++ {
		number := fmt.Sprint(n)
		if _, ok := used[m.recordKey(number)]; !ok {
			return number, nil
		}
	}
}
