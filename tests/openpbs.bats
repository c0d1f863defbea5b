#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The hook in a real OpenPBS: PLURALITY_TEST_OPENPBS is its prefix (see dev/openpbs-up). ./test runs
# this file only if it is set.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  [[ -n ${PLURALITY_TEST_OPENPBS-} ]] || return 0
  setup_place
  "$REPO/dev/openpbs-up" "$PLURALITY_TEST_OPENPBS" "$CLUSTER/pbs"
  export SLOW_RUN=$CLUSTER/slow UP
  mkdir "$SLOW_RUN"
  UP=$(on "$REPO/dev/registry-up" "$CLUSTER/registry") && eval "$UP"
  UPSTREAM=$PLURALITY_TEST_REGISTRY
  on "$REPO/dev/image" busybox --push "$UPSTREAM" --tls-verify=false >/dev/null
  start_daemon "$SLOW_RUN" registry "$SLOW_RUN/out" "$CLUSTER/pbs/on" "$REPO/tests/slow-registry" "$UPSTREAM" "$SLOW_RUN"
  wait_for 20 test -s "$SLOW_RUN/out"
  PLURALITY_TEST_REGISTRY=$(cat "$SLOW_RUN/out")
  export PLURALITY_TEST_REGISTRY IMAGE=$PLURALITY_TEST_REGISTRY/busybox:latest SPOOL=$CLUSTER/pbs/spool/plurality/pbs
  on "$TREE/share/pbs/install"
}

teardown_file() {
  [[ -n ${PLURALITY_TEST_OPENPBS-} ]] || return 0
  "$CLUSTER/pbs/down"
  stop_daemon "$SLOW_RUN" registry
  teardown_place
}

setup() { [[ -n ${PLURALITY_TEST_OPENPBS-} ]] || skip 'PLURALITY_TEST_OPENPBS names no OpenPBS'; }

teardown() {
  [[ -n ${PLURALITY_TEST_OPENPBS-} ]] || return 0
  rm -f "$SLOW_RUN"/{delay,down}
  on qselect | xargs -r "$CLUSTER/pbs/on" qdel -W force || true
}

on() { "$CLUSTER/pbs/on" "$@"; }

# submit IMAGE LINE [QSUB OPTION...]: prints the job's name.
submit() {
  printf '#!/bin/bash\n%s\n' "$2" >"$CLUSTER/run/job.pbs"
  (cd "$CLUSTER/run" && on setpriv --reuid "$TEST_USER" --regid "$(id -g "$TEST_USER")" --init-groups env HOME="/home/$TEST_USER" USER="$TEST_USER" LOGNAME="$TEST_USER" \
    qsub -j oe -v "PLURALITY_IMAGE=$1,PLURALITY_CACHE=$CACHE,PLURALITY_RUN_DIR=$CLUSTER/run/$TEST_USER,PLURALITY_INSECURE_REGISTRIES=$PLURALITY_TEST_REGISTRY" \
    "${@:3}" "$CLUSTER/run/job.pbs")
}

by_user() { on setpriv --reuid "$TEST_USER" --regid "$(id -g "$TEST_USER")" --init-groups "$@"; }

# attribute JOB NAME: unfolded.
attribute() { on qstat -xf "$1" | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n\t//g' | sed -n "s/^    $2 = //p"; }

is() { [[ $(attribute "$1" "$2") == $3 ]]; }

nothing_left() { [[ -z $(find "$CACHE/leases" -name 'pbs-*') ]] && ! compgen -G "$SPOOL/*/job"; }

readonly SHOWS='head -n 1 /etc/os-release'

@test "a job is held until its image is there, runs it, and leaves nothing" {
  echo 1 >"$SLOW_RUN/delay"
  job=$(submit "$IMAGE" "$TREE/bin/plurality-exec \$PLURALITY_IMAGE $SHOWS; echo \$PLURALITY_PINNED" -o "$CLUSTER/run/hello.out")
  is "$job" Hold_Types o
  wait_for 60 is "$job" job_state F
  cat "$CLUSTER/run/hello.out"
  [ "$(head -n 1 "$CLUSTER/run/hello.out")" = ID=busybox ]
  grep -q "^$IMAGE=sha256:" "$CLUSTER/run/hello.out"
  wait_for 60 nothing_left
}

@test "a job waits for the end of the job that it depends on, though its image is there; and for its image, though that has ended" {
  first=$(submit '' "until [ -e $CLUSTER/run/go ]; do sleep 0.2; done; date +%s%N >$CLUSTER/run/first.ended")
  second=$(submit "$IMAGE" "date +%s%N >$CLUSTER/run/second.began; $TREE/bin/plurality-exec \$PLURALITY_IMAGE $SHOWS" -W "depend=afterany:$first" -o "$CLUSTER/run/second.out")
  wait_for 60 is "$second" Hold_Types s
  # It is staged in, and stays held.
  grep -qsx released "$SPOOL"/*/state
  is "$second" job_state H
  echo 3 >"$SLOW_RUN/delay"
  rm -rf "$CACHE"
  third=$(submit "$PLURALITY_TEST_REGISTRY/busybox" "$TREE/bin/plurality-exec \$PLURALITY_IMAGE $SHOWS" -W "depend=afterany:$first" -o "$CLUSTER/run/third.out")
  touch "$CLUSTER/run/go"
  wait_for 60 is "$first" job_state F
  wait_for 30 is "$third" Hold_Types o
  is "$third" job_state H
  wait_for 90 is "$third" job_state F
  wait_for 60 is "$second" job_state F
  [ "$(<"$CLUSTER/run/first.ended")" -lt "$(<"$CLUSTER/run/second.began")" ]
  [ "$(<"$CLUSTER/run/third.out")" = ID=busybox ]
}

@test "after a pull that failed the comment says why, and the user's qrls tries again" {
  touch "$SLOW_RUN/down"
  rm -rf "$CACHE"
  job=$(submit "$IMAGE" "$TREE/bin/plurality-exec \$PLURALITY_IMAGE $SHOWS" -o "$CLUSTER/run/failed.out")
  wait_for 120 is "$job" Hold_Types u
  comment=$(attribute "$job" comment)
  [[ $comment == 'plurality: cannot '*'; hint: '*"; 'qrls ${job%%.*}' tries again" ]]
  rm "$SLOW_RUN/down"
  echo 2 >"$SLOW_RUN/delay"
  by_user "$PLURALITY_TEST_OPENPBS/bin/qrls" "$job"
  wait_for 60 is "$job" Hold_Types o
  wait_for 90 is "$job" job_state F
  [ "$(<"$CLUSTER/run/failed.out")" = ID=busybox ]
  wait_for 60 nothing_left
}

@test "root's stage retry takes the job's number, and says what came of it" {
  touch "$SLOW_RUN/down"
  rm -rf "$CACHE"
  job=$(submit "$IMAGE" "$TREE/bin/plurality-exec \$PLURALITY_IMAGE $SHOWS" -o "$CLUSTER/run/retried.out")
  wait_for 120 is "$job" Hold_Types u
  run -1 on "$TREE/share/pbs/stage" retry /var/spool/plurality/pbs "${job%%.*}"
  [[ $output == 'stage: plurality: cannot '* ]]
  rm "$SLOW_RUN/down"
  run -0 on "$TREE/share/pbs/stage" retry /var/spool/plurality/pbs "${job%%.*}"
  [ "$output" = "job $job: its images are staged in, and it is released" ]
  wait_for 60 is "$job" job_state F
  [ "$(<"$CLUSTER/run/retried.out")" = ID=busybox ]
}

@test "an array's tasks run the digest of the submit, and a job that is deleted in mid-staging leaves nothing" {
  array=$(submit "$IMAGE" "$TREE/bin/plurality-exec \$PLURALITY_IMAGE $SHOWS >$CLUSTER/run/task.\$PBS_ARRAY_INDEX" -J 1-3)
  wait_for 120 is "$array" job_state F
  [ "$(cat "$CLUSTER"/run/task.* | sort | uniq -c | tr -s ' ')" = ' 3 ID=busybox' ]
  rm -rf "$CACHE"
  echo 2 >"$SLOW_RUN/delay"
  deleted=$(submit "$IMAGE" true)
  wait_for 60 grep -qsx staging "$SPOOL"/*/state
  by_user "$PLURALITY_TEST_OPENPBS/bin/qdel" "$deleted"
  wait_for 90 nothing_left
}
