// Package shop reconciles Shops. The Reconciler asks one type for each duty, hands on what it answers, and says in the status
// what came of it:
//
//	hostnames   which Shop may have which hostname
//	routes      how a Shop is reached, and whether it is
//	keys        the generated keys
//	placement   on which release it runs
//	workloads   how its Deployments are
//
// It reads no Secret, decides no message and knows nothing of parcels.
package shop
