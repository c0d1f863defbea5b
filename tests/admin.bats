#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What looks after a cache sees and mends, with the built tree, as an ordinary user against a real registry.
load lib

setup_file() {
  setup_place
  setup_registry
  for image in busybox debian; do "$REPO/dev/image" "$image" --push "$PLURALITY_TEST_REGISTRY" --tls-verify=false >/dev/null; done
}

teardown_file() { teardown_place; }

stagein() { as_test_user plurality-stagein "$@"; }
pull() { stagein pull --quiet "$@" >/dev/null; }
entry_of() { stagein inspect "$1" | jq -r .directory; }

# flip FILE OFFSET: another byte in its place, and the time that it had.
flip() {
  local was
  was=$(stat -c %Y "$1")
  chmod u+w "$1"
  printf '\x5a' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
  touch -d "@$was" "$1"
}

@test "verify finds nothing in what was just published, in both forms" {
  pull --format dir "$PLURALITY_TEST_REGISTRY/busybox"
  pull --format squashfs "$PLURALITY_TEST_REGISTRY/debian"
  run stagein verify --deep --json
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c '"result":"ok"' <<<"$output")" -eq 2 ]
  stagein verify | grep -E 'busybox.* dir .* ok$'
}

@test "verify names what is damaged, quickly where size or mode tell, in depth where only contents do" {
  pull --format dir "$PLURALITY_TEST_REGISTRY/busybox"
  file=$(entry_of "$PLURALITY_TEST_REGISTRY/busybox")/rootfs/bin/busybox
  flip "$file" 5000
  stagein verify
  run stagein verify --deep "$PLURALITY_TEST_REGISTRY/busybox"
  echo "$output"
  [ "$status" -eq 6 ]
  [[ $output == *'rootfs/bin/'*': its contents are not what was published'* && $output == *'verify --repair'* ]]
  grep -qF '"event":"damaged"' "$CACHE/log/events.jsonl"
  chmod 700 "$file"
  run stagein verify
  [ "$status" -eq 6 ]
  [[ $output == *'its mode is 0700'* ]]
}

@test "repair stages a damaged image in anew while a job goes on with the old files, which go when it has ended" {
  pull "$PLURALITY_TEST_REGISTRY/busybox"
  stagein lease add --for 1h --id job "$PLURALITY_TEST_REGISTRY/busybox"
  entry=$(entry_of "$PLURALITY_TEST_REGISTRY/busybox")
  exec 7<"$entry/rootfs"
  run stagein verify --deep --repair
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *repaired* ]]
  stagein verify --deep
  # Through a descriptor, as a container has it.
  [ -e /proc/self/fd/7/bin/busybox ]
  as_test_user PLURALITY_EXPIRE_WAIT=0s plurality-stagein expire
  [ -e /proc/self/fd/7/bin/busybox ]
  stagein lease release job
  as_test_user PLURALITY_EXPIRE_WAIT=0s plurality-stagein expire
  [ -z "$(find "$CACHE/trash" -mindepth 1)" ]
  exec 7<&-
  grep -qF '"event":"repaired"' "$CACHE/log/events.jsonl"
}

@test "an entry without its document keeps nobody from the image for long" {
  pull "$PLURALITY_TEST_REGISTRY/busybox"
  rm "$(entry_of "$PLURALITY_TEST_REGISTRY/busybox")/entry.json"
  run stagein verify
  [ "$status" -eq 6 ]
  stagein verify --repair
  stagein verify --deep
}

@test "the daemon scrubs, and says so in metrics and log" {
  pull "$PLURALITY_TEST_REGISTRY/busybox"
  flip "$(entry_of "$PLURALITY_TEST_REGISTRY/busybox")/rootfs/bin/busybox" 7000
  as_test_user PLURALITY_SCRUB_PERCENT=100 PLURALITY_SCHEDULE_SCRUB='* * * * * ?' PLURALITY_SCHEDULE_METRICS='* * * * * ?' \
    PLURALITY_METRICS_FILE="$CLUSTER/run/m.prom" \
    bash -c 'echo $$ >"$1"; exec plurality-stagein daemon' - "$CLUSTER/run/daemon.pid" >"$CLUSTER/daemon.out" 2>&1 3>&- &
  wait_for 60 test -s "$CLUSTER/run/daemon.pid"
  wait_for 60 grep -qF 'images of' "$CLUSTER/daemon.out"
  wait_for 60 grep -qx 'plurality_damaged_images 1' "$CLUSTER/run/m.prom"
  kill -TERM "$(<"$CLUSTER/run/daemon.pid")"
  grep -qF '"event":"verified"' "$CACHE/log/events.jsonl"
  stagein verify --deep --repair
  written=$(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$CLUSTER/run/m.prom" | sort -u)
  shown=$(jq -r '.. | objects | .expr? // .query?.query? // empty' "$TREE/share/monitoring/grafana-dashboard.json" | named_metrics)
  documented=$(named_metrics <"$REPO/docs/admin.md")
  diff <(echo "$written") <(echo "$shown")
  diff <(echo "$written") <(echo "$documented")
  tasks=$(sed -n 's/^plurality_task_runs_total{task="\(.*\)"} .*/\1/p' "$CLUSTER/run/m.prom")
  grep -qx metrics <<<"$tasks"
}

# Prometheus' names of ours in a text, one a line.
named_metrics() { grep -oE '\bplurality_[a-z_]+' | sort -u; }

@test "doctor tries filesystem, kernel and runtime, leaves nothing, and says what follows" {
  run stagein doctor --json
  echo "$output"
  [ "$status" -eq 0 ]
  for check in type rename 'exclusive create' 'hard links' clock space inodes 'user namespaces' overlay fuse 'OCI runtime' squashfs-tools; do
    [ "$(jq -r --arg check "$check" 'select(.check == $check) | .level' <<<"$output" | wc -l)" -eq 1 ]
  done
  [ "$(jq -r 'select(.check == "rename") | .level' <<<"$output")" = ok ]
  # All that is not well has a word on what follows.
  [ -z "$(jq -r 'select(.level != "ok" and .hint == null) | .check' <<<"$output")" ]
  [ -z "$(find "$CACHE/tmp" -name 'doctor-*')" ]
  run as_test_user PLURALITY_RUNTIME=/nonexistent/runc plurality-stagein doctor
  [ "$status" -eq 1 ]
  [[ $output == *'problem  OCI runtime'* ]]
}

@test "status says that an image is staged, failed, or never asked for" {
  pull "$PLURALITY_TEST_REGISTRY/busybox"
  run stagein status --json "$PLURALITY_TEST_REGISTRY/busybox"
  [ "$status" -eq 0 ]
  [ "$(jq -r .state <<<"$output")" = staged ]
  run stagein pull "$PLURALITY_TEST_REGISTRY/nosuch"
  run stagein status "$PLURALITY_TEST_REGISTRY/nosuch"
  echo "$output"
  [ "$status" -eq 3 ]
  [[ $output == *failed* && $output == *'it is not there'* ]]
  run stagein status --json "$PLURALITY_TEST_REGISTRY/never"
  [ "$(jq -r .state <<<"$output")" = unknown ]
}

@test "usage by user, repository and format adds up; list --long has leases, pins and forecast" {
  pull "$PLURALITY_TEST_REGISTRY/busybox" && pull "$PLURALITY_TEST_REGISTRY/debian"
  stagein pin "$PLURALITY_TEST_REGISTRY/busybox"
  for by in user repository format; do
    [ "$(stagein usage --by "$by" --json | jq -s 'map(.images) | add')" -eq 2 ]
  done
  stagein usage --by user | grep -E "^$TEST_USER +2 "
  run as_test_user PLURALITY_EXPIRE_AFTER=30d PLURALITY_EXPIRE_MIN_AGE=0s plurality-stagein list --long
  echo "$output"
  [[ $output == *'yes     pinned'* && $output == *'in 29 d'* ]]
  [ "$(stagein list --long --json | jq -s 'map(select(.pinned)) | length')" -eq 1 ]
}

@test "the report is one page that a browser shows, with hostile names as text" {
  pull "$PLURALITY_TEST_REGISTRY/busybox"
  evil='<script>document.title="owned"</script><img src=x onerror=alert(1)>'
  as_test_user bash -c 'printf "%s\n" "$1" >>"$2"' - \
    "$(jq -nc --arg why "$evil" '{atMillis: (now * 1000 | floor), event: "error", why: $why, user: $why, host: "n1"}')" "$CACHE/log/events.jsonl"
  stagein report --html "$CLUSTER/run/report.html"
  profile=$(as_test_user mktemp -d "$CLUSTER/run/chromium.XXXXXX")
  dom=$(as_test_user HOME="$profile" chromium --no-sandbox --headless --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$profile" --dump-dom "file://$CLUSTER/run/report.html" 2>/dev/null)
  [[ $dom == *'<h2>Largest images</h2>'* && $dom == *'<svg'* && $dom == *'Image cache'*'</title>'* ]]
  [[ $dom != *'<script'* && $dom != *'<img'* && $dom != *'<title>owned'* && $dom == *'&lt;script&gt;'* ]]
  [[ $dom != *'src="http'* && $dom != *'href="http'* ]]
  as_test_user HOME="$profile" chromium --no-sandbox --headless --disable-gpu --no-first-run --user-data-dir="$profile" \
    --window-size=1000,1600 --screenshot="$CLUSTER/run/report.png" "file://$CLUSTER/run/report.html" 2>/dev/null
  [ "$(stat -c %s "$CLUSTER/run/report.png")" -gt 20000 ]
}

@test "root stages in to nobody else's cache, and a stranger is told whose it is" {
  ((EUID == 0)) || skip 'takes root'
  pull "$PLURALITY_TEST_REGISTRY/busybox"
  run env PLURALITY_CACHE="$CACHE" "$TREE/bin/plurality-stagein" pull --quiet "$PLURALITY_TEST_REGISTRY/busybox:latest"
  echo "$output"
  [ "$status" -eq 7 ]
  [[ $output == *"as root: the cache is $TEST_USER's"*"hint: do it as that user: runuser -u $TEST_USER"* ]]
  [ -z "$(find "$CACHE" -user root)" ]
  stagein init --site --cache "$CACHE" >/dev/null
  for what in expire "rm sha256:00"; do
    # shellcheck disable=SC2086 # words
    run as_other "$OTHER_USER" plurality-stagein $what --cache "$CACHE"
    echo "$output"
    [ "$status" -eq 7 ]
    [[ $output == *"it is not this user's, and may not be changed"*"$TEST_USER"* ]]
  done
}

@test "a site's cache that is not there is named by list and doctor" {
  run as_test_user PLURALITY_SITE_CACHES="$CLUSTER/caches/typo" plurality-stagein list
  echo "$output"
  [[ $output == *"there is no cache in $CLUSTER/caches/typo, which site_caches names"* ]]
  run as_test_user PLURALITY_SITE_CACHES="$CLUSTER/caches/typo" plurality-stagein doctor
  [ "$status" -eq 1 ]
  [[ $output == *'problem  cache'*"there is none in $CLUSTER/caches/typo"* ]]
  stagein init --site --cache "$CLUSTER/caches/site" >/dev/null
  as_test_user PLURALITY_SITE_CACHES="$CLUSTER/caches/site" plurality-stagein doctor | grep -E "ok +cache .*caches/site, of $TEST_USER; everybody takes leases"
}

@test "an expiry of which nothing goes is quiet, and a group's cache is closed to others" {
  stagein expire --quiet >"$CLUSTER/run/quiet" 2>&1
  [ ! -s "$CLUSTER/run/quiet" ]
  group=$(id -gn "$TEST_USER")
  stagein init --group "$group" --cache "$CLUSTER/caches/lab" >/dev/null
  [ "$(stat -c %a "$CLUSTER/caches/lab")" = 2770 ]
  stagein init --group "$group" --site --cache "$CLUSTER/caches/lab" >/dev/null
  [ "$(stat -c %a "$CLUSTER/caches/lab")" = 2775 ]
}
