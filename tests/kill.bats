#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Ranks and leaders killed at random moments: tests/kill-storm, which takes any count, a few times.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  export IMAGE
  IMAGE=$(stage busybox)
}

teardown_file() { teardown_place; }

@test "20 steps of 8 ranks with one killed: no rank hangs or fails, nothing is left" {
  run -0 "$REPO/tests/kill-storm" 20 --cache "$CACHE" --image "$IMAGE" --run "$CLUSTER/run/$TEST_USER"
  echo "$output"
}

@test "10 such steps of a squashfs image with a writable view" {
  squash "$IMAGE" "$CLUSTER/caches/squashed"
  run -0 "$REPO/tests/kill-storm" 10 --cache "$CLUSTER/caches/squashed" --image "$IMAGE" --run "$CLUSTER/run/$TEST_USER" -- --writable-tmpfs
  echo "$output"
}
