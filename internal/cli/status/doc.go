// Package status is kubectl wismo status: how one Shop or the whole fleet is, and what to do next. The next steps are those of
// internal/conditions. It reads, and needs no more rights than a viewer has.
package status
