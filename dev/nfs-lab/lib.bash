# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What dev/nfs-up, dev/nfs-at and dev/nfs-down share. Sourced with $lab set: the directory of a running lab.
#
# LAB/net.pid      the process that keeps the network namespace
#     HOST.pid     a guest's first process, leader of its group
#     HOST.console what the guest's kernel and its first process print
#     HOST.disk    what the guest has changed of the base disk
#     key          of all users of the guests
# shellcheck disable=SC2154 # the sourcing script's
# shellcheck disable=SC2034 # used there
hosts=(server a b)
declare -A address=([server]=10.79.0.2 [a]=10.79.0.3 [b]=10.79.0.4)

in_network() {
  local pid
  read -r pid _ <"$lab/net.pid"
  nsenter --net="/proc/$pid/ns/net" -- "$@"
}

# at HOST USER COMMAND: a shell's text, run there as that user. One connection for each host and user is kept.
at() {
  local host=$1 user=$2
  shift 2
  in_network ssh -i "$lab/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=60 -o ServerAliveInterval=600 \
    -o ControlMaster=auto -o "ControlPath=$lab/at-$host-$user" -o ControlPersist=600 "$user@${address[$host]}" -- "$@"
}

# A guest ends with all its processes, which are this machine's too. A guest that is stopped by a signal never wakes:
# it is only ever killed.
end_guest() { # HOST
  local pid
  if daemon_runs "$lab" "$1"; then
    read -r pid _ <"$lab/$1.pid"
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait_for 10 daemon_ended "$lab" "$1" || die "cannot stop the guest $1: pid $pid does not end"
  fi
  rm -f "$lab/$1.pid" "$lab/at-$1"-*
}
