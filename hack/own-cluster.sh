# Sourced by scripts that need a cluster of their own where KUBECONFIG names none.

# own_cluster NAME starts a new local cluster with our images, after deleting what an interrupted run left, and stops it when the script
# ends. The name is the script's and not WISMO_CLUSTER's: a cluster that a developer works with is never deleted.
own_cluster() {
  export WISMO_CLUSTER=$1
  trap 'go run -C hack/cluster . down' EXIT
  go run -C hack/cluster . down --purge
  go run -C hack/cluster . up
  go run -C hack/cluster . load
  eval "$(go run -C hack/cluster . env)"
}
