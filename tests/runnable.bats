#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The guides, typed as they stand: each fence that is marked `bash runnable` is run by an ordinary user, in order, in one directory for each page, with
# a registry behind docker.io and a Slurm. It has to end with 0, or with N where the mark says `status=N`. A fence `output` right behind it has
# what it prints, line by line: `...` in it is any text, a line that is nothing else any lines.

bats_require_minimum_version 1.5.0
load lib.bash

setup_file() {
  setup_cluster --nodes 2
  local image
  for image in debian:12 busybox:latest; do
    "$REPO/dev/image" "${image%:*}" --push "$PLURALITY_TEST_REGISTRY/library/$image" --tls-verify=false >/dev/null
  done
  cat >"$CLUSTER/registries.conf" <<CONF
[[registry]]
prefix = "docker.io"
location = "$PLURALITY_TEST_REGISTRY"
insecure = true
CONF
}

teardown_file() { teardown_place; }

# fences PAGE DIRECTORY: NN.sh, NN.status, and NN.output where there is one; prints how many.
fences() {
  awk -v dir="$2" '
    function close_fence() { if (file != "") close(file); file = "" }
    /^```/ && inside { inside = 0; close_fence(); next }
    /^```bash runnable/ {
      inside = 1; file = sprintf("%s/%02d.sh", dir, ++count); after = count
      status = match($0, /status=[0-9]+/) ? substr($0, RSTART + 7, RLENGTH - 7) : 0
      print status >(dir "/" sprintf("%02d.status", count)); close(dir "/" sprintf("%02d.status", count))
      printf "" >file
      next
    }
    /^```output/ {
      if (!after) { print "an output stands behind no command: line " FNR >"/dev/stderr"; exit 1 }
      inside = 1; file = sprintf("%s/%02d.output", dir, after); after = 0
      printf "" >file
      next
    }
    /^```/ { inside = 1; after = 0; next }
    inside && file != "" { print >file; next }
    !inside && NF { after = 0 }
    END { print count + 0 }' "$1"
}

# as_written FILE TEXT: whether the text is what the file says.
as_written() {
  local pattern='' line part
  while IFS= read -r line; do
    if [[ $line == ... ]]; then
      pattern+='*'
      continue
    fi
    while [[ $line == *...* ]]; do
      part=${line%%...*} line=${line#*...}
      pattern+="$(printf '%s' "$part" | sed 's/[][*?\\]/\\&/g')*"
    done
    pattern+="$(printf '%s' "$line" | sed 's/[][*?\\]/\\&/g')"$'\n'
  done <"$1"
  # shellcheck disable=SC2053 # a pattern
  [[ $2 == $pattern ]]
}

follow() { # PAGE LEAST-NUMBER-OF-FENCES
  local page=$REPO/$1 home=$CLUSTER/home-$BATS_TEST_NUMBER fences=$CLUSTER/fences-$BATS_TEST_NUMBER count script status output
  mkdir "$fences"
  install -d -o "$TEST_USER" "$home" "$home/work"
  count=$(fences "$page" "$fences")
  chmod -R a+rX "$fences"
  ((count >= $2)) || { echo "only $count commands"; return 1; }
  for script in "$fences"/*.sh; do
    printf -- '--- %s\n%s\n' "${script##*/}" "$(<"$script")"
    status=0
    output=$(cd "$home/work" && as_user "$TEST_USER" HOME="$home" PATH="$TREE/bin:/usr/local/bin:/usr/bin:/bin" SLURM_CONF="$SLURM_CONF" \
      PLURALITY_RUN_DIR="$CLUSTER/run/$TEST_USER" PLURALITY_REGISTRIES_CONF="$CLUSTER/registries.conf" \
      bash -euo pipefail -c "cd '$home/work' && . '$script'" 2>&1 </dev/null && echo end) || status=$?
    output=${output%end}
    printf '%s\n' "$output"
    [ "$status" = "$(<"${script%.sh}.status")" ] || {
      echo "it ended with $status"
      return 1
    }
    if [[ -e ${script%.sh}.output ]] && ! as_written "${script%.sh}.output" "${output%$'\n'}"$'\n'; then
      printf 'and not with:\n%s\n' "$(<"${script%.sh}.output")"
      return 1
    fi
  done
}

@test "docs/quickstart.md" { follow docs/quickstart.md 7; }

@test "docs/user.md" { follow docs/user.md 12; }

@test "docs/user/troubleshooting.md" { follow docs/user/troubleshooting.md 30; }

@test "no other page has commands that are marked as runnable" {
  diff <(git -C "$REPO" grep --untracked -l '^```bash runnable' -- '*.md' | sort) <(sed -n 's/^@test.*{ follow \([^ ]*\) .*/\1/p' "$BATS_TEST_FILENAME" | sort)
}
