#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The PBS hook, against a stand-in of the module that PBS gives it and of the server's commands; and #PBS scripts, through Slurm's qsub.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_cluster --nodes 2
  export IMAGE
  IMAGE=$(stage busybox)
}

teardown_file() { teardown_cluster; }

setup() {
  export PBS=$BATS_TEST_TMPDIR/pbs
  chmod 755 "$BATS_TEST_TMPDIR"
  mkdir -p "$PBS/bin" "$PBS/jobs" "$PBS/spool"
  for command in qselect qstat qhold qrls qalter qmgr; do cp "$REPO/tests/pbs/server" "$PBS/bin/$command"; done
  printf '{"prefix": "%s", "spool": "%s"}\n' "$TREE" "$PBS/spool" >"$PBS/config"
}

# What the hook started for jobs that there are not.
teardown() { pkill -f "org.plurality.jobs.JobsCommand .* $PBS/spool" || true; }

# hook EVENT: runs the hook with it; prints how it ended.
hook() {
  rm -f "$PBS/event.out"
  cat >"$PBS/event" <<<"$1"
  # The hook gives what it starts a PATH of its own.
  (cd "$PBS" && PBS_TEST_EXEC=$PBS PBS_TEST_EVENT=$PBS/event PBS_HOOK_CONFIG_FILE=$PBS/config PYTHONPATH=$REPO/tests/pbs PYTHONDONTWRITEBYTECODE=1 \
    python3 "$TREE/share/pbs/plurality_hook.py") || return 1
  cat "$PBS/event.out"
}

# submitted VARIABLES: what a queuejob event of the test user carries.
submitted() { printf '{"type": 1, "requestor": "%s", "job": {"Variable_List": %s}}' "$TEST_USER" "$1"; }

# background ACTION...: what the hook starts detached, in the foreground and with the stand-in's commands.
background() { PATH=$PBS/bin:$PATH PLURALITY_RELEASE_WAIT_S=0 "$TREE/share/pbs/stage" "$1" "$PBS/spool" "${@:2}"; }

# A request as the hook makes it, without a background of its own, for job 7.
request() { # IMAGE
  tag=$(printf '%032x' $((RANDOM * 32768 + RANDOM + 1)))
  mkdir -p "$PBS/spool/$tag" "$PBS/jobs/7.server"
  printf '%s' "$TEST_USER" >"$PBS/spool/$tag/user"
  printf '%s\0' "$1" >"$PBS/spool/$tag/images"
  printf '%s' "$CACHE" >"$PBS/spool/$tag/cache"
  printf 'PLURALITY_INSECURE_REGISTRIES=%s\0' "$PLURALITY_TEST_REGISTRY" >"$PBS/spool/$tag/settings"
  printf 'waiting' >"$PBS/spool/$tag/state"
  printf 'H\n' >"$PBS/jobs/7.server/state"
  printf 'PBS_O_HOME=/home/x,PBS_O_LANG=C,PLURALITY_REQUEST=%s,PLURALITY_IMAGE=%s\n' "$tag" "$1" >"$PBS/jobs/7.server/variables"
  printf o >"$PBS/jobs/7.server/held"
}

@test "queuejob holds a job that names an image, and leaves the others alone" {
  ((EUID == 0)) || skip 'the hook runs as root'
  run -0 --separate-stderr hook "$(submitted '{"PLURALITY_IMAGE": "registry.example/x:1"}')"
  jq -e '.accepted and .job.Hold_Types == "o" and (.job.Variable_List.PLURALITY_REQUEST | test("^[0-9a-f]{32}$"))' <<<"$output"
  tag=$(jq -r .job.Variable_List.PLURALITY_REQUEST <<<"$output")
  [ "$(cat "$PBS/spool/$tag/user")" = "$TEST_USER" ]
  # qsub -h.
  run -0 --separate-stderr hook "$(jq -nc --arg user "$TEST_USER" \
    '{type: 1, requestor: $user, job: {Hold_Types: "u", Variable_List: {PLURALITY_IMAGE: "registry.example/x:1"}}}')"
  jq -e '.accepted and .job.Hold_Types == "uo"' <<<"$output"
  run -0 --separate-stderr hook "$(submitted '{"OTHER": "x"}')"
  jq -e '.accepted and (.job | has("Hold_Types") | not)' <<<"$output"
}

@test "a job that is submitted with qsub -V from a staged one does not get that one's record" {
  ((EUID == 0)) || skip 'the hook runs as root'
  inherited=$(printf '%032x' 7)
  for image in '' "sha256:$(printf '%064x' 1)"; do
    run -0 --separate-stderr hook "$(submitted "{\"PLURALITY_REQUEST\": \"$inherited\", \"PLURALITY_IMAGE\": \"$image\"}")"
    jq -e '.accepted and .job.Variable_List.PLURALITY_REQUEST == "" and (.job | has("Hold_Types") | not)' <<<"$output"
  done
  run -0 --separate-stderr hook "$(submitted "{\"PLURALITY_REQUEST\": \"$inherited\", \"PLURALITY_IMAGE\": \"registry.example/x:1\"}")"
  jq -e --arg tag "$inherited" '.accepted and .job.Hold_Types == "o" and .job.Variable_List.PLURALITY_REQUEST != $tag' <<<"$output"
}

@test "settings reach the staging as the user wrote them, without the backslashes of PBS" {
  ((EUID == 0)) || skip 'the hook runs as root'
  # As OpenPBS 23.06 hands it what qsub -V found.
  run -0 --separate-stderr hook "$(submitted "$(jq -nc '{PLURALITY_IMAGE: "registry.example/x:1",
    NO_PROXY: "127.0.0.1\\,localhost", HTTPS_PROXY: "http://u:a\\\\b\\\"c@proxy", SSL_CERT_FILE: "/a b"}')")"
  tag=$(jq -r .job.Variable_List.PLURALITY_REQUEST <<<"$output")
  [ "$(tr '\0' '\n' <"$PBS/spool/$tag/settings")" = $'SSL_CERT_FILE=/a b\nHTTPS_PROXY=http://u:a\\b"c@proxy\nNO_PROXY=127.0.0.1,localhost' ]
}

# Of the settings in the documentation those that pull reads.
documented() {
  awk -F '|' '$7 ~ /pull|both/ { print $3 }' "$REPO/docs/configuration.md" | grep -oE 'PLURALITY_[A-Z_]+' | grep -vxE 'PLURALITY_(PROGRESS|DOCKER_HOST)' | LC_ALL=C sort
}

@test "schedulers hand on all settings that pull reads, and no others of ours" {
  run -0 grep ^PLURALITY "$TREE/libexec/staging-settings"
  [ "$(LC_ALL=C sort <<<"$output")" = "$(documented)" ]
}

@test "queuejob rejects what is no image's name, says why, and runs none of it" {
  for name in '$(touch x)' 'a b;touch x' '../x' 'x"y' "x'y" 'x\ny' '-x' 'oci:../x' '`id`' 'a//b'; do
    run -0 --separate-stderr hook "$(submitted "$(jq -nc --arg name "${name//\\n/$'\n'}" '{PLURALITY_IMAGE: $name}')")"
    jq -e '.accepted | not' <<<"$output"
  done
  [ ! -e "$PBS/x" ]
  run -0 --separate-stderr hook "$(jq -nc '{type: 1, requestor: "root", job: {Variable_List: {PLURALITY_IMAGE: "x"}}}')"
  jq -e '(.accepted | not) and (.message | contains("ordinary user"))' <<<"$output"
}

@test "queuejob rejects what comes from no registry" {
  for name in docker-daemon:a docker-archive:/x.tar oci:/x oci-archive:/x.tar:a dir:/x squashfs:/x sif:x.sif http://x/y; do
    run -0 --separate-stderr hook "$(submitted "$(jq -nc --arg name "a:1 $name" '{PLURALITY_IMAGE: $name}')")"
    jq -e --arg name "$name" '(.accepted | not) and (.message | contains("PLURALITY_IMAGE=\u0027\($name)\u0027: images come from registries here"))' <<<"$output"
  done
  if ((EUID == 0)); then
    # Names of registries' images that begin like one.
    for name in docker://a oci/x:1 directory:1 sif.example:5000/a; do
      run -0 --separate-stderr hook "$(submitted "$(jq -nc --arg name "$name" '{PLURALITY_IMAGE: $name}')")"
      jq -e .accepted <<<"$output"
    done
  fi
}

@test "staging happens as the user, takes the hold off, and the job runs the submitted digest" {
  ((EUID == 0)) || skip 'stages in as another user'
  request "$IMAGE"
  background stage-in "$tag"
  [ ! -e "$PBS/jobs/7.server/held" ]
  digest=$(cat "$PBS/spool/$tag/digests")
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]]
  run -0 --separate-stderr hook "$(jq -nc --arg tag "$tag" --arg user "$TEST_USER" --arg image "$IMAGE" \
    '{type: 16, job: {id: "7.server", euser: $user, Variable_List: {PLURALITY_REQUEST: $tag, PLURALITY_IMAGE: $image}}}')"
  jq -e --arg digest "$digest" --arg pinned "$IMAGE=$digest" \
    '.accepted and .job.Variable_List.PLURALITY_IMAGE == $digest and .job.Variable_List.PLURALITY_PINNED == $pinned' <<<"$output"
}

@test "a record that goes while it is read ends nobody who reads it" {
  printf 'one\n' >"$CLUSTER/run/record"
  : >"$CLUSTER/run/empty"
  run -0 bash -c 'set -euo pipefail
    . "$1"
    f() { if text_of said "$2/none"; then echo wrong; fi; text_of said "$2/empty" && text_of said "$2/record" && echo "$said"; }
    f "$@"' - "$TREE/libexec/slot.bash" "$CLUSTER/run"
  [ "$output" = one ]
}

have_begun() { [ "$(wc -l <"$CLUSTER/bound/calls")" -eq "$1" ]; }

# bound MOST: of six that are staged in at once so many are at it, and what is deleted while it waits is not.
bound() {
  : >"$tree/calls"
  rm -rf "$tree/go" "$PBS"/jobs/* "$PBS"/spool/*/
  pids=() failed=0
  for number in $(seq 10 15); do
    # The last one comes when all places are taken.
    ((number < 15)) || wait_for 120 have_begun "$1"
    request "$IMAGE"
    mv "$PBS/jobs/7.server" "$PBS/jobs/$number.server"
    PATH=$PBS/bin:$PATH "$tree/share/pbs/stage" stage-in "$PBS/spool" "$tag" 3>&- &
    pids+=($!)
  done
  wait_for 120 test -s "$PBS/spool/$tag/job"
  [ "$(cat "$PBS/spool/$tag/state")" = waiting ]
  rm -r "$PBS/jobs/15.server"
  touch "$tree/go"
  for pid in "${pids[@]}"; do wait "$pid" || failed=$?; done
  cat "$tree/calls"
  [ "$failed" -eq 0 ]
  [ "$(awk '/begin/ { n++; if (n > most) most = n } /end/ { n-- } END { print most, NR }' "$tree/calls")" = "$1 10" ]
  [ ! -e "$PBS/spool/$tag" ]
  [ -z "$(ls "$PBS"/jobs/*/held 2>/dev/null)" ]
}

@test "of one user at most four are staged in at once, of all as many as the site says, and a job that is deleted while it waits is not" {
  ((EUID == 0)) || skip 'stages in as another user'
  tree=$CLUSTER/bound
  mkdir -p "$tree/share/pbs" "$tree/libexec"
  cp "$TREE/share/pbs/stage" "$tree/share/pbs/"
  cp "$TREE"/libexec/{slot,jvm}.bash "$tree/libexec/"
  ln -s "$TREE"/{lib,runtime} "$tree/"
  touch "$tree/calls"
  chmod 666 "$tree/calls"
  printf '#!/bin/bash\n[[ $1 == pull ]] || exit 0\necho begin >>%q\nuntil [ -e %q ]; do sleep 1; done\nps -o ni= -p $$ >>%q\necho end >>%q\necho sha256:1 /x\n' \
    "$tree/calls" "$tree/go" "$tree/nice" "$tree/calls" >"$tree/libexec/stage-as-user"
  chmod 755 "$tree/libexec/stage-as-user"
  touch "$tree/nice" && chmod 666 "$tree/nice"
  bound 4
  [ "$(sort -u "$tree/nice" | tr -d ' ')" = 5 ]
  : >"$tree/nice"
  PATH=$PBS/bin:$PATH run -0 "$TREE/share/pbs/install" --spool "$PBS/spool" --at-once 3 --nice 4
  bound 3
  [ "$(sort -u "$tree/nice" | tr -d ' ')" = 4 ]
}

holds() { cat "$PBS/jobs/7.server/held"; }

state_is() { [ "$(cat "$PBS/spool/$tag/state")" = "$1" ]; }

# A runjob event of job 7.
to_run() {
  hook "$(jq -nc --arg tag "$tag" --arg user "$TEST_USER" '{type: 16, job: {id: "7.server", euser: $user, Variable_List: {PLURALITY_REQUEST: $tag}}}')"
}

@test "a pull that fails leaves the job with a user's hold, and the reason with its hint as its comment" {
  request 'registry.invalid/x:1'
  background stage-in "$tag"
  [ "$(holds)" = u ]
  state_is failed
  [[ $(cat "$PBS/jobs/7.server/altered") == *"-W comment=plurality: cannot"*"registry.invalid"*"; hint: "*"; 'qrls 7' tries again 7.server" ]]
  # An image whose name is long is cut; the hint is not.
  rm -r "$PBS/spool/$tag"
  request "registry.invalid/$(printf 'x%.0s' $(seq 300)):1"
  background stage-in "$tag"
  comment=$(cat "$PBS/spool/$tag/comment")
  [[ $comment == *"...; hint: $(sed -n 's/^hint: //p' "$PBS/spool/$tag/log"); 'qrls 7' tries again" ]]
  ((${#comment} < 500))
}

@test "a job whose staging failed is staged in again once its user has released it" {
  ((EUID == 0)) || skip 'stages in as another user'
  request "$IMAGE"
  mv "$PBS/spool/$tag/images" "$PBS/images"
  printf '%s\0' registry.invalid/x:1 >"$PBS/spool/$tag/images"
  background stage-in "$tag"
  state_is failed
  mv "$PBS/images" "$PBS/spool/$tag/images"
  "$PBS/bin/qrls" -h u 7.server
  # The scheduler wants to run it: the hook holds it, and has it staged in.
  printf o >"$PBS/jobs/7.server/held"
  run -0 --separate-stderr to_run
  jq -e '(.accepted | not) and .job.Hold_Types == "o" and (.message | endswith("its image is being staged in again"))' <<<"$output"
  [ ! -e "$PBS/spool/$tag/user-hold" ]
  wait_for 60 state_is released
  run -1 holds
}

@test "periodic stages in again for a job that its user has released and that does not run yet" {
  ((EUID == 0)) || skip 'stages in as another user'
  request 'registry.invalid/x:1'
  background stage-in "$tag"
  printf '%s\0' "$IMAGE" >"$PBS/spool/$tag/images"
  background forget
  state_is failed
  "$PBS/bin/qrls" -h u 7.server
  printf 'Q\n' >"$PBS/jobs/7.server/state"
  background forget 3>&-
  wait_for 60 state_is released
  run -1 holds
}

@test "retry takes a job's number, prints the outcome, and ends by it" {
  ((EUID == 0)) || skip 'stages in as another user'
  request 'registry.invalid/x:1'
  background stage-in "$tag"
  run -1 background retry 7
  [[ $output == 'stage: plurality: cannot '*registry.invalid*'hint: see '* ]]
  [ "$(holds)" = u ]
  printf '%s\0' "$IMAGE" >"$PBS/spool/$tag/images"
  run -0 background retry 7
  [ "$output" = 'job 7.server: its images are staged in, and it is released' ]
  run -1 holds
  run -1 background retry 8
  [[ $output == 'stage: cannot retry job 8: there is no record of it'* ]]
}

@test "a job that is to run before its image is there is held again, and told so" {
  request "$IMAGE"
  printf 'staging' >"$PBS/spool/$tag/state"
  run -0 --separate-stderr to_run
  jq -e '(.accepted | not) and .job.Hold_Types == "o" and (.message | endswith("its image is still being staged in"))' <<<"$output"
}

@test "the hold of a dependency is left alone, and releasing it does not release ours" {
  ((EUID == 0)) || skip 'stages in as another user'
  request "$IMAGE"
  printf os >"$PBS/jobs/7.server/held"
  background stage-in "$tag"
  state_is released
  [ "$(holds)" = s ]
  # It ends while the image is staged in.
  request "$IMAGE"
  printf os >"$PBS/jobs/7.server/held"
  "$PBS/bin/qrls" -h s 7.server
  [ "$(holds)" = o ]
}

@test "a record of another job that cannot be removed does not end the staging" {
  ((EUID == 0)) || skip 'stages in as another user'
  request "$IMAGE"
  other=$PBS/spool/$(printf '%032x' 1)
  cp -R "$PBS/spool/$tag" "$other"
  printf '6.server' >"$other/job"
  mkdir -p "$other/of/somebody"
  background stage-in "$tag"
  [ "$(cat "$PBS/spool/$tag/state")" = released ]
  [ -s "$PBS/spool/$tag/digests" ]
}

@test "runjob refuses a request that is another user's" {
  request "$IMAGE"
  printf 'sha256:%064d\n' 1 >"$PBS/spool/$tag/digests"
  run -0 --separate-stderr hook "$(jq -nc --arg tag "$tag" \
    '{type: 16, job: {id: "8.server", euser: "somebody", Variable_List: {PLURALITY_REQUEST: $tag}}}')"
  jq -e '(.accepted | not) and (.message | contains("another user"))' <<<"$output"
}

@test "execjob_launch puts the program into the image, words and all" {
  run -0 --separate-stderr hook "$(jq -nc --arg image "$IMAGE" '{type: 65536, job: {id: "7.server"},
    env: {PLURALITY_IMAGE: $image, PLURALITY_WRAP: "1"}, progname: "/bin/sh", argv: ["-sh", "-c", "head -1 /etc/os-release; echo \"$1\"", "x", "a  b"]}')"
  mapfile -d '' -t words < <(jq -j '.argv[] + "\u0000"' <<<"$output")
  [ "$(jq -r .progname <<<"$output")" = "$TREE/bin/plurality-exec" ]
  run -0 as_test_user PBS_JOBID=7.server "${words[@]}"
  [ "$output" = $'ID=busybox\na  b' ]
}

@test "execjob_launch binds the script that PBS hands the shell afterwards" {
  mkdir -p "$CLUSTER/run/home/mom_priv/jobs"
  printf '#!/bin/sh\nhead -n 1 /etc/os-release\n' >"$CLUSTER/run/home/mom_priv/jobs/7.server.SC"
  chmod 755 "$CLUSTER/run/home/mom_priv/jobs/7.server.SC"
  PBS_TEST_HOME=$CLUSTER/run/home run -0 --separate-stderr hook "$(jq -nc --arg image "$IMAGE" '{type: 65536, job: {id: "7.server"},
    env: {PLURALITY_IMAGE: $image, PLURALITY_WRAP: "1"}, progname: "/bin/sh", argv: []}')"
  mapfile -d '' -t words < <(jq -j '.argv[] + "\u0000"' <<<"$output")
  run -0 as_test_user PBS_JOBID=7.server "${words[@]}" <<<"$CLUSTER/run/home/mom_priv/jobs/7.server.SC"
  [ "$output" = ID=busybox ]
}

@test "a job that is deleted while it is staged in leaves nothing" {
  ((EUID == 0)) || skip 'stages in as another user'
  request "$IMAGE"
  # Once the staging has found it.
  printf '#!/bin/bash\nrm -r %q\nexit 153\n' "$PBS/jobs/7.server" >"$PBS/bin/qrls"
  background stage-in "$tag"
  [ ! -e "$PBS/spool/$tag" ]
  [ -z "$(find "$CACHE/leases" -name 'pbs-7.server.json')" ]
}

not_held() { [ ! -e "$PBS/jobs/7.server/held" ]; }

@test "periodic begins again what nothing works on any more" {
  ((EUID == 0)) || skip 'stages in as another user'
  request "$IMAGE"
  # As a server's host that went down leaves it.
  printf 'staging' >"$PBS/spool/$tag/state"
  printf '7.server' >"$PBS/spool/$tag/job"
  background forget
  state_is released
  not_held
  [ -s "$PBS/spool/$tag/digests" ]
}

# A tree whose pulls take a moment, and say in CALLS that they began and ended.
slow_tree() {
  tree=$CLUSTER/slow
  rm -rf "$tree"
  mkdir -p "$tree/share/pbs" "$tree/libexec"
  cp "$TREE/share/pbs/stage" "$tree/share/pbs/"
  cp "$TREE"/libexec/{slot,jvm}.bash "$tree/libexec/"
  ln -s "$TREE"/{lib,runtime} "$tree/"
  install -m 666 /dev/null "$tree/calls"
  printf '#!/bin/bash\n[[ $1 == pull ]] || exit 0\necho "begin $5" >>%q\nsleep 0.$((RANDOM %% 5))\necho "end $5" >>%q\necho sha256:1 /x\n' "$tree/calls" "$tree/calls" \
    >"$tree/libexec/stage-as-user"
  chmod 755 "$tree/libexec/stage-as-user"
}

all_released() { [ "$(cat "$PBS"/spool/*/state | sort -u)" = released ] || [ -z "$(grep -Lx released "$PBS"/spool/*/state)" ]; }

@test "an agent that is killed at any moment loses no job, and holds none for ever" {
  ((EUID == 0)) || skip 'stages in as another user'
  slow_tree
  for number in $(seq 101 150); do
    request "$IMAGE"
    mv "$PBS/jobs/7.server" "$PBS/jobs/$number.server"
  done
  seed=${PLURALITY_TEST_SEED:-$((SRANDOM % 32768))}
  printf '# PLURALITY_TEST_SEED=%s\n' "$seed" >&3
  RANDOM=$seed
  for ((kill = 0; kill < ${PLURALITY_TEST_KILLS:-12}; kill++)); do
    PATH=$PBS/bin:$PATH "$tree/share/pbs/stage" forget "$PBS/spool" 3>&- 2>/dev/null &
    agent=$!
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    kill -KILL "$agent" 2>/dev/null || true
    wait "$agent" || true
  done
  PATH=$PBS/bin:$PATH "$tree/share/pbs/stage" forget "$PBS/spool" 3>&-
  all_released
  [ "$(ls "$PBS"/spool/*/digests | wc -l)" -eq 50 ]
  ! compgen -G "$PBS/jobs/*/held"
  # None is staged in twice once it was released.
  awk '$1 == "end" { n[$2]++ } END { for (job in n) if (n[job] > most) most = n[job]; print "# pulls that ended, of one job at most:", most }' "$tree/calls" >&3
}

@test "periodic takes off a hold that stayed, and no later one" {
  request "$IMAGE"
  mv "$PBS/bin/qrls" "$PBS/qrls"
  printf '#!/bin/sh\nexit 1\n' >"$PBS/bin/qrls"
  chmod 755 "$PBS/bin/qrls"
  background stage-in "$tag" || true
  [ "$(cat "$PBS/spool/$tag/state")" = staged ]
  mv "$PBS/qrls" "$PBS/bin/qrls"
  background forget
  not_held
  # An operator's.
  printf o >"$PBS/jobs/7.server/held"
  background forget
  run -1 not_held
}

@test "a record goes when the server has no such job, not when it does not answer" {
  echo 1 >"$PBS/spool/patience"
  request "$IMAGE"
  rm -r "$PBS/jobs/7.server"
  mv "$PBS/bin/qselect" "$PBS/qselect"
  printf '#!/bin/sh\necho asked >>%q\nexit 1\n' "$PBS/asked" >"$PBS/bin/qselect"
  chmod 755 "$PBS/bin/qselect"
  background stage-in "$tag" 3>&- &
  # It is asked ever more seldom: the fifth time is long after the server should have known the job.
  asked() { [ "$(wc -l <"$PBS/asked")" -ge 5 ]; }
  wait_for 60 asked
  state_is waiting
  mv "$PBS/qselect" "$PBS/bin/qselect"
  wait_for 60 test ! -e "$PBS/spool/$tag"
}

@test "periodic lets go of jobs that were deleted while they were held, and of no others" {
  ((EUID == 0)) || skip 'stages in as another user'
  request "$IMAGE"
  background stage-in "$tag"
  background forget
  [ -d "$PBS/spool/$tag" ]
  [ -n "$(find "$CACHE/leases" -name 'pbs-7.server.json')" ]
  mv "$PBS/jobs/7.server" "$PBS/away"
  background forget
  [ ! -e "$PBS/spool/$tag" ]
  [ -z "$(find "$CACHE/leases" -name 'pbs-7.server.json')" ]
}

@test "an array's images are held until its last task has ended" {
  ((EUID == 0)) || skip 'stages in as another user'
  request "$IMAGE"
  mv "$PBS/jobs/7.server" "$PBS/jobs/7[].server"
  background stage-in "$tag"
  mkdir "$PBS/jobs/7[1].server"
  printf 'X\n' >"$PBS/jobs/7[1].server/state"
  printf 'B\n' >"$PBS/jobs/7[].server/state"
  cp "$PBS/jobs/7[].server/variables" "$PBS/jobs/7[1].server/"
  background release '7[1].server' "$TEST_USER" "$tag" "$CACHE"
  [ -s "$PBS/spool/$tag/digests" ]
  lease=$(find "$CACHE/leases" -name 'pbs-7__.server.json')
  [ "$(jq -r '.holder.jobId' "$lease")" = '7[].server' ]
  printf 'F\n' >"$PBS/jobs/7[].server/state"
  background release '7[1].server' "$TEST_USER" "$tag" "$CACHE"
  [ ! -e "$PBS/spool/$tag" ]
  [ -z "$(find "$CACHE/leases" -name 'pbs-7__.server.json')" ]
}

@test "execjob_end and epilogue may come twice; a job that is queued again keeps its images" {
  for event in 512 1024 1024; do
    run -0 --separate-stderr hook "$(jq -nc --argjson event "$event" --arg user "$TEST_USER" \
      '{type: $event, job: {id: "7.server", euser: $user, Variable_List: {PLURALITY_IMAGE: "x"}}}')"
    jq -e .accepted <<<"$output"
  done
  request "$IMAGE"
  printf 'Q\n' >"$PBS/jobs/7.server/state"
  background release 7.server "$TEST_USER" "$tag" "$CACHE"
  [ -d "$PBS/spool/$tag" ]
  rm -r "$PBS/jobs/7.server"
  background release 7.server "$TEST_USER" "$tag" "$CACHE"
  [ ! -e "$PBS/spool/$tag" ]
}

@test "a server without a history is asked without it, and a job's name says nothing" {
  ((EUID == 0)) || skip 'stages in as another user'
  touch "$PBS/no-history"
  request "$IMAGE"
  printf 'Unknown Job Id 7.server job_state = F\n' >"$PBS/jobs/7.server/name"
  background stage-in "$tag"
  printf 'R\n' >"$PBS/jobs/7.server/state"
  background release 7.server "$TEST_USER" "$tag" "$CACHE"
  [ -d "$PBS/spool/$tag" ]
  printf 'F\n' >"$PBS/jobs/7.server/state"
  background release 7.server "$TEST_USER" "$tag" "$CACHE"
  [ ! -e "$PBS/spool/$tag" ]
  [ -z "$(find "$CACHE/leases" -name 'pbs-7.server.json')" ]
}

@test "a node whose jobs are not known is not swept" {
  printf '{"prefix": "%s", "spool": "%s"}\n' "$PBS" "$PBS/spool" >"$PBS/config"
  mkdir -p "$PBS/share/pbs"
  printf '#!/bin/sh\necho "$*" >>%q\n' "$PBS/calls" >"$PBS/share/pbs/stage"
  chmod 755 "$PBS/share/pbs/stage"
  for jobs in null '{}'; do
    run -0 --separate-stderr hook "{\"type\": 4096, \"job_list\": $jobs}"
    jq -e .accepted <<<"$output"
  done
  wait_for 20 test -s "$PBS/calls"
  [ "$(cat "$PBS/calls")" = "sweep $PBS/spool" ]
}

@test "a node is cleaned of ended jobs only" {
  ((EUID == 0)) || skip 'cleans as another user'
  run=$CLUSTER/run/clean
  install -d -o "$TEST_USER" "$run" "$run"/node-p{7.server.11,8.server.12,78.server.13}-x "$run/node-s7.0.0@n1-x" "$run/node-p.14-x"
  chown -R "$TEST_USER" "$run"
  PLURALITY_CLEAN_RUN=$run background clean 7.server "$TEST_USER"
  [ ! -e "$run/node-p7.server.11-x" ]
  [ "$(find "$run" -mindepth 1 | wc -l)" -eq 4 ]
  # What began a moment ago may be of a job that this node did not know yet.
  PLURALITY_CLEAN_RUN=$run background sweep 78.server
  [ "$(find "$run" -mindepth 1 | wc -l)" -eq 4 ]
  touch -d '20 minutes ago' "$run"/node-p8.server.12-x "$run"/node-p78.server.13-x
  PLURALITY_CLEAN_RUN=$run background sweep 78.server
  [ "$(cd "$run" && echo *)" = 'node-p.14-x node-p78.server.13-x node-s7.0.0@n1-x' ]
}

@test "install tells qmgr everything, once; with --dry-run nothing" {
  run -0 "$TREE/share/pbs/install" --dry-run
  [[ $output == *'import\ hook\ plurality'* ]]
  [ ! -e "$PBS/qmgr" ]
  for _ in 1 2; do PATH=$PBS/bin:$PATH run -0 "$TREE/share/pbs/install" --spool "$PBS/spool"; done
  [ "$(grep -c '^create hook' "$PBS/qmgr")" -eq 1 ]
  [ "$(grep -c '^import hook plurality application/x-python default .*plurality_hook.py$' "$PBS/qmgr")" -eq 2 ]
}

@test "install says what became of the hook, and makes nothing where it cannot ask for it" {
  install=("$TREE/share/pbs/install" --spool "$PBS/new")
  PATH=/usr/bin:/bin run -1 "${install[@]}"
  [[ $output == *'cannot install the hook plurality: qmgr is not on PATH'*'hint: put PBS_EXEC/bin on PATH'* ]]
  PATH=/usr/bin:/bin run -1 "${install[@]}" --remove
  [[ $output == *'cannot remove the hook plurality: qmgr is not on PATH'* ]]
  touch "$PBS/down"
  for words in '' --remove; do
    # shellcheck disable=SC2086 # none or one
    PATH=$PBS/bin:$PATH run -1 "${install[@]}" $words
    [[ $output == *'the server does not answer'* ]]
  done
  [ ! -e "$PBS/new" ]
  rm "$PBS/down"
  PATH=$PBS/bin:$PATH run -0 "${install[@]}"
  [ "$output" = 'hook plurality is installed' ]
  PATH=$PBS/bin:$PATH run -0 "${install[@]}" --remove
  [ "$output" = 'hook plurality is removed' ]
  PATH=$PBS/bin:$PATH run -0 "${install[@]}" --remove
  [ "$output" = 'hook plurality does not exist' ]
}

@test "a #PBS script runs in the image through qsub" {
  printf '#!/bin/bash\n#PBS -l nodes=1:ppn=2\n#PBS -N hello\n#PLURALITY image=%s\nplurality-exec %s head -n 1 /etc/os-release >%s\n' \
    "$IMAGE" "$IMAGE" "$CLUSTER/run/pbs.out" >"$CLUSTER/run/job.pbs"
  run -0 as_test_user plurality submit -- qsub -V "$CLUSTER/run/job.pbs"
  wait_for 60 grep -q ID=busybox "$CLUSTER/run/pbs.out"
}
