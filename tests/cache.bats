#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The cache under kills, faults, stops and crowds: the scripts that take any count, a few times. And two hosts on one network filesystem.
bats_require_minimum_version 1.5.0
load lib

setup() {
  export BATS_TEST_TIMEOUT=300
  [[ $EUID == 0 ]] || skip 'ordinary users of its own take root'
}

@test "10 pulls, expiries, launches, leases and removals killed at random moments: all whole, nothing left" {
  run -0 "$REPO/tests/cache-storm" 10 --workers 2
  echo "$output"
}

@test "a pull killed, and failed with each error, at some of the system calls by which it changes the cache" {
  run -0 "$REPO/tests/fault-walk" --every 149
  echo "$output"
}

@test "an expiry killed and failed at some of its" {
  run -0 "$REPO/tests/fault-walk" --what expire --every 97
  echo "$output"
}

@test "a pull as squashfs killed and failed at some of its" {
  run -0 "$REPO/tests/fault-walk" --what squashfs --every 211
  echo "$output"
}

@test "three pulls stopped past every time-out, overtaken and continued: the entry stays the other's" {
  run -0 "$REPO/tests/stop-storm" 3
  echo "$output"
}

@test "6 processes that pull one image cold: each layer is fetched once" {
  run -0 "$REPO/tests/cold-pulls" 1 --processes 6
  echo "$output"
}

@test "renames that lose their replies, no locks, and clocks an hour apart: each layer is fetched once all the same" {
  run -0 "$REPO/tests/faulty" lost-reply,no-locks,no-flags,clocks "$REPO/tests/cold-pulls" 1 --processes 4
  echo "$output"
  [[ $output != *'lost: 0;'* && $output != *'another clock: 0'* ]]
}

@test "two hosts on GlusterFS: one publishes and expires while the other runs" {
  run -0 "$REPO/tests/two-hosts" 1
  echo "$output"
}
