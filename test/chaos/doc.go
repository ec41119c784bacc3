// Package chaos holds the operator to one promise: whatever happens between it and the API server, it comes to the same
// objects. The operator is the real one, against a real API server; what fails is the way between them: requests,
// answers, watches, and the process itself: at every write, and killed from outside at any moment. It knows nothing of how
// the operator works inside.
package chaos
