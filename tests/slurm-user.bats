#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A controller whose SlurmUser is not root: it stages in as others by the rule of sudo that `install` prints, and by nothing else. All of it happens
# in a root of its own, for sudo reads /etc.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  ((EUID == 0)) || return 0
  export BATS_TEST_TIMEOUT=600
  setup_place
  setup_registry
  mkdir "$CLUSTER/slow"
  export SLOW_RUN=$CLUSTER/slow IMAGE
  "$REPO/dev/image" busybox --push "$PLURALITY_TEST_REGISTRY" --tls-verify=false >/dev/null
  start_daemon "$SLOW_RUN" registry "$SLOW_RUN/out" "$REPO/tests/slow-registry" "$PLURALITY_TEST_REGISTRY" "$SLOW_RUN"
  wait_for 20 test -s "$SLOW_RUN/out"
  PLURALITY_TEST_REGISTRY=$(cat "$SLOW_RUN/out")
  export PLURALITY_TEST_REGISTRY
  IMAGE=$PLURALITY_TEST_REGISTRY/busybox:latest
}

teardown_file() {
  ((EUID == 0)) || return 0
  stop_daemon "$SLOW_RUN" registry
  teardown_place
}

# What the test below runs in that root.
inside() {
  # shellcheck source=tests/lib.bash
  . "$REPO/tests/lib.bash"
  set -euo pipefail
  trap '"$REPO/dev/slurm-down" "$CLUSTER/slurm"' EXIT
  setup_slurm --nodes 1 --user slurm --plurality "$TREE" burst-buffer,job-submit,prolog 2>"$CLUSTER/run/said" || { cat "$CLUSTER/run/said" && exit 1; }
  grep -x '  slurm ALL=.*' "$CLUSTER/run/said" >/etc/sudoers.d/plurality
  chmod 440 /etc/sudoers.d/plurality
  visudo --check --quiet
  state=$CLUSTER/slurm/state/plurality
  [[ $(stat -c '%U %G %a' "$state") == 'slurm slurm 700' && $(grep -c 'slurm ALL=' "$CLUSTER/run/said") == 1 ]]
  # Nothing else is allowed, and nothing as root.
  ! setpriv --reuid slurm --regid slurm --init-groups sudo --non-interactive --user="#$(id -u "$TEST_USER")" true
  ! setpriv --reuid slurm --regid slurm --init-groups sudo --non-interactive "$TREE/libexec/stage-as-user" list </dev/null

  printf '#!/bin/bash\n#PLURALITY image=%s\nsrun plurality-exec "$PLURALITY_IMAGE" head -n 1 /etc/os-release\n' "$IMAGE" >"$CLUSTER/run/job.sh"
  echo 2 >"$SLOW_RUN/delay"
  cancelled=$(as_test_user sbatch --parsable --output=/dev/null "$CLUSTER/run/job.sh")
  wait_for 60 grep -qx staging "$state/jobs/$cancelled/state"
  wait_for 60 pgrep -u "$TEST_USER" -f "StageIn pull --lease slurm-plurality-$cancelled "
  as_test_user scancel "$cancelled"
  wait_for 60 test ! -e "$state/jobs/$cancelled"
  ! pgrep -u "$TEST_USER" -f 'StageIn pull'
  echo 'cancelled'

  rm "$SLOW_RUN/delay"
  job=$(as_test_user sbatch --parsable --output="$CLUSTER/run/job.out" "$CLUSTER/run/job.sh")
  wait_for 120 test -s "$CLUSTER/run/job.out"
  cat "$CLUSTER/run/job.out"
  wait_for 60 test ! -e "$state/jobs/$job"
  [[ -z $(find "$CACHE" ! -user "$TEST_USER") && -z $(find "$CACHE/leases" -name 'slurm-*') ]]
  ! grep . "$state/log"
  echo "let go"

  touch "$SLOW_RUN/down"
  rm -rf "$CACHE"
  job=$(as_test_user sbatch --parsable --output="$CLUSTER/run/released.out" "$CLUSTER/run/job.sh")
  wait_for 100 failed
  [[ $("$TREE/share/slurm/stage" status "$state" "$job") == *"$job "*failed*cannot* ]]
  rm "$SLOW_RUN/down"
  wait_for 30 as_test_user scontrol release "$job"
  wait_for 120 test -s "$CLUSTER/run/released.out"
  echo 'released by its user'
}

failed() { grep -qsx failed "$state/jobs/$job/state"; }

@test "SlurmUser is an ordinary user: a job is staged in as its user, cancelled in the midst of it, and let go" {
  ((EUID == 0)) || skip 'needs two users'
  {
    declare -f inside failed
    printf 'REPO=%q\n%s\ninside\n' "$REPO" "$(declare -p CLUSTER TEST_USER OTHER_USER CACHE TREE IMAGE SLOW_RUN PLURALITY_TEST_REGISTRY)"
  } >"$CLUSTER/run/inside"
  run -0 "$REPO/tests/fresh-root" timeout 400 bash "$CLUSTER/run/inside"
  [[ $output == *cancelled*ID=busybox*'let go'*'released by its user'* ]]
}
