#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats file_tags=quick
# What versions of Slurm later than the one here call: the SPANK plugin, and the functions of burst_buffer.lua with all of their arguments.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  export PLUGIN=$CLUSTER/spank_plurality.so
  make --silent --directory="$TREE/share/slurm/spank" OUT="$PLUGIN" PREFIX=/opt/plurality
  for later in '' -DPREPENDS; do
    gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror $later -rdynamic -o "$CLUSTER/spank-host$later" "$REPO/tests/spank-host.c" -ldl
  done
  # A tree whose stage only says how it was called.
  mkdir -p "$CLUSTER/tree/share" "$CLUSTER/etc" "$CLUSTER/bin"
  cp -R "$TREE/share/slurm" "$CLUSTER/tree/share/"
  printf '#!/bin/sh\necho "$*" >>%q\necho "ok said"\n' "$CLUSTER/calls" >"$CLUSTER/tree/share/slurm/stage"
  printf 'ClusterName=x\nSlurmUser=%s\n' "$(id -un)" >"$CLUSTER/etc/slurm.conf"
}

teardown_file() { teardown_place; }

@test "where Slurm can put words before a task's command, the plugin does so, once, and leaves the command alone" {
  run -0 "$CLUSTER/spank-host-DPREPENDS" "$PLUGIN" 1 plurality-image=alpine:3.20 plurality-bind=/data -- sh -c 'echo "$1"' x 'a  b'
  [ "$output" = $'/opt/plurality/bin/plurality-exec\nalpine:3.20\n--\nsh\n-c\necho "$1"\nx\na  b\nprepended 1\nPLURALITY_BIND=/data' ]
  # Of the job, by sbatch.
  run -0 "$CLUSTER/spank-host-DPREPENDS" "$PLUGIN" 1 PLURALITY_SPANK_IMAGE=alpine:3.20 -- true
  [ "${lines[*]:0:5}" = '/opt/plurality/bin/plurality-exec alpine:3.20 -- true prepended 1' ]
}

@test "where it cannot, the same plugin replaces the command's first word" {
  run -0 "$CLUSTER/spank-host" "$PLUGIN" 1 plurality-image=alpine:3.20 -- sh -c 'echo "$1"' x 'a  b'
  [ "$output" = $'/opt/plurality/share/slurm/spank/run-task\n-c\necho "$1"\nx\na  b\nprepended 0\nPLURALITY_SPANK_IMAGE=alpine:3.20\nPLURALITY_SPANK_COMMAND=sh' ]
}

@test "without an image, or in srun itself, neither happens" {
  for host in spank-host spank-host-DPREPENDS; do
    run -0 "$CLUSTER/$host" "$PLUGIN" 1 -- true
    [ "$output" = $'true\nprepended 0' ]
    run -0 "$CLUSTER/$host" "$PLUGIN" 0 plurality-image=alpine:3.20 -- true
    [ "$output" = $'true\nprepended 0' ]
  done
}

# installed VERSION: burst_buffer.lua and job_submit.lua as on a cluster of that release.
installed() {
  printf '#!/bin/sh\necho "slurm %s"\n' "$1" >"$CLUSTER/bin/slurmctld"
  chmod 755 "$CLUSTER/bin/slurmctld"
  PATH=$CLUSTER/bin:$PATH "$CLUSTER/tree/share/slurm/install" --etc "$CLUSTER/etc" --state "$CLUSTER/state" burst-buffer >/dev/null 2>&1
}

# call FUNCTION ARGUMENT...: prints what it returned.
call() { lua5.3 "$REPO/tests/slurm-calls.lua" "$CLUSTER/etc/burst_buffer.lua" "slurm_bb_$1" "${@:2}"; }

called() { [ "$(tail -n 1 "$CLUSTER/calls")" = "$*" ]; }

watches() { tail -n 1 "$CLUSTER/calls" | grep -qE "^watch $CLUSTER/state [0-9]+$"; }

# succeeds FUNCTION ARGUMENT...
succeeds() {
  run -0 call "$@"
  [ "${lines[0]}" = 0 ]
}

@test "every function of burst_buffer.lua takes what Slurm 22.05, 23.02 and 24.11 give it" {
  directory=$CLUSTER/saved/job.7
  state=$CLUSTER/state
  script=$directory/script
  mkdir -p "$directory"
  printf '#!/bin/bash\n#BB_LUA plurality image=alpine:3.20 image=debian:12 cache=/caches/me format=dir\ntrue\n' >"$script"
  for version in 22.05.8 23.02.7 24.11.0; do
    installed "$version"
    # Those of 22.05 end earlier.
    more=() of=()
    [[ $version == 22.* ]] || more=(1001 1002 @info) of=(1001 1002)
    rm -f "$state"/{request,submitted}-7
    succeeds job_process "$script" "${more[@]}"
    wait_for 10 watches
    [ "$(tr '\0' ' ' <"$state/submitted-7")" = 'image=alpine:3.20 image=debian:12 cache=/caches/me format=dir ' ]
    : >"$CLUSTER/calls"
    succeeds pools
    wait_for 10 watches
    succeeds setup 7 1001 1002 '' 0 "$script" ${more:+@info}
    called "setup $state 7 1001 1002"
    cmp "$state/request-7" "$state/submitted-7"
    succeeds data_in 7 "$script" "${more[@]}"
    called "data-in $state 7 $directory"
    succeeds test_data_in 7 "$script" "${more[@]}"
    succeeds real_size 7 "${more[@]}"
    mkdir -p "$state/jobs/7"
    printf 'PLURALITY_IMAGE=sha256:%s\n' "$version" >"$state/jobs/7/environment"
    succeeds paths 7 "$script" "$CLUSTER/paths" "${more[@]}"
    [ "$(cat "$CLUSTER/paths")" = "PLURALITY_IMAGE=sha256:$version" ]
    for function in pre_run post_run data_out test_data_out; do succeeds "$function" 7 "$script" "${more[@]}"; done
    succeeds job_teardown 7 "$script" false "${of[@]}" ${more:+@info}
    called "teardown $state 7 $directory"
    succeeds get_status "${of[@]}" 7
    called "status $state ${of:+--for 1001 }7"
    # What is no number is shown, not run.
    succeeds get_status "${of[@]}" '$(id)'
    [[ $output == *"cannot show '\$(id)'"* ]]
  done
  printf '#!/bin/bash\n#BB_LUA plurality image=$(id)\n' >"$script"
  run -0 call job_process "$script" 1001 1002 @info
  [ "${lines[0]}" = -1 ]
}

@test "of an array's task Slurm 24.11 names a directory without a script: the array's has it" {
  installed 24.11.0
  state=$CLUSTER/state
  mkdir -p "$CLUSTER/saved/hash.3/job.3" "$CLUSTER/saved/hash.5/job.5"
  printf '#!/bin/bash\n#BB_LUA plurality image=alpine:3.20\n' >"$CLUSTER/saved/hash.3/job.3/script"
  task=$CLUSTER/saved/hash.5/job.5/script
  rm -f "$state"/{request,submitted}-*
  succeeds job_process "$task" 1001 1002 @task
  [ "$(tr '\0' ' ' <"$state/submitted-3")" = 'image=alpine:3.20 ' ]
  [ ! -e "$state/submitted-5" ]
  succeeds setup 5 1001 1002 '' 0 "$task" @task
  called "setup $state 5 1001 1002"
  [ "$(tr '\0' ' ' <"$state/request-5")" = 'image=alpine:3.20 ' ]
  # Where neither is there, slurm/stage hears of the job all the same: its hold has to become the user's.
  rm "$CLUSTER/saved/hash.3/job.3/script" "$state/request-5"
  : >"$CLUSTER/calls"
  run -0 call setup 5 1001 1002 '' 0 "$task" @task
  [[ $output == "-1"$'\n'"cannot read the job script: "* ]]
  called "setup $state 5 1001 1002"
}

# written LINE...: a script of 4 MiB that begins so, and goes on as the last of them.
written() {
  { printf '%s\n' "$@" && yes "${@: -1}"; } | head -c 4194304 >"$CLUSTER/script" || true
}

@test "of a script of 4 MiB the first 64 KiB are read for directives, and a later one is refused" {
  installed 24.11.0
  PATH=$CLUSTER/bin:$PATH "$CLUSTER/tree/share/slurm/install" --etc "$CLUSTER/etc" --state "$CLUSTER/state" job-submit >/dev/null 2>&1
  submitted() { run -0 lua5.3 "$REPO/tests/slurm-calls.lua" "$CLUSTER/etc/job_submit.lua" submit "$CLUSTER/script"; printf '# %s ms of CPU\n' "${lines[-1]}" >&3; }
  for last in '#' '' '#PLURALITY cache=/x' '#PLURALITY image=x'; do
    written '#!/bin/sh' "$last"
    submitted
  done
  [ "${lines[0]}" = "log_user plurality: cannot stage in more than 16 images: 'image=x' is one too many" ]
  { printf '#!/bin/sh\n' && yes '#' | head -c 65536 && printf '#PLURALITY image=alpine:3.20\ntrue\n'; } >"$CLUSTER/script"
  submitted
  [[ ${lines[0]} == *'cannot read a directive behind the first 64 KiB of a script'* ]]
  # Behind the first command it is none.
  { printf '#!/bin/sh\ntrue\n' && yes '#' | head -c 65536 && printf '#PLURALITY image=alpine:3.20\n'; } >"$CLUSTER/script"
  submitted
  [ "${lines[0]}" = 0 ]
  printf '#!/bin/sh\n#BB_LUA plurality image=alpine:3.20\n' >"$CLUSTER/script"
  { yes '#' | head -c 65536 && printf '#BB_LUA plurality image=debian:12\n'; } >>"$CLUSTER/script"
  run -0 call job_process "$CLUSTER/script"
  [ "${lines[0]}" = -1 ]
}
