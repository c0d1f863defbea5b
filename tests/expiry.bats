#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Expiry, the daemon and prewarm of the built tree, as an ordinary user against a real registry.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  for image in busybox debian; do "$REPO/dev/image" "$image" --push "$PLURALITY_TEST_REGISTRY" --tls-verify=false >/dev/null; done
}

teardown_file() {
  ! mountpoint -q "$CLUSTER/full" || umount "$CLUSTER/full"
  teardown_place
}

stagein() { as_test_user PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s "${@:1:$#}"; }
pull() { as_test_user plurality-stagein pull "$PLURALITY_TEST_REGISTRY/$1" >/dev/null; }
path_of() { as_test_user plurality-stagein path "$PLURALITY_TEST_REGISTRY/$1"; }

@test "without a policy nothing goes, and every image is explained" {
  pull busybox && pull debian
  run stagein plurality-stagein expire
  [ "$status" -eq 0 ]
  echo "$output"
  [ "$(grep -c ' no ' <<<"$output")" -eq 2 ]
  path_of busybox && path_of debian
}

@test "a dry run changes nothing and says what would go" {
  pull busybox && pull debian
  before=$(cd "$CACHE" && find . -path ./tmp -prune -o -path ./log -prune -o -printf '%p %T@\n' | sort | grep -v '^\. ')
  run stagein PLURALITY_EXPIRE_MAX_BYTES=1MB PLURALITY_EXPIRE_LOW_PERCENT=100 plurality-stagein expire --dry-run --json
  [ "$(grep -c '"expires":true' <<<"$output")" -eq 2 ]
  [ "$before" = "$(cd "$CACHE" && find . -path ./tmp -prune -o -path ./log -prune -o -printf '%p %T@\n' | sort | grep -v '^\. ')" ]
}

@test "over a limit the image that was used longest ago goes, with its name and files" {
  pull debian && pull busybox
  # Smaller than both together.
  stagein PLURALITY_EXPIRE_MAX_BYTES=170MB PLURALITY_KEEP_BLOBS=none plurality-stagein expire >/dev/null
  stagein PLURALITY_EXPIRE_MAX_BYTES=10MB PLURALITY_KEEP_BLOBS=none plurality-stagein expire | grep -E 'debian.* yes '
  run path_of debian
  [ "$status" -eq 3 ]
  [ -z "$(find "$CACHE/trash" "$CACHE/tmp" -mindepth 1)" ]
  grep -F '"event":"expired"' "$CACHE/log/events.jsonl"
}

@test "rules and the newest of a repository" {
  pull busybox
  run stagein PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_RULES='**/busybox:* keep' plurality-stagein expire
  [[ $output == *'a rule keeps it'* ]]
  run stagein PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_KEEP_NEWEST=1 plurality-stagein expire
  [[ $output == *'newest'* ]]
  run stagein PLURALITY_EXPIRE_RULES='x' plurality-stagein expire
  [ "$status" -eq 2 ]
  path_of busybox
}

@test "SIGTERM while hosts forget an image puts it back, within seconds; SIGKILL leaves it to the next pass" {
  pull busybox
  for signal in TERM KILL; do
    as_test_user PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=10min plurality-stagein expire >"$CLUSTER/expire.out" 2>&1 &
    wait_for 60 eval "find $CACHE/trash -name image | grep -q ."
    run path_of busybox
    [ "$status" -eq 3 ]
    pid=$(sed 's/.*"pid" : \([0-9]*\).*/\1/;t;d' "$CACHE"/trash/out-*/owner.json)
    kill -"$signal" "$pid"
    wait_for 20 eval "! kill -0 $pid 2>/dev/null"
    if [[ $signal == KILL ]]; then
      run path_of busybox
      [ "$status" -eq 3 ]
      as_test_user plurality-stagein expire
    fi
    path_of busybox
    [ -z "$(find "$CACHE/trash" -mindepth 1)" ]
  done
}

@test "two expiries at once remove each image once and leave nothing" {
  pull busybox && pull debian
  local expiries=()
  for _ in 1 2 3; do
    as_test_user PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=1s plurality-stagein expire --quiet >"$CLUSTER/run/$RANDOM.expire" &
    expiries+=($!)
  done
  wait "${expiries[@]}"
  [ "$(cat "$CLUSTER"/run/*.expire | grep -c ' yes ')" -eq 2 ]
  [ -z "$(find "$CACHE/trash" "$CACHE/tmp" "$CACHE/images" -mindepth 3)" ]
}

@test "prewarm stages a list in, pins, goes on after a failure, and stages a moved tag anew" {
  "$REPO/dev/image" busybox --push "$PLURALITY_TEST_REGISTRY/moving:1" --tls-verify=false >/dev/null
  cat >"$CLUSTER/list.toml" <<LIST
[[image]]
reference = "$PLURALITY_TEST_REGISTRY/nosuch:1"
[[image]]
reference = "$PLURALITY_TEST_REGISTRY/moving:1"
pin = true
LIST
  run as_test_user plurality-stagein prewarm --progress json "$CLUSTER/list.toml"
  echo "$output"
  [ "$status" -eq 3 ]
  [[ $output == *'"event":"error"'*'"code":3'* ]]
  [[ $output == *'"event":"layers"'* ]]
  first=$(path_of moving:1)
  as_test_user plurality-stagein expire --dry-run | grep -F pinned
  "$REPO/dev/image" busybox --push "$PLURALITY_TEST_REGISTRY/moving:1" --tls-verify=false --format docker2 >/dev/null
  run as_test_user plurality-stagein prewarm --quiet "$CLUSTER/list.toml"
  [ "$(path_of moving:1)" != "$first" ]
}

@test "the daemon expires, writes metrics, takes no quartz.properties from where it is started, and ends within seconds" {
  pull debian
  as_test_user bash -c 'echo org.quartz.threadPool.class=nosuch >quartz.properties'
  as_test_user PLURALITY_EXPIRE_RULES='**/debian:* after=0s' PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s \
    PLURALITY_SCHEDULE_EXPIRE='* * * * * ?' PLURALITY_SCHEDULE_METRICS='* * * * * ?' PLURALITY_METRICS_FILE="$CLUSTER/run/m.prom" \
    bash -c 'echo $$ >"$1"; exec plurality-stagein daemon' - "$CLUSTER/run/daemon.pid" >"$CLUSTER/daemon.out" 2>&1 3>&- &
  wait_for 60 test -s "$CLUSTER/run/daemon.pid"
  # The daemon's own: what started it would die alone, and leave the daemon.
  daemon=$(<"$CLUSTER/run/daemon.pid")
  wait_for 60 grep -qF 'images of' "$CLUSTER/daemon.out"
  wait_for 60 grep -q '^plurality_task_last_success_timestamp_seconds{task="expire"} [0-9]' "$CLUSTER/run/m.prom"
  cat "$CLUSTER/daemon.out"
  run path_of debian
  [ "$status" -eq 3 ]
  kill -TERM "$daemon"
  wait_for 15 eval "! kill -0 $daemon 2>/dev/null"
  run as_test_user PLURALITY_SCHEDULE_EXPIRE='every day' plurality-stagein daemon
  [ "$status" -eq 2 ]
}

# start_two ENVIRONMENT...: two daemons, as where a second host was forgotten.
start_two() {
  local i
  for i in 1 2; do
    as_test_user "$@" bash -c 'echo $$ >"$1"; exec plurality-stagein daemon' - "$CLUSTER/run/two$i.pid" >"$CLUSTER/two$i.out" 2>&1 3>&- &
  done
  for i in 1 2; do wait_for 60 test -s "$CLUSTER/run/two$i.pid"; done
}

@test "two daemons on one cache stage a moving tag in, let go of what ended, expire, and take nothing that is held" {
  local held passing daemon
  # The test before pinned some.
  rm -rf "$CACHE"
  "$REPO/dev/image" busybox --push "$PLURALITY_TEST_REGISTRY/moving:2" --tls-verify=false >/dev/null
  pull debian
  as_test_user bash -c 'echo $$ >"$1"; exec sleep 600' - "$CLUSTER/run/held.pid" 3>&- &
  as_test_user bash -c 'echo $$ >"$1"; exec sleep 600' - "$CLUSTER/run/passing.pid" 3>&- &
  wait_for 20 test -s "$CLUSTER/run/passing.pid" -a -s "$CLUSTER/run/held.pid"
  held=$(<"$CLUSTER/run/held.pid") passing=$(<"$CLUSTER/run/passing.pid")
  as_test_user plurality-stagein lease add --id held --process "$held" "$PLURALITY_TEST_REGISTRY/debian"
  as_test_user plurality-stagein lease add --id passing --process "$passing" "$PLURALITY_TEST_REGISTRY/debian"
  printf '[[image]]\nreference = "%s/moving:2"\n' "$PLURALITY_TEST_REGISTRY" >"$CLUSTER/two.toml"
  start_two PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=5s PLURALITY_EXPIRE_WAIT=0s PLURALITY_PREWARM_FILE="$CLUSTER/two.toml" \
    PLURALITY_SCHEDULE_{EXPIRE,REAP,PREWARM}="*/2 * * * * ?" PLURALITY_KEEP_BLOBS=0s
  for format in docker2 oci docker2 oci; do
    "$REPO/dev/image" busybox --push "$PLURALITY_TEST_REGISTRY/moving:2" --tls-verify=false --format "$format" >/dev/null
    # Both took part, and each digest was there once: expiry takes them away again after five seconds, and the next look brings them back.
    sleep 4
    for _ in {1..3}; do as_test_user plurality-exec "$PLURALITY_TEST_REGISTRY/debian" true; done
  done
  kill "$passing"
  wait_for 30 eval '! as_test_user plurality-stagein lease list | grep -qw passing'
  as_test_user plurality-stagein lease list | grep -w held
  for daemon in 1 2; do
    cat "$CLUSTER/two$daemon.out"
    grep -qF 'images of' "$CLUSTER/two$daemon.out"
    run ! grep -E 'ERROR|Exception|cannot' "$CLUSTER/two$daemon.out"
    kill -TERM "$(<"$CLUSTER/run/two$daemon.pid")"
    wait_for 15 eval "! kill -0 $(<"$CLUSTER/run/two$daemon.pid") 2>/dev/null"
  done
  path_of debian
  as_test_user plurality-stagein verify --deep
  kill "$held"
  wait_for 20 eval "! kill -0 $held 2>/dev/null"
  as_test_user PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s PLURALITY_KEEP_BLOBS=0s plurality-stagein expire
  [ -z "$(find "$CACHE/trash" "$CACHE/tmp" "$CACHE/images" -mindepth 3)" ]
}

# On a small ext4 without a free block: fills_up FORMAT
fills_up() {
  local full=$CLUSTER/full images=(busybox debian)
  mkdir -p "$full"
  truncate -s 400M "$full.img"
  mkfs.ext4 -q -m 0 "$full.img"
  mount -o loop "$full.img" "$full"
  chmod 1777 "$full"
  for image in "${images[@]}"; do
    as_test_user PLURALITY_KEEP_BLOBS=0s plurality-stagein pull --quiet --format "$1" --cache "$full/cache" "$PLURALITY_TEST_REGISTRY/$image" >/dev/null
  done
  # What was promised to data that is not written yet comes back with a sync.
  as_test_user sh -c 'cat /dev/zero >"$1/rest"; sync -f "$1"; cat /dev/zero >>"$1/rest"; n=0; while mkdir "$1/d$n"; do n=$((n + 1)); done' - "$full" 2>/dev/null || true
  run ! as_test_user mkdir "$full/one-more"
}

@test "of a full filesystem expire and rm take images away" {
  ((EUID == 0)) || skip 'mounts a small filesystem, which needs root'
  local full=$CLUSTER/full
  for format in dir squashfs; do
    fills_up "$format"
    run -0 as_test_user plurality-stagein rm --cache "$full/cache" "$PLURALITY_TEST_REGISTRY/busybox"
    as_test_user sh -c "cat /dev/zero >>$full/rest" 2>/dev/null || true
    run stagein PLURALITY_EXPIRE_AFTER=0s plurality-stagein expire --quiet --cache "$full/cache"
    echo "$output"
    [[ $output == *' yes '* ]]
    [ -z "$(find "$full/cache/images" "$full/cache/trash" -mindepth 3)" ]
    umount "$full"
    rm -r "$full.img" "$full"
  done
}
