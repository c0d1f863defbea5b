# SPDX-License-Identifier: Apache-2.0
# Waits for the runtime of a named container, and writes down how the program ended.
# shellcheck shell=bash

# shellcheck source=tell.bash
. "${0%/*}/tell.bash"

# Signals that get here go to the runtime, which gives them to the program. The caller ends with what this returns: the program's status, or 125
# when the runtime failed before there was one, which is known by its not having written the pid file.
supervise() { # EXIT-FILE PID-FILE RUNTIME ARGUMENT...
  local exit_file=$1 pid_file=$2 status signal
  shift 2
  # A shell's background processes ignore these two.
  ! /usr/bin/env --default-signal=INT,QUIT /bin/true 2>/dev/null || set -- /usr/bin/env --default-signal=INT,QUIT "$@"
  __early=() __teller='' __action=: __signals=(HUP INT QUIT TERM USR1 USR2 ALRM VTALRM PROF IO PWR TSTP CONT {34..64})
  for signal in "${__signals[@]}"; do
    # shellcheck disable=SC2064 # now
    trap "pass_to_runtime $signal" "$signal"
  done
  start_told "$@"
  for signal in ${__early[@]+"${__early[@]}"}; do
    pass_to_runtime "$signal"
  done
  await_told
  status=${__status:-137}
  ((status == 0)) || [[ -e $pid_file ]] || status=125
  { printf '%d\n' "$status" >"$exit_file.new" && mv -f -- "$exit_file.new" "$exit_file"; } 2>/dev/null || true
  return "$status"
}

pass_to_runtime() { # SIGNAL
  if [[ -z $__teller ]]; then
    __early+=("$1")
  elif find_told; then
    kill -"$1" "$__child" 2>/dev/null || true
  fi
}
