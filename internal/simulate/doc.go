// Package simulate plays journeys of the corpus through the data plane as it runs in a cluster, in one process and on a
// clock of its own: receipts go into a real store, the real notifier understands, decides and renders, and the real page
// is read again and again, as shoppers would. What they read is held against the truth by package check; what is left
// over are the service levels and the diary of messages.
package simulate
