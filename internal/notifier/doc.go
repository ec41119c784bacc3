// Package notifier is the worker of a Shop: it claims receipts, has them mapped, merges them into orders, asks which news may be
// told, queues messages, and sends them when they are due. It owns the transactions and the retries. It must not know any
// carrier's format, the words of a message, the rules of a decision, or Kubernetes.
package notifier
