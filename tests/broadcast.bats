#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# plurality broadcast: an image on each node of a Slurm job by sbcast, for plurality-exec --local.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_cluster --nodes 2
  export IMAGE DIRECTORIES=$CACHE FILE DIGEST
  IMAGE=$(stage busybox)
  CACHE=$CLUSTER/caches/squashed
  squash "$IMAGE" "$CACHE"
  FILE=$(echo "$CACHE"/images/sha256/*/*/rootfs.squashfs)
  DIGEST=${FILE%/*}
  DIGEST=${DIGEST##*/}
  export RUN=$CLUSTER/run/$TEST_USER
}

teardown_file() { teardown_cluster; }

# job COMMAND...: an sbatch job on two nodes whose script is COMMAND; sets status, output and id.
job() {
  printf '#!/bin/bash\n#SBATCH --nodes=2 --ntasks=2 --ntasks-per-node=1 --time=3\necho "job $SLURM_JOB_ID"\nIMAGE=%q\n%s\n' "$IMAGE" "$*" >"$CLUSTER/run/job.sbatch"
  rm -f "$CLUSTER/run/job.out"
  status=0
  as_test_user sbatch --quiet --wait --output="$CLUSTER/run/job.out" "$CLUSTER/run/job.sbatch" || status=$?
  output=$(<"$CLUSTER/run/job.out")
  echo "$output"
  id=$(sed -n 's/^job //p' <<<"$output")
}

# shellcheck disable=SC2016 # the job's
@test "ranks on the nodes of a job read the copy that sbcast brought, the epilog takes it away" {
  job 'plurality broadcast "$IMAGE" || exit
    srun plurality-exec --local "$IMAGE" sleep 6 &
    for i in {1..50}; do
      sleep 0.2
      # What serves the files: who plans the launch reads the staged one, too. Other tests run beside.
      seen=$(for server in $(pgrep squashfuse); do readlink "/proc/$server/fd/"* 2>/dev/null; done | grep "^'"$CLUSTER"'.*squashfs" | sort -u)
      [[ -z $seen ]] || break
    done
    echo "seen $seen"
    wait'
  [ "$status" -eq 0 ]
  [ "$(grep '^seen' <<<"$output")" = "seen $RUN/local-s$id/$DIGEST.squashfs" ]
  cmp "$RUN/local-s$id/$DIGEST.squashfs" "$FILE"
  [ "$(stat -c '%U %a' "$RUN/local-s$id/$DIGEST.squashfs")" = "$TEST_USER 400" ]
  as_test_user mkdir "$RUN/local-s${id}0"
  "$TREE/libexec/clean-node" "$RUN" "$(id -u "$TEST_USER")" "node-s$id."
  [ ! -e "$RUN/local-s$id" ]
  [ -d "$RUN/local-s${id}0" ]
  rmdir "$RUN/local-s${id}0"
}

# shellcheck disable=SC2016
@test "the next broadcast takes away what jobs that have ended left, and may be repeated under ranks that run" {
  as_test_user mkdir -p "$RUN/local-s999999" "$RUN/local-s999998"
  # The other one's job may have begun a moment ago.
  touch -d '20 minutes ago' "$RUN/local-s999999"
  job 'plurality broadcast "$IMAGE" || exit
    srun plurality-exec --local "$IMAGE" sh -c "sleep 6; sha256sum /bin/busybox" &
    sleep 3
    copies=$PLURALITY_RUN_DIR/local-s$SLURM_JOB_ID
    mkdir "$copies/kept" && touch -d "20 minutes ago" "$copies"
    # Which hides this job.
    SQUEUE_STATES=PENDING plurality broadcast "$IMAGE" || exit
    rmdir "$copies/kept" || exit
    wait $!
    srun --ntasks=1 --nodes=1 plurality-exec --local "$IMAGE" sha256sum /bin/busybox'
  [ "$status" -eq 0 ]
  [ "$(grep -c '/bin/busybox$' <<<"$output")" -eq 3 ]
  [ "$(grep '/bin/busybox$' <<<"$output" | sort -u | wc -l)" -eq 1 ]
  [ ! -e "$RUN/local-s999999" ]
  rmdir "$RUN/local-s999998"
  [ -s "$RUN/local-s$id/$DIGEST.squashfs" ]
  rm -rf "$RUN/local-s$id"
}

# shellcheck disable=SC2016
@test "a copy that is not what was sent is removed, and said" {
  install -d "$CLUSTER/bin"
  cat >"$CLUSTER/bin/sbcast" <<'SCRIPT'
#!/bin/bash
/usr/bin/sbcast "$@" && printf x | dd of="${@: -1}" bs=1 seek=5000 conv=notrunc status=none
SCRIPT
  chmod 755 "$CLUSTER/bin/sbcast"
  job "PATH=$CLUSTER/bin:\$PATH"' plurality broadcast "$IMAGE"'
  [ "$status" -ne 0 ]
  [[ $output == *'it differs from the image'* && $output == *"cannot broadcast $IMAGE: the copy is wrong on some nodes"* ]]
  [ ! -e "$RUN/local-s$id/$DIGEST.squashfs" ]
  rmdir "$RUN/local-s$id"
}

@test "it is bounded, and says where it does not work" {
  run -1 as_test_user plurality broadcast "$IMAGE"
  [[ $output == *'this is no Slurm job'*'hint: '* ]]
  run -2 as_test_user SLURM_JOB_ID=5 plurality broadcast
  [[ $output == *'no image is named'* ]]
  for size in 1kB 1081 '1 KiB'; do
    run -1 as_test_user SLURM_JOB_ID=5 PLURALITY_LOCAL_MAX="$size" plurality broadcast "$IMAGE"
    echo "$output"
    [[ $output == *'more than the 10'*'that are allowed'*PLURALITY_LOCAL_MAX* ]]
  done
  run -2 as_test_user SLURM_JOB_ID=5 PLURALITY_LOCAL_MAX=much plurality broadcast "$IMAGE"
  [[ $output == *'it is not a size'* ]]
  run -1 as_test_user SLURM_JOB_ID=5 PLURALITY_CACHE="$DIRECTORIES" plurality broadcast "$IMAGE"
  [[ $output == *'--format squashfs'* ]]
  run -125 as_test_user SLURM_JOB_ID=5 plurality broadcast "$IMAGE-not-there"
  [[ $output == *'is not staged'* ]]
  # What somebody else put there in the user's name.
  mkdir -m 755 "$CLUSTER/run/another"
  job "PLURALITY_RUN_DIR=$CLUSTER/run/another plurality broadcast $IMAGE"
  [ "$status" -ne 0 ]
  [[ $output == *'it is not yours'* ]]
  [ -z "$(ls -A "$CLUSTER/run/another")" ]
}
