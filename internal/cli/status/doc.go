// Package status is kubectl wismo status: the state of one Shop or of all Shops, and what to do next. The next step for
// a condition comes from internal/conditions. The command only reads, and needs no more rights than a viewer has.
package status
