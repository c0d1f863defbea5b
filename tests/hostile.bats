#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images that were made to do harm: they are refused, or run without anything of the host being touched.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export CANARY=$CLUSTER/canary
  mkdir -p "$CANARY/dir"
  echo alive >"$CANARY/file"
  chmod -R a+rwX "$CANARY"
  # What all of them start from, with symbolic links: umoci hashes a file once for each of its names, in each image that it makes.
  cp -r "$("$REPO/dev/image" busybox)" "$CLUSTER/base"
  umoci unpack --image "$CLUSTER/base:latest" "$CLUSTER/bundle" >/dev/null 2>&1
  find "$CLUSTER/bundle/rootfs/bin" -type f ! -name busybox -exec ln -sf busybox {} ';'
  umoci repack --refresh-bundle --image "$CLUSTER/base:latest" "$CLUSTER/bundle" >/dev/null 2>&1
}

teardown_file() { teardown_place; }

# hostile NAME: an image whose root is what the caller left in $ROOT on top of busybox, with umoci's further arguments; sets IMAGE.
hostile() {
  local name=$1 layout=$CLUSTER/layout-$1
  shift
  cp -r "$CLUSTER/base" "$layout"
  cp -a "$CLUSTER/bundle" "$CLUSTER/bundle-$name"
  ROOT=$CLUSTER/bundle-$name/rootfs
  "change_$name"
  umoci repack --image "$layout:latest" "$CLUSTER/bundle-$name" >/dev/null 2>&1
  (($# == 0)) || umoci config --image "$layout:latest" "$@"
  IMAGE=$PLURALITY_TEST_REGISTRY/hostile-$name:latest
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:latest" "docker://$IMAGE"
}

# Stages in and runs each way; the outcome is refusal or a run, and the canary is as it was. Sets status and output.
survives() { # [OPTION...] COMMAND...
  local before after share options=()
  while [[ $1 == -* ]]; do options+=("$1") && shift; done
  before=$(checksum "$CANARY")
  output='' status=0
  as_test_user plurality-stagein pull "$IMAGE" >"$CLUSTER/pull.log" 2>&1 || {
    status=$?
    output=$(<"$CLUSTER/pull.log")
    [ "$status" -lt 100 ]
  }
  if ((status == 0)); then
    for share in none node; do
      status=0
      output=$(as_test_user timeout 60 plurality-exec --share "$share" -B "$CLUSTER/run" "${options[@]}" "$IMAGE" "$@" 2>&1) || status=$?
      printf '%s: %s %s\n' "$share" "$status" "$output"
      [ "$status" -ne 124 ]
    done
  fi
  survives_squashed "${options[@]}" "$IMAGE" "$@"
  after=$(checksum "$CANARY")
  [ "$before" = "$after" ]
}

# Likewise from a squashfs file with a writable view: it may fail, and does not hang.
survives_squashed() { # plurality-exec's arguments...
  local ended=0
  # Once an image; staging in is what takes time.
  [[ ${SQUASHED-} != "$IMAGE" ]] || return 0
  SQUASHED=$IMAGE
  as_test_user PLURALITY_CACHE="$CLUSTER/caches/squashed" plurality-stagein pull --quiet --format squashfs "$IMAGE" >/dev/null 2>&1 || return 0
  as_test_user PLURALITY_CACHE="$CLUSTER/caches/squashed" timeout 60 plurality-exec --writable-tmpfs -B "$CLUSTER/run" "$@" >/dev/null 2>&1 || ended=$?
  [ "$ended" -ne 124 ]
}

change_links() {
  rm -rf "$ROOT"/{proc,sys,dev,tmp}
  ln -s "$CANARY/dir" "$ROOT/proc"
  ln -s "../../../../../../../..$CANARY/dir" "$ROOT/sys"
  ln -s "$CANARY/dir" "$ROOT/dev"
  ln -s "$CANARY/dir" "$ROOT/tmp"
  rm -f "$ROOT/etc/passwd" "$ROOT/etc/group"
  ln -s "$CANARY/file" "$ROOT/etc/passwd"
  ln -s /proc/self/mem "$ROOT/etc/group"
  ln -s "$CANARY/file" "$ROOT/etc/resolv.conf"
}

@test "places that are links out of the image become real, and the program sees the node's" {
  hostile links
  survives sh -c 'ls -d /proc/self /sys/kernel /dev/null && id -un'
  [ "$status" -eq 0 ]
  [[ $output == *"$TEST_USER"* ]]
}

change_fifos() {
  rm -rf "$ROOT"/{proc,sys,dev,tmp,home} "$ROOT"/etc/{passwd,group}
  for place in proc sys dev tmp etc/passwd etc/group etc/resolv.conf etc/hosts home srv; do
    mkfifo "$ROOT/$place"
  done
}

@test "places that are pipes neither hang a launch nor stop it for good" {
  hostile fifos --config.workingdir /srv
  survives sh -c 'ls -d /proc/self /dev/null; pwd'
  echo "$output"
  [ "$status" -eq 0 ] || [[ $output == *cannot* ]]
}

change_etc() {
  rm -rf "$ROOT/etc" "$ROOT/home"
  ln -s "$CANARY/dir" "$ROOT/etc"
  ln -s "$CANARY/dir" "$ROOT/home"
  ln -s / "$ROOT/loop" && ln -s circle "$ROOT/circle"
}

@test "/etc and /home that are links do not make anything on the host" {
  hostile etc --config.workingdir /circle/x
  survives sh -c 'ls -d /proc/self; pwd'
  [ -z "$(ls -A "$CANARY/dir")" ]
}

change_workdir() {
  ln -s /proc/1/root "$ROOT/way-out"
  ln -s "$CANARY" "$ROOT/canary"
}

@test "a WORKDIR that is a link out of the image, or no path, is not entered" {
  hostile workdir --config.workingdir /way-out/root
  survives sh -c 'cd / && pwd; pwd -P >/dev/null'
  [ "$status" -eq 0 ]
  for workdir in /canary /proc/1/cwd /proc/self/fd/7 ../../../../../etc '/new
line' /nowhere; do
    umoci config --image "$CLUSTER/layout-workdir:latest" --config.workingdir "$workdir"
    skopeo copy --quiet --dest-tls-verify=false "oci:$CLUSTER/layout-workdir:latest" "docker://$IMAGE"
    run as_test_user sh -c "plurality-stagein pull $IMAGE >/dev/null 2>&1 && cd /usr && plurality-exec $IMAGE pwd -P"
    echo "$workdir: $status $output"
    [[ $status -ne 0 || $output == / || $output == /nowhere || $output == /etc || $output == *line ]]
    [ "$(cat "$CANARY/file")" = alive ]
  done
}

change_user() { :; }

@test "a USER that overflows, or is nobody's, does not change who one is" {
  hostile user
  for user in 4294967296 -1 99999999999999999999 root 0:0 "$(printf 'u%.0s' {1..5000})"; do
    umoci config --image "$CLUSTER/layout-user:latest" --config.user "$user"
    skopeo copy --quiet --dest-tls-verify=false "oci:$CLUSTER/layout-user:latest" "docker://$IMAGE"
    survives id -u
    [ "$status" -ne 0 ] || [ "$output" = "$(id -u "$TEST_USER")" ]
  done
}

change_preload() {
  cat >"$CLUSTER/evil.c" <<C
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
__attribute__((constructor)) static void evil(void) {
  FILE *f = fopen("$CLUSTER/run/evil", "a");
  if (f) { fprintf(f, "%d\\n", getpid()); fclose(f); }
}
C
  gcc -shared -fPIC -o "$ROOT/evil.so" "$CLUSTER/evil.c"
  mkdir -p "$ROOT/gconv" && printf 'profile\n' >"$ROOT/profile"
}

@test "LD_PRELOAD, GCONV_PATH, BASH_ENV, PATH and IFS of an image reach no program of the host" {
  printf '#!/bin/sh\ntouch %s/run/evil\n' "$CLUSTER" >"$CLUSTER/run/tool" && chmod 755 "$CLUSTER/run/tool"
  mkdir -p "$CLUSTER/run/bin"
  for tool in nsenter unshare env runc cat rm mv mkdir java sha256sum; do cp "$CLUSTER/run/tool" "$CLUSTER/run/bin/$tool"; done
  cp "$CLUSTER/run/tool" "$CLUSTER/run/bash_env"
  hostile preload --config.env LD_PRELOAD=/evil.so --config.env GCONV_PATH=/gconv --config.env "BASH_ENV=$CLUSTER/run/bash_env" \
    --config.env "ENV=$CLUSTER/run/bash_env" --config.env IFS=/ --config.env "PATH=$CLUSTER/run/bin:/bin" --config.env LD_LIBRARY_PATH=/ \
    --config.env JAVA_TOOL_OPTIONS=-version --config.env 'BASH_FUNC_exec%%=() { touch /tmp/evil; }' --config.env PS4='$(touch /tmp/evil)' --config.env SHELLOPTS=xtrace
  rm -f "$CLUSTER/run/evil"
  survives /bin/busybox true
  [ "$status" -eq 0 ]
  [ ! -e "$CLUSTER/run/evil" ] # busybox is static: only a dynamic program of the host could have loaded it
}

change_variables() { :; }

change_binary() {
  rm -rf "${ROOT:?}"/*
  cp /bin/busybox "$ROOT/busybox"
}

change_setuid() {
  cp "$CLUSTER/run/ids" "$ROOT/ids"
  chown 0:0 "$ROOT/ids"
  chmod 6755 "$ROOT/ids"
}

@test "setuid and setgid programs of root, the image's and the host's, run as the user" {
  [[ $EUID == 0 ]] || skip 'needs root, to have such a program'
  local ids option
  ids="$(id -u "$TEST_USER") $(id -g "$TEST_USER")"
  cat >"$CLUSTER/ids.c" <<'C'
#include <stdio.h>
#include <unistd.h>
int main(void) { printf("%d %d\n", (int)geteuid(), (int)getegid()); }
C
  gcc -static -o "$CLUSTER/run/ids" "$CLUSTER/ids.c"
  chmod 6755 "$CLUSTER/run/ids"
  # Without a container it counts, or this would show nothing.
  [ "$(as_test_user "$CLUSTER/run/ids")" = '0 0' ]
  hostile setuid
  for option in --no-home --pid; do
    survives "$option" sh -c "/ids; $CLUSTER/run/ids"
    [ "$output" = "$ids"$'\n'"$ids" ]
  done
  rm "$CLUSTER/run/ids"
}

@test "an image with nothing but one static program runs it" {
  hostile binary
  survives /busybox id -u
  [ "$status" -eq 0 ]
  [ "$output" = "$(id -u "$TEST_USER")" ]
}

@test "variables of an image that are none, or too many, are left out or refused" {
  hostile variables --config.env 'A=two
lines' --config.env 'SLURM_JOB_ID=1' --config.env 'HOME=/evil' --config.env 'a b=c'
  survives sh -c 'echo "$A"; echo "${SLURM_JOB_ID-none}"; case $HOME in /evil) echo evil;; esac'
  [ "$output" = $'two\nlines\nnone' ]
}
