#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Jobs in a real Slurm: what a step does inside a container is compared with what it does without one.
load lib

setup_file() {
  setup_cluster --nodes 2
  export IMAGE
  IMAGE=$(stage busybox)
}

teardown_file() { teardown_cluster; }

# job NAME WRAPPER COMMAND...: an sbatch job whose script is COMMAND, in which $RUN stands for the wrapper; prints its output.
job() {
  local name=$1 wrapper=$2 status=0
  shift 2
  {
    printf '#!/bin/bash\n#SBATCH --nodes=2 --ntasks=4 --ntasks-per-node=2\nRUN=%q\nIMAGE=%q\n' "$wrapper" "$IMAGE"
    printf '%s\n' "$*"
  } >"$CLUSTER/run/$name.sbatch"
  rm -f "$CLUSTER/run/$name.out"
  chmod 755 "$CLUSTER/run/$name.sbatch"
  as_test_user sbatch --quiet --wait --output="$CLUSTER/run/$name.out" --job-name="$name" "$CLUSTER/run/$name.sbatch" || status=$?
  cat "$CLUSTER/run/$name.out"
  return "$status"
}

# same COMMAND: in one job, its sorted output and status are the same without a container, and in one either way; $RUN starts a rank.
same() {
  local share
  rm -f "$CLUSTER"/run/same.*
  # shellcheck disable=SC2016
  job same '' 'for share in plain none node; do
    RUN="plurality-exec --share $share $IMAGE"
    [[ $share != plain ]] || RUN=""
    ('"$1"') >'"$CLUSTER"'/run/same.$share 2>&1
    echo "exit $?" >>'"$CLUSTER"'/run/same.$share
  done'
  for share in none node; do
    diff <(normal "$CLUSTER/run/same.plain") <(normal "$CLUSTER/run/same.$share")
  done
  output=$(normal "$CLUSTER/run/same.plain")
}

# Ranks print in any order; steps are numbered; a step may have to wait for nodes that clean up; --share none notes once a node what ranks cannot do.
normal() {
  sed -E -e '/^srun: (Job [0-9]+ step creation temporarily|Step created for job)/d' -e '/^plurality-exec: note: ranks in containers of their own/d' -e '/^hint: --share node lets the ranks/d' -e 's/(STEP|StepId=|step) *[0-9.]+/\1 N/g' "$1" | sort
}

@test "uid, SLURM_PROCID and PMI_RANK of four ranks on two nodes are as without a container" {
  same 'srun $RUN sh -c '\''echo "$(id -u) $(id -g) $SLURM_PROCID $PMI_RANK $SLURM_LOCALID $SLURMD_NODENAME $SLURM_NTASKS $PWD"'\'
  uid=$(id -u "$TEST_USER")
  [ "$(grep -v ^exit <<<"$output" | cut -d" " -f1,3,4)" = "$(printf '%s\n' "$uid 0 0" "$uid 1 1" "$uid 2 2" "$uid 3 3")" ]
}

# But for what tells Open MPI that ranks in containers of their own cannot read each other's memory.
@test "the whole SLURM_ and PMI_ environment of a rank is as without a container" {
  same 'srun $RUN env | grep -E "^(SLURM|PMI|OMPI)" | grep -vE "^(SLURM_(JOB_?ID|JOB_NAME|SRUN_COMM|STEP_ID|STEPID|STEP_RESV|LAUNCH_NODE|TASK_PID|STEPMGR|JOB_(START|END)|.*PORT)|PMI_(JOBID|FD)|OMPI_MCA_btl_vader_single_copy_mechanism=)"'
}

@test "exit codes 0 and 3, of all ranks or of one, come through" {
  same 'srun $RUN sh -c "exit 0"'
  [[ $output == *'exit 0'* ]]
  same 'srun $RUN sh -c "exit 3" 2>/dev/null'
  [[ $output == *'exit 3'* ]]
  same 'srun $RUN sh -c "test \$SLURM_PROCID != 2 || exit 7" 2>/dev/null'
  [[ $output == *'exit 7'* ]]
  status=0
  job code '' 'srun plurality-exec $IMAGE sh -c "exit 3"' || status=$?
  [ "$status" -eq 3 ]
}

@test "a segmentation fault ends the step with 139" {
  same 'srun $RUN sh -c "kill -SEGV \$\$" 2>/dev/null'
  [[ $output == *'exit 139'* ]]
}

# signalled NAME WRAPPER COMMAND: a job whose step gets TERM from scancel once its four ranks are up; prints its output.
signalled() {
  local name=$1 wrapper=$2 pid id
  rm -f "$CLUSTER/run/$name.up."*
  job "$name" "$wrapper" "srun \$RUN sh -c '$3' 2>/dev/null; echo \"status \$?\"" 3>&- &
  pid=$!
  wait_for 60 ranks_up "$name" || return 1
  id=$(as_test_user squeue --noheader --name="$name" --format=%A | head -n 1)
  as_test_user scancel --signal=TERM "$id"
  wait "$pid"
}

ranks_up() { [ "$(find "$CLUSTER/run" -name "$1.up.*" | wc -l)" -eq 4 ]; }

@test "scancel --signal=TERM reaches every rank, caught or not" {
  up="touch $CLUSTER/run/\$SLURM_JOB_NAME.up.\$SLURM_PROCID"
  for command in "trap \"echo caught; exit 9\" TERM; $up; while :; do sleep 0.1; done" "$up; exec sleep 60" \
    "trap \"echo caught\" TERM; $up; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.1; done; echo end; exit 9"; do
    plain=$(signalled plain '' "$command" | sort)
    echo "plain: $plain"
    for options in '--share node' '--share none' '--pid --share node'; do
      inside=$(signalled inside "plurality-exec $options -B $CLUSTER/run $IMAGE" "$command" | sort)
      echo "$options: $inside"
      [ "$inside" = "$plain" ]
    done
  done
}

@test "a node and step share one container in node mode, and each rank has its own otherwise" {
  run job shared '' 'for step in 1 2; do srun plurality-exec --share node $IMAGE sh -c '\''sleep 1; echo "$SLURM_STEP_ID $SLURMD_NODENAME $(readlink /proc/self/ns/mnt)"'\''; done'
  echo "$output"
  [ "$status" -eq 0 ]
  # srun may say that it waits for the first step's end.
  ranks=$(grep mnt: <<<"$output")
  [ "$(wc -l <<<"$ranks")" -eq 8 ]
  [ "$(sort -u <<<"$ranks" | wc -l)" -eq 4 ]
  [ "$(cut -d' ' -f3 <<<"$ranks" | sort -u | wc -l)" -eq 4 ]
  run job alone '' 'srun plurality-exec --share none $IMAGE sh -c '\''sleep 1; readlink /proc/self/ns/mnt'\'
  [ "$(grep ^mnt: <<<"$output" | sort -u | wc -l)" -eq 4 ]
  run job auto '' 'srun plurality-exec $IMAGE sh -c '\''sleep 1; readlink /proc/self/ns/mnt'\'
  [ "$(grep ^mnt: <<<"$output" | sort -u | wc -l)" -eq 2 ]
  wait_for 10 clean
}

@test "a cancelled job leaves nothing on its nodes that the next launch does not sweep" {
  for share in none node; do
    job "cancel-$share" '' "srun plurality-exec --share $share \$IMAGE sleep 60" >/dev/null 2>&1 3>&- &
    pid=$!
    wait_for 30 launched "cancel-$share"
    as_test_user scancel --name="cancel-$share"
    wait "$pid" || true
  done
  wait_for 30 swept || {
    ls -la "$CLUSTER/run/$TEST_USER"
    return 1
  }
}

swept() { as_test_user plurality-exec --share none "$IMAGE" true && sleep 2 && clean; }

launched() { compgen -G "$CLUSTER/run/$TEST_USER/*/init.pid"; }

@test "a step whose image is not staged fails on every node, and says why once a node" {
  run job missing '' 'srun plurality-exec --share node registry.example/none:1 true'
  echo "$output"
  [ "$status" -ne 0 ]
  [ "$(grep -c 'plurality-stagein pull registry.example/none:1' <<<"$output")" -eq 2 ]
}

# The second rank of a node comes when the first has failed and another launch has swept.
@test "a late rank of a step that failed does not say why again" {
  run job late '' 'srun sh -c '\''if [ "$SLURM_LOCALID" = 1 ]; then
      until ls "$PLURALITY_RUN_DIR"/node-s*@"$SLURMD_NODENAME"-*/failed >/dev/null 2>&1; do sleep 0.1; done
      plurality-exec --share none $0 true
    fi
    plurality-exec --share node registry.example/late:1 true
    echo "ended $?"'\'' $IMAGE'
  echo "$output"
  [ "$(grep -c 'ended 125' <<<"$output")" -eq 4 ]
  [ "$(grep -c 'plurality-stagein pull registry.example/late:1' <<<"$output")" -eq 2 ]
}

@test "a command that failed is told again, and runs when what it lacked has come, within one step" {
  cache=$CLUSTER/caches/later
  run as_test_user srun --ntasks=1 bash -c "run() { plurality-exec --cache $cache $IMAGE true; echo \"ended \$?\"; }
    run; run; plurality-stagein pull --quiet --cache $cache $IMAGE >/dev/null; run"
  echo "$output"
  [ "$(grep ^ended <<<"$output" | tr '\n' ' ')" = 'ended 125 ended 125 ended 0 ' ]
  [ "$(grep -c "hint: plurality-stagein pull" <<<"$output")" -eq 2 ]
}

@test "the job holds a lease on the image while it runs" {
  job lease '' 'srun plurality-exec $IMAGE sleep 3' >/dev/null 3>&- &
  pid=$!
  wait_for 30 leased
  wait "$pid"
}

leased() { compgen -G "$CACHE/leases/*/slurm-*.json"; }

@test "examples/01-hello prints four ranks from inside the image" {
  install -d -o "$TEST_USER" "$CLUSTER/hello"
  install -m 644 "$REPO/examples/01-hello/job.sbatch" "$CLUSTER/hello/"
  as_test_user IMAGE="$IMAGE" sh -c "cd $CLUSTER/hello && sbatch --quiet --wait --output=out job.sbatch"
  cat "$CLUSTER/hello/out"
  [ "$(grep -c "(uid $(id -u "$TEST_USER"), PMI rank [0-3]) in Plurality test image: busybox" "$CLUSTER/hello/out")" -eq 4 ]
}
