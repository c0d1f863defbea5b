#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images that are staged as one squashfs file, mounted by an ordinary user without any privilege.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  export IMAGE DIRECTORIES=$CACHE
  IMAGE=$(stage busybox)
  CACHE=$CLUSTER/caches/squashed
  squash "$IMAGE" "$CACHE"
  export FILE
  FILE=$(echo "$CACHE"/images/sha256/*/*/rootfs.squashfs)
}

teardown_file() { teardown_place; }

@test "a squashfs image runs as an unpacked one does, shared or not" {
  for share in none node; do
    run -0 as_test_user plurality-exec --share "$share" "$IMAGE" sh -c 'id -u; head -n 1 /etc/os-release; touch /x 2>/dev/null || echo read-only; grep -c "$(id -un)" /etc/passwd'
    echo "$share: $output"
    [ "$output" = "$(id -u "$TEST_USER")
ID=busybox
read-only
1" ]
    run -3 as_test_user plurality-exec --share "$share" -B /etc/hostname:/opt/new/file "$IMAGE" sh -c 'cat /opt/new/file; exit 3'
    [ "$output" = "$(cat /etc/hostname)" ]
  done
}

@test "ranks of a node share one mount, and its server ends with the last of them" {
  install -d -o "$TEST_USER" "$CLUSTER/run/eight"
  run as_test_user bash -c "for i in {1..8}; do
      plurality-exec --share node -B $CLUSTER/run $IMAGE \
        sh -c 'grep \" / / \" /proc/self/mountinfo | cut -d\" \" -f 3; $(gather "$CLUSTER/run/eight" 8)' >$CLUSTER/run/rank.\$i &
    done; wait"
  [ "$status" -eq 0 ]
  [ "$(cat "$CLUSTER"/run/rank.* | wc -l)" -eq 8 ]
  [ "$(sort -u "$CLUSTER"/run/rank.* | wc -l)" -eq 1 ]
  rm "$CLUSTER"/run/rank.*
  wait_for 10 clean
  wait_for 10 not_serving
}

clean_after_a_launch() { as_test_user plurality-exec "$IMAGE" true && wait_for 2 clean; }

@test "nothing is mounted on the host, and nothing is left, while and after ranks are killed" {
  for share in none node; do
    for moment in 0.05 0.1 0.15 0.2 0.3; do
      as_test_user bash -c "plurality-exec --share $share $IMAGE sleep 20 & sleep $moment; kill -KILL \$!; wait \$! 2>/dev/null || true" 2>/dev/null
      ! grep -q squashfuse /proc/self/mountinfo
    done
  done
  # What they were preparing goes with a next launch: with the first that finds their processes ended.
  wait_for 60 clean_after_a_launch || {
    find "$CLUSTER/run/$TEST_USER"
    return 1
  }
  wait_for 20 not_serving
}

@test "a file server that is killed ends the program, and is no hang" {
  # It asks for what nobody has read yet, so that the kernel cannot answer for the server.
  as_test_user timeout 60 plurality-exec --share node -B "$CLUSTER/run" "$IMAGE" \
    sh -c "touch $CLUSTER/run/inside; until [ -e $CLUSTER/run/killed ]; do sleep 0.1; done; cat /etc/os-release" >"$CLUSTER/run/served" 2>&1 3>&- &
  rank=$!
  wait_for 30 test -e "$CLUSTER/run/inside"
  kill -KILL "$(serving)"
  touch "$CLUSTER/run/killed"
  status=0
  wait "$rank" || status=$?
  echo "$status $(<"$CLUSTER/run/served")"
  [ "$status" -ne 0 ] && [ "$status" -ne 124 ]
  wait_for 10 clean
}

# exchange OPTION...: a rank of a step, with a socket as PMI leaves it; says what either side got, and the rank's container.
exchange() {
  # shellcheck disable=SC2016 # the rank's
  as_test_user SLURM_JOB_ID=7 SLURM_STEP_ID=0 timeout 60 python3 -c 'if True:
    import os, socket, subprocess, sys
    ours, theirs = socket.socketpair()
    os.dup2(theirs.fileno(), 7)
    rank = subprocess.Popen(sys.argv[1:], pass_fds=[7], env=dict(os.environ, PMI_FD="7"))
    theirs.close()
    os.close(7)
    print("asked", ours.recv(100).decode().strip(), flush=True)
    ours.sendall(b"cmd=response_to_init\n")
    sys.exit(rank.wait())' plurality-exec --share node "$@" "$IMAGE" \
    sh -c 'echo cmd=init >&"$PMI_FD"; read -r line <&"$PMI_FD"; echo "got $line in $(readlink /proc/self/ns/mnt)"'
}

@test "a rank that leads and one that follows have PMI's socket, with --pid too, of a file or a directory" {
  for cache in "$CACHE" "$DIRECTORIES"; do
    for option in --contain --pid; do
      CACHE=$cache run -0 exchange "$option"
      echo "leads, $cache $option: $output"
      [[ $output == $'asked cmd=init\ngot cmd=response_to_init in mnt:'* ]]
      # A rank that comes while that container ends may still get into it.
      wait_for 30 clean
      rm -f "$CLUSTER/run/leader"
      CACHE=$cache as_test_user SLURM_JOB_ID=7 SLURM_STEP_ID=0 plurality-exec --share node "$option" "$IMAGE" \
        sh -c 'readlink /proc/self/ns/mnt; exec sleep 60' >"$CLUSTER/run/leader" 3>&- &
      leader=$!
      wait_for 30 test -s "$CLUSTER/run/leader"
      CACHE=$cache run -0 exchange "$option"
      echo "follows, $cache $option: $output"
      [ "$output" = "asked cmd=init
got cmd=response_to_init in $(<"$CLUSTER/run/leader")" ]
      pkill -TERM -P "$leader" || kill -TERM "$leader"
      wait "$leader" || true
      wait_for 20 clean
    done
  done
}

# while_inside OPTION...: the squashfs files that processes of the test user have open while a rank is in its container.
while_inside() {
  rm -f "$CLUSTER/run/inside" "$CLUSTER/run/seen"
  as_test_user plurality-exec "$@" -B "$CLUSTER/run" "$IMAGE" \
    sh -c "touch $CLUSTER/run/inside; until [ -e $CLUSTER/run/seen ]; do sleep 0.1; done" 3>&- &
  wait_for 30 test -e "$CLUSTER/run/inside"
  as_test_user bash -c 'readlink /proc/*/fd/* 2>/dev/null | grep squashfs'
  touch "$CLUSTER/run/seen"
  wait $!
}

@test "--local reads a copy on the node, which has no name any more once it is open" {
  for share in none node; do
    run -0 while_inside --local --share "$share"
    echo "$share: $output"
    [[ $output == *"$CLUSTER/run/$TEST_USER/"*"/local.squashfs (deleted)"* && $output != *"$FILE"* ]]
  done
  wait_for 10 clean
}

@test "--local takes a copy that is there already, as sbcast makes it" {
  digest=${FILE%/*}
  digest=${digest##*/}
  install -d -m 700 -o "$TEST_USER" "$CLUSTER/run/$TEST_USER"
  install -o "$TEST_USER" "$FILE" "$CLUSTER/run/$TEST_USER/$digest.squashfs"
  run -0 while_inside --local
  echo "$output"
  [[ $output == *"$CLUSTER/run/$TEST_USER/$digest.squashfs"* ]]
  rm "$CLUSTER/run/$TEST_USER/$digest.squashfs"
}

@test "--dry-run says how it is mounted, and where the runtime is started" {
  run -0 as_test_user plurality-exec --dry-run "$IMAGE" true
  echo "$output"
  grep -qE '^ +mount +/usr/bin/unshare .*libexec/mounter DIR' <<<"$output"
  grep -qE '^ +once +setns MOUNTER user mount; /.*runc --root' <<<"$output"
  wait_for 10 clean
}

@test "--local is bounded, and says so for a directory" {
  run -125 as_test_user PLURALITY_LOCAL_MAX=1kB plurality-exec --local "$IMAGE" true
  [[ $output == *'more than the 1000'* && $output == *PLURALITY_LOCAL_MAX* ]]
  run -125 as_test_user PLURALITY_CACHE="$DIRECTORIES" plurality-exec --local "$IMAGE" true
  [[ $output == *'--format squashfs'* ]]
}

@test "without squashfuse_ll its sibling does, and without both the package is named" {
  [[ $EUID == 0 ]] || skip 'needs root, for a mount namespace of the test'
  cat >"$CLUSTER/run/hide" <<'HIDE'
set -e
for program in "$@"; do mount --bind /dev/null "$program"; done
HIDE
  hidden() { unshare -m bash -c ". $CLUSTER/run/hide; cd /; $(declare -f as_test_user as_other as_user); $(declare -p TREE CACHE CLUSTER TEST_USER); . $REPO/dev/lib.bash; as_test_user plurality-exec $IMAGE echo served" - "$@"; }
  run -0 hidden /usr/bin/squashfuse_ll
  [ "$output" = served ]
  run -125 hidden /usr/bin/squashfuse_ll /usr/bin/squashfuse
  echo "$output"
  [[ $output == *'apt-get install squashfuse'* ]]
}

@test "where user namespaces may not mount FUSE, fusermount3 does, and takes it away again" {
  mkdir -p "$CLUSTER/run/bin"
  cat >"$CLUSTER/run/bin/squashfuse_ll" <<'REFUSING'
#!/bin/bash
read -r _ _ count </proc/self/uid_map
((count > 1)) || { echo 'fuse: mount failed: Operation not permitted' >&2; exit 1; }
exec /usr/bin/squashfuse_ll "$@"
REFUSING
  chmod 755 "$CLUSTER/run/bin/squashfuse_ll"
  for share in none node; do
    run -0 as_test_user PATH="$CLUSTER/run/bin:$TREE/bin:/usr/bin:/bin" plurality-exec --share "$share" "$IMAGE" sh -c 'echo served; grep -c "squashfuse" /proc/self/mountinfo'
    echo "$share: $output"
    [ "${lines[0]}" = served ]
    ! grep -q squashfuse /proc/self/mountinfo
  done
  wait_for 10 clean
  wait_for 10 not_serving
}

@test "a file that is damaged is refused with 125" {
  cp -a "$CACHE" "$CLUSTER/caches/damaged"
  for file in "$CLUSTER"/caches/damaged/images/sha256/*/*/rootfs.squashfs; do printf 'no squashfs' >"$file"; done
  run -125 as_test_user PLURALITY_CACHE="$CLUSTER/caches/damaged" plurality-exec "$IMAGE" true
  echo "$output"
  [[ $output == *'cannot mount '*'hint: '* ]]
  wait_for 10 clean
}
