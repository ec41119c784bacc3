// Package cli is kubectl wismo: the root command and the list of its commands. Each command is a package below this one
// and holds its own logic.
package cli
