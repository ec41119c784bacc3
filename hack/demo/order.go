package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/demo/inbox"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

const (
	firstNumber = 1001
	mailTimeout = 2 * time.Minute // the merchants' quiet hours are a minute long
	pause       = time.Second     // between two webhooks, whose times are an hour or more apart
)

// finishedOrder is an order whose webhooks have been sent and whose mails have arrived.
type finishedOrder struct {
	merchant merchant
	sample   sampleOrder
	number   string
	page     string // on this machine
	mails    []inbox.Mail
}

// oneOrder runs the command `order`: it sends the Shop's first sample order under that number.
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
	switch path, ok := used[m.recordKey(number)]; {
	case ok && path == "":
		return fmt.Errorf("order %s was sent to %s before, but not completely: choose another number", number, m.name)
	case ok:
		return fmt.Errorf("order %s was sent to %s before: choose another number, or look at its page http://%s%s", number, m.name, d.cluster.Address(m.port), path)
	}
	order, err := d.sendOrder(ctx, m, m.orders[0], number)
	if err != nil {
		return err
	}
	order.print(say)
	return nil
}

// sendOrders sends the sample orders of all merchants, in parallel.
func (d demo) sendOrders(ctx context.Context) ([]finishedOrder, error) {
	var orders []finishedOrder
	for _, m := range merchants() {
		numbers, err := d.nextNumbers(ctx, m, len(m.orders))
		if err != nil {
			return nil, err
		}
		for i, p := range m.orders {
			orders = append(orders, finishedOrder{merchant: m, sample: p, number: numbers[i]})
			d.say.step("Order %s of %s: %s", numbers[i], m.name, p.about)
		}
	}
	if wait := journey.UntilOneDay(time.Now(), mailTimeout); wait > 0 {
		d.say.note("it is nearly midnight at the destination, where a delivery day would end: waiting %.0f s", wait.Seconds())
		time.Sleep(wait)
	}
	d.say.step("Webhooks and mails of all orders, in parallel")
	all, ctx := errgroup.WithContext(ctx)
	for i, o := range orders {
		all.Go(func() (err error) {
			orders[i], err = d.sendOrder(ctx, o.merchant, o.sample, o.number)
			return err
		})
	}
	return orders, all.Wait()
}

// sendOrder sends all webhooks of an order to the Shop's public endpoints, and waits for each mail that they cause.
func (d demo) sendOrder(ctx context.Context, m merchant, p sampleOrder, number string) (finishedOrder, error) {
	sender := kube.Sender{Cluster: d.cluster, Shop: m.key(), BaseURL: "http://" + d.cluster.Address(m.port)}
	if err := d.recordNumber(ctx, m.recordKey(number), ""); err != nil {
		return finishedOrder{}, err
	}
	mails := 0
	for i, hook := range p.journey(number, time.Now()) {
		if i > 0 {
			time.Sleep(pause)
		}
		if err := sender.Send(ctx, hook); err != nil {
			return finishedOrder{}, err
		}
		told := fmt.Sprintf("%-7s %s  %s  %s from %s", m.name, number, hook.At.Format("Mon 15:04"), hook.Tells, hook.Source)
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
		if d.pictures != "" && hook.Mails == p.pictured {
			if err := d.takeScreenshots(ctx, m, p, mail.PagePath()); err != nil {
				return finishedOrder{}, err
			}
		}
	}
	return d.finish(ctx, m, p, number)
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

// finish finds the page by the link in the newest mail, and records its path.
func (d demo) finish(ctx context.Context, m merchant, p sampleOrder, number string) (finishedOrder, error) {
	mails, err := d.mails.To(ctx, m.shopper(number))
	if err != nil {
		return finishedOrder{}, err
	}
	path := mails[len(mails)-1].PagePath()
	if path == "" {
		return finishedOrder{}, fmt.Errorf("the mail %q has no link to the page", mails[len(mails)-1].Subject)
	}
	order := finishedOrder{merchant: m, sample: p, number: number, page: "http://" + d.cluster.Address(m.port) + path, mails: mails}
	return order, d.recordNumber(ctx, m.recordKey(number), path)
}

func (o finishedOrder) print(say narrator) {
	say.plain("\nORDER %s of %s: %s", o.number, o.merchant.name, o.sample.about)
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
	d.recording.Lock()
	defer d.recording.Unlock()
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

// nextNumbers returns the first unused order numbers, from firstNumber on.
func (d demo) nextNumbers(ctx context.Context, m merchant, count int) ([]string, error) {
	used, err := d.usedNumbers(ctx)
	if err != nil {
		return nil, err
	}
	var numbers []string
	for n := firstNumber; len(numbers) < count; n++ {
		number := fmt.Sprint(n)
		if _, ok := used[m.recordKey(number)]; !ok {
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}
