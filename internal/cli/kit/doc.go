// Package kit is what every command of the plugin is built with: streams, the way to the cluster, output formats, colours
// and exit codes. It knows no command.
package kit
