// Package status is kubectl wismo status: how one Shop or the whole fleet is, and what to do next. What it says of a
// condition stands in docs/conditions.md and nowhere else. It reads, and needs no more rights than a viewer has.
package status
