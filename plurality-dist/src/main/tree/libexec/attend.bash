# Stands before a rank that has a process namespace: only a child can begin in one, and whoever started the rank knows this process.
# shellcheck shell=bash

# This shell passes signals on. Between it and the program are a teller (tell.bash) and the guard: flock, which does what nsenter would not. It waits for
# the program through every signal, and then ends with 128 and the number of the one that the program died of. Nobody else can hold what it locks.

# shellcheck source=tell.bash
. "$prefix/libexec/tell.bash"

# Puts what a rank needs before its way into the namespaces (entry) and before the program (inner). Fills __signals with those that are passed on: not
# those for a program's own faults, those that stop it, and those that the caller ignores.
guard_program() {
  local name value ignored=0 blocked=0 all='' again='' way
  while read -r name value; do
    case $name in
      SigBlk:) blocked=$((16#$value)) ;;
      SigIgn:) ignored=$((16#$value)) ;;
    esac
  done <"/proc/$$/status"
  __signals=()
  for value in 1 2 3 6 10 12 14 15 16 18 {24..30} {34..64}; do
    if ! ((ignored >> (value - 1) & 1)); then
      __signals+=("$value")
      all+=,$value
      ! ((blocked >> (value - 1) & 1)) || again+=,$value
    fi
  done
  way=("${entry[@]}" --pid --no-fork -- "$loader" --library-path "$libraries" "$tools/flock" -s -o /proc/1/status)
  # The guard has them blocked, and what its child is sent before the program begins waits for that. Without such an env it dies of what reaches it.
  __action=: __blocked=''
  if [[ -n $all ]] && /usr/bin/env --block-signal=INT --default-signal=INT /bin/true 2>/dev/null; then
    __action='' __blocked=1
    way=(/usr/bin/env "--default-signal=${all:1}" "--block-signal=${all:1}" "${way[@]}")
    inner=("--default-signal=${all:1}" ${again:+"--block-signal=${again:1}"} ${inner[@]+"${inner[@]}"})
  fi
  entry=("${way[@]}")
}

# Runs a command line that guard_program prepared, and ends as its program did.
attend() { # COMMAND...
  __early=() __last=9 __teller='' __begun=''
  for __signal in ${__signals[@]+"${__signals[@]}"}; do
    # shellcheck disable=SC2064 # now
    trap "pass_on $__signal" "$__signal"
  done
  start_told "$@"
  exec 2>/dev/null
  for __signal in ${__early[@]+"${__early[@]}"}; do
    pass_on "$__signal"
  done
  ! find_program || __begun=1
  await_told
  end_as "${__status:-$((128 + __last))}"
}

end_as() { # STATUS
  if (($1 > 128)); then
    ulimit -c 0
    trap - "$(($1 - 128))" || true
    kill -"$(($1 - 128))" $$ || true
  fi
  exit "$1"
}

# Gives a signal to the program, unless whoever sent it reached that too: all processes of a step or of a terminal get theirs by themselves, and the
# guard keeps what it got. One that was sent in both ways at different times is taken for sent to all.
pass_on() { # SIGNAL
  if [[ -z $__teller ]]; then
    __early+=("$1")
    return 0
  fi
  __last=$1
  find_program || return 0
  # One that has yet to begin was not there when all others got theirs; what it gets twice until then it has once.
  if [[ -n $__blocked && -n $__begun ]]; then
    is_pending "$__guard" "$1" || /usr/bin/sleep 0.02
    ! is_pending "$__guard" "$1" || return 0
  fi
  kill -"$1" "$__child" 2>/dev/null || true
}

# Fills __guard and __child, once the program's process is there; false when it ended before.
find_program() {
  find_told || return 1
  __guard=$__child
  until child_of "$__guard"; do
    [[ -e /proc/$__guard/exe ]] || return 1
    /usr/bin/sleep 0.01
  done
}

is_pending() { # PID SIGNAL
  local name value
  while read -r name value; do
    if [[ $name == ShdPnd: ]]; then
      # In a trap a return needs its number.
      ((16#$value >> ($2 - 1) & 1)) || return 1
      return 0
    fi
  done <"/proc/$1/status"
  return 1
} 2>/dev/null
