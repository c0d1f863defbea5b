# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Loaded by every .bats file: what the tests of one file share lies below one directory that any user may pass.
# setup_file() { setup_place; setup_registry; …; }   teardown_file() { teardown_place; }
REPO=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
# shellcheck source=dev/lib.bash
. "$REPO/dev/lib.bash"
add_sbin

# setup_place: exports CLUSTER (the directory), TEST_USER, OTHER_USER (empty when not root), CACHE and TREE, the runnable
# tree as those users may run it.
setup_place() {
  CLUSTER=$(mktemp -d "${TMPDIR:-/tmp}/plurality.XXXXXX")
  chmod 755 "$CLUSTER"
  install -d -m 1777 "$CLUSTER/run" "$CLUSTER/caches"
  TEST_USER=$(test_user)
  OTHER_USER=''
  ((EUID != 0)) || OTHER_USER=plurality-other
  CACHE=$CLUSTER/caches/$TEST_USER
  export CLUSTER TEST_USER OTHER_USER CACHE
  setup_tree
}

# If the tree is in a directory that is closed to other users, such as a home, a copy is used.
setup_tree() {
  export TREE=$REPO/target/plurality
  [[ -x $TREE/bin/plurality-exec ]] || return 0
  if ! as_user "$TEST_USER" test -r "$TREE/lib/exec.jvm"; then
    cp -R "$TREE" "$CLUSTER/plurality"
    TREE=$CLUSTER/plurality
  fi
}

# setup_slurm [SLURM-UP OPTION...]: exports SLURM_CONF. setup_registry: exports PLURALITY_TEST_REGISTRY.
setup_slurm() {
  local up
  up=$("$REPO/dev/slurm-up" "$CLUSTER/slurm" "$@") && eval "$up"
}

setup_registry() {
  local up
  up=$("$REPO/dev/registry-up" "$CLUSTER/registry") && eval "$up"
}

setup_cluster() {
  setup_place
  setup_slurm "$@"
  setup_registry
}

teardown_place() {
  [[ -n ${CLUSTER-} ]] || return 0
  "$REPO/dev/slurm-down" "$CLUSTER/slurm"
  "$REPO/dev/registry-down" "$CLUSTER/registry"
  # What a launch leaves running keeps its plan there for a moment.
  chmod -R u+w "$CLUSTER" 2>/dev/null || true
  wait_for 30 rm -rf "$CLUSTER"
}

teardown_cluster() { teardown_place; }

# as_other USER [NAME=VALUE...] COMMAND...: with the tree on PATH, the cache of the tests, the cluster, and the runtime that PLURALITY_TEST_RUNTIME
# names, which is how another version of runc is tried.
as_other() {
  local user=$1
  shift
  as_user "$user" PATH="$TREE/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" PLURALITY_CACHE="$CACHE" \
    PLURALITY_RUN_DIR="$CLUSTER/run/$user" PLURALITY_INSECURE_REGISTRIES="${PLURALITY_TEST_REGISTRY-}" \
    SLURM_CONF="${SLURM_CONF-}" ${PLURALITY_TEST_RUNTIME:+PLURALITY_RUNTIME="$PLURALITY_TEST_RUNTIME"} "$@"
}

as_test_user() { as_other "$TEST_USER" "$@"; }

# with_etc COMMAND...: as the test user on a node whose /etc is $CLUSTER/etc.
with_etc() {
  unshare -m bash -c ". '$REPO/tests/lib.bash'; mount --bind '$CLUSTER/etc' /etc && as_test_user \"\$@\"" - "$@"
}

# open_cache DIRECTORY: makes the test user's cache, for others to read and take leases in; one that a pull makes is for its user alone.
open_cache() { as_test_user plurality-stagein init --site --cache "$1" >/dev/null; }

# stage NAME: builds one of dev/image's and stages it in as the test user; prints its reference. The image comes from
# the tests' registry if the file has set one up, otherwise from the directory that dev/image made.
stage() {
  if [[ -n ${PLURALITY_TEST_REGISTRY-} ]]; then
    "$REPO/dev/image" "$1" --push "$PLURALITY_TEST_REGISTRY" --tls-verify=false >/dev/null
    as_test_user plurality-stagein pull "$PLURALITY_TEST_REGISTRY/$1:latest" >/dev/null
    printf '%s\n' "$PLURALITY_TEST_REGISTRY/$1:latest"
  else
    mkdir -p "$CLUSTER/layouts"
    cp -R "$("$REPO/dev/image" "$1")" "$CLUSTER/layouts/$1"
    chmod -R a+rX "$CLUSTER/layouts"
    as_test_user plurality-stagein pull --name "localhost/$1:latest" "oci:$CLUSTER/layouts/$1:latest" >/dev/null
    printf 'localhost/%s:latest\n' "$1"
  fi
}

# gather DIRECTORY COUNT: shell code for a rank, which puts a file into DIRECTORY and goes on once COUNT files are there.
# A test that wants ranks to be there at the same time must not guess how long each of them needs.
gather() {
  # shellcheck disable=SC2016 # the rank's
  printf 'touch %s/$$.$(readlink /proc/self/ns/pid); until [ "$(ls %s | wc -l)" -ge %d ]; do sleep 0.1; done' "$1" "$1" "$2"
}

# checksum DIRECTORY: of everything that a launch could change in it. A file of many names, as BusyBox has, is read once.
checksum() {
  (cd "$1" && {
    find . -printf '%p %y %m %s %T@ %l %n %i\n' | LC_ALL=C sort
    find . -type f -printf '%20i %p\0' | LC_ALL=C sort -z | uniq -z -w 20 | cut -z -c 22- | xargs -0 -r b2sum
  } | b2sum)
}

# Whether no container, holder or directory of the test user is left, but for the plans that are kept and the leases that are noted.
clean() {
  [ -z "$(find "$CLUSTER/run/$TEST_USER" -mindepth 1 -maxdepth 1 ! -name plans ! -name leases 2>/dev/null)" ] && ! leftover
}

leftover() {
  [ -n "$(find /proc/[0-9]*/root -maxdepth 0 -lname "$CLUSTER*" -print -quit 2>/dev/null)" ] || pgrep -f "plurality-monitor .*$CLUSTER" >/dev/null
}

# squash IMAGE CACHE: stages an image, which `stage` printed or a registry has, into another cache, as one squashfs file.
squash() {
  local source=$1 name=()
  [[ $1 != localhost/* ]] || source=oci:$CLUSTER/layouts/${1#localhost/} name=(--name "$1")
  as_test_user PLURALITY_CACHE="$2" plurality-stagein pull --quiet --format squashfs ${name[@]+"${name[@]}"} "$source" >/dev/null
}

# Whether a file server of an image in the tests' caches or on their node runs; prints its pid.
serving() {
  local processes
  processes=$(pgrep -f "^[^ ]*squashfuse.*$CLUSTER") && printf '%s\n' "${processes%%$'\n'*}"
}

not_serving() { ! serving; }
