#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every folder of examples/ does what its README says.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_cluster --nodes 2
  export IMAGE
  IMAGE=$(stage busybox)
}

teardown_file() { teardown_cluster; }

# example NAME: a copy in which the test user may write; prints its path.
example() {
  local copy=$CLUSTER/run/$1
  rm -rf "$copy"
  cp -R "$REPO/examples/$1" "$copy"
  [[ $EUID -ne 0 ]] || chown -R "$TEST_USER" "$copy"
  printf '%s' "$copy"
}

# in_example NAME [NAME=VALUE...] COMMAND...
in_example() {
  local copy
  copy=$(example "$1")
  shift
  as_test_user IMAGE="$IMAGE" sh -c 'cd "$1" && shift && exec env "$@"' sh "$copy" "$@"
}

@test "02-mpi starts ranks on two nodes" {
  in_example 02-mpi PROGRAM=/bin/hostname MPI=pmi2 sbatch --quiet --wait job.sbatch
  [ "$(cat "$CLUSTER"/run/02-mpi/mpi-*.out | wc -l)" -eq 4 ]
}

@test "03-job-array gives each task its own" {
  in_example 03-job-array sbatch --quiet --wait job.sbatch
  [ "$(cat "$CLUSTER"/run/03-job-array/array-*.out | sort | tail -n 1)" = 'task 4 squared is 16' ]
  [ "$(cat "$CLUSTER"/run/03-job-array/array-*.out | wc -l)" -eq 4 ]
  in_example 03-job-array plurality submit --image "$IMAGE" -- sbatch --wait job.sbatch
  [ "$(cat "$CLUSTER"/run/03-job-array/array-*.out | sort | tail -n 1)" = 'task 4 squared is 16' ]
}

@test "04-several-images pipes from one image to another" {
  in_example 04-several-images FIRST="$IMAGE" SECOND="$IMAGE" sbatch --quiet --wait job.sbatch
  [ "$(head -n 1 "$CLUSTER"/run/04-several-images/several-*.out)" = 'sum 5050' ]
  # srun may say between them that it waited for the step before.
  cat "$CLUSTER"/run/04-several-images/several-*.out
  [ "$(grep -c '^PRETTY_NAME=' "$CLUSTER"/run/04-several-images/several-*.out)" -eq 2 ]
}

@test "05-gpu sees the GPU, or says why not" {
  in_example 05-gpu sbatch --quiet --wait job.sbatch
  cat "$CLUSTER"/run/05-gpu/gpu-*.out
  compgen -G '/dev/nvidia[0-9]*' || [ -e /dev/kfd ] || grep -q '^skipped: .* has no GPU' "$CLUSTER"/run/05-gpu/gpu-*.out
}

@test "06-prewarm stages a list in" {
  sed "s,docker.io/library/debian:12,$IMAGE," "$REPO/examples/06-prewarm/prewarm.toml" >"$CLUSTER/run/list"
  run -0 in_example 06-prewarm PLURALITY_CACHE="$CLUSTER/caches/site-$TEST_USER" ./prewarm.sh "$CLUSTER/run/list"
  [[ $output == *"$IMAGE"* ]]
}

@test "07-private-registry logs in for the pull alone" {
  printf 'secret' >"$CLUSTER/run/password"
  run -0 in_example 07-private-registry USERNAME=robot PASSWORD_FILE="$CLUSTER/run/password" ./job.sh
  grep -q ID=busybox "$CLUSTER"/run/07-private-registry/private-*.out
}

@test "08-pbs runs through qsub" {
  copy=$(example 08-pbs)
  sed -i "s,docker.io/library/debian:12,$IMAGE,; s,^#PBS -l .*,#PBS -l nodes=1:ppn=1," "$copy/job.pbs"
  as_test_user sh -c "cd $copy && plurality submit -- qsub -V job.pbs"
  wait_for 60 grep -qr 'in Plurality test image' "$copy" "$(getent passwd "$TEST_USER" | cut -d: -f6)"
}
