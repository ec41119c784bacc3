// Package cmdutil holds what all commands of the plugin share: streams, the client for the cluster, prompts, output formats,
// colours and exit codes. It must not import a command.
package cmdutil
