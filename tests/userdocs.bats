#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The right-hand columns of the tables for people who come from other tools do what they say.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE
  IMAGE=$(stage busybox)
}

teardown_file() { teardown_place; }

# commands FILE: the code in the second column of tables whose head is "here", in order, one a line.
commands() {
  awk -F' \\| ' '/^\| .* \| here \|$/ { on = 1; next } /^$/ { on = 0 } on && /^\| [A-Z`]/ { print $2 }' "$1" | grep -o '`[^`]*`' | tr -d '`'
}

# A home and a working directory of its own for each page, as an ordinary user; each command must succeed.
follow() { # FILE LEAST-NUMBER
  local home=$CLUSTER/$BATS_TEST_NUMBER command count=0
  install -d -o "$TEST_USER" "$home" "$home/work"
  cp -R "$("$REPO/dev/image" busybox)" "$home/work/layout"
  echo content >"$home/work/file"
  mksquashfs "$(as_test_user plurality-stagein path "$IMAGE")" "$home/work/my.sqsh" -all-root -quiet -no-progress
  chown -R "$TEST_USER" "$home/work"
  while IFS= read -r command; do
    command=${command//alpine:3.20/$IMAGE}
    printf '$ %s\n' "$command"
    as_test_user HOME="$home" PLURALITY_CACHE="$home/cache" bash -c "cd $home/work && $command" </dev/null
    count=$((count + 1))
  done < <(commands "$1")
  printf '%d commands\n' "$count"
  [ "$count" -ge "$2" ]
  # The pages end with nothing left.
  [ -z "$(ls "$home/.runc/container")" ]
}

@test "docs/user/from-docker.md" { follow "$REPO/docs/user/from-docker.md" 31; }

@test "docs/user/from-apptainer.md" { follow "$REPO/docs/user/from-apptainer.md" 28; }

@test "docs/user/from-enroot.md" { follow "$REPO/docs/user/from-enroot.md" 10; }
