# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the measurements share. Sourced after dev/lib.bash; sourcing changes nothing.
# shellcheck disable=SC2154 # image, rootfs, ca: of the measurement

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

# last_words FILE: the last line with anything in it, of what failed.
last_words() { grep . "$1" | tail -n 1 || printf 'it said nothing\n'; }

# aim JSON WORDS FIGURE MOST: a figure beside the most that it is to be; FIGURE is empty where nothing was measured.
aim() {
  awk -v json="$1" -v words="$2" -v figure="$3" -v most="$4" 'BEGIN {
    verdict = figure == "" ? "not measured" : figure + 0 <= most + 0 ? "yes" : "no"
    if (json) printf "{\"aim\":\"%s\",\"figure\":%s,\"most\":%s,\"met\":\"%s\"}\n", words, figure == "" ? "null" : sprintf("%.2f", figure), most, verdict
    else printf "%-66s at most %6s: %8s  %s\n", words, most, figure == "" ? "-" : sprintf("%.2f", figure), verdict }'
}

# over A B: A / B, or nothing where one of them is missing.
over() { awk -v a="${1:-0}" -v b="${2:-0}" 'BEGIN { if (a > 0 && b > 0) printf "%.4f", a / b }'; }

# ---- Peers that Debian does not have: measured where they are on PATH, set up as their guides say, and with what they keep below $place ----

there() { command -v "$1" >/dev/null || { printf 'not on PATH\n' && return 1; }; }

peer_settings() {
  export APPTAINER_CACHEDIR=$place/apptainer APPTAINER_TMPDIR=$place ENROOT_CACHE_PATH=$place/enroot/cache ENROOT_TEMP_PATH=$place \
    ENROOT_DATA_PATH=$place/enroot/data ENROOT_RUNTIME_PATH=$place/enroot/run
  mkdir -p "$APPTAINER_CACHEDIR" "$ENROOT_CACHE_PATH" "$ENROOT_DATA_PATH" "$ENROOT_RUNTIME_PATH"
}

# ready_peer PEER: what start_peer needs once, of $image, which lies unpacked in $rootfs, on a registry without TLS.
ready_peer() {
  there "$1" || return 1
  peer_settings
  case $1 in
    apptainer) ;;
    enroot) cp -R "$rootfs" "$ENROOT_DATA_PATH/bench" && chmod -R u+w "$ENROOT_DATA_PATH/bench" ;;
    podman-hpc) podman-hpc pull --tls-verify=false "$image" ;;
    sarus)
      skopeo copy --quiet --src-tls-verify=false "docker://$image" "docker-archive:$place/archive.tar:bench:latest"
      sarus load "$place/archive.tar" bench
      ;;
  esac
}

# start_peer PEER COMMAND...: in a container of that image.
start_peer() {
  local peer=$1
  shift
  there "$peer" || return 1
  case $peer in
    apptainer) apptainer exec "$rootfs" "$@" ;;
    enroot) enroot start bench "$@" ;;
    podman-hpc) podman-hpc run --rm --network host "$image" "$@" ;;
    sarus) sarus run load/library/bench "$@" ;;
  esac
}

# stage_peer PEER KIND: $image (ADDRESS/NAME:latest) into $place; the registry's certificate is in $ca.
stage_peer() {
  there "$1" || return 1
  peer_settings
  export SSL_CERT_FILE=$ca CURL_CA_BUNDLE=$ca
  case $1-$2 in
    apptainer-dir) apptainer build --sandbox "$place/sandbox" "docker://$image" ;;
    apptainer-sif) apptainer pull "$place/image.sif" "docker://$image" ;;
    enroot-squashfs) enroot import --output "$place/image.sqsh" "docker://${image/\//#}" ;;
    podman-hpc-squashfs) podman-hpc --squash-dir "$place/squash" pull --cert-dir "${ca%/*}" "$image" ;;
    sarus-squashfs) sarus pull "$image" ;;
  esac
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
