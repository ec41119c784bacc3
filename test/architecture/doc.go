// Package architecture holds what the source as a whole must keep: which folder may import which, and the names that users,
// clusters and dashboards know. It reads the source and runs nothing of it.
package architecture
