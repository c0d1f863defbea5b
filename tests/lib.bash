# shellcheck shell=bash
# Loaded by every .bats file: a real Slurm and a real registry, once a file, below a directory that any user may pass.
# setup_file() { setup_cluster; }   teardown_file() { teardown_cluster; }
REPO=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
# shellcheck source=dev/lib.bash
. "$REPO/dev/lib.bash"
add_sbin
# shellcheck disable=SC2034 # for the files that load this
plurality_tree=$REPO/target/plurality

# setup_cluster [SLURM-UP OPTION...]: exports CLUSTER, TEST_USER, SLURM_CONF and PLURALITY_TEST_REGISTRY.
setup_cluster() {
  local up
  CLUSTER=$(mktemp -d "${TMPDIR:-/tmp}/plurality.XXXXXX")
  chmod 755 "$CLUSTER"
  TEST_USER=$(test_user)
  export CLUSTER TEST_USER
  up=$("$REPO/dev/slurm-up" "$CLUSTER/slurm" "$@") && eval "$up"
  up=$("$REPO/dev/registry-up" "$CLUSTER/registry") && eval "$up"
}

teardown_cluster() {
  [[ -n ${CLUSTER-} ]] || return 0
  "$REPO/dev/slurm-down" "$CLUSTER/slurm"
  "$REPO/dev/registry-down" "$CLUSTER/registry"
  rm -rf "$CLUSTER"
}

# as_test_user [NAME=VALUE...] COMMAND...: with the cluster's environment.
as_test_user() { as_user "$TEST_USER" SLURM_CONF="$SLURM_CONF" "$@"; }
