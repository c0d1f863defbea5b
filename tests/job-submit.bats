#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# #PLURALITY lines on a cluster without a burst buffer: job_submit.lua holds a job until slurm/stage has its images.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  export BATS_TEST_TIMEOUT=600
  setup_place
  setup_slurm --nodes 2 --plurality "$TREE" job-submit,prolog
  setup_registry
  mkdir "$CLUSTER/slow"
  export SLOW_RUN=$CLUSTER/slow STATE=$CLUSTER/slurm/state/plurality UPSTREAM=$PLURALITY_TEST_REGISTRY
  start_daemon "$SLOW_RUN" registry "$SLOW_RUN/out" "$REPO/tests/slow-registry" "$UPSTREAM" "$SLOW_RUN"
  wait_for 20 test -s "$SLOW_RUN/out"
  PLURALITY_TEST_REGISTRY=$(cat "$SLOW_RUN/out")
  export PLURALITY_TEST_REGISTRY
  local number
  cp -R "$("$REPO/dev/image" busybox)" "$CLUSTER/layout"
  for number in 1 2; do
    umoci config --image "$CLUSTER/layout:latest" --tag "$number" --config.env "NUMBER=$number"
    push "$number" "numbered:$number"
  done
}

teardown_file() {
  stop_daemon "$SLOW_RUN" registry
  teardown_cluster
}

teardown() {
  rm -f "$SLOW_RUN"/{delay,down}
  [[ -z ${reaper-} ]] || kill -CONT "$reaper"
}

push() { # NUMBER NAME
  skopeo copy --quiet --dest-tls-verify=false "oci:$CLUSTER/layout:$1" "docker://$UPSTREAM/$2"
}

# script NAME DIRECTIVE LINE...: a job script; prints its path.
script() {
  local path=$CLUSTER/run/$1.sh
  printf '#!/bin/bash\n#SBATCH --job-name=%s --nodes=1 --output=%s/run/%s.%%j.out --open-mode=append --requeue\n%s\n' "$1" "$CLUSTER" "$1" "$2" >"$path"
  printf '%s\n' "${@:3}" >>"$path"
  chmod 755 "$path"
  printf '%s' "$path"
}

submit() { as_test_user sbatch --parsable "$@"; }

has_state() { [[ $(as_test_user squeue --noheader --states=all --jobs="$1" --format=%T | sort -u) == "$2" ]]; }

says() { [[ $(as_test_user squeue --noheader --jobs="$1" --Format=admin_comment:1000) =~ $2 ]]; }

staging() { [[ $(cat "$STATE/jobs/$1/state") == staging ]]; }

leased() { compgen -G "$CACHE/leases/*/slurm-plurality-$1.json"; }

# No lease, no record, and no process but the one that watches.
nothing_left() {
  [[ -z $(find "$CACHE/leases" -name 'slurm-*') ]] && ! compgen -G "$STATE/jobs/*" && ! compgen -G "$STATE/digests/*" &&
    ! compgen -G "$STATE/held-*" && ! compgen -G "$STATE/submitted-*" && ! pgrep -f "share/slurm/stage (held|submitted|worker|data-in) $STATE"
}

gone_or_say() {
  wait_for 180 nothing_left || {
    find "$STATE" "$CACHE/leases"
    pgrep -af "share/slurm/stage [a-z-]+ $STATE"
    return 1
  }
}

remove_images() { rm -rf "$CACHE"; }

@test "a job is held while its images are staged in, then runs them, and leaves nothing" {
  remove_images
  echo 1 >"$SLOW_RUN/delay"
  image=$PLURALITY_TEST_REGISTRY/numbered
  id=$(submit "$(script waits "#PLURALITY image=$image:1 image=$image:2" "before=\$(wc -l <$SLOW_RUN/requests)" \
    "srun --quiet plurality-exec $image:1 sh -c 'echo number \$NUMBER'" 'srun --quiet plurality-exec "$PLURALITY_IMAGE_2" sh -c "echo number \$NUMBER"' \
    'echo "$PLURALITY_IMAGE_1_NAME $PLURALITY_IMAGE_2_NAME"; ls "$PLURALITY_IMAGE_2_PATH/bin/sh"; test "$PLURALITY_IMAGE" = "$PLURALITY_IMAGE_1" && echo first' \
    "echo \"requests \$((\$(wc -l <$SLOW_RUN/requests) - before))\"; ls $CACHE/leases/*/slurm-plurality-\$SLURM_JOB_ID.json | wc -l")")
  wait_for 120 staging "$id"
  has_state "$id" PENDING
  # Who lets it go meanwhile changes nothing.
  as_test_user scontrol release "$id"
  has_state "$id" PENDING
  wait_for 120 has_state "$id" COMPLETED
  cat "$CLUSTER/run/waits.$id.out"
  [ "$(head -n 3 "$CLUSTER/run/waits.$id.out")" = $'number 1\nnumber 2\n'"$image:1 $image:2" ]
  grep -qx first "$CLUSTER/run/waits.$id.out"
  grep -q '/bin/sh$' "$CLUSTER/run/waits.$id.out"
  grep -qx 'requests 0' "$CLUSTER/run/waits.$id.out"
  [ "$(tail -n 1 "$CLUSTER/run/waits.$id.out")" = 2 ]
  gone_or_say
}

@test "a tag that is moved after the submit changes nothing: not after a requeue, in an array, or for a job on hold" {
  remove_images
  push 1 moving:latest
  image=$PLURALITY_TEST_REGISTRY/moving
  runs=("until [ -e $CLUSTER/run/go ]; do sleep 0.2; done" "srun --quiet plurality-exec $image sh -c 'echo \$NUMBER'")
  id=$(submit "$(script requeued "#PLURALITY image=$image" "${runs[@]}")")
  held=$(submit --hold "$(script held "#PLURALITY image=$image" "${runs[@]}")")
  array=$(submit --array=1-3%1 "$(script array "#PLURALITY image=$image" "${runs[@]}")")
  for job in "$id" "$held" "$array"; do wait_for 120 test -s "$STATE/digests/$job"; done
  push 2 moving:latest
  as_test_user plurality-stagein pull --quiet "$image"
  wait_for 120 has_state "$id" RUNNING
  scontrol requeue "$id"
  # Its own hold is the user's to take off; it is staged in all the same.
  wait_for 120 says "$held" staged
  has_state "$held" PENDING
  touch "$CLUSTER/run/go"
  as_test_user scontrol release "$held"
  for job in "$held" "$array" "$id"; do wait_for 200 has_state "$job" COMPLETED; done
  tail -n +1 "$CLUSTER"/run/{requeued,held,array}.*out
  [ "$(cat "$CLUSTER"/run/{requeued,held,array}.*.out | grep -x '[0-9]' | sort | uniq -c | tr -s ' ')" = ' 5 1' ]
  gone_or_say
}

@test "a job that submits another one does not hand its images on" {
  inner=$(script inner "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:2" 'srun --quiet plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"')
  outer=$(script outer "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:1" "sbatch --parsable $inner")
  # The second one is staged in here: the controller has nothing to add.
  ids=("$(submit "$outer")" "$(as_test_user plurality submit -- sbatch --parsable "$outer")")
  [[ $(as_test_user squeue --noheader --states=all --jobs="${ids[1]}" --Format=admin_comment:100) != *plurality* ]]
  for id in "${ids[@]}"; do
    wait_for 120 has_state "$id" COMPLETED
    next=$(cat "$CLUSTER/run/outer.$id.out")
    wait_for 120 has_state "$next" COMPLETED
    [ "$(cat "$CLUSTER/run/inner.$next.out")" = 2 ]
  done
  gone_or_say
}

@test "while the registry is down a job stays held and says why; scontrol release tries anew" {
  remove_images
  touch "$SLOW_RUN/down"
  id=$(submit --comment=mine "$(script down "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:1" 'srun --quiet plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"')")
  wait_for 200 says "$id" 'cannot fetch the manifest of .*numbered:1.*; scontrol release '"$id"' tries anew'
  has_state "$id" PENDING
  [[ $(as_test_user scontrol show job "$id") == *Reason=JobHeldUser*Comment=mine* ]]
  rm "$SLOW_RUN/down"
  as_test_user scontrol release "$id"
  wait_for 120 has_state "$id" COMPLETED
  [ "$(cat "$CLUSTER/run/down.$id.out")" = 1 ]
  gone_or_say
}

@test "a signature that the submitter requires is required" {
  path=$(script signed "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:1" true)
  id=$(as_test_user PLURALITY_REQUIRE_SIGNATURE="$CLUSTER/run/no.pub" sbatch --parsable "$path")
  wait_for 120 says "$id" "cannot .*$CLUSTER/run/no.pub"
  as_test_user scancel "$id"
  gone_or_say
}

# slurm/stage with a plurality-stagein that only notes how it is called, and hangs where a file says so.
set_up_tree() {
  fake=$CLUSTER/fake
  rm -rf "$fake"
  mkdir -p "$fake/share/slurm" "$fake/libexec" "$fake/bin" "$fake/state/jobs" "$fake/state/digests"
  sed -e 's/PATIENCE_S=60 /PATIENCE_S=2 /' -e "s,^export PATH=,&$fake/bin:," "$TREE/share/slurm/stage" >"$fake/share/slurm/stage"
  cp "$TREE"/libexec/{slot.bash,stage-as-user,staging-settings} "$fake/libexec/"
  printf '#!/bin/bash\nprintf "%%s\\n" "$*" >>%q\n[[ ! -e %q/$1 ]] || { [[ $1 == pull ]] || exec sleep 321; sleep 321; }\ncat %q/fails 2>/dev/null >&2 && exit 5\ncat %q/$1 2>/dev/null || true\n' \
    "$CLUSTER/run/calls" "$CLUSTER/run/hang" "$CLUSTER/run/says" "$CLUSTER/run/says" >"$fake/bin/plurality-stagein"
  chmod 755 "$fake/bin/plurality-stagein" "$fake/share/slurm/stage"
  rm -rf "$CLUSTER/run/calls" "$CLUSTER/run/hang" "$CLUSTER/run/says"
  install -m 666 /dev/null "$CLUSTER/run/calls"
}

# record JOB STATE: what it knows of a job of the test user that names one image.
record() {
  local dir=$fake/state/jobs/$1
  mkdir -p "$dir"
  id -u "$TEST_USER" >"$dir/uid"
  id -g "$TEST_USER" >"$dir/gid"
  printf 'image=registry.example/x:1\0' >"$dir/request"
  printf '%s\n' "$2" >"$dir/state"
  : >"$dir/settings"
}

fake_stage() { "$fake/share/slurm/stage" "$1" "$fake/state" "${@:2}"; }

@test "what ended is kept for a job that has not looked its image up, not for one that has" {
  ((EUID == 0)) || skip 'lets go as another user'
  set_up_tree
  record 900001 staged
  record 900002 waiting
  fake_stage teardown 900001 / ended
  [ "$(cat "$fake/state/jobs/900001/state")" = ended ]
  [ ! -s "$CLUSTER/run/calls" ]
  printf 'sha256:x\n' >"$fake/state/digests/900002"
  fake_stage teardown 900001 / ended
  [ ! -e "$fake/state/jobs/900001" ]
  [ "$(cat "$CLUSTER/run/calls")" = 'lease release slurm-900001' ]
}

@test "a home directory that hangs holds nobody up for long" {
  ((EUID == 0)) || skip 'lets go as another user'
  set_up_tree
  mkdir "$CLUSTER/run/hang"
  : >"$CLUSTER/run/hang/lease"
  for job in 900001 900002 900003; do record "$job" staged; done
  began=$SECONDS
  fake_stage sweep
  [ $((SECONDS - began)) -le 15 ]
  [ -z "$(ls "$fake/state/jobs")" ]
  [ "$(wc -l <"$CLUSTER/run/calls")" -eq 1 ]
  grep -q 'job 900001: cannot release its lease: no answer in 2 s' "$fake/state/log"
  run -1 pgrep -u "$TEST_USER" -fx 'sleep 321'
}

@test "a job that has nothing to do with images costs EpilogSlurmctld a look at its files" {
  ((EUID == 0)) || skip 'lets go as another user'
  set_up_tree
  saved=$fake/hash.5/job.900005
  mkdir -p "$saved"
  printf '#!/bin/sh\ntrue\n' >"$saved/script"
  printf '0123A=b\0PLURALITY_CACHE=/x\0' >"$saved/environment"
  run -0 fake_stage ended 900005 "$(id -u "$TEST_USER")" "$(id -g "$TEST_USER")" 900005
  [ -z "$output" ]
  [ ! -s "$CLUSTER/run/calls" ]
  # A task of an array has the files of its first.
  printf '0123A=b\0PLURALITY_IMAGE=x\0' >"$saved/environment"
  run -0 fake_stage ended 900006 "$(id -u "$TEST_USER")" "$(id -g "$TEST_USER")" 900005
  [ "$output" = 'ok ' ]
  [ "$(cat "$CLUSTER/run/calls")" = $'lease release slurm-900006\nlease release slurm-900005' ]
}

# controller LINE...: what squeue says of jobs from now on; the first answers are none.
controller() {
  printf '%s\n' "$@" >"$fake/known"
  cat >"$fake/bin/squeue" <<'SH'
#!/bin/bash
cd "${0%/*}/.."
left=$(cat silent 2>/dev/null) || left=0
if ((left > 0)); then echo $((left - 1)) >silent && exit 1; fi
case $* in
  *admin_comment*) echo 'plurality=0123456789abcdef staging' ;;
  *'%A %F %T'*) cut -d ' ' -f 1,2,5 known ;;
  *'%K %Q %r'*) cat holds ;;
  *) cat known ;;
esac
SH
  chmod 755 "$fake/bin/squeue"
}

@test "an array's own lease goes with its last task, whichever that is" {
  ((EUID == 0)) || skip 'lets go as another user'
  set_up_tree
  saved=$fake/hash.1/job.900031 ids="$(id -u "$TEST_USER") $(id -g "$TEST_USER")"
  mkdir -p "$saved"
  printf '0123PLURALITY_IMAGE=x\0' >"$saved/environment"
  controller "900031 900031 $ids COMPLETED" "900032 900031 $ids PENDING"
  fake_stage ended 900031 $ids 900031
  [ ! -s "$CLUSTER/run/calls" ]
  controller "900031 900031 $ids COMPLETED" "900032 900031 $ids COMPLETED"
  fake_stage ended 900032 $ids 900031
  [ "$(cat "$CLUSTER/run/calls")" = $'lease release slurm-900032\nlease release slurm-900031' ]
}

@test "a task of an array takes the array's digest, also where the controller does not answer at first" {
  ((EUID == 0)) || skip 'stages in as another user'
  set_up_tree
  ids="$(id -u "$TEST_USER") $(id -g "$TEST_USER")"
  record 900032 waiting
  digest=sha256:$(printf '%064d' 1)
  printf '%s\n' "$digest" >"$fake/state/digests/900031"
  mkdir "$CLUSTER/run/says"
  printf '%s /somewhere\n' "$digest" >"$CLUSTER/run/says/pull"
  controller "900032 900031 $ids PENDING"
  echo 2 >"$fake/silent"
  run -0 fake_stage data-in 900032 /
  [ "$output" = 'ok ' ]
  [ "$(cat "$CLUSTER/run/calls")" = "pull --lease slurm-900032 -- registry.example/x:1@$digest" ]
  # Looked at again for a task: nobody is asked what is known.
  record 900031 waiting
  printf 'image=registry.example/x:1\0' >"$fake/state/submitted-900031"
  controller "900031 900031 $ids PENDING"
  fake_stage submitted 900031 /
  [ "$(wc -l <"$CLUSTER/run/calls")" -eq 1 ]
  [ ! -e "$fake/state/submitted-900031" ]
}

@test "a look-up that ended with its process is begun anew, and one that is in hand is not" {
  ((EUID == 0)) || skip 'stages in as another user'
  set_up_tree
  ids="$(id -u "$TEST_USER") $(id -g "$TEST_USER")"
  record 900001 waiting
  record 900002 waiting
  printf 'image=registry.example/x:1\0' >"$fake/state/jobs/900001/resolving-$$-1"
  printf 'image=registry.example/x:1\0' >"$fake/state/jobs/900002/resolving-$$-$(awk '{ print $22 }' "/proc/$$/stat")"
  controller "900001 900001 $ids PENDING" "900002 900002 $ids PENDING"
  fake_stage sweep
  [ -e "$fake/state/submitted-900001" ]
  ! compgen -G "$fake/state/jobs/900001/resolving-*"
  [ ! -e "$fake/state/submitted-900002" ]
  compgen -G "$fake/state/jobs/900002/resolving-*"
}

@test "a hold of ours whose answer was lost is not taken for the user's" {
  ((EUID == 0)) || skip 'stages in as another user'
  set_up_tree
  ids="$(id -u "$TEST_USER") $(id -g "$TEST_USER")"
  record 900007 waiting
  printf '%s\0' image=registry.example/x:1 tag=0123456789abcdef "user=${ids% *}" >"$fake/state/held-900007"
  controller "900007 900007 $ids PENDING"
  # The controller does it, and job_submit.lua takes it for the user's.
  printf '#!/bin/bash\nprintf "%%s\\n" "$*" >>%q\n[[ $1 != uhold ]] || { touch %q; exit 1; }\n' "$CLUSTER/run/scontrol" "$fake/state/jobs/900007/hold" >"$fake/bin/scontrol"
  chmod 755 "$fake/bin/scontrol"
  rm -f "$CLUSTER/run/scontrol"
  mkdir "$CLUSTER/run/says"
  printf 'sha256:%064d /somewhere\n' 1 >"$CLUSTER/run/says/pull"
  printf 'sha256:%064d\n' 1 >"$CLUSTER/run/says/resolve"
  echo 'plurality-stagein: cannot fetch x: no network' >"$CLUSTER/run/says/fails"
  fake_stage held 900007
  [ "$(tail -n 1 "$CLUSTER/run/scontrol")" = 'uhold 900007' ]
  rm "$CLUSTER/run/says/fails"
  fake_stage held 900007
  [ "$(tail -n 1 "$CLUSTER/run/scontrol")" = 'release 900007' ]
  [ ! -e "$fake/state/jobs/900007/hold" ]
}

@test "a failed job that Slurm holds becomes its user's to release, also where its teardown did not get to that; an administrator's hold stays" {
  ((EUID == 0)) || skip 'is one of a SlurmUser'
  set_up_tree
  ids="$(id -u "$TEST_USER") $(id -g "$TEST_USER")"
  for job in 900011 900012 900013; do
    record "$job" failed
    touch "$fake/state/jobs/$job"/{cancelled,to-user}
  done
  # The second one is the last task of an array, whose number it has.
  controller "900011 900011 $ids PENDING" "900012 900012 $ids PENDING" "900013 900013 $ids PENDING"
  failure='0 burst_buffer/lua: slurm_bb_data_in: cannot fetch x'
  printf '%s\n' "900011 900011 N/A $failure" "900012 900012 7 $failure" '900013 900013 N/A 0 JobHeldAdmin' >"$fake/holds"
  printf '#!/bin/bash\nprintf "%%s\\n" "$*" >>%q\n' "$CLUSTER/run/scontrol" >"$fake/bin/scontrol"
  chmod 755 "$fake/bin/scontrol"
  rm -f "$CLUSTER/run/scontrol"
  fake_stage teardown 900011 /
  [ "$(cat "$CLUSTER/run/scontrol")" = 'uhold 900011' ]
  fake_stage sweep
  fake_stage sweep
  [ "$(tail -n +2 "$CLUSTER/run/scontrol")" = 'uhold 900012_7' ]
  ! compgen -G "$fake/state/jobs/*/to-user"
}

@test "a watch whose script is replaced goes on as the new one, and ends when it is gone" {
  ((EUID == 0)) || skip 'is one of a SlurmUser'
  set_up_tree
  sed -i 's/ WATCH_S=15$/ WATCH_S=1/' "$fake/share/slurm/stage"
  controller
  "$fake/share/slurm/stage" watch "$fake/state" $$ 3>&- &
  watch=$!
  wait_for 30 test -s "$fake/state/watcher"
  sed 's,^watch() {.*,&\n  touch "$state/anew",' "$fake/share/slurm/stage" >"$fake/new"
  chmod 755 "$fake/new"
  mv "$fake/new" "$fake/share/slurm/stage"
  wait_for 30 test -e "$fake/state/anew"
  # In the same process: to who looks whether one watches there always is one.
  read -r pid began controller <"$fake/state/watcher"
  [ "$pid $began $controller" = "$watch $(awk '{ print $22 }' "/proc/$watch/stat") $$" ]
  rm "$fake/share/slurm/stage"
  wait_for 30 test ! -e "/proc/$watch"
}

@test "stage-as-user hands on the settings of its list, whoever calls it" {
  set_up_tree
  printf '#!/bin/bash\nexport -p; echo "$*"\n' >"$fake/bin/plurality-stagein"
  printf '%s\0' PLURALITY_CACHE=/x LD_PRELOAD=/evil.so PLURALITY_PROGRESS=1 BASH_ENV=/evil JAVA_TOOL_OPTIONS=-x 'NO_PROXY=a b' =x PLURALITY_CACHE2=/y >"$CLUSTER/run/settings"
  run -0 as_test_user "$fake/libexec/stage-as-user" pull x <"$CLUSTER/run/settings"
  [[ $output == *'PLURALITY_CACHE="/x"'* && $output == *'NO_PROXY="a b"'* && $output == *'pull x' ]]
  [[ $output != *evil* && $output != *PROGRESS* && $output != *JAVA* && $output != *CACHE2* ]]
}

@test "stage-as-user stop signals only what has both the number and the start, and is that user's" {
  ((EUID == 0)) || skip 'needs a second user'
  as_test_user sleep 322 3>&- &
  wait_for 20 pgrep -u "$TEST_USER" -fx 'sleep 322'
  pid=$(pgrep -u "$TEST_USER" -fx 'sleep 322')
  start=$(awk '{ print $22 }' "/proc/$pid/stat")
  as_test_user "$TREE/libexec/stage-as-user" stop TERM "$pid" $((start + 1)) 1 "$(awk '{ print $22 }' /proc/1/stat)"
  as_other "$OTHER_USER" "$TREE/libexec/stage-as-user" stop TERM "$pid" "$start"
  kill -0 "$pid"
  as_test_user "$TREE/libexec/stage-as-user" stop TERM "$pid" "$start"
  wait_for 5 test ! -e "/proc/$pid"
}

@test "where SlurmUser is not root a cancelled job's pull ends, though sudo started it" {
  ((EUID == 0)) || skip 'needs a second user'
  set_up_tree
  mkdir "$CLUSTER/run/hang"
  : >"$CLUSTER/run/hang/pull"
  record 900001 staging
  chown -R "$OTHER_USER" "$fake/state"
  # As sudo it stays its child's parent, and is root but for the real uid.
  gcc -o "$fake/sudo" -xc - <<'C'
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int count, char **words) {
  struct passwd *user = count > 4 ? getpwuid(atoi(strchr(words[2], '#') + 1)) : NULL;
  if (user == NULL) return 1;
  pid_t child = fork();
  if (child == 0) {
    if (initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid)) return 1;
    execv(words[4], words + 4);
    return 1;
  }
  waitpid(child, NULL, 0);
  return 0;
}
C
  cat >"$CLUSTER/run/cancels" <<SH
set -euo pipefail
install -m 4755 "$fake/sudo" /usr/local/sbin/sudo
stage() { setpriv --reuid "$OTHER_USER" --regid "$(id -g "$OTHER_USER")" --init-groups -- "\$@" "$fake/share/slurm/stage" \$action "$fake/state" 900001 \$words; }
action=worker words='worker pull -- x' stage setsid </dev/null &
for ((n = 0; n < 100; n++)); do pgrep -u "$TEST_USER" -fx 'sleep 321' && break; sleep 0.1; done
action=teardown words='/ ended' stage env
! pgrep -u "$TEST_USER" -fx 'sleep 321'
SH
  run -0 "$REPO/tests/fresh-root" timeout 60 bash "$CLUSTER/run/cancels"
  grep -qx 'ok ' <<<"$output"
  [ ! -e "$fake/state/jobs/900001" ]
  [ "$(tail -n 1 "$CLUSTER/run/calls")" = 'lease release slurm-900001' ]
}

@test "scancel before, during and after staging in leaves nothing" {
  remove_images
  echo 0.7 >"$SLOW_RUN/delay"
  path=$(script cancelled "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:1" 'sleep 60')
  for moment in 0 0.3 1 2 3 5; do
    id=$(submit "$path")
    sleep "$moment"
    printf '%s after %s s: %s\n' "$id" "$moment" "$(cat "$STATE/jobs/$id/state" 2>/dev/null || echo 'not begun')"
    as_test_user scancel "$id"
  done
  id=$(submit --hold "$path")
  wait_for 120 says "$id" staged
  leased "$id"
  as_test_user scancel "$id"
  gone_or_say
}

@test "what was at work when the controller's host ended is begun anew" {
  remove_images
  echo 2 >"$SLOW_RUN/delay"
  id=$(submit "$(script again "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:2" 'srun --quiet plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"')")
  wait_for 120 staging "$id"
  # Whoever is to be told that they have ended may be late.
  reaper=$(ps -o ppid= -p "$(cut -d ' ' -f 1 "$STATE/watcher")" | tr -d ' ')
  kill -STOP "$reaper"
  pkill -KILL -f "share/slurm/stage [a-z-]+ $STATE"
  has_state "$id" PENDING
  # The controller reads job_submit.lua when it starts, and when that is changed.
  touch "$CLUSTER/slurm/etc/job_submit.lua"
  submit --wrap true
  kill -CONT "$reaper"
  wait_for 120 has_state "$id" COMPLETED
  [ "$(cat "$CLUSTER/run/again.$id.out")" = 2 ]
  gone_or_say
}

@test "a site's own job_submit.lua calls ours, and keeps its own rules" {
  site=$CLUSTER/slurm/etc/job_submit.lua
  cp -p "$site" "$CLUSTER/ours"
  cat >"$site" <<LUA
dofile("$CLUSTER/slurm/etc/plurality_submit.lua")
function slurm_job_submit(job_desc)
  if job_desc.name == "forbidden" then
    slurm.log_user("the site's own rule")
    return slurm.ERROR
  end
  return plurality_job_submit(job_desc)
end
function slurm_job_modify(job_desc, job_rec)
  return plurality_job_modify(job_desc, job_rec)
end
LUA
  "$TREE/share/slurm/install" --etc "$CLUSTER/slurm/etc" job-submit
  touch "$site"
  line="#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:1"
  run -1 submit "$(script forbidden "$line" true)"
  [[ $output == *"the site's own rule"* ]]
  id=$(submit "$(script beside "$line" 'srun --quiet plurality-exec "$PLURALITY_IMAGE" sh -c "echo \$NUMBER"')")
  wait_for 120 has_state "$id" COMPLETED
  [ "$(cat "$CLUSTER/run/beside.$id.out")" = 1 ]
  gone_or_say
  cp -p "$CLUSTER/ours" "$site"
  touch "$site"
}

@test "hostile directives are refused, and run nothing" {
  mark=$CLUSTER/run/mark
  install -d -m 755 -o "${OTHER_USER:-$TEST_USER}" "$CLUSTER/caches/victim"
  while IFS= read -r words; do
    run -1 submit "$(script hostile "#PLURALITY ${words//MARK/$mark}" true)"
    [[ $output == *plurality:*cannot* ]]
  done <<'HOSTILE'
image=$(touch MARK)
image=`touch MARK`
image=x;touch MARK
image='x'
image=--help
image=../../etc/passwd
image=dir:/etc
image=x cache=/tmp/../root
image=x cache=/tmp/$(id)
image=x format=dir;id
image=x tag=0123456789abcdef
image=x user=0
image=x hold=yes
image=x%00y
cache=/tmp
HOSTILE
  run -1 submit "$(script newline $'#PLURALITY image=x\r' true)"
  run -1 --separate-stderr sbatch --parsable --chdir=/ "$(script root "#PLURALITY image=x" true)"
  [[ $stderr == *'submit as an ordinary user'* ]] || ((EUID != 0))
  [ ! -e "$mark" ]
  # A mark is the controller's to give.
  run as_test_user scontrol update JobId="$(submit --hold --wrap true)" AdminComment=plurality=0123456789abcdef
  [ "$status" -ne 0 ]
  as_test_user scancel --user="$TEST_USER"
  if [[ -n $OTHER_USER ]]; then
    id=$(submit "$(script other "#PLURALITY image=$PLURALITY_TEST_REGISTRY/numbered:1 cache=$CLUSTER/caches/victim" true)")
    wait_for 120 says "$id" 'ermission denied'
    as_test_user scancel "$id"
    [ -z "$(ls "$CLUSTER/caches/victim")" ]
  fi
  mkdir -p "$CACHE/leases"
  gone_or_say
}
