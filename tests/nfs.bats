#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A cache on a real NFS server and two real NFS clients (dev/nfs-up): what one host does, seen from the other. `./test
# nfs` runs it, for a launch takes seconds in these guests.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  ((EUID == 0)) || skip 'a network of its own takes root'
  setup_place
  export LAB=$CLUSTER/lab
  "$REPO/dev/nfs-up" "$LAB" --tree "$TREE"
  "$REPO/dev/image" busybox --dir "$CLUSTER/images" >/dev/null
  tar -C "$CLUSTER/images/busybox" -c . | at server root 'mkdir -p /export/image && tar -x -C /export/image && chmod -R a+rX /export/image'
}

teardown_file() {
  [[ -z ${LAB-} ]] || "$REPO/dev/nfs-down" "$LAB"
  teardown_place
}

setup() {
  # A cache of its own for each test.
  cache=u/alice/cache-$BATS_TEST_NUMBER
}

at() { "$REPO/dev/nfs-at" "$LAB" "$@"; }

pull() { # MOUNT FORMAT
  at a alice "plurality-stagein pull -q --format $2 --cache /$1/$cache --name t:1 oci:/$1/image >/dev/null"
}

# What B runs in the background: says each second whether its mounts are there.
watch_mounts() { # MOUNT OPTION...
  local mount=$1
  shift
  at b alice "plurality-exec $* --cache /$mount/$cache t:1 sh -c '
    echo begun; i=0; while [ \$i -lt 200 ] && [ ! -e /tmp/enough ]; do
      for f in /dev/null /proc/self /sys/kernel \$HOME/.ssh; do [ -e \$f ] || echo \"lost \$f\"; done
      sleep 1; i=\$((i + 1)); done; echo ended'" >"$CLUSTER/watched" 2>&1 3>&- &
  watcher=$!
  wait_for 120 grep -q begun "$CLUSTER/watched"
}

end_watch() {
  at b alice 'touch /tmp/enough'
  wait "$watcher"
  at b alice 'rm -f /tmp/enough'
  cat "$CLUSTER/watched"
  grep -q ended "$CLUSTER/watched"
  run -1 grep lost "$CLUSTER/watched"
}

@test "an image that one host pulls is found at once by another that looked before" {
  for mount in shared shared3; do
    for _ in 1 2; do
      run -125 at b alice "plurality-exec --cache /$mount/$cache t:1 true"
      [[ $output == *'not staged in'* ]]
      pull "$mount" dir
      run -0 at b alice "plurality-exec --cache /$mount/$cache t:1 echo found"
      [ "$output" = found ]
      at a alice "plurality-stagein rm --force --cache /$mount/$cache t:1"
      # Whatever B remembers of it.
      run at b alice "plurality-stagein path --cache /$mount/$cache t:1"
    done
    at server root "rm -rf /export/$cache"
  done
}

@test "an image that is on its way out on one host is taken back by a launch on another" {
  for mount in shared shared3; do
    pull "$mount" dir
    at a alice "PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=100s plurality-stagein expire --cache /$mount/$cache" \
      >"$CLUSTER/expired" 2>&1 3>&- &
    expiry=$!
    wait_for 60 grep -q waiting "$CLUSTER/expired"
    run -0 at b alice "plurality-exec --cache /$mount/$cache t:1 echo back"
    [ "$output" = back ]
    wait "$expiry"
    cat "$CLUSTER/expired"
    at b alice "plurality-stagein path --cache /$mount/$cache t:1"
    at server root "rm -rf /export/$cache"
  done
}

@test "a site's cache is made in a directory that its owner has but may not make" {
  at a root 'ls /shared >/dev/null; echo 2 >/proc/sys/vm/drop_caches'
  at a plurality 'cd / && plurality-stagein init --site --cache /shared/site'
  [ "$(at server root 'stat -c %a /export/site/leases')" = 1755 ]
}

@test "rm --force on the host that runs from the image says that files stay open, and a later expiry removes them" {
  pull shared dir
  at b alice "plurality-exec --cache /shared/$cache t:1 sh -c 'exec 3</bin/sh; echo begun; while [ ! -e /tmp/enough ]; do sleep 1; done'" \
    >"$CLUSTER/watched" 2>&1 3>&- &
  watcher=$!
  wait_for 120 grep -q begun "$CLUSTER/watched"
  run -0 at b alice "plurality-stagein rm --force --cache /shared/$cache t:1"
  echo "$output"
  [[ $output == *'have some of its files open'* ]]
  at b alice 'touch /tmp/enough'
  wait "$watcher" || true
  at b alice "rm -f /tmp/enough; PLURALITY_EXPIRE_AFTER=60d plurality-stagein expire --cache /shared/$cache"
  [ -z "$(at server root "ls -A /export/$cache/trash")" ]
}

@test "leases are judged by the server's clock, whatever a host's says" {
  pull shared dir
  at a alice "plurality-stagein lease add --cache /shared/$cache --id half-an-hour --for 30min t:1"
  at b root 'date -s "+1 hour" >/dev/null'
  run -0 at b alice "plurality-stagein lease list --cache /shared/$cache; plurality-stagein status --cache /shared/$cache t:1"
  at b root 'date -s "-1 hour" >/dev/null'
  echo "$output"
  [[ $output =~ half-an-hour.*yes ]]
}

@test "a running container keeps its mounts, whatever another host does to its image" {
  for mount in shared shared3; do
    pull "$mount" dir
    watch_mounts "$mount" --share none
    file=$(at server root "ls -d /export/$cache/images/sha256/*/*/rootfs/etc/os-release")
    at server root "chmod u+w $file; echo damaged >>$file"
    at a alice "PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=3s plurality-stagein expire --cache /$mount/$cache"
    at a alice "plurality-stagein rm --force --cache /$mount/$cache t:1"
    pull "$mount" dir
    # B's client looks the old names up and finds others.
    sleep 35
    run -0 at b alice "ls -d /$mount/$cache/images/sha256/*/*; plurality-exec --share none --cache /$mount/$cache t:1 echo again"
    [[ $output == *again ]]
    sleep 3
    end_watch
    at server root "rm -rf /export/$cache"
  done
}

@test "crun runs containers where cgroups are version 2 alone" {
  [ "$(at b root 'stat -f -c %T /sys/fs/cgroup')" = cgroup2fs ]
  pull shared dir
  for options in '--share none' '--share node' '--share node --pid'; do
    run -3 --separate-stderr at b alice "PLURALITY_RUNTIME=crun plurality-exec $options --cache /shared/$cache t:1 sh -c 'echo ran; exit 3'"
    [ "$output" = ran ]
  done
}
