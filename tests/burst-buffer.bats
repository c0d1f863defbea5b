#!/usr/bin/env bats
# Images staged in by Slurm's burst buffer while their jobs are pending, from a registry whose speed and health the tests decide.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  export BATS_TEST_TIMEOUT=600
  setup_place
  printf 'DebugFlags=BurstBuffer\nSlurmctldDebug=verbose\n' >"$CLUSTER/lines"
  setup_slurm --conf "$CLUSTER/lines" --plurality "$TREE" burst-buffer,job-submit
  setup_registry
  mkdir "$CLUSTER/slow"
  export SLOW_RUN=$CLUSTER/slow STATE=$CLUSTER/slurm/state/plurality UPSTREAM=$PLURALITY_TEST_REGISTRY
  start_daemon "$SLOW_RUN" registry "$SLOW_RUN/out" "$REPO/tests/slow-registry" "$UPSTREAM" "$SLOW_RUN"
  wait_for 20 test -s "$SLOW_RUN/out"
  PLURALITY_TEST_REGISTRY=$(cat "$SLOW_RUN/out")
  export PLURALITY_TEST_REGISTRY
  make_images
}

teardown_file() {
  stop_daemon "$SLOW_RUN" registry
  teardown_cluster
}

# numbered:1 to numbered:5 differ in NUMBER.
make_images() {
  local layout=$CLUSTER/layout number
  cp -R "$("$REPO/dev/image" busybox)" "$layout"
  for number in 1 2 3 4 5; do
    umoci config --image "$layout:latest" --tag "$number" --config.env "NUMBER=$number"
    push "$number" "numbered:$number"
  done
}

push() { # NUMBER NAME
  skopeo copy --quiet --dest-tls-verify=false "oci:$CLUSTER/layout:$1" "docker://$UPSTREAM/$2"
}

teardown() {
  rm -f "$SLOW_RUN"/{delay,down}
}

# script NAME DIRECTIVE LINE...: a job script; prints its path.
script() {
  local path=$CLUSTER/run/$1.sh
  printf '#!/bin/bash\n#SBATCH --job-name=%s --output=%s/run/%s.%%j.out --open-mode=append --requeue\n%s\n' "$1" "$CLUSTER" "$1" "$2" >"$path"
  printf '%s\n' "${@:3}" >>"$path"
  chmod 755 "$path"
  printf '%s' "$path"
}

submit() { as_test_user sbatch --parsable "$@"; }

reason_of() { as_test_user squeue --noheader --jobs="$1" --format='%T %r'; }

is_pending_in() { [[ $(reason_of "$1") == "PENDING $2" ]]; }

ended() { [[ $(scontrol --oneliner show job "$1") =~ JobState=(COMPLETED|CANCELLED|FAILED) ]]; }

none_queued() { [[ -z $(as_test_user squeue --noheader) ]]; }

# Nothing is left of any job: no lease, no process that stages in, no record.
nothing_left() {
  [[ -z $(find "$CACHE/leases" -name 'slurm-*' 2>/dev/null) ]] && [[ -z $(ls "$STATE/jobs" 2>/dev/null) ]] &&
    [[ -z $(pgrep -f "^/bin/bash -p $TREE/share/slurm/stage (worker|data-in)") ]] && [[ -z $(pgrep -u "$TEST_USER" -f "StageIn.*$PLURALITY_TEST_REGISTRY") ]]
}

record_gone() { [[ ! -e $STATE/jobs/$1 ]] && [[ -z $(pgrep -u "$TEST_USER" -f "StageIn.*$PLURALITY_TEST_REGISTRY") ]]; }

remove_images() { rm -rf "$CACHE"; }

@test "a job is pending while its image is staged in, starts when it is there, and leaves nothing" {
  remove_images
  echo 2 >"$SLOW_RUN/delay"
  image=$PLURALITY_TEST_REGISTRY/numbered:1
  id=$(submit "$(script wait "#BB_LUA plurality image=$image" 'ls "$PLURALITY_IMAGE_1_PATH"/bin/sh' \
    'srun plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"' "srun plurality-exec $image sh -c 'echo \$NUMBER'")")
  wait_for 60 is_pending_in "$id" BurstBufferStageIn
  wait_for 60 grep -q "^$id .*staging" <(scontrol show bbstat "$id") || scontrol show bbstat
  wait_for 120 ended "$id"
  cat "$CLUSTER/run/wait."*.out
  [ "$(tail -n 2 "$CLUSTER/run/wait."*.out)" = $'1\n1' ]
  wait_for 60 nothing_left
}

@test "a tag that is moved after the submit changes nothing: not in a later step, not after a requeue, not in any task of an array" {
  remove_images
  push 1 moving:latest
  image=$PLURALITY_TEST_REGISTRY/moving
  loop="until [ -e $CLUSTER/run/go ]; do sleep 0.2; done"
  id=$(submit --nodes=1 "$(script requeued "#BB_LUA plurality image=$image" "srun plurality-exec $image sh -c 'echo \$NUMBER'" "$loop" \
    "srun plurality-exec $image sh -c 'echo \$NUMBER'")")
  wait_for 120 test -s "$CLUSTER/run/requeued.$id.out"
  array=$(submit --array=1-12 --nodes=2 --ntasks-per-node=1 --exclusive \
    "$(script array "#BB_LUA plurality image=$image" "$loop" "srun --nodes=1 --ntasks=1 plurality-exec $image sh -c 'echo \$NUMBER'")")
  held=$(submit --nodes=1 "$(script second "#BB_LUA plurality image=$image" "$loop" 'srun plurality-exec "$PLURALITY_IMAGE_1_NAME" sh -c "echo \$NUMBER"')")
  wait_for 120 test -s "$STATE/digests/$array"
  wait_for 120 test -s "$STATE/digests/$held"
  push 2 moving:latest
  # Somebody stages the new one in, too: now the tag's name means it in the cache.
  as_test_user plurality-stagein pull --quiet "$image"
  scontrol requeue "$id"
  wait_for 60 grep -q JobState=PENDING <(scontrol show job "$id") || true
  # No byte is allowed: what nobody needs goes, what a pending or running job needs stays.
  unneeded=$(as_test_user plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/numbered:5")
  as_test_user PLURALITY_EXPIRE_MAX_BYTES=0 PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=1s plurality-stagein expire
  [ ! -e "${unneeded#* }" ]
  [ -d "$CACHE/images/sha256/$(head -c 9 "$STATE/digests/$array" | tail -c 2)/$(cut -d: -f2 "$STATE/digests/$array")" ]
  touch "$CLUSTER/run/go"
  wait_for 300 none_queued
  tail -n +1 "$CLUSTER"/run/{requeued,array,second}.*out
  [ "$(cat "$CLUSTER"/run/array.*.out | sort | uniq -c | tr -s ' ')" = ' 12 1' ]
  [ "$(cat "$CLUSTER"/run/second.*.out)" = 1 ]
  # Once before it was requeued, and twice after.
  [ "$(grep -x '[0-9]' "$CLUSTER"/run/requeued.*.out | sort | uniq -c | tr -s ' ')" = ' 3 1' ]
  wait_for 120 nothing_left
  # Outside a job the name means what it means now. That image was needed by nobody, so the expiry may have taken it.
  as_test_user plurality-stagein pull --quiet "$image"
  [ "$(as_test_user plurality-exec "$image" sh -c 'echo $NUMBER')" = 2 ]
}

@test "fifty jobs for five images fetch each image once, complete, and leave nothing" {
  remove_images
  echo 1 >"$SLOW_RUN/delay"
  : >"$SLOW_RUN/requests"
  for number in 1 2 3 4 5; do
    path=$(script "many$number" "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:$number" "srun plurality-exec $PLURALITY_TEST_REGISTRY/numbered:$number sh -c 'echo \$NUMBER'")
    for _ in 1 2 3 4 5 6 7 8 9 10; do submit "$path" >/dev/null; done
  done
  wait_for 500 none_queued
  [ "$(cat "$CLUSTER"/run/many*.out | sort | uniq -c | tr -s ' ' | tr '\n' ,)" = ' 10 1, 10 2, 10 3, 10 4, 10 5,' ]
  # A configuration of each; the layer is the same in all five.
  grep 'GET .*/numbered/blobs/' "$SLOW_RUN/requests" | sort | uniq -c
  [ "$(grep 'GET .*/numbered/blobs/' "$SLOW_RUN/requests" | sort | uniq -c | awk '$1 == 1' | wc -l)" -ge 5 ]
  [ "$(grep -c 'GET .*/numbered/blobs/' "$SLOW_RUN/requests")" -le 10 ]
  wait_for 120 nothing_left
}

@test "scancel at twenty moments of staging in leaves nothing" {
  remove_images
  echo 0.7 >"$SLOW_RUN/delay"
  path=$(script cancelled "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:1 image=$PLURALITY_TEST_REGISTRY/numbered:2" 'sleep 60')
  for moment in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
    remove_images
    id=$(submit "$path")
    sleep "$(awk -v n="$moment" 'BEGIN { print n * 0.25 }')"
    as_test_user scancel "$id"
    # Where Slurm ends even the teardown, the sweep that comes every two minutes lets go.
    wait_for 200 record_gone "$id"
  done
  wait_for 120 none_queued
  wait_for 120 nothing_left || {
    find "$STATE" "$CACHE/leases"
    ps -fu "$TEST_USER"
    return 1
  }
  [ -z "$(find "$CACHE/tmp" -mindepth 1 -maxdepth 1 -name 'pub-*' 2>/dev/null)" ] || as_test_user plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/numbered:1"
}

@test "while the registry is down jobs are held with the reason; after it returns and scontrol release they run" {
  remove_images
  touch "$SLOW_RUN/down"
  id=$(submit "$(script down "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:3" 'srun plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"')")
  wait_for 200 grep -q 'cannot fetch' <(:) || true
  for _ in $(seq 200); do
    [[ $(reason_of "$id") != *slurm_bb_data_in* ]] || break
    sleep 1
  done
  reason_of "$id"
  [[ $(reason_of "$id") == *'slurm_bb_data_in: cannot fetch the manifest of '*'numbered:3'* ]]
  [[ $(scontrol --oneliner show job "$id") == *'Priority=0 '* ]]
  rm "$SLOW_RUN/down"
  scontrol release "$id"
  wait_for 120 ended "$id"
  [ "$(cat "$CLUSTER"/run/down.*.out)" = 3 ]
  wait_for 120 nothing_left
}

@test "twenty hostile directives neither run nor reach what their user may not" {
  ((EUID == 0)) || skip 'needs a second user'
  secret=$CLUSTER/run/secret
  install -d -m 700 "$secret"
  install -d -m 755 -o "$OTHER_USER" "$CLUSTER/caches/victim"
  mark=$CLUSTER/run/mark
  n=0
  while IFS= read -r words; do
    n=$((n + 1))
    run -1 submit "$(script "hostile$n" "#BB_LUA plurality ${words//MARK/$mark}" true)"
    [[ $output == *burst_buffer/lua:*cannot* ]]
  done <<'HOSTILE'
image=$(touch MARK)
image=`touch MARK`
image=x;touch MARK
image=x image=y|touch${IFS}MARK
image="x"
image='x'
image=x&
image=x\
image=--help
image=-v
image=../../etc/passwd
image=dir:/etc
image=docker-archive:/etc/shadow
image=x cache=/tmp/../root
image=x cache=relative
image=x cache=/tmp/$(id)
image=x format=dir;id
image=x uid=0
image=x%00y
image=ééé
HOSTILE
  [ "$n" -eq 20 ]
  run -1 submit "$(script newline $'#BB_LUA plurality image=x\r' true)"
  run -1 submit --bb="#BB_LUA plurality image=\$(touch $mark)" "$(script option '' true)"
  run -1 submit "$(script other '#BB_LUA elsewhere image=x' true)"
  run -1 submit "$(script none '#BB_LUA plurality' true)"
  run -1 submit "$(script long "#BB_LUA plurality image=$(printf 'x%.0s' $(seq 600))" true)"
  # In words that are allowed: the cache of another user, and a place that only root may write to.
  for cache in "$CLUSTER/caches/victim" "$secret/cache" /etc/plurality-cache; do
    id=$(submit "$(script "cache" "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:1 cache=$cache" true)")
    for _ in $(seq 100); do
      [[ $(reason_of "$id") != *slurm_bb_data_in* ]] || break
      sleep 0.5
    done
    [[ $(reason_of "$id") == *'slurm_bb_data_in: cannot'* ]]
    as_test_user scancel "$id"
  done
  [ ! -e "$mark" ]
  [ -z "$(ls "$secret")" ]
  [ ! -e /etc/plurality-cache ]
  [ -z "$(ls "$CLUSTER/caches/victim")" ]
  wait_for 120 none_queued
  wait_for 120 nothing_left
}

@test "what runs under the controller's locks takes milliseconds" {
  id=$(submit "$(script locks "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:1" true)")
  wait_for 120 ended "$id"
  grep -oE 'slurm_bb_(job_process|pools|paths) ran for usec=[0-9]+' "$CLUSTER/slurm/log/slurmctld.log" |
    awk '{ split($4, t, "="); n[$1]++; if (t[2] > most[$1]) most[$1] = t[2]; sum[$1] += t[2] }
      END { for (f in n) printf "%s: %d calls, %.1f ms on average, %.1f ms at most\n", f, n[f], sum[f] / n[f] / 1000, most[f] / 1000 }' |
    tee "$CLUSTER/locks" >&3
  [ "$(wc -l <"$CLUSTER/locks")" -ge 2 ]
}
