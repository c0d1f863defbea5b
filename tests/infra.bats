#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The infrastructure that other tests stand on: Slurm, registry, images and the scripts themselves.
load lib

setup_file() {
  # Images are built from packages here, on a machine that may do other things.
  export BATS_TEST_TIMEOUT=600
  setup_cluster
}
teardown_file() { teardown_cluster; }

@test "a job of two nodes and four tasks runs as the ordinary user, with PMI ranks" {
  run as_test_user srun -N2 -n4 --ntasks-per-node=2 sh -c 'echo "$(id -u) $SLURM_PROCID $PMI_RANK"'
  [ "$status" -eq 0 ]
  uid=$(id -u "$TEST_USER")
  [ "$(sort <<<"$output")" = "$(printf '%s\n' "$uid 0 0" "$uid 1 1" "$uid 2 2" "$uid 3 3")" ]
}

@test "PMIx starts ranks on two nodes" {
  run as_test_user srun --mpi=pmix -N2 -n4 --ntasks-per-node=2 printenv PMIX_RANK
  [ "$status" -eq 0 ]
  [ "$(sort <<<"$output" | tr '\n' ' ')" = '0 1 2 3 ' ]
}

@test "exit status and signal come through srun" {
  run as_test_user srun -n1 sh -c 'exit 3'
  [ "$status" -eq 3 ]
  run as_test_user srun -n1 sh -c 'kill -SEGV $$'
  [ "$status" -eq 139 ]
}

@test "a second cluster runs beside the first, and its end leaves no process" {
  "$REPO/dev/slurm-up" "$CLUSTER/second" --nodes 1 >/dev/null
  pids=$(cut -d' ' -f1 "$CLUSTER"/second/run/*.pid)
  "$REPO/dev/slurm-down" "$CLUSTER/second"
  for pid in $pids; do
    if start_time "$pid"; then
      ps -o pid,ppid,stat,args -p "$pid"
      return 1
    fi
  done
  "$REPO/dev/slurm-down" "$CLUSTER/second"
  as_test_user srun -n1 true
}

# with_name_at ADDRESS COMMAND...: on a machine of another name, which /etc/hosts has at this address, or not at all.
with_name_at() {
  local address=$1
  shift
  printf '127.0.0.1 localhost\n' >"$BATS_TEST_TMPDIR/hosts"
  [ "$address" = nowhere ] || printf '%s named-here\n' "$address" >>"$BATS_TEST_TMPDIR/hosts"
  unshare --uts --mount bash -c "hostname named-here && mount --bind '$BATS_TEST_TMPDIR/hosts' /etc/hosts && exec \"\$@\"" - "$@"
}

@test "steps of a cluster run wherever /etc/hosts has the machine's own name" {
  local address other
  cat >"$BATS_TEST_TMPDIR/steps" <<'SCRIPT'
set -euo pipefail
cd "$REPO"
up=$(dev/slurm-up "$1" --nodes 2) && eval "$up"
trap 'dev/slurm-down "$1"' EXIT
install -d -m 777 "$1/job"
printf '#!/bin/sh\nsrun --label echo in the job\n' >"$1/job/script"
timeout 60 setpriv --reuid "$TEST_USER" --clear-groups srun --time=1 -N2 -n2 --label echo in a step
(cd "$1/job" && timeout 90 setpriv --reuid "$TEST_USER" --clear-groups sbatch --quiet --wait --time=1 -N2 -n2 --output=out script)
cat "$1/job/out"
SCRIPT
  other=$(ip -4 -oneline address show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
  export REPO
  for address in 127.0.0.1 127.0.1.1 ${other:+"$other"} nowhere; do
    run with_name_at "$address" bash "$BATS_TEST_TMPDIR/steps" "$CLUSTER/at-$address"
    echo "$address: $output"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'in a step' <<<"$output")" = 2 ]
    [ "$(grep -c 'in the job' <<<"$output")" = 2 ]
  done
}

@test "a registry with TLS and a password lets only the right password in" {
  dir=$CLUSTER/tls
  "$REPO/dev/registry-up" "$dir" --tls --htpasswd me:right >/dev/null
  image=docker://$(<"$dir/address")/busybox:latest
  layout=$("$REPO/dev/image" busybox)
  run skopeo copy --dest-cert-dir "$dir" --dest-creds me:wrong "oci:$layout:latest" "$image"
  wrong=$status
  run skopeo copy --dest-cert-dir "$dir" --dest-creds me:right "oci:$layout:latest" "$image"
  "$REPO/dev/registry-down" "$dir"
  [ "$wrong" -ne 0 ]
  [ "$status" -eq 0 ]
}

@test "busybox, debian and science build and push" {
  for name in busybox debian science; do
    "$REPO/dev/image" "$name" --push "$PLURALITY_TEST_REGISTRY" --tls-verify=false
    skopeo inspect --tls-verify=false "docker://$PLURALITY_TEST_REGISTRY/$name:latest"
  done
}
