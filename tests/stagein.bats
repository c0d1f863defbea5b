#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# plurality-stagein against a real registry, as an ordinary user.
load lib

setup_file() {
  setup_place
  up=$("$REPO/dev/registry-up" "$CLUSTER/registry" --access-log)
  eval "$up"
  open_cache "$CACHE" # in a cache of one's own files that only their owner may read stay so
  open_cache "$CLUSTER/caches/squashed"
  open_cache "$CLUSTER/caches/killed"
  for image in busybox debian science; do
    "$REPO/dev/image" "$image" --push "$PLURALITY_TEST_REGISTRY" --tls-verify=false >/dev/null
  done
}

teardown_file() { teardown_place; }

pull() { as_test_user plurality-stagein pull "$PLURALITY_TEST_REGISTRY/$1" "${@:2}"; }
path_of() { as_test_user plurality-stagein path "$PLURALITY_TEST_REGISTRY/$1"; }

# list_of IMAGE: pulls it and lists its tree, once for all tests; prints where that is.
list_of() {
  pull "$1:latest" >/dev/null
  [[ -e $CLUSTER/$1.list ]] || "$REPO/tests/tree-list" "$(path_of "$1:latest")" >"$CLUSTER/$1.list"
  printf '%s\n' "$CLUSTER/$1.list"
}

# umoci_tree IMAGE: what umoci makes of it, with the mount points that stage-in makes; prints its path.
umoci_tree() {
  local bundle=$CLUSTER/caches/umoci-$1 root place
  root=$bundle/rootfs
  cp -r "$REPO/.dev/images/$1" "$CLUSTER/$1.layout" && chmod -R a+rX "$CLUSTER/$1.layout"
  as_test_user umoci unpack --rootless --image "$CLUSTER/$1.layout:latest" "$bundle" >/dev/null 2>&1
  as_test_user bash -s "$root" <<'MAKE'
    cd "$1"
    for place in proc sys dev tmp .plurality .plurality/usr .plurality/lib .plurality/lib64; do
      [[ -d $place && ! -L $place ]] || { rm -f "$place" && mkdir -m 755 "$place" && { [[ $place != tmp ]] || chmod 1777 tmp; }; }
    done
    for place in run home root etc; do [[ -e $place || -L $place ]] || mkdir -m 755 "$place"; done
    for place in etc/resolv.conf etc/hosts etc/passwd etc/group; do
      [[ -f $place && ! -L $place ]] || { rm -rf "$place" && touch -d @0 "$place" && chmod 644 "$place"; }
    done
    # A rootless umoci keeps the place of a device with an empty file.
    find dev -type f -size 0 -delete
MAKE
  printf '%s\n' "$root"
}

@test "the trees of busybox and science, which has debian below, are umoci's, but for what is changed on purpose" {
  for image in busybox science; do
    staged=$(list_of "$image")
    expected=$(umoci_tree "$image")
    "$REPO/tests/tree-list" "$expected" --as-staged >"$CLUSTER/expected"
    wc -l <"$staged"
    diff "$CLUSTER/expected" "$staged" | head -n 40
    cmp "$CLUSTER/expected" "$staged"
  done
}

@test "a squashfs holds the tree of the directory, read back with unsquashfs" {
  for image in busybox science; do
    directory=$(list_of "$image")
    file=$(PLURALITY_CACHE= as_test_user plurality-stagein pull --cache "$CLUSTER/caches/squashed" --format squashfs -q \
      "$PLURALITY_TEST_REGISTRY/$image:latest" | cut -d' ' -f2)
    [[ $file == */rootfs.squashfs ]]
    # Without root, unsquashfs heeds the umask.
    as_test_user bash -c 'umask 0; exec unsquashfs -q -n -d "$@"' - "$CLUSTER/caches/unsquashed-$image" "$file"
    "$REPO/tests/tree-list" "$CLUSTER/caches/unsquashed-$image" >"$CLUSTER/squashed"
    diff "$directory" "$CLUSTER/squashed" | head -n 40
    cmp "$directory" "$CLUSTER/squashed"
    cmp <(zstdcat "${file%/*}/files.jsonl.zst" | grep -v mtimeNanos) \
      <(zstdcat "$(dirname "$(path_of "$image:latest")")/files.jsonl.zst" | grep -v mtimeNanos)
  done
}

@test "Docker's format and zstd layers give the same tree" {
  for image in busybox science; do
    plain=$(list_of "$image")
    "$REPO/dev/image" "$image" --push "$PLURALITY_TEST_REGISTRY/$image:docker2" --tls-verify=false --format docker2
    "$REPO/dev/image" "$image" --push "$PLURALITY_TEST_REGISTRY/$image:zstd" --tls-verify=false --compress zstd
    for tag in docker2 zstd; do
      pull "$image:$tag"
      [ "$(path_of "$image:$tag")" != "$(path_of "$image:latest")" ]
      "$REPO/tests/tree-list" "$(path_of "$image:$tag")" >"$CLUSTER/other"
      cmp "$plain" "$CLUSTER/other"
    done
  done
}

@test "a pull makes no file in /tmp, where one that is killed would leave it" {
  "$REPO/dev/image" busybox --push "$PLURALITY_TEST_REGISTRY/busybox:native" --tls-verify=false --compress zstd
  as_test_user strace -qq -f -e trace=open,openat,creat -o "$CLUSTER/caches/opened" \
    plurality-stagein pull --cache "$CLUSTER/caches/native" "$PLURALITY_TEST_REGISTRY/busybox:native"
  grep -F '/lib/libzstd-jni' "$CLUSTER/caches/opened"
  run grep -E '"/tmp/[^"/]*", [^)]*O_CREAT' "$CLUSTER/caches/opened"
  echo "$output"
  [ "$status" -eq 1 ]
}

@test "a pull of what is there is a no-op" {
  pull busybox:latest
  before=$(checksum "$(dirname "$(path_of busybox:latest)")")
  asked=$(wc -l <"$CLUSTER/registry/log")
  pull busybox:latest
  tail -n "+$((asked + 1))" "$CLUSTER/registry/log" >"$CLUSTER/asked"
  grep -c '/v2/busybox/manifests/latest' "$CLUSTER/asked"
  run grep -F /blobs/ "$CLUSTER/asked"
  echo "$output"
  [ "$status" -eq 1 ]
  [ "$(checksum "$(dirname "$(path_of busybox:latest)")")" = "$before" ]
}

@test "list, inspect, path and rm" {
  pull busybox:latest
  as_test_user plurality-stagein list | grep -F "$PLURALITY_TEST_REGISTRY/busybox:latest"
  as_test_user plurality-stagein inspect "$PLURALITY_TEST_REGISTRY/busybox:latest" | jq -e '.kind == "dir" and .platform == "linux/'"$(dpkg --print-architecture)"'"'
  path=$(path_of busybox:latest)
  [ -x "$path/bin/busybox" ]
  as_test_user plurality-stagein rm "$PLURALITY_TEST_REGISTRY/busybox:latest"
  [ ! -e "$path" ]
  run as_test_user plurality-stagein path "$PLURALITY_TEST_REGISTRY/busybox:latest"
  [ "$status" -eq 3 ]
}

@test "TLS and a password: the auth file and the authority's certificate let the pull in" {
  dir=$CLUSTER/tls
  "$REPO/dev/registry-up" "$dir" --tls --htpasswd me:right >/dev/null
  address=$(<"$dir/address")
  skopeo copy --quiet --dest-cert-dir "$dir" --dest-creds me:right "oci:$REPO/.dev/images/busybox:latest" "docker://$address/busybox:latest"
  jq -n --arg at "$address" --arg auth "$(printf me:right | base64)" '{auths: {($at): {auth: $auth}}}' >"$CLUSTER/run/auth.json"
  jq -n --arg at "$address" --arg auth "$(printf me:wrong | base64)" '{auths: {($at): {auth: $auth}}}' >"$CLUSTER/run/wrong.json"
  chmod 644 "$CLUSTER"/run/*.json
  cache=$CLUSTER/caches/tls
  run as_test_user PLURALITY_CACHE="$cache" PLURALITY_CA_FILE="$dir/ca.crt" REGISTRY_AUTH_FILE="$CLUSTER/run/auth.json" plurality-stagein pull "$address/busybox:latest"
  echo "$output"
  right=$status
  run as_test_user PLURALITY_CACHE="$cache.2" PLURALITY_CA_FILE="$dir/ca.crt" REGISTRY_AUTH_FILE="$CLUSTER/run/wrong.json" plurality-stagein pull "$address/busybox:latest"
  echo "$output"
  wrong=$status
  run as_test_user PLURALITY_CACHE="$cache.2" REGISTRY_AUTH_FILE="$CLUSTER/run/auth.json" plurality-stagein pull "$address/busybox:latest"
  echo "$output"
  "$REPO/dev/registry-down" "$dir"
  rm "$CLUSTER"/run/*.json
  [ "$right" -eq 0 ]
  [ "$wrong" -eq 4 ]
  [ "$status" -eq 5 ]
  [[ $output == *PLURALITY_CA_FILE* ]]
  ! grep -rqF -e right -e "$(printf me:right | base64)" --include='*.json*' "$cache"
}

@test "an index gives this machine's image, and never an attestation" {
  "$REPO/dev/image" busybox --index --push "$PLURALITY_TEST_REGISTRY/index:latest" --tls-verify=false
  pull index:latest
  pull busybox:latest
  [ "$(path_of index:latest)" = "$(path_of busybox:latest)" ]
  run pull index:latest --platform linux/s390x
  echo "$output"
  [ "$status" -ne 0 ]
  [[ $output == *linux/arm64* && $output != *unknown* ]]
}

@test "16 processes pulling one image at once into an empty cache: all succeed, one entry, nothing in tmp" {
  cache=$CLUSTER/caches/sixteen
  run as_test_user PLURALITY_CACHE="$cache" bash -c "
    for i in {1..16}; do plurality-stagein pull $PLURALITY_TEST_REGISTRY/debian:latest >$CLUSTER/run/out.\$i 2>&1 & pids+=(\$!); done
    for pid in \${pids[@]}; do wait \$pid || echo \"failed \$?\"; done"
  echo "$output"
  cat "$CLUSTER"/run/out.* | grep -v '^sha256' | sort | uniq -c
  [ -z "$output" ]
  [ "$(sort -u <(grep -h ^sha256 "$CLUSTER"/run/out.*) | wc -l)" -eq 1 ]
  rm "$CLUSTER"/run/out.*
  [ "$(find "$cache/images" -name entry.json | wc -l)" -eq 1 ]
  [ -z "$(find "$cache/tmp" "$cache/locks" -mindepth 1)" ]
}

@test "kill -9 of a pull leaves nothing under a final name, and the next pull succeeds" {
  cache=$CLUSTER/caches/killed
  for moment in 0.2 0.5 0.8 1.1 1.5 2 2.6; do
    as_test_user PLURALITY_CACHE="$cache" bash -c "plurality-stagein pull $PLURALITY_TEST_REGISTRY/debian:latest >/dev/null 2>&1 & sleep $moment; kill -KILL \$!; wait \$! 2>/dev/null; true" 2>/dev/null
    entries=$(find "$cache/images" -mindepth 2 -maxdepth 2 2>/dev/null | wc -l)
    complete=$(find "$cache/images" -name entry.json 2>/dev/null | wc -l)
    echo "$moment: $entries under a final name, $complete complete, $(find "$cache/tmp" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l) in tmp"
    [ "$entries" -eq "$complete" ]
    [ "$complete" -eq 0 ] || break
  done
  as_test_user PLURALITY_CACHE="$cache" plurality-stagein pull "$PLURALITY_TEST_REGISTRY/debian:latest"
  pull debian:latest
  diff <("$REPO/tests/tree-list" "$(as_test_user PLURALITY_CACHE="$cache" plurality-stagein path "$PLURALITY_TEST_REGISTRY/debian:latest")") \
    <("$REPO/tests/tree-list" "$(path_of debian:latest)")
}

@test "TERM ends a pull with 143 and takes its work away" {
  cache=$CLUSTER/caches/ended
  run as_test_user PLURALITY_CACHE="$cache" bash -c "plurality-stagein pull $PLURALITY_TEST_REGISTRY/science:latest 2>&1 & sleep 1.5; kill -TERM \$!; wait \$!; echo \"status \$?\""
  echo "$output"
  [[ $output == *'status 143'* ]]
  [ -z "$(find "$cache/locks" -mindepth 1)" ]
  # On a slow machine what is left goes on being removed.
  nothing_left() { [ -z "$(find "$cache/tmp" -mindepth 1)" ]; }
  wait_for 20 nothing_left
}

@test "with --dedupe images share equal files, and one that goes takes nothing from another" {
  cache=$CLUSTER/caches/dedupe
  for tree in one two; do
    mkdir -p "$CLUSTER/trees/$tree/bin"
    head -c 3000000 /dev/zero | tr '\0' x >"$CLUSTER/trees/$tree/bin/common"
    echo "$tree" >"$CLUSTER/trees/$tree/bin/own"
    touch -d @1700000000 "$CLUSTER/trees/$tree"/bin/*
  done
  chmod -R a+rX "$CLUSTER/trees"
  dedupe() { as_test_user PLURALITY_CACHE="$cache" PLURALITY_DEDUPE=true plurality-stagein "$@"; }
  for tree in one two; do dedupe pull -q --format dir --name "local.test/$tree" "dir:$CLUSTER/trees/$tree"; done
  one=$(dedupe path local.test/one)
  two=$(dedupe path local.test/two)
  [ "$one/bin/common" -ef "$two/bin/common" ]
  [ ! "$one/bin/own" -ef "$two/bin/own" ]
  dedupe usage --by format
  [ "$(dedupe usage --by format | awk '$1 == "(all)" { print $3 $4 }')" = 3.0MB ]
  dedupe verify --deep
  dedupe rm local.test/one
  dedupe verify --deep
  [ "$(stat -c %h "$two/bin/common")" -eq 2 ]
  dedupe rm local.test/two
  [ -z "$(find "$cache/shared" -mindepth 2 -type f)" ]
}

@test "the same layers make the same entry again, bit for bit" {
  pull busybox:latest
  again=$CLUSTER/caches/again
  as_test_user PLURALITY_CACHE="$again" plurality-stagein pull "$PLURALITY_TEST_REGISTRY/busybox:latest" >/dev/null
  first=$(dirname "$(path_of busybox:latest)")
  cmp "$first/files.jsonl.zst" "$again"/images/sha256/*/*/files.jsonl.zst
}
