// Package simulate runs journeys of the corpus through the data plane, in one process and on a simulated clock: receipts are stored in
// a real database, the real notifier maps, decides and renders, and the real page is read again and again, as shoppers would. Package
// check compares what they read with the truth. The result is findings, service levels and the diary of messages.
package simulate
