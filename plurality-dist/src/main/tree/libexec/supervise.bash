# Waits for the runtime of a named container, and writes down how the program ended.
# shellcheck shell=bash

# Signals that get here go to the runtime, which gives them to the program. The caller ends with what this returns: the program's status, or 125
# when the runtime failed before there was one, which is known by its not having written the pid file.
supervise() { # EXIT-FILE PID-FILE RUNTIME ARGUMENT...
  local exit_file=$1 pid_file=$2 status=0 signal runtime='' pending=() default=()
  shift 2
  # A shell's background processes ignore these two.
  ! /usr/bin/env --default-signal=INT,QUIT /bin/true 2>/dev/null || default=(/usr/bin/env '--default-signal=INT,QUIT')
  for signal in HUP INT QUIT TERM USR1 USR2 ALRM VTALRM PROF IO PWR TSTP CONT {34..64}; do
    # shellcheck disable=SC2064 # now
    trap "pass_to_runtime $signal" "$signal"
  done
  "${default[@]}" "$@" <&0 &
  runtime=$!
  for signal in ${pending[@]+"${pending[@]}"}; do pass_to_runtime "$signal"; done
  while
    status=0
    wait "$runtime" || status=$?
    ((status > 128)) && kill -0 "$runtime" 2>/dev/null
  do :; done
  ((status == 0)) || [[ -e $pid_file ]] || status=125
  { printf '%d\n' "$status" >"$exit_file.new" && mv -f -- "$exit_file.new" "$exit_file"; } 2>/dev/null || true
  return "$status"
}

pass_to_runtime() { # SIGNAL
  if [[ -n $runtime ]]; then
    kill -"$1" "$runtime" 2>/dev/null || true
  else
    pending+=("$1")
  fi
}
