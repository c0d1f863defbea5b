#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images staged in by Slurm's burst buffer while their jobs are pending, from a registry whose speed and health the tests decide.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  export BATS_TEST_TIMEOUT=600
  setup_place
  printf 'DebugFlags=BurstBuffer\nSlurmctldDebug=verbose\n' >"$CLUSTER/lines"
  setup_slurm --conf "$CLUSTER/lines" --plurality "$TREE" burst-buffer,job-submit,prolog
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

# numbered:1 to numbered:5, and unneeded:6, differ in NUMBER.
make_images() {
  local layout=$CLUSTER/layout number
  cp -R "$("$REPO/dev/image" busybox)" "$layout"
  for number in 1 2 3 4 5 6; do
    umoci config --image "$layout:latest" --tag "$number" --config.env "NUMBER=$number"
    push "$number" "numbered:$number"
  done
  push 6 unneeded:6
}

push() { # NUMBER NAME
  skopeo copy --quiet --dest-tls-verify=false "oci:$CLUSTER/layout:$1" "docker://$UPSTREAM/$2"
}

teardown() {
  rm -f "$SLOW_RUN"/{delay,down}
  # A test that fails leaves no expiry that goes on for ever.
  touch "$CLUSTER/run/enough"
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

is_held_by() { [[ $(reason_of "$1") == *"slurm_bb_data_in: $2"* ]]; }

ended() { [[ $(scontrol --oneliner show job "$1") =~ JobState=(COMPLETED|CANCELLED|FAILED) ]]; }

none_to_hand_over() { ! compgen -G "$STATE/jobs/*/to-user"; }

has_state() { [[ $(reason_of "$1") == "$2 "* ]]; }

none_queued() { [[ -z $(as_test_user squeue --noheader) ]]; }

shows() { scontrol show bbstat "$1" | grep -qE "^$1 .*$2"; }

runs_anything() {
  pgrep -f "^/bin/bash -p $TREE/share/slurm/stage (submitted|worker|data-in|teardown)" || pgrep -u "$TEST_USER" -f "StageIn.*$PLURALITY_TEST_REGISTRY"
}

# Nothing is left of any job: no lease, no process that stages in, no record.
nothing_left() {
  [[ -z $(find "$CACHE/leases" -name 'slurm-*' 2>/dev/null) && -z $(find "$STATE" -mindepth 1 -regextype egrep -regex '.*/((jobs|digests)/.*|(submitted|request|ended)-.*)') ]] &&
    ! runs_anything
}

gone_or_say() { # SECONDS
  wait_for "$1" nothing_left || {
    find "$STATE" "$CACHE/leases"
    runs_anything && ps -fu "$TEST_USER"
    return 1
  }
}

remove_images() { rm -rf "$CACHE"; }

# One pass of an expiry that leaves no byte that it may take.
expire_all() { as_test_user PLURALITY_EXPIRE_MAX_BYTES=0 PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s plurality-stagein expire --json; }

# Passes one after another until expiry_ends; what they say is in CLUSTER/run/passes.
expiry_begins() {
  rm -f "$CLUSTER/run/enough"
  # The first pass may be quicker than the first job: where there is no cache yet an expiry says so and fails.
  as_test_user plurality-stagein init
  : >"$CLUSTER/run/passes"
  while [[ ! -e $CLUSTER/run/enough ]]; do
    if expire_all; then printf 'pass\n'; else printf 'failed\n'; fi
    sleep 2
  done >>"$CLUSTER/run/passes" 2>&1 3>&- &
  expiry=$!
}

expiry_ends() {
  touch "$CLUSTER/run/enough"
  wait "$expiry"
}

no_pass_failed() {
  if grep -q failed "$CLUSTER/run/passes"; then
    grep -v '^{' "$CLUSTER/run/passes"
    return 1
  fi
}

# An image that no job names goes while others are needed.
takes_unneeded() {
  local line
  line=$(as_test_user plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/unneeded:6")
  wait_for 60 test ! -e "${line#* }"
}

no_images() { [[ -z $(find "$CACHE/images" -mindepth 3 -maxdepth 3) ]]; }

# What stages in leaves the processor to the controller; its session does, too, where Linux weighs those.
gives_way() {
  local pid
  wait_for 60 pgrep -u "$TEST_USER" -f "StageIn pull .*$PLURALITY_TEST_REGISTRY"
  pid=$(pgrep -u "$TEST_USER" -f "StageIn pull .*$PLURALITY_TEST_REGISTRY" | head -n 1)
  ps -o ni=,cls=,args= -p "$pid"
  [ "$(ps -o ni=,cls= -p "$pid" | tr -s ' ')" = ' 5 B' ]
  [[ ! -r /proc/$pid/autogroup || $(cat "/proc/$pid/autogroup") == *' nice 5' ]]
}

@test "a job is pending while its image is staged in, starts when it is there, as soon as a warm one, and leaves nothing" {
  remove_images
  echo 2 >"$SLOW_RUN/delay"
  image=$PLURALITY_TEST_REGISTRY/numbered:1
  launch='began=$EPOCHREALTIME; srun --quiet plurality-exec "$IMAGE" sh -c "echo number \$NUMBER"; ended=$EPOCHREALTIME; echo "took $(((${ended/./} - ${began/./}) / 1000))"'
  id=$(submit "$(script wait "#BB_LUA plurality image=$image" "before=\$(wc -l <$SLOW_RUN/requests); IMAGE=$image" "$launch" \
    "echo \"requests \$((\$(wc -l <$SLOW_RUN/requests) - before))\"" 'ls "$PLURALITY_IMAGE_1_PATH"/bin/sh' "IMAGE=\$PLURALITY_IMAGE; $launch")")
  wait_for 60 is_pending_in "$id" BurstBufferStageIn
  wait_for 60 shows "$id" staging
  gives_way
  # Known by name only, and staged in: what a warm launch costs here.
  wait_for 120 ended "$id"
  as_test_user plurality-stagein pull --quiet "$image"
  warm=$(submit "$(script warm '' "IMAGE=$image" "$launch" "$launch" "$launch")")
  wait_for 120 ended "$warm"
  cat "$CLUSTER/run/wait."*.out "$CLUSTER/run/warm."*.out
  [ "$(grep -c '^number 1$' "$CLUSTER/run/wait.$id.out")" -eq 2 ]
  grep -qx 'requests 0' "$CLUSTER/run/wait.$id.out"
  printf '# from start to the first rank: %s ms where it was staged in while pending; warm launches: %s ms\n' \
    "$(awk '/^took/ { print $2; exit }' "$CLUSTER/run/wait.$id.out")" "$(awk '/^took/ { printf "%s ", $2 }' "$CLUSTER/run/warm.$warm.out")" >&3
  [ "$(grep -c '^took' "$CLUSTER/run/warm.$warm.out")" -eq 3 ]
  slowest=$(awk '/^took/ && $2 > most { most = $2 } END { print most + 0 }' "$CLUSTER/run/warm.$warm.out")
  [ "$(awk '/^took/ { print $2; exit }' "$CLUSTER/run/wait.$id.out")" -le $((3 * slowest + 1000)) ]
  gone_or_say 180
}

@test "a tag that is moved after the submit changes nothing: not in a later step, a requeue, any task of an array, or a job on hold" {
  remove_images
  push 1 moving:latest
  image=$PLURALITY_TEST_REGISTRY/moving
  loop="until [ -e $CLUSTER/run/go ]; do sleep 0.2; done"
  id=$(submit --nodes=1 "$(script requeued "#BB_LUA plurality image=$image" "srun --quiet plurality-exec $image sh -c 'echo \$NUMBER'" "$loop" \
    "srun --quiet plurality-exec $image sh -c 'echo \$NUMBER'")")
  wait_for 120 test -s "$CLUSTER/run/requeued.$id.out"
  array=$(submit --array=1-6%2 --nodes=1 "$(script array "#BB_LUA plurality image=$image" "$loop" "srun --quiet plurality-exec $image sh -c 'echo \$NUMBER'")")
  began=${EPOCHREALTIME/./}
  held=$(submit --hold --nodes=1 "$(script second "#BB_LUA plurality image=$image" 'srun --quiet plurality-exec "$PLURALITY_IMAGE_1_NAME" sh -c "echo \$NUMBER"')")
  submitted=${EPOCHREALTIME/./}
  wait_for 120 test -s "$STATE/digests/$held"
  printf '# sbatch returned after %d ms; the digest was noted %d ms later\n' $(((submitted - began) / 1000)) $(((${EPOCHREALTIME/./} - submitted) / 1000)) >&3
  wait_for 120 test -s "$STATE/digests/$array"
  # What the controller does every half minute.
  wait_for 120 test -d "$STATE/jobs/$((array + 1))"
  records=$(cd "$STATE/jobs" && echo *)
  "$TREE/share/slurm/stage" sweep "$STATE"
  # Others may have come meanwhile.
  for record in $records; do [ -d "$STATE/jobs/$record" ]; done
  # Where not a moment may pass: what is submitted by this was looked up, and staged in, before.
  printf '#!/bin/bash\n#PLURALITY image=%s\nsrun --quiet plurality-exec %s sh -c "echo \\$NUMBER"\n' "$image" "$image" >"$CLUSTER/run/exact.sh"
  exact=$(as_test_user plurality submit -- sbatch --parsable --hold --output="$CLUSTER/run/exact.out" "$CLUSTER/run/exact.sh")
  push 2 moving:latest
  # Somebody stages the new one in, too: now the tag's name means it in the cache.
  as_test_user plurality-stagein pull --quiet "$image"
  scontrol requeue "$id"
  # No byte is allowed: what nobody needs goes, what a pending or running job needs stays.
  unneeded=$(as_test_user plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/numbered:5")
  expire_all
  [ ! -e "${unneeded#* }" ]
  read -r digest <"$STATE/digests/$held"
  [ -d "$CACHE/images/sha256/${digest:7:2}/${digest#*:}" ]
  [ "$digest" = "$(cat "$STATE/digests/$array")" ]
  touch "$CLUSTER/run/go"
  as_test_user scontrol release "$held" "$exact"
  wait_for 300 none_queued
  tail -n +1 "$CLUSTER"/run/{requeued,array,second}.*out
  [ "$(cat "$CLUSTER"/run/array.*.out | sort | uniq -c | tr -s ' ')" = ' 6 1' ]
  [ "$(cat "$CLUSTER"/run/second.*.out)" = 1 ]
  [ "$(cat "$CLUSTER/run/exact.out")" = 1 ]
  # Once before it was requeued, and twice after.
  [ "$(grep -x '[0-9]' "$CLUSTER"/run/requeued.*.out | sort | uniq -c | tr -s ' ')" = ' 3 1' ]
  gone_or_say 240
  # Outside a job the name means what it means now. That image was needed by nobody, so the expiry may have taken it.
  as_test_user plurality-stagein pull --quiet "$image"
  [ "$(as_test_user plurality-exec "$image" sh -c 'echo $NUMBER')" = 2 ]
}

has_lease() { [[ -n $(find "$CACHE/leases" -name "slurm-plurality-$1.json" -user "$TEST_USER") ]]; }

@test "a job that is called like Slurm's own words is staged in as its user, and under its own number" {
  remove_images
  other=$(id -u "${OTHER_USER:-root}")
  for name in "UserId=x($other) GroupId=x(0)" ArrayJobId=4711 JobState=RUNNING JobState=COMPLETED; do
    id=$(submit --hold --job-name="$name" "$(script called "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:4" 'srun --quiet plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"')")
    wait_for 60 test -s "$STATE/digests/$id"
    [ "$(cat "$STATE/jobs/$id"/{uid,gid} | tr '\n' ' ')" = "$(id -u "$TEST_USER") $(id -g "$TEST_USER") " ]
    as_test_user scontrol release "$id"
    wait_for 120 none_queued
  done
  [ ! -e "$STATE/digests/4711" ]
  [ "$(cat "$CLUSTER"/run/called.*.out | sort | uniq -c | tr -s ' ')" = ' 4 4' ]
  gone_or_say 240
}

@test "a job that goes back into the queue as a special one keeps its digest and its images" {
  id=$(submit --nodes=1 "$(script special "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:2" 'sleep 300')")
  wait_for 120 has_state "$id" RUNNING
  scontrol requeuehold State=SpecialExit "$id"
  wait_for 60 has_state "$id" SPECIAL_EXIT
  wait_for 60 test -e "$STATE/jobs/$id/kept"
  "$TREE/share/slurm/stage" sweep "$STATE"
  [ -s "$STATE/digests/$id" ]
  has_lease "$id"
  as_test_user scancel "$id"
  gone_or_say 240
}

@test "fifty jobs for five images fetch each image once, whatever is expired meanwhile, complete, and leave nothing" {
  remove_images
  echo 1 >"$SLOW_RUN/delay"
  : >"$SLOW_RUN/requests"
  for number in 1 2 3 4 5; do
    path=$(script "many$number" "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:$number" "srun --quiet plurality-exec $PLURALITY_TEST_REGISTRY/numbered:$number sh -c 'echo \$NUMBER'")
    for _ in 1 2 3 4 5 6 7 8 9 10; do submit "$path" >/dev/null; done
  done
  expiry_begins
  takes_unneeded
  wait_for 500 none_queued
  [ "$(cat "$CLUSTER"/run/many*.out | sort | uniq -c | tr -s ' ' | tr '\n' ,)" = ' 10 1, 10 2, 10 3, 10 4, 10 5,' ]
  # A configuration of each, and one layer that all five have, and the one that is not needed: images that are fetched at once do not wait for
  # each other's layers.
  layer=$(ls -S "$CLUSTER/layout/blobs/sha256" | head -n 1)
  grep -o 'GET .*/numbered/blobs/.*' "$SLOW_RUN/requests" | sort | uniq -c | tee "$CLUSTER/run/fetched"
  printf '# fetched, for each image: %s; the layer that they share: %s\n' "$(grep -v "$layer" "$CLUSTER/run/fetched" | awk '{ printf "%s ", $1 }')" \
    "$(awk -v layer="$layer" 'index($0, layer) { n = $1 } END { print n + 0 }' "$CLUSTER/run/fetched")" >&3
  [ "$(grep -v "$layer" "$CLUSTER/run/fetched" | awk '{ print $1 }' | tr '\n' ' ')" = '1 1 1 1 1 ' ]
  [ "$(awk -v layer="$layer" 'index($0, layer) { n = $1 } END { print (n <= 5) }' "$CLUSTER/run/fetched")" -eq 1 ]
  gone_or_say 240
  wait_for 60 no_images
  expiry_ends
  no_pass_failed
  printf '# %d passes of the expiry\n' "$(grep -cx pass "$CLUSTER/run/passes")" >&3
}

# Five jobs for one image, one after another, each cancelled after 0 to 5 s.
cancel_some() { # NUMBER
  local id moment
  for moment in "${@:2}"; do
    id=$(submit "$CLUSTER/run/cancelled$1.sh")
    sleep "$((moment / 1000)).$(printf '%03d' $((moment % 1000)))"
    printf '%s after %d ms: %s\n' "$id" "$moment" "$(cat "$STATE/jobs/$id/state" 2>/dev/null || echo 'not begun')"
    as_test_user scancel "$id"
    # Nobody tears down what was not set up; the sweep that comes every half minute lets go then.
    wait_for 240 test ! -e "$STATE/jobs/$id" || {
      printf 'job %s is not let go:\n' "$id"
      tail -n +1 "$STATE"/jobs/*/state
      return 1
    }
  done
}

@test "scancel at twenty random moments of staging in leaves nothing, whatever is expired meanwhile" {
  remove_images
  echo 0.7 >"$SLOW_RUN/delay"
  seed=${PLURALITY_TEST_SEED:-$((SRANDOM % 32768))}
  printf '# PLURALITY_TEST_SEED=%s\n' "$seed" >&3
  RANDOM=$seed
  for number in 1 2 3 4; do
    script "cancelled$number" "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:$number image=$PLURALITY_TEST_REGISTRY/numbered:5" 'sleep 60'
    moments[number]="$((RANDOM % 5000)) $((RANDOM % 5000)) $((RANDOM % 5000)) $((RANDOM % 5000)) $((RANDOM % 5000))"
  done
  expiry_begins
  lanes=()
  for number in 1 2 3 4; do
    # shellcheck disable=SC2086 # five words
    cancel_some "$number" ${moments[number]} >"$CLUSTER/run/lane$number" 2>&1 3>&- &
    lanes+=($!)
  done
  status=0
  for lane in "${lanes[@]}"; do wait "$lane" || status=$?; done
  cat "$CLUSTER"/run/lane?
  [ "$status" -eq 0 ]
  awk '{ n[$NF]++ } END { printf "# cancelled while"; for (s in n) printf " %s: %d", s, n[s]; print "" }' "$CLUSTER"/run/lane? >&3
  wait_for 120 none_queued
  gone_or_say 240
  takes_unneeded
  wait_for 60 no_images
  expiry_ends
  no_pass_failed
  # What was interrupted is in nobody's way.
  as_test_user plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/numbered:1"
}

@test "while the registry is down jobs are held with the reason; after it returns and their user's scontrol release they run" {
  remove_images
  touch "$SLOW_RUN/down"
  id=$(submit "$(script down "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:3" 'srun --quiet plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"')")
  wait_for 200 is_held_by "$id" cannot
  reason_of "$id"
  [[ $(reason_of "$id") == *'slurm_bb_data_in: cannot fetch the manifest of '*'numbered:3'* ]]
  [[ $(scontrol --oneliner show job "$id") == *'Priority=0 '* ]]
  shows "$id" 'failed .*cannot fetch the manifest'
  # Of an array one task fails, and its hold is none of the other's.
  array=$(submit --array=1-2%1 --nodes=1 "$(script downs "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:3" 'srun --quiet plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"')")
  wait_for 200 is_held_by "${array}_1" cannot
  rm "$SLOW_RUN/down"
  # Slurm's hold becomes the user's when Slurm has torn down.
  wait_for 30 as_test_user scontrol release "$id"
  wait_for 120 ended "$id"
  [ "$(cat "$CLUSTER"/run/down.*.out)" = 3 ]
  wait_for 200 none_to_hand_over
  as_test_user scontrol release "${array}_1"
  # It may have come when the registry was back, and have run.
  as_test_user scontrol release "${array}_2" || true
  wait_for 200 none_queued
  [ "$(cat "$CLUSTER"/run/downs.*.out | sort | uniq -c | tr -s ' ')" = ' 2 3' ]
  gone_or_say 240
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
  run -1 submit "$(script source '#BB_LUA plurality image=docker-daemon:x' true)"
  run -1 submit "$(script none '#BB_LUA plurality' true)"
  run -1 submit "$(script long "#BB_LUA plurality image=$(printf 'x%.0s' $(seq 600))" true)"
  # In words that are allowed: the cache of another user, and a place that only root may write to.
  for cache in "$CLUSTER/caches/victim" "$secret/cache" /etc/plurality-cache; do
    id=$(submit "$(script "cache" "#BB_LUA plurality image=$PLURALITY_TEST_REGISTRY/numbered:1 cache=$cache" true)")
    wait_for 120 is_held_by "$id" cannot || {
      reason_of "$id"
      return 1
    }
    as_test_user scancel "$id"
  done
  [ ! -e "$mark" ]
  [ -z "$(ls "$secret")" ]
  [ ! -e /etc/plurality-cache ]
  [ -z "$(ls "$CLUSTER/caches/victim")" ]
  wait_for 120 none_queued
  gone_or_say 240
}

@test "what runs under the controller's locks takes milliseconds" {
  id=$(submit "$(script locks "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:1" true)")
  wait_for 120 ended "$id"
  grep -oE 'slurm_bb_(job_process|pools|paths) ran for usec=[0-9]+' "$CLUSTER/slurm/log/slurmctld.log" |
    awk '{ split($4, t, "="); n[$1]++; long[$1] += t[2] >= 50000; if (t[2] > most[$1]) most[$1] = t[2]; sum[$1] += t[2] }
      END {
        for (f in n)
          printf "%s: %d calls, %.1f ms on average, %.1f ms at most, %d of 50 ms or more\n", f, n[f], sum[f] / n[f] / 1000, most[f] / 1000, long[f]
      }' |
    tee "$CLUSTER/locks" >&3
  [ "$(wc -l <"$CLUSTER/locks")" -eq 3 ]
}
