# SPDX-License-Identifier: Apache-2.0
# Waits for a command in a shell that passes signals on.
# shellcheck shell=bash

# A shell that takes signals can lose the status of what it waits for, when one comes at the wrong moment. So it waits for a child, the teller, which
# waits for the command and says how that ended. Both may have a program's variables: names here begin with two underscores.

# Starts a command and fills __teller. None of __signals ends the teller; the command has them as this shell's caller had where __action is `:`, and
# ignores them where it is empty.
start_told() { # COMMAND...
  exec {__told}<> <(:)
  tell "$@" <&0 &
  __teller=$!
}

tell() { # COMMAND...
  __status=0
  ((${#__signals[@]} == 0)) || trap -- "$__action" "${__signals[@]}"
  # A shell would name the signal that the command died of, which is the caller's to do.
  exec {__said}>&2 2>/dev/null
  "$@" 2>&"$__said" {__said}>&- {__told}>&- || __status=$?
  printf '%d\n' "$__status" >&"$__told"
}

# Waits until it has ended, and fills __status; that stays empty when the teller was killed.
await_told() {
  while [[ -e /proc/$__teller/exe ]]; do
    wait "$__teller" || true
  done
  __status=''
  if read -r -t 0 -u "$__told"; then
    read -r __status <&"$__told"
  fi
}

# Fills __child with the command's process, once there is one; false when it ended before.
find_told() {
  until child_of "$__teller"; do
    [[ -e /proc/$__teller/exe ]] || return 1
    /usr/bin/sleep 0.01
  done
}

# Fills __child.
child_of() { # PID
  __child=''
  { read -r __child <"/proc/$1/task/$1/children"; } 2>/dev/null || true
  __child=${__child%% *}
  [[ -n $__child ]]
}
