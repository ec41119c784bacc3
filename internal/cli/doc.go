// Package cli is kubectl wismo: its root command and the list of its commands, each of which is a package below this one.
// It knows no command's business.
package cli
