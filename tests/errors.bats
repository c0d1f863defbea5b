#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What fails, fails with its exit code and says what mends it.
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE
  IMAGE=$(stage busybox)
}

teardown_file() { teardown_place; }

# fails STATUS TEXT COMMAND...: as the test user; an error line, then a hint line that has TEXT.
fails() {
  local expected=$1 text=$2 actual=0
  shift 2
  output=$(as_test_user "$@" 2>&1 >/dev/null) || actual=$?
  printf 'status %s\n%s\n' "$actual" "$output"
  [ "$actual" -eq "$expected" ]
  grep -qE '^plurality-(stagein|exec): cannot ' <<<"$output"
  grep -qE "^hint: .*($text)" <<<"$output"
  ! grep -qE '^\s+at |Exception' <<<"$output"
}

new_cache() { mktemp -u "$CLUSTER/caches/new.XXXXXX"; }

@test "a tag that is not there: 3" {
  fails 3 'tag' plurality-stagein pull "$PLURALITY_TEST_REGISTRY/busybox:nowhere"
  fails 3 'tag' plurality-stagein pull "$PLURALITY_TEST_REGISTRY/no-such-repository:latest"
}

@test "a name that is none: 2" {
  fails 2 '.' plurality-stagein pull 'UPPER CASE:tag'
  fails 2 'help' plurality-stagein pull --no-such-option x
  fails 2 'help' plurality-stagein
}

@test "no credentials: 4, and where they are read from" {
  dir=$CLUSTER/closed
  "$REPO/dev/registry-up" "$dir" --tls --htpasswd me:right >/dev/null
  fails 4 'plurality-stagein login' PLURALITY_CA_FILE="$dir/ca.crt" plurality-stagein pull "$(<"$dir/address")/busybox:latest" || failed=yes
  "$REPO/dev/registry-down" "$dir"
  [ -z "${failed-}" ]
}

@test "a registry that nobody reaches: 5" {
  port=$(free_port)
  fails 5 'registry' PLURALITY_INSECURE_REGISTRIES="127.0.0.1:$port" plurality-stagein pull "127.0.0.1:$port/busybox:latest"
  fails 5 'registry' plurality-stagein pull "no-such-host.invalid/busybox:latest"
}

@test "plain http where it is not allowed: 5, and the option that allows it" {
  fails 5 'insecure-registr' PLURALITY_INSECURE_REGISTRIES= plurality-stagein pull "$PLURALITY_TEST_REGISTRY/busybox:latest"
}

@test "a blob that the registry's disk has damaged: 6, and nothing is kept" {
  "$REPO/dev/image" busybox --push "$PLURALITY_TEST_REGISTRY/damaged:latest" --tls-verify=false
  blob=$(skopeo inspect --raw --tls-verify=false "docker://$PLURALITY_TEST_REGISTRY/damaged:latest" | jq -r '.layers[0].digest')
  data=$(find "$CLUSTER/registry" -path "*/blobs/sha256/*/${blob#sha256:}/data")
  cp "$data" "$CLUSTER/blob"
  printf 'X' | dd of="$data" bs=1 seek=5000 conv=notrunc status=none
  cache=$(new_cache)
  fails 6 '.' PLURALITY_CACHE="$cache" plurality-stagein pull "$PLURALITY_TEST_REGISTRY/damaged:latest" || failed=yes
  cp "$CLUSTER/blob" "$data"
  [ -z "${failed-}" ]
  [ -z "$(find "$cache/images" "$cache/tmp" -mindepth 1)" ]
  as_test_user PLURALITY_CACHE="$cache" plurality-stagein pull "$PLURALITY_TEST_REGISTRY/damaged:latest"
}

@test "a full disk: 7, and nothing is left on it" {
  cat >"$CLUSTER/run/full" <<'FULL'
set -e
mkdir -p "$1" && mount -t tmpfs -o size=700k,mode=777 tmpfs "$1"
shift
status=0
"$@" || status=$?
find "$PLURALITY_CACHE/images" "$PLURALITY_CACHE/tmp" "$PLURALITY_CACHE/locks" -mindepth 1 | sed 's/^/left: /' >&2
exit "$status"
FULL
  cache=$CLUSTER/caches/full
  fails 7 'space' PLURALITY_CACHE="$cache/cache" unshare --user --map-root-user --mount bash "$CLUSTER/run/full" "$cache" \
    plurality-stagein pull "$PLURALITY_TEST_REGISTRY/busybox:latest"
  [[ $output != *'left: '* ]]
}

@test "a cache that cannot be written: 7" {
  fails 7 'PLURALITY_CACHE|--cache' PLURALITY_CACHE=/proc/cache plurality-stagein pull "$PLURALITY_TEST_REGISTRY/busybox:latest"
  if ((EUID == 0)); then
    install -d -m 755 "$CLUSTER/caches/closed"
    fails 7 'PLURALITY_CACHE|--cache' PLURALITY_CACHE="$CLUSTER/caches/closed/cache" plurality-stagein pull "$PLURALITY_TEST_REGISTRY/busybox:latest"
  fi
}

@test "an image that is not staged: 125, and the pull to run" {
  fails 125 'plurality-stagein pull registry.example/none:1' plurality-exec registry.example/none:1 true
}

@test "no runc: 125, and how to get or name one" {
  for share in none node; do
    fails 125 'PLURALITY_RUNTIME' PLURALITY_RUNTIME=/nowhere/runc plurality-exec --share "$share" "$IMAGE" true
    fails 125 'PLURALITY_RUNTIME' plurality-exec --share "$share" --runtime no-such-runtime "$IMAGE" true
  done
}

@test "no runc, but crun: that is taken; neither: 125" {
  without() { # PROGRAM... -- COMMAND...
    local script=''
    while [[ $1 != -- ]]; do
      ! command -v "$1" >/dev/null || script+="mount --bind /dev/null '$(command -v "$1")' && "
      shift
    done
    shift
    unshare --mount bash -c "$script . '$REPO/tests/lib.bash' && as_test_user \"\$@\"" - "$@"
  }
  without runc -- plurality-exec --dry-run "$IMAGE" true | grep -F "$(command -v crun) "
  without runc -- plurality-stagein doctor | grep -F 'crun 1.'
  ! without runc crun -- plurality-exec "$IMAGE" true 2>"$BATS_TEST_TMPDIR/errors"
  grep -F 'there is no runc, and no crun, on this node' "$BATS_TEST_TMPDIR/errors"
}

@test "a runtime that fails: 125" {
  fails 125 'debug' PLURALITY_RUNTIME=/bin/false plurality-exec --share node "$IMAGE" true
}

@test "no user namespaces: 125, and the setting that gives them" {
  for share in none node; do
    fails 125 'max_user_namespaces' unshare --user --map-root-user sh -c "echo 0 >/proc/sys/user/max_user_namespaces && exec plurality-exec --share $share $IMAGE true"
  done
}

@test "an option that is none, and a configuration with a wrong key: said, with what is meant" {
  fails 125 'help' plurality-exec --no-such-option "$IMAGE" true
  mkdir -p "$CLUSTER/config/plurality" && echo 'shar = "node"' >"$CLUSTER/config/plurality/plurality.toml"
  fails 125 'file' XDG_CONFIG_HOME="$CLUSTER/config" plurality-exec "$IMAGE" true
  [[ $output == *"did you mean 'share'"* ]]
  fails 2 'file' XDG_CONFIG_HOME="$CLUSTER/config" plurality-stagein list
  [[ $output == *"did you mean 'share'"* ]]
}
