#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets stderr
# plurality-stagein with images that real tools wrote: skopeo, buildah, podman, a Docker daemon, mksquashfs.
load lib
bats_require_minimum_version 1.5.0

setup_file() {
  setup_place
  export LAYOUT FILES
  FILES=$CLUSTER/files
  mkdir -p "$FILES"
  LAYOUT=$FILES/busybox
  cp -r "$("$REPO/dev/image" busybox)" "$LAYOUT"
  skopeo copy -q "oci:$LAYOUT:latest" "docker-archive:$FILES/skopeo.tar:example.org/busybox:1"
  chmod -R a+rX "$FILES"
}

teardown_file() {
  "$REPO/dev/docker-down" "$CLUSTER/d"
  teardown_place
}

# in_cache NAME SOURCE [OPTION...]: pulls into an empty cache of that name, prints the digest, leaves the tree's list in NAME.tree.
in_cache() {
  local name=$1 cache=$CLUSTER/caches/$1 digest path
  shift
  read -r digest path < <(as_test_user PLURALITY_CACHE="$cache" DOCKER_HOST="${DOCKER_HOST-}" plurality-stagein pull --quiet "$@")
  "$REPO/tests/tree-list" "$path" >"$CLUSTER/$name.tree"
  printf '%s\n' "$digest"
}

# storage COMMAND...: buildah or podman with a storage of their own.
storage() {
  local tool=$1
  shift
  "$tool" --root "$CLUSTER/storage" --runroot "$CLUSTER/runroot" --storage-driver vfs "$@"
}

needs_root() { ((EUID == 0)) || skip 'starts daemons, which needs root'; }

@test "skopeo's archive, compressed or not, from a file or standard input, has one digest and tree" {
  expected=$(in_cache skopeo "docker-archive:$FILES/skopeo.tar")
  [[ $expected == sha256:* ]]
  gzip -k "$FILES/skopeo.tar"
  zstd -q "$FILES/skopeo.tar"
  chmod a+r "$FILES"/*
  [ "$(in_cache gz "docker-archive:$FILES/skopeo.tar.gz")" = "$expected" ]
  [ "$(in_cache zst "docker-archive:$FILES/skopeo.tar.zst")" = "$expected" ]
  [ "$(in_cache stdin docker-archive:- <"$FILES/skopeo.tar")" = "$expected" ]
  [ "$(in_cache pipe docker-archive:- < <(gzip -dc "$FILES/skopeo.tar.gz"))" = "$expected" ]
  [ "$(in_cache named "docker-archive:$FILES/skopeo.tar:example.org/busybox:1")" = "$expected" ]
  for tree in gz zst stdin pipe named; do
    cmp "$CLUSTER/skopeo.tree" "$CLUSTER/$tree.tree"
  done
}

@test "what buildah and podman write has the tree, and in one cache the digest" {
  needs_root
  storage buildah pull -q "docker-archive:$FILES/skopeo.tar"
  storage buildah push -q example.org/busybox:1 "docker-archive:$FILES/buildah.tar:example.org/busybox:1"
  storage buildah push -q example.org/busybox:1 "oci:$FILES/buildah.oci:1"
  storage buildah push -q example.org/busybox:1 "oci-archive:$FILES/buildah.oci.tar:1"
  storage podman save -q --format docker-archive -o "$FILES/podman.tar" example.org/busybox:1
  storage podman save -q --format oci-archive -o "$FILES/podman.oci.tar" example.org/busybox:1
  chmod -R a+rX "$FILES"
  expected=$(in_cache one "docker-archive:$FILES/skopeo.tar")
  for source in "docker-archive:$FILES/buildah.tar" "docker-archive:$FILES/podman.tar" "oci:$FILES/buildah.oci" \
    "oci:$FILES/buildah.oci:1" "oci-archive:$FILES/buildah.oci.tar" "oci-archive:$FILES/podman.oci.tar"; do
    echo "$source"
    [ "$(in_cache one "$source")" = "$expected" ]
    name=apart-$((++count))
    in_cache "$name" "$source"
    cmp "$CLUSTER/skopeo.tree" "$CLUSTER/$name.tree"
  done
}

@test "Docker's daemon, what it saves, and an OCI layout of the image have one digest and tree" {
  needs_root
  up=$("$REPO/dev/docker-up" "$CLUSTER/d" --group "$(id -gn "$TEST_USER")") && eval "$up"
  docker load -q -i "$FILES/skopeo.tar"
  docker save -o "$FILES/docker.tar" example.org/busybox:1
  docker save example.org/busybox:1 | gzip >"$FILES/docker.tar.gz"
  chmod a+r "$FILES"/docker.tar*
  expected=$(in_cache daemon docker-daemon:example.org/busybox:1)
  [[ $expected == sha256:* ]]
  [ "$(in_cache saved "docker-archive:$FILES/docker.tar")" = "$expected" ]
  [ "$(in_cache savedgz "docker-archive:$FILES/docker.tar.gz")" = "$expected" ]
  [ "$(in_cache skopeo2 "docker-archive:$FILES/skopeo.tar")" = "$expected" ]
  # The same image in an OCI layout whose layers are compressed has another manifest, but is found again.
  [ "$(in_cache daemon "oci:$LAYOUT")" = "$expected" ]
  real=$(in_cache layout "oci:$LAYOUT")
  [ "$real" = "$(jq -r '.manifests[0].digest' "$LAYOUT/index.json")" ]
  [ "$(in_cache layout docker-daemon:example.org/busybox:1)" = "$real" ]
  for tree in saved savedgz skopeo2 layout; do
    cmp "$CLUSTER/daemon.tree" "$CLUSTER/$tree.tree"
  done
  # It is known by its names, and again without an export.
  run -0 as_test_user PLURALITY_CACHE="$CLUSTER/caches/daemon" plurality-stagein path example.org/busybox:1
  run -0 --separate-stderr as_test_user PLURALITY_CACHE="$CLUSTER/caches/daemon" DOCKER_HOST="$DOCKER_HOST" \
    plurality-stagein pull docker-daemon:example.org/busybox:1
  [[ $stderr != *reading* ]]
  # Built here, with a configuration that only Docker writes.
  mkdir -p "$CLUSTER/context"
  printf 'FROM example.org/busybox:1\nENV A=b\nENTRYPOINT ["/bin/busybox"]\n' >"$CLUSTER/context/Dockerfile"
  docker build -q -t example.org/built:1 "$CLUSTER/context"
  skopeo copy -q --src-daemon-host "$DOCKER_HOST" docker-daemon:example.org/built:1 "oci:$FILES/built:1"
  chmod -R a+rX "$FILES"
  built=$(in_cache built docker-daemon:example.org/built:1)
  [ "$(in_cache built "oci:$FILES/built:1")" = "$built" ]
}

@test "a daemon that is not there, may not be used, or lacks the image is told apart" {
  needs_root
  run -5 as_test_user DOCKER_HOST="unix://$CLUSTER/none.sock" plurality-stagein pull docker-daemon:busybox
  [[ $output == *'there is no daemon at'* && $output == *docker_host* ]]
  [[ -S $CLUSTER/d/docker.sock ]] || "$REPO/dev/docker-up" "$CLUSTER/d" --group "$(id -gn "$TEST_USER")"
  run -3 as_test_user DOCKER_HOST="unix://$CLUSTER/d/docker.sock" plurality-stagein pull docker-daemon:nosuch:1
  [[ $output == *'no such image'* ]]
  run -4 as_other "$OTHER_USER" PLURALITY_CACHE="$CLUSTER/caches/other" DOCKER_HOST="unix://$CLUSTER/d/docker.sock" \
    plurality-stagein pull docker-daemon:example.org/busybox:1
  [[ $output == *'you may not use the daemon'* && $output == *'docker save'* ]]
}

@test "Podman's service is a daemon, too" {
  needs_root
  storage podman pull -q "docker-archive:$FILES/skopeo.tar"
  mkdir -p "$CLUSTER/run/podman"
  storage podman system service --time 60 "unix://$CLUSTER/run/podman.sock" 3>&- &
  service=$!
  wait_for 30 test -S "$CLUSTER/run/podman.sock"
  chmod 666 "$CLUSTER/run/podman.sock"
  DOCKER_HOST=unix://$CLUSTER/run/podman.sock
  digest=$(in_cache podman docker-daemon:example.org/busybox:1)
  kill "$service"
  [ "$digest" = "$(in_cache skopeo3 "docker-archive:$FILES/skopeo.tar")" ]
  cmp "$CLUSTER/skopeo3.tree" "$CLUSTER/podman.tree"
}

@test "a directory, and a squashfs of it, are one image that runs by its name" {
  mkdir -p "$FILES/tree"
  as_test_user plurality-stagein pull --quiet "docker-archive:$FILES/skopeo.tar" >/dev/null
  (cd "$(as_test_user plurality-stagein path example.org/busybox:1)" && tar cf - .) | tar xf - -C "$FILES/tree"
  for compressor in gzip xz zstd lzo lz4 lzma; do
    mksquashfs "$FILES/tree" "$FILES/$compressor.sqsh" -comp "$compressor" -noappend -quiet -all-root
  done
  chmod -R a+rX "$FILES"
  expected=$(in_cache dir "dir:$FILES/tree" --name local.test/tree:1)
  for compressor in gzip xz zstd lzo lz4 lzma; do
    [ "$(in_cache "$compressor" "squashfs:$FILES/$compressor.sqsh" --name "local.test/$compressor:1")" = "$expected" ]
    cmp "$CLUSTER/dir.tree" "$CLUSTER/$compressor.tree"
  done
  run -0 as_test_user PLURALITY_CACHE="$CLUSTER/caches/dir" plurality-exec --share none local.test/tree:1 busybox echo hello
  [[ $output == *hello* ]]
  run -0 --separate-stderr as_test_user plurality-stagein pull "dir:$FILES/tree"
  [[ $stderr == *--name* ]]
}

@test "a squashfs in enroot's form has its variables, working directory and command" {
  mkdir -p "$FILES/enroot"
  as_test_user plurality-stagein pull --quiet "docker-archive:$FILES/skopeo.tar" >/dev/null
  (cd "$(as_test_user plurality-stagein path example.org/busybox:1)" && tar cf - .) | tar xf - -C "$FILES/enroot"
  mkdir -p "$FILES/enroot/etc" "$FILES/enroot/opt/tool/bin" "$FILES/enroot/workspace"
  printf '#!/bin/sh\necho a tool on PATH\n' >"$FILES/enroot/opt/tool/bin/tool"
  chmod 755 "$FILES/enroot/opt/tool/bin/tool"
  printf 'PATH=/opt/tool/bin:/bin:/usr/bin\nTOOL_HOME=/opt/tool\n' >"$FILES/enroot/etc/environment"
  printf '%s\n' 'mkdir -p "/workspace" 2> /dev/null' 'cd "/workspace" && unset OLDPWD || exit 1' '' 'if [ -s /etc/rc.local ]; then' \
    '    . /etc/rc.local' fi '' 'if [ $# -gt 0 ]; then' '    exec "$@"' else "    exec 'tool'" fi >"$FILES/enroot/etc/rc"
  mksquashfs "$FILES/enroot" "$FILES/enroot.sqsh" -comp lzo -noD -noappend -quiet -all-root
  chmod -R a+rX "$FILES"
  run -0 --separate-stderr as_test_user plurality-stagein pull "squashfs:$FILES/enroot.sqsh" --name local.test/enroot:1
  [[ $stderr != *sun.misc.Unsafe* ]]
  run -0 --separate-stderr as_test_user plurality-exec --share none local.test/enroot:1 sh -c 'echo "$TOOL_HOME"; tool'
  [ "$output" = $'/opt/tool\na tool on PATH' ]
  entry=$(as_test_user plurality-stagein path local.test/enroot:1)
  grep -F '"Cmd":["tool"],"WorkingDir":"/workspace"' "${entry%/*}/config.json"
}

@test "nothing is left of a pull from a pipe that is interrupted" {
  mkfifo "$CLUSTER/pipe" && chmod 666 "$CLUSTER/pipe"
  sleep 60 >"$CLUSTER/pipe" 3>&- &
  writer=$!
  as_test_user PLURALITY_CACHE="$CLUSTER/caches/int" timeout -s INT 5 plurality-stagein pull docker-archive:- <"$CLUSTER/pipe" || status=$?
  kill "$writer"
  [ "$status" -eq 124 ]
  [ -z "$(ls "$CLUSTER/caches/int/tmp")" ]
}
