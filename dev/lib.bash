# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Functions that the scripts of dev/, tests/, ./quickstart and ./test share. Sourced, never run; sourcing changes nothing.
# Results are printed on stdout, progress and errors on stderr.

say() { printf '%s\n' "$*" >&2; }

# die MESSAGE [HINT]: the message is `cannot <do> <what>: <why>`, the hint says what mends it.
die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  [[ -z ${2-} ]] || printf '  %s\n' "$2" >&2
  exit 1
}

# say_ends FILE...: the last lines of each of them that has any, for somebody who wants to know what went wrong.
say_ends() {
  local file
  for file; do
    [[ ! -s $file ]] || { say "-- the end of $file:" && tail -n 5 "$file" >&2; }
  done
}

# Daemons and administration tools live in sbin, which an ordinary user's PATH leaves out.
add_sbin() { [[ :$PATH: == *:/usr/sbin:* ]] || PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; }

need_tools() { # need_tools LEVEL TOOL...
  local level=$1 tool missing=()
  shift
  for tool; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  ((${#missing[@]} == 0)) || die "cannot find ${missing[*]}: not installed" "run dev/setup $level"
}

# free_port [COUNT]: COUNT different TCP ports on which nothing listens, one a line. They lie below the kernel's ephemeral
# range, so that no outgoing connection takes one before its server binds it; the start is random for parallel callers.
free_port() {
  local count=${1:-1} port busy
  busy=" $(awk '$4 == "0A" { sub(/.*:/, "", $2); print $2 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null | tr '\n' ' ') "
  port=$((10000 + (RANDOM * 32768 + RANDOM) % 20000))
  while ((count > 0)); do
    ((port = port < 31999 ? port + 1 : 10000))
    [[ $busy != *" $(printf '%04X' "$port") "* ]] || continue
    printf '%d\n' "$port"
    count=$((count - 1))
  done
}

jdk_is_there() { (find_jdk25) >/dev/null 2>&1; }

# The package of Debian's own JDK 25: since Debian 13. Fails where the release has none.
jdk_package() {
  local VERSION_ID='' ID=''
  # shellcheck source=/dev/null
  [[ -r /etc/os-release ]] && . /etc/os-release
  [[ $ID == debian && ${VERSION_ID:-13} -ge 13 ]] && printf 'openjdk-25-jdk-headless\n'
}

# JAVA_HOME of a JDK 25: the caller's, that of the javac on PATH, or one of the system's.
find_jdk25() {
  local home javac
  javac=$(command -v javac || true)
  [[ -z $javac ]] || javac=$(readlink -f "$javac")
  for home in "${JAVA_HOME-}" "${javac%/bin/javac}" /usr/lib/jvm/* /opt/*; do
    [[ -n $home && -x $home/bin/javac && -r $home/release ]] || continue
    grep -q '^JAVA_VERSION="25[".]' "$home/release" || continue
    printf '%s\n' "$home"
    return
  done
  die 'cannot find a JDK 25: neither JAVA_HOME nor PATH nor /usr/lib/jvm has one' \
    "$(jdk_hint)"
}

jdk_hint() {
  local package
  if package=$(jdk_package); then
    printf 'as root: apt-get install --no-install-recommends %s' "$package"
  else
    printf 'unpack one below /opt or /usr/lib/jvm (adoptium.net has it for each machine), or set JAVA_HOME to it'
  fi
}

# need_packages PACKAGE...: installs those that are missing (root), or says which they are and fails.
need_packages() {
  local missing=() package log seconds=$SECONDS
  for package; do
    [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == *' ok installed' ]] || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  ((EUID == 0)) || die "cannot go on without Debian packages: ${missing[*]}" \
    "as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  log=$(mktemp "${TMPDIR:-/tmp}/plurality-apt.XXXXXX")
  say "installing ${#missing[@]} Debian packages: ${missing[*]} (log $log)"
  without_services install_packages "${missing[@]}" >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    die "cannot install ${missing[*]}: apt-get failed" "see $log"
  }
  say "installed in $((SECONDS - seconds)) s"
}

install_packages() {
  local apt=(apt-get -o DPkg::Lock::Timeout=300)
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 -o Acquire::Retries=0 update && "${apt[@]}" install -y --no-install-recommends "$@"
}

# Runs a command while /usr/sbin/policy-rc.d forbids packages to start services. A policy of the machine's own stays as it is.
without_services() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  "$@"
)

# test_user: an ordinary user for tests, made when root (with a second one, plurality-other); otherwise the caller.
test_user() {
  local user
  if ((EUID != 0)); then
    id -un
    return
  fi
  for user in plurality-test plurality-other; do
    id -u "$user" >/dev/null 2>&1 || useradd --create-home --user-group --shell /bin/bash "$user" >&2 ||
      die "cannot create user $user: useradd failed"
  done
  printf 'plurality-test\n'
}

# as_user USER [NAME=VALUE...] COMMAND...: in USER's home, with a clean environment and the named variables. When not
# root, as the caller. A login's XDG_RUNTIME_DIR is left out on purpose: batch jobs have none.
as_user() {
  local user=$1 gid='' home='' switch=()
  shift
  account "$user"
  [[ -d $home ]] || die "cannot run as $user: no such user, or no home directory"
  ((EUID != 0)) || switch=(setpriv --reuid "$user" --regid "$gid" --init-groups --)
  (
    cd "$home" || exit 1
    exec "${switch[@]}" env -i HOME="$home" USER="$user" LOGNAME="$user" SHELL=/bin/bash LANG=C.UTF-8 \
      PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"
  )
}

# account USER: sets gid and home. It is asked for thousands of times in a run of the tests, and needs no process where the account is this machine's.
account() {
  local name
  while IFS=: read -r name _ _ gid _ home _; do
    [[ $name != "$1" ]] || return 0
  done </etc/passwd
  IFS=: read -r _ _ _ gid _ home _ < <(getent passwd "$1") || true
}

# wait_for SECONDS COMMAND...: true as soon as COMMAND is, false when it is not in time.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# ---- Daemons of our own. Each is recorded in RUN/NAME.pid as "pid start-time": a pid alone may since be another's. ----

# Start time of a process in clock ticks since boot, field 22 of stat; the command's name before it may hold anything.
start_time() {
  local stat=''
  # Not $(<FILE), whose failure ends a shell with errexit and an ERR trap even in a condition.
  { IFS= read -r -d '' stat <"/proc/$1/stat" || true; } 2>/dev/null
  [[ -n $stat ]] || return 1
  # shellcheck disable=SC2086 # split into fields
  set -- ${stat##*) }
  [[ $1 != Z ]] && printf '%s\n' "${20}"
}

# start_daemon RUN NAME LOG COMMAND...: in a session of its own, in the foreground of it, holding none of our descriptors.
start_daemon() {
  local run=$1 name=$2 log=$3 pid
  shift 3
  (
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      ((fd <= 2 || fd == 255)) || eval "exec $fd>&-"
    done
    cd / || exit 1
    exec setsid "$@"
  ) </dev/null >>"$log" 2>&1 &
  pid=$!
  disown "$pid"
  printf '%s %s\n' "$pid" "$(start_time "$pid" || echo gone)" >"$run/$name.pid"
}

daemon_runs() { # daemon_runs RUN NAME
  local pid started
  [[ -r $1/$2.pid ]] && read -r pid started <"$1/$2.pid" && [[ $(start_time "$pid") == "$started" ]]
}

daemon_ended() { ! daemon_runs "$@"; }

# stop_daemon RUN NAME: TERM, then KILL after 10 s. Fine when it has ended, or never ran.
stop_daemon() {
  local pid
  if daemon_runs "$1" "$2"; then
    read -r pid _ <"$1/$2.pid"
    kill -TERM "$pid" 2>/dev/null || true
    if ! wait_for 10 daemon_ended "$1" "$2"; then
      say "$2 (pid $pid) ignored TERM for 10 s: killed"
      kill -KILL "$pid" 2>/dev/null || true
      wait_for 5 daemon_ended "$1" "$2" || die "cannot stop $2: pid $pid does not end"
    fi
  fi
  rm -f "$1/$2.pid"
}
