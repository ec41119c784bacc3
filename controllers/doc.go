// Package controllers holds one folder a kind, and the tests that run all of them together against a real API server:
// the files are named for the behaviour that a user buys. It has no code of its own.
package controllers
