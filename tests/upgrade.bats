#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats file_tags=quick
# A cache that version 0.1.0 wrote, with one image, a pin and a lease until 2099: fixtures/cache-format-1.tar.gz. It is never written anew; a
# version that changes the format brings a fixture of its own beside it.
# shellcheck disable=SC2154 # run sets status and output

bats_require_minimum_version 1.5.0
load lib.bash

setup() {
  setup_place
  install -d -m 700 -o "$TEST_USER" -g "$(id -g "$TEST_USER")" "$CACHE"
  tar -C "$CACHE" --no-same-owner -xzpf "$REPO/tests/fixtures/cache-format-1.tar.gz"
  ((EUID != 0)) || chown -hR "$TEST_USER:" "$CACHE"
}

teardown() { teardown_place; }

# Its image is for this platform, whatever the machine is.
as_me() { as_test_user PLURALITY_PLATFORM=linux/amd64 "$@"; }

@test "a cache of format 1 is read, verified, held and added to" {
  run -0 as_me plurality-stagein list --json
  [ "$(jq -r '.references[0]' <<<"$output")" = example.org/fixture:1 ]
  as_me plurality-stagein verify --deep --quiet example.org/fixture:1
  grep -qx ID=fixture "$(as_me plurality-stagein path example.org/fixture:1)/etc/os-release"
  run -0 as_me plurality-stagein lease list
  [[ $output == *held* ]]
  run -8 as_me plurality-stagein rm example.org/fixture:1
  run -0 as_me PLURALITY_EXPIRE_AFTER=1s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s plurality-stagein expire
  as_me plurality-stagein path example.org/fixture:1
  run -0 as_me plurality-exec --dry-run example.org/fixture:1 true
  mkdir -p "$CLUSTER/more/etc"
  echo more >"$CLUSTER/more/etc/more"
  as_me plurality-stagein pull --quiet --name example.org/more:1 "dir:$CLUSTER/more"
  [ "$(as_me plurality-stagein list --json | wc -l)" = 2 ]
}

@test "a cache of a later format is left alone, and the error says so" {
  echo '{"format":2}' >"$CACHE/plurality-cache.json"
  before=$(checksum "$CACHE")
  for command in "plurality-stagein list" "plurality-stagein pull --quiet dir:/usr/share/doc/bash" "plurality-stagein expire" \
    "plurality-exec example.org/fixture:1 true"; do
    # shellcheck disable=SC2086 # words
    run as_me $command
    ((status != 0))
    [[ $output == *format*hint:* ]] || {
      echo "$command: $output"
      return 1
    }
  done
  [ "$(checksum "$CACHE")" = "$before" ]
}
