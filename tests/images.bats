#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# One launch, any image: Debian, static busybox, a loader that is not the host's, and nothing but one program.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export DEBIAN BUSYBOX SCRATCH MUSL SQUASHED=$CLUSTER/caches/squashed
  open_cache "$CACHE"
  open_cache "$SQUASHED"
  BUSYBOX=$(stage busybox)
  DEBIAN=$(stage debian)
  make_programs
  SCRATCH=$(stage_files scratch /program "$CLUSTER/programs/static")
  MUSL=$(stage_files musl /program "$CLUSTER/programs/musl" /lib/ld-musl-x86_64.so.1 /usr/lib/x86_64-linux-musl/libc.so)
  for image in "$BUSYBOX" "$DEBIAN" "$SCRATCH" "$MUSL"; do
    squash "$image" "$SQUASHED"
  done
}

teardown_file() { teardown_place; }

# A program that says who it is, statically linked and with musl's loader.
make_programs() {
  mkdir "$CLUSTER/programs"
  cat >"$CLUSTER/programs/program.c" <<'PROGRAM'
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int count, char **words) {
  printf("%d %d %s\n", getuid(), getgid(), count > 1 ? words[1] : "-");
  return count > 2 ? atoi(words[2]) : 0;
}
PROGRAM
  gcc -static -o "$CLUSTER/programs/static" "$CLUSTER/programs/program.c"
  musl-gcc -o "$CLUSTER/programs/musl" "$CLUSTER/programs/program.c"
}

# stage_files NAME PATH FILE...: an image of these files and nothing else, staged in; prints its reference.
stage_files() {
  local name=$1 layout=$CLUSTER/layout-$1 root=$CLUSTER/root-$1
  shift
  while (($# > 0)); do
    install -D -m 755 "$2" "$root$1"
    shift 2
  done
  umoci init --layout "$layout"
  umoci new --image "$layout:latest"
  tar -C "$root" --owner=0 --group=0 -cf "$root.tar" .
  umoci raw add-layer --image "$layout:latest" "$root.tar" >/dev/null
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:latest" "docker://$PLURALITY_TEST_REGISTRY/$name:latest"
  as_test_user plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/$name:latest" >/dev/null
  printf '%s\n' "$PLURALITY_TEST_REGISTRY/$name:latest"
}

# every USER: each image, each way.
every() {
  local user=$1 cache share option
  for cache in "$CACHE" "$SQUASHED"; do
    for share in none node; do
      for option in --debug "--bind=/etc/hostname:/opt/new/place"; do
        for image in "$SCRATCH" "$MUSL"; do
          run --separate-stderr as_other "$user" PLURALITY_CACHE="$cache" plurality-exec --share "$share" "$option" "$image" /program word 7
          echo "$cache $share $option $image: $status: $output $stderr"
          [ "$status" = 7 ]
          [ "$output" = "$(id -u "$user") $(id -g "$user") word" ]
        done
        for image in "$BUSYBOX" "$DEBIAN"; do
          run --separate-stderr as_other "$user" PLURALITY_CACHE="$cache" plurality-exec --share "$share" "$option" "$image" sh -c 'echo $(id -u) $(id -g) word; exit 7'
          echo "$cache $share $option $image: $status: $output $stderr"
          [ "$status" = 7 ]
          [ "$output" = "$(id -u "$user") $(id -g "$user") word" ]
        done
      done
    done
  done
}

@test "as the user whose cache it is, as a directory and as squashfs" {
  every "$TEST_USER"
}

@test "as another user, from a cache that one may only read" {
  [[ -n $OTHER_USER ]] || skip 'there is no second user: not root'
  before=$(checksum "$CACHE/images")
  every "$OTHER_USER"
  [ "$(checksum "$CACHE/images")" = "$before" ]
}

@test "without subordinate ids" {
  [[ $EUID == 0 ]] || skip 'needs root, to hide /etc/subuid'
  for image in "$SCRATCH" "$MUSL"; do
    run -0 unshare -m bash -c "mount --bind /dev/null /etc/subuid; mount --bind /dev/null /etc/subgid; . $REPO/tests/lib.bash; as_test_user plurality-exec $image /program word"
    echo "$output"
    [ "$output" = "$(id -u "$TEST_USER") $(id -g "$TEST_USER") word" ]
  done
}
