// Package fields holds the API to its word: it walks the schema of every kind, and fails for a field that neither changes anything
// nor is in the table of package compile that lists what is not acted on.
package fields
