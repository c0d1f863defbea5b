#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A launch has its lease, may take none, or fails, whatever call of it fails: tests/lease-cases.txt at real system
# calls.
bats_require_minimum_version 1.5.0
load lib

setup() { ((EUID == 0)) || skip 'a preloaded library and a small filesystem take root'; }

teardown() {
  [[ -z ${CLUSTER-} ]] || ! mountpoint -q "$CLUSTER/small" || umount -l "$CLUSTER/small"
  teardown_place
}

@test "a planned launch never runs without a lease because a call failed" {
  run -0 "$REPO/tests/faulty" lease-step "$REPO/tests/lease-faults" planned
  echo "$output"
}

@test "a launch by a kept plan never runs without a lease because a call failed" {
  run -0 "$REPO/tests/lease-faults" kept
  echo "$output"
}

@test "on a full filesystem a launch ends with 125, planned or by a kept plan, and leaves no lease" {
  setup_place
  setup_registry
  IMAGE=$(stage busybox)
  mkdir "$CLUSTER/small"
  mount -t tmpfs -o size=64m none "$CLUSTER/small"
  chmod 777 "$CLUSTER/small"
  CACHE=$CLUSTER/small/cache
  as_test_user plurality-stagein pull --quiet "$IMAGE" >/dev/null
  for how in planned kept; do
    if [[ $how == kept ]]; then
      as_test_user plurality-exec --share none "$IMAGE" true
      wait_for 60 compgen -G "$CLUSTER/run/$TEST_USER/plans/[!.]*/used"
      wait_for 60 clean
    fi
    as_test_user sh -c 'cat /dev/zero >"$1"' - "$CLUSTER/small/rest" 2>/dev/null || true
    run -125 as_test_user plurality-exec --share none "$IMAGE" echo ran
    echo "$how: $output"
    [[ $output == *'No space left on device'*'hint: '* ]]
    [[ $output != *ran* ]]
    [ -z "$(ls -A "$CACHE"/leases/*)" ]
    rm "$CLUSTER/small/rest"
  done
}
