#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Completions of bash: commands, options, their values, and names, also beyond a colon.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE HOME_OF_TEST=$CLUSTER/run/home
  IMAGE=$(stage busybox)
  as_test_user plurality pull --quiet --name tools:2026 "$IMAGE" >/dev/null
  install -d -o "$TEST_USER" "$HOME_OF_TEST"
  as_test_user HOME="$HOME_OF_TEST" plurality create --nopull "$IMAGE" mybox >/dev/null
}

teardown_file() { teardown_place; }

# completes LINE: what bash offers at its end, one candidate a line.
completes() {
  run -0 as_test_user HOME="$HOME_OF_TEST" bash --norc -c '
    program=${1%% *}
    . "$2/share/bash-completion/completions/$program"
    COMP_LINE=$1 COMP_POINT=${#1}
    "_${program//-/_}" && printf "%s\n" "${COMPREPLY[@]}"' - "$1" "$TREE"
}

offers() { # LINE CANDIDATE...
  local candidate
  completes "$1"
  shift
  for candidate; do
    grep -qxF -- "$candidate" <<<"$output" || { printf 'no %s in:\n%s\n' "$candidate" "$output" && return 1; }
  done
}

@test "all commands of plurality, and those of plurality-stagein below it" {
  offers 'plurality ' create run list pull images inspect path rm login logout submit broadcast stagein
  offers 'plurality st' status stop stagein
  offers 'plurality stagein ve' verify
  offers 'plurality-stagein lease ' add renew release list
  offers 'plurality --debug pu' pull
  # Its own help has no more than these.
  completes 'plurality '
  for command in $(as_test_user plurality --help | sed -n 's/^  \([a-z][a-z, ]*\) .*/\1/p' | grep -oE '[a-z]{3,}' | grep -xE 'create|run|exec|list|status|logs|stop|delete|spec|pull|images|inspect|path|rm|login|logout|stagein|submit|broadcast'); do
    grep -qx "$command" <<<"$output"
  done
}

@test "options, and their values" {
  offers 'plurality-stagein pull --f' --format --for
  offers 'plurality-stagein pull --format ' auto dir squashfs
  offers 'plurality-stagein pull --format=sq' squashfs
  offers 'plurality pull --progress ' plain json none
  offers 'plurality-exec --share ' none node auto
  offers 'plurality-exec --pull m' missing
  offers 'plurality-exec --work' --workdir
  offers 'plurality submit --im' --image
}

@test "names of images, beyond a colon, too, and of containers" {
  offers 'plurality-exec tools' tools:2026
  offers 'plurality-exec tools:' 2026
  offers 'plurality-exec --share none tools:20' 2026
  offers "plurality inspect ${IMAGE%:*}:l" latest
  offers 'plurality-stagein rm docker.io/library/too' docker.io/library/tools:2026
  offers 'plurality exec my' mybox
  offers 'plurality delete --force my' mybox
}

@test "manual pages name every command" {
  for command in pull images inspect path rm login logout submit broadcast stagein create run exec; do
    grep -q "plurality $command" "$TREE/share/man/man1/plurality.1"
  done
}
