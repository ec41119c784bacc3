// Package conditions is the one table of the condition types, reasons and events that wismo writes: what each means and what its
// reader does next. docs/conditions.md is generated from it, and kubectl wismo status prints its next steps. It holds words alone:
// which condition holds is up to the controllers, whose tests compare what they write with this table.
package conditions
