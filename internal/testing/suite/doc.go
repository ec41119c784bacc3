// Package suite runs the tests of one duty of the operator against a real API server: it starts the server and the operator,
// with no more rights than config/rbac gives it, plays what no cluster is there to play (pods, the controller of Deployments,
// the internet), and holds, whatever the tests do, that no secret leaks, that every version of a status follows kstatus' rules,
// and that the operator is refused nothing.
//
//	func TestMain(m *testing.M) { suite.Main(m) }
package suite
