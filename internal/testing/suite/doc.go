// Package suite runs the tests of one duty of the operator against a real API server. It starts the server, and the operator with
// the rights of config/rbac. It simulates the pods, the Deployment controller and the internet. After the tests it fails if a secret
// has leaked, if a version of a status broke a rule of kstatus, if the API server refused a request of the operator, or if the
// operator did not use a right in testdata/rights.txt.
//
//	func TestMain(m *testing.M) { suite.Main(m) }
package suite
