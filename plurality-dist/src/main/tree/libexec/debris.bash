# What a container's directory still has in processes: sourced by those that make containers, and by what cleans up behind them.
# shellcheck shell=bash

# Ends what a dead leader started: planner, runc, the container that was created, its holder, what mounts for it and serves its files. They
# write into files of its directory; a file server has a mount there. True when there was any.
end_processes() { # DIRECTORY
  local process name found='' end
  set +f
  for process in /proc/[0-9]*; do
    [[ -O $process ]] || continue
    end=''
    if [[ $process/fd/1 -ef $1/runc.out || $process/fd/2 -ef $1/error || $process/fd/2 -ef $1/holder.log || $process/fd/2 -ef $1/mounts.log ]]; then
      end=1
    elif [[ -e $1/mounts ]] && { read -r name <"$process/comm"; } 2>/dev/null && [[ $name == squashfuse* ]] && serves "${process#/proc/}" "$1"; then
      end=1
    fi
    if [[ -n $end ]]; then
      kill -KILL "${process#/proc/}" 2>/dev/null && found=1
    fi
  done
  set -f
  # With the setuid helper the mount is the host's, and outlives its server.
  [[ ! -e $1/fused ]] || fusermount3 -u -z -- "$1/image" 2>/dev/null || true
  [[ -n $found ]]
}

# A mounter that was killed before it handed its mount on leaves the file server in a namespace of its own, which nothing else ends.
serves() { # PID DIRECTORY
  local line
  while read -r line; do
    [[ $line != *" $2/image "* ]] || return 0
  done 2>/dev/null <"/proc/$1/mountinfo"
  return 1
}

ranks_live() { # DIRECTORY
  local rank found=''
  set +f
  for rank in "$1"/ranks/*; do
    if [[ -O /proc/${rank##*/} && -e /proc/${rank##*/}/exe && ${rank##*/} != "$$" ]]; then
      found=1
    fi
  done
  set -f
  [[ -n $found ]]
}
