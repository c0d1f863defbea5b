# shellcheck shell=bash
# What the measurements share. Sourced after dev/lib.bash; sourcing changes nothing.

# The value in the middle of lines of numbers, or nothing.
middle() { # LINES
  local sorted
  mapfile -t sorted < <(printf '%s' "$1" | sort -n)
  ((${#sorted[@]} == 0)) || printf '%s' "${sorted[${#sorted[@]} / 2]}"
}

# least_and_most LINES: "LEAST MOST", or nothing.
least_and_most() {
  local sorted
  mapfile -t sorted < <(printf '%s' "$1" | sort -n)
  ((${#sorted[@]} == 0)) || printf '%s %s' "${sorted[0]}" "${sorted[-1]}"
}

# fresh DIR: sets place to an empty directory below DIR/fs, as root on an ext4 that nobody used: on one where a tree was just removed
# unpacking is several times slower.
fresh() {
  drop "$1"
  mkdir -p "$1/fs"
  if ((EUID == 0)); then
    rm -f "$1/ext4"
    truncate -s 12G "$1/ext4"
    mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$1/ext4"
    mount -o loop "$1/ext4" "$1/fs"
  fi
  place=$1/fs/place
  mkdir "$place"
  sync
}

# drop DIR: what fresh made is gone.
drop() {
  [[ -d $1/fs ]] || return 0
  if mountpoint -q "$1/fs"; then
    # Storage drivers leave mounts below it.
    awk -v top="$1/fs/" 'index($2, top) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount
    umount "$1/fs"
  else
    chmod -R u+w "$1/fs"
    rm -rf "$1/fs"
  fi
}
