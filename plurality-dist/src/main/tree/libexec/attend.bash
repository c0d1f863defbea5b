# Stands before a rank that has a process namespace: nsenter has to fork to enter one, and passes no signals on.
# shellcheck shell=bash

# Runs nsenter with its program, passes signals on to that, and ends as it did.
attend() { # NSENTER ARGUMENT...
  # A shell's background processes ignore these two.
  ! /usr/bin/env --default-signal=INT,QUIT /bin/true 2>/dev/null || set -- /usr/bin/env --default-signal=INT,QUIT "$@"
  "$@" <&0 &
  # Not before: a local variable would take the place of the program's of that name.
  local entering=$! status=0 signal
  # The shell would say how it ended, which is the caller's to say.
  exec 2>/dev/null
  for signal in HUP INT QUIT TERM USR1 USR2 ALRM CONT WINCH; do
    # shellcheck disable=SC2064 # now
    trap "pass_on $entering $signal" "$signal"
  done
  while [[ -e /proc/$entering/exe ]]; do
    wait "$entering" || true
  done
  wait "$entering" || status=$?
  if ((status > 128)); then
    ulimit -c 0
    signal=$((status - 128))
    trap - "$signal" 2>/dev/null || true
    kill -"$signal" $$ || true
  fi
  exit "$status"
}

pass_on() { # PID SIGNAL
  local children=''
  { read -r children <"/proc/$1/task/$1/children"; } 2>/dev/null || true
  # shellcheck disable=SC2086 # one, or none yet
  [[ -z $children ]] || kill -"$2" $children 2>/dev/null || true
}
