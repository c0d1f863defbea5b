#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A launch has its lease, may take none, or fails, whatever call of it fails: tests/lease-cases.txt at real system
# calls.
bats_require_minimum_version 1.5.0
load lib

setup() { ((EUID == 0)) || skip 'a preloaded library takes root'; }

@test "a planned launch never runs without a lease because a call failed" {
  run -0 "$REPO/tests/faulty" lease-step "$REPO/tests/lease-faults" planned
  echo "$output"
}

@test "a launch by a kept plan never runs without a lease because a call failed" {
  run -0 "$REPO/tests/faulty" lease-step "$REPO/tests/lease-faults" kept
  echo "$output"
}
