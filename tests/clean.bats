#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What an epilog calls: only what is this job's, or nobody's any more, goes.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  export IMAGE SQUASHED=$CLUSTER/caches/squashed
  IMAGE=$(stage busybox)
  squash "$IMAGE" "$SQUASHED"
}

teardown_file() { teardown_place; }

clean_job() { # JOB
  "$TREE/libexec/clean-node" "$CLUSTER/run/$TEST_USER" "$(id -u "$TEST_USER")" "node-s$1."
}

# rank JOB CACHE SECONDS: in the background, without the descriptors of the test; sets ranks.
rank() {
  as_test_user SLURM_JOB_ID="$1" SLURM_STEP_ID=0 PLURALITY_CACHE="$2" plurality-exec --share node "$IMAGE" sleep "$3" >/dev/null 2>&1 3>&- &
  ranks+=($!)
}

directories() { find "$CLUSTER/run/$TEST_USER" -mindepth 1 -maxdepth 1 ! -name plans ! -name leases -printf '%f\n'; }

@test "another job's container goes on, this job's is ended with all that belongs to it" {
  ranks=()
  rank 11 "$CACHE" 30
  rank 12 "$SQUASHED" 30
  wait_for 30 eval '[ "$(compgen -G "$CLUSTER/run/$TEST_USER/node-s1[12].*/ready" | wc -l)" -eq 2 ]'
  wait_for 30 serving
  clean_job 1
  [ "$(directories | wc -l)" -eq 2 ]
  clean_job 12
  [ "$(directories)" = "$(basename "$CLUSTER/run/$TEST_USER"/node-s11.*)" ]
  kill -0 "${ranks[0]}"
  clean_job 12
  # The scheduler ends ranks; with the last of them the file server goes.
  for rank in "${ranks[@]}"; do pkill -KILL -P "$rank" || kill -KILL "$rank"; done 2>/dev/null || true
  wait_for 30 not_serving
  clean_job 11
  wait_for 30 clean
}

@test "of what is noted in the run directory only leases of this job go" {
  local run=$CLUSTER/run/$TEST_USER caches=$CLUSTER/run/noted id
  as_test_user mkdir -p "$run/leases" "$caches/leases/sha256-1"
  for id in slurm-7 slurm-big-7 slurm-17 slurm-big-8 process-7; do
    as_test_user touch "$caches/leases/sha256-1/$id.json" "$caches/$id.json"
    printf '%s\n' "$caches/leases/sha256-1/$id.json" "$caches/$id.json" | as_test_user tee -a "$run/leases/s7" >/dev/null
  done
  as_test_user touch "$run/leases/s78"
  clean_job 7
  clean_job 7
  [ "$(cd "$caches/leases/sha256-1" && echo *)" = 'process-7.json slurm-17.json slurm-big-8.json' ]
  [ "$(cd "$caches" && echo *.json)" = 'process-7.json slurm-17.json slurm-7.json slurm-big-7.json slurm-big-8.json' ]
  [ "$(cd "$run/leases" && echo *)" = s78 ]
}

@test "an epilog reads no more of its notes, and walks through processes no more often, for a job that left much" {
  local run=$CLUSTER/run/$TEST_USER walks
  as_test_user mkdir -p "$run/leases"
  as_test_user truncate -s 8T "$run/leases/s77"
  # shellcheck disable=SC2016
  as_test_user bash -c 'for i in {1..1000}; do mkdir "$1/node-s77.$i" && : >"$1/node-s77.$i/monitor.log"; done' - "$run"
  as_test_user strace -f -o "$CLUSTER/run/trace" -e trace=openat "$TREE/libexec/clean-node" "$run" "$(id -u "$TEST_USER")" node-s77.
  [ ! -e "$run/leases/s77" ]
  [ -z "$(compgen -G "$run/node-s77.*")" ]
  walks=$(grep -c '"/proc", .*O_DIRECTORY' "$CLUSTER/run/trace")
  [ "$walks" -ge 1 ] && [ "$walks" -le 3 ]
}

@test "what was being made or buried by processes that have ended goes, what others still make stays" {
  local run=$CLUSTER/run/$TEST_USER uid ticks
  uid=$(id -u "$TEST_USER")
  ticks=$(start_time $$)
  as_test_user mkdir -p "$run"/new-4194305.7/ranks "$run/new-$$.$ticks" "$run/new-$$.7" "$run"/grave-4194305.7/node/ranks "$run"/grave-debris-4194305-9/node/ranks \
    "$run"/node-s99.0.0@n1-x "$run"/node-s999.0.0@n1-x
  as_test_user bash -c "sleep 30 2>'$run/grave-4194305.7/node/mounts.log' & echo \$! >'$run/pid'; echo \$\$ >'$run/other'; exec sleep 30" 3>&- &
  wait_for 10 test -s "$run/other"
  local other
  other=$(<"$run/other")
  touch "$run/grave-debris-4194305-9/node/ranks/$other"
  chown "$TEST_USER" "$run/grave-debris-4194305-9/node/ranks/$other"
  clean_job 99
  directories | sort | tee /dev/stderr
  [ ! -e "$run/new-4194305.7" ] && [ ! -e "$run/new-$$.7" ] && [ ! -e "$run/grave-4194305.7" ] && [ ! -e "$run/node-s99.0.0@n1-x" ]
  [ -e "$run/new-$$.$ticks" ] && [ -e "$run/node-s999.0.0@n1-x" ] && [ -e "$run/grave-debris-4194305-9" ]
  wait_for 10 eval "[ ! -e /proc/$(<"$run/pid")/exe ]"
  kill "$other" || true
  rm -rf "$run"/new-* "$run"/node-* "$run"/grave-* "$run/pid" "$run/other"
}

@test "a file server whose mounter and leader were killed is ended" {
  ranks=()
  local mounter i leader served=0 run=$CLUSTER/run/$TEST_USER
  for ((i = 0; i < 12; i++)); do
    rm -rf "$run/plans"
    rank 13 "$SQUASHED" 20
    mounter=''
    for _ in {1..1000}; do
      mounter=$(pgrep -f "libexec/mounter $run/node-s13" | head -n 1) && serving >/dev/null && break
      sleep 0.002
    done
    read -r leader _ <"$(compgen -G "$run/node-s13*/leader")"
    kill -KILL "$leader" "$mounter" 2>/dev/null || true
    ! serving || served=$((served + 1))
    clean_job 13
    wait_for 20 not_serving
  done
  echo "$served of 12 had a server that went on"
  wait_for 30 eval '! compgen -G "$CLUSTER/run/$TEST_USER/node-*"'
}

@test "what a rank left that did not share, or that no step has, is its job's, too" {
  local run=$CLUSTER/run/$TEST_USER share variable prefix other rank
  while read -r share variable prefix other; do
    as_test_user "$variable" plurality-exec --share "$share" -B "$CLUSTER/run:/new/place" "$IMAGE" sleep 30 >/dev/null 2>&1 3>&- &
    rank=$!
    wait_for 30 eval 'compgen -G "$run/$prefix*/ready"'
    # With a monitor there would be nothing to clean.
    pkill -KILL -f "plurality-monitor $run/$prefix"
    "$TREE/libexec/clean-node" "$run" "$(id -u "$TEST_USER")" "$other"
    compgen -G "$run/$prefix*"
    "$TREE/libexec/clean-node" "$run" "$(id -u "$TEST_USER")" "$prefix"
    ! compgen -G "$run/$prefix*"
    pkill -KILL -P "$rank" || kill -KILL "$rank" || true
  done <<'RANKS'
none SLURM_JOB_ID=14 node-s14. node-s1.
none PBS_JOBID=14.server node-p14. node-p1.
node SLURM_JOB_ID=14 node-s14. node-s1.
node PBS_JOBID=14.server node-p14. node-p1.
RANKS
  wait_for 10 clean
}

# A logout takes the run directory away; so does an administrator who is in a hurry.
@test "a container whose directory is taken away leaves no process, once its ranks have ended" {
  local run=$CLUSTER/run/$TEST_USER share cache option
  for share in none node; do
    for cache in "$CACHE" "$SQUASHED"; do
      for option in --no-home --pid --writable-tmpfs; do
        # The last one's word is not this one's.
        rm -f "$BATS_TEST_TMPDIR/out"
        as_test_user PLURALITY_CACHE="$cache" plurality-exec --share "$share" $option "$IMAGE" sh -c "echo up; exec sleep 1.5" >"$BATS_TEST_TMPDIR/out" &
        wait_for 30 grep -q up "$BATS_TEST_TMPDIR/out"
        rm -rf "$run"/node-*
        wait $!
        echo "$share $cache $option"
        wait_for 10 clean
        wait_for 10 not_serving
      done
    done
  done
  # Nobody holds this: with the descriptors of bats open, its end would wait.
  ! pgrep -u "$TEST_USER" -f "$run"
}

@test "nothing is done for root, for a directory that is another's, or for a name that is not a job's" {
  local run=$CLUSTER/run/$TEST_USER
  as_test_user mkdir -p "$run/node-s1.0.0@n1-x"
  "$TREE/libexec/clean-node" "$run" 0 node-s1.
  "$TREE/libexec/clean-node" "$run" "$(id -u "$TEST_USER")" ''  || true
  "$TREE/libexec/clean-node" "$run" "$(id -u "$TEST_USER")" 'node-/../..'
  [[ -z $OTHER_USER ]] || "$TREE/libexec/clean-node" "$run" "$(id -u "$OTHER_USER")" node-s1.
  [ -d "$run/node-s1.0.0@n1-x" ]
  rmdir "$run/node-s1.0.0@n1-x"
}
