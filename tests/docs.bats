#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats file_tags=quick
# What the documents say of each other and of the tree.
# shellcheck disable=SC2154 # run sets status and output

bats_require_minimum_version 1.5.0
load lib.bash

# The anchors that a page's headings make: lower case, blanks to hyphens, everything else dropped.
anchors() {
  sed -n 's/^#\{1,6\} //p' "$1" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

pages() { git -C "$REPO" ls-files --cached --others --exclude-standard '*.md'; }

# links_lead TOP: of the pages below TOP whose names come on standard input
links_lead() {
  broken=0 links=0
  while read -r page; do
    while read -r link; do
      [[ $link != *://* && $link != mailto:* ]] || continue
      links=$((links + 1))
      file=${link%%#*}
      target=$1/$page
      [[ -z $file ]] || target=$1/$(dirname "$page")/$file
      if [[ ! -e $target ]]; then
        echo "$page: $link leads nowhere"
        broken=$((broken + 1))
      elif [[ $link == *#* ]] && ! anchors "$target" | grep -qxF "${link#*#}"; then
        echo "$page: $link: no such heading"
        broken=$((broken + 1))
      fi
    done < <(awk '/^```/ { code = !code } !code' "$1/$page" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//')
  done
  echo "$links links"
  ((broken == 0 && links > 50))
}

@test "links between pages lead to a file and a heading" {
  links_lead "$REPO" < <(pages)
}

@test "they do in an installation, too" {
  share=$REPO/target/plurality/share
  links_lead "$share" < <(cd "$share" && find . -name '*.md')
}

@test "decisions have numbers of their own" {
  run -0 bash -c "cd '$REPO/docs/decisions' && ls | cut -c 1-4 | uniq -d"
  [ -z "$output" ]
}

@test "pages name only options and settings that there are" {
  unknown=0
  reference=$REPO/docs/reference.md
  while read -r page; do
    [[ $page != docs/reference.md && $page != docs/decisions/* && $page != CHANGELOG.md ]] || continue
    while read -r key; do
      # Names that end in _ are beginnings; those of jobs, of the test suite and of one heap are not settings.
      [[ $key == *_ || $key == PLURALITY_IMAGE* || $key == PLURALITY_TEST_* || $key == PLURALITY_*_HEAP ]] && continue
      grep -q "\`$key\`" "$reference" || grep -rq "\b$key\b" "$REPO"/plurality-*/src/main "$REPO/slurm" "$REPO/pbs" || {
        echo "$page: $key"
        unknown=$((unknown + 1))
      }
    done < <(grep -ohE 'PLURALITY_[A-Z_]+' "$REPO/$page" | sort -u)
  done < <(pages)
  ((unknown == 0))
}

# Of Slurm, useradd, systemctl, cosign, gpg, node_exporter, sacct, and of the tools that people come from; then those
# that an example has wrong on purpose.
OTHERS=' --armor --detach-sign --clusters --collector --create-home --container --container-entrypoint --container-env --container-image
  --container-mounts --container-name --container-remap-root --container-save --container-workdir --container-writable --no-container-mount-home --root --rw --export --fakeroot --gres --home-dir --key --multi-prog --nodes --now --ntasks --ntasks-per-node --output --pty --pwd --rm
  --sandbox --shell --system --wait --writable --formt --its-options --shre '

@test "pages name only options that there are" {
  option='--[a-z][a-z0-9-]+'
  cd "$REPO"
  # Those of the programs, of the scripts, and of the plugin for Slurm.
  known=$(
    grep -ohE -- "$option" docs/reference.md
    grep -rohE -- "$option" dev pbs/install
    grep -rohE '"plurality-[a-z-]+"' slurm/spank | sed 's/"//g; s/^/--/'
    # The front for Apptainer's command line takes these, or refuses them by name.
    grep -rohE '"(--)?[a-z][a-z0-9-]+"' plurality-exec/src/main/c/apptainer | sed -E 's/"//g; s/^(--)?/--/'
    # shellcheck disable=SC2086 # words
    printf '%s\n' $OTHERS
  )
  used=$(pages | grep -v -e '^docs/reference.md' -e '^docs/decisions/' -e '^CHANGELOG.md' |
    xargs grep -oHE "(^|[^A-Za-z0-9_-])$option" | sed -E 's/^([^:]*):.*(--)/\1 \2/' | sort -u)
  run awk 'NR == FNR { known[$1]; next } !($2 in known)' <(echo "$known") <(echo "$used")
  echo "$output"
  [[ -z $output && $(wc -l <<<"$used") -gt 100 ]]
}

@test "systemd takes the units as they are, and cron the lines" {
  share=$REPO/plurality-dist/src/main/tree/share
  while read -r line; do
    [[ $line =~ ^(#.*|[A-Z_]+=[^ ]+)?$ || $line =~ ^([0-9*][0-9*,/-]*\ +){5}/opt/plurality/(bin/[a-z-]+)\ +([a-z]+)\ --quiet ]] || {
      echo "crontab: $line"
      return 1
    }
    [[ -z ${BASH_REMATCH[2]-} ]] || grep -qx "### ${BASH_REMATCH[2]#bin/} ${BASH_REMATCH[3]}" "$REPO/docs/reference.md"
  done <"$share/examples/crontab"
  command -v systemd-analyze >/dev/null || skip 'systemd-analyze is not there'
  units=$(mktemp -d)
  cp "$share"/systemd/* "$units"
  # It looks whether the program is there.
  sed -i 's,/opt/plurality/bin/plurality-stagein,/bin/true,' "$units"/*
  run -0 systemd-analyze verify "$units"/*
  rm -r "$units"
  echo "$output"
  [[ $output != *plurality-* ]]
}

# Where no test runs the command and compares.
@test "errors that pages show are those of the code" {
  # The strings as they are printed, one line: parts put together, escapes undone.
  texts=$(cd "$REPO" && git ls-files --cached --others --exclude-standard 'plurality-*/src/main/*' slurm pbs | xargs cat |
    tr -s '\n\t ' ' ' | sed -E 's/" ?\+ "//g; s/\\(["'\''])/\1/g')
  unknown=0 hints=0
  while IFS=: read -r page line; do
    hints=$((hints + 1))
    # What stands between names, numbers and punctuation, if it is three words or more.
    while read -r part; do
      (($(wc -w <<<"$part") < 3)) || grep -qF -- "$part" <<<"$texts" || {
        echo "$page: '$part' is in no error: $line"
        unknown=$((unknown + 1))
      }
    done < <(sed -E 's/^hint: //; s/[^ ]*[A-Z0-9/:@<>.][^ ]*/\n/g; s/'\''[^ ]*|[^ ]*'\''/\n/g; s/[;,] /\n/g' <<<"$line" | sed -E 's/^ *//; s/ *$//')
  done < <(pages | while read -r page; do
    awk -v page="$page" '/^```/ { fence = !fence; code = fence && $0 !~ /output/ } code && /^hint: / { print page ":" $0 }' "$REPO/$page"
  done)
  echo "$hints hints"
  ((unknown == 0 && hints > 5))
}
