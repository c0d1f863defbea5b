#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a rank asks of the shared filesystem, counted by bench/operations.
bats_require_minimum_version 1.5.0
load lib

@test "a further rank changes nothing on the shared filesystem, and looks up ten paths there at most" {
  [[ $EUID == 0 ]] || skip 'needs root, to be the user that it measures'
  command -v strace || skip 'there is no strace'
  run -0 --separate-stderr "$REPO/bench/operations" --json
  echo "$output"
  for kind in dir squashfs; do
    [ "$(jq -r --arg kind $kind 'select(.kind == $kind and .further) | [.further.changes, .further.lookups <= 10, .first.lookups > 10] | join(" ")' <<<"$output")" = '0 true true' ]
  done
}
