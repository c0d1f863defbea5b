#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# plurality-exec with the real runc, as an ordinary user, without a scheduler.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE ROOTFS
  make_image
  open_cache "$CACHE"
  as_test_user plurality-stagein pull "$IMAGE" >/dev/null
  ROOTFS=$(as_test_user plurality-stagein path "$IMAGE")
}

teardown_file() { teardown_place; }

# Busybox with a configuration that sets what an image may set, and what it may not.
make_image() {
  local layout=$CLUSTER/layout
  IMAGE=$PLURALITY_TEST_REGISTRY/launch:latest
  cp -r "$("$REPO/dev/image" busybox)" "$layout"
  umoci config --image "$layout:latest" --config.workingdir /srv/app --config.cmd sh --config.cmd -c --config.cmd 'echo default command' \
    --config.env FROM_IMAGE=image --config.env BOTH=image --config.env LD_LIBRARY_PATH=/image/lib --config.env ENV=/image/profile \
    --config.env SLURM_PROCID=99 --config.env PMI_RANK=99 --config.env HOME=/image --config.env USER=image --config.env PLURALITY_CACHE=/image
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:latest" "docker://$IMAGE"
}

# Runs one rank each way; sets output as bats's run does, and checks that the two agree.
both() { # [NAME=VALUE...] plurality-exec's arguments...
  local environment=() alone alone_status=0
  while [[ ${1-} == *=* && $1 != -* ]]; do environment+=("$1") && shift; done
  alone=$(as_test_user "${environment[@]}" plurality-exec --share none "$@" 2>&1) || alone_status=$?
  status=0
  output=$(as_test_user "${environment[@]}" plurality-exec --share node "$@" 2>&1) || status=$?
  printf 'alone, %s:\n%s\nshared, %s:\n%s\n' "$alone_status" "$alone" "$status" "$output"
  [ "$status" -eq "$alone_status" ]
  [ "$output" = "$alone" ]
}

@test "the program has the user's uid and gid, no capabilities, and makes files that are the user's" {
  both "$IMAGE" sh -c 'id -u; id -g; grep CapEff /proc/self/status'
  [ "$output" = "$(id -u "$TEST_USER")
$(id -g "$TEST_USER")
CapEff:	0000000000000000" ]
  rm -f "$CLUSTER/run/made"
  both -B "$CLUSTER/run" "$IMAGE" sh -c "echo made >$CLUSTER/run/made; id -un"
  [ "$(stat -c %U "$CLUSTER/run/made")" = "$TEST_USER" ]
  [ "$output" = "$TEST_USER" ]
}

@test "the image's variables are on top, except those that are the scheduler's and the user's" {
  both BOTH=host FROM_HOST=host SLURM_PROCID=7 PMI_RANK=7 "$IMAGE" \
    sh -c 'echo "$FROM_IMAGE $BOTH $FROM_HOST $LD_LIBRARY_PATH $SLURM_PROCID $PMI_RANK $USER $HOME"'
  [ "$output" = "image image host /image/lib 7 7 $TEST_USER $(getent passwd "$TEST_USER" | cut -d: -f6)" ]
  both "$IMAGE" sh -c 'echo "${SLURM_PROCID-none} ${PMI_RANK-none} $ENV"'
  [ "$output" = 'none none /image/profile' ]
  both BOTH=host "$IMAGE" sh -c 'echo $BOTH' # the user's --env wins over all
  both BOTH=host --env BOTH=user --env SLURM_PROCID=8 "$IMAGE" sh -c 'echo $BOTH $SLURM_PROCID'
  [ "$output" = 'user 8' ]
}

@test "both ways of launching give the very same environment" {
  for share in none node; do
    as_test_user ODD='two
lines and a = sign' EMPTY='' 'BASH_FUNC_f%%=() { :; }' SHLVL=4 plurality-exec --share "$share" "$IMAGE" env | sort >"$CLUSTER/$share"
  done
  diff "$CLUSTER/none" "$CLUSTER/node"
  grep -x 'ODD=two' "$CLUSTER/node"
  grep -x 'EMPTY=' "$CLUSTER/node"
  grep -x 'BASH_FUNC_f%%=() { :; }' "$CLUSTER/node"
}

@test "the working directory is the rank's own, the image's where there is none, or the one asked for" {
  both "$IMAGE" pwd
  [ "$output" = "$(getent passwd "$TEST_USER" | cut -d: -f6)" ]
  both --workdir /etc "$IMAGE" pwd
  [ "$output" = /etc ]
  run as_test_user sh -c "cd /usr && plurality-exec $IMAGE pwd"
  [ "$output" = /srv/app ]
  install -d -o "$TEST_USER" "$CLUSTER/cwd"
  run as_test_user sh -c "cd $CLUSTER/cwd && plurality-exec $IMAGE sh -c 'echo here >file; pwd'"
  [ "$output" = "$CLUSTER/cwd" ]
  [ "$(<"$CLUSTER/cwd/file")" = here ]
}

@test "the home directory can be written, the image cannot" {
  both "$IMAGE" sh -c 'echo kept >"$HOME/.plurality-test" && cat "$HOME/.plurality-test"; rm "$HOME/.plurality-test"'
  [ "$output" = kept ]
  both "$IMAGE" sh -c 'for d in / /bin /etc /srv/app; do touch $d/new 2>/dev/null && echo "wrote $d"; done; true'
  [ -z "$output" ]
  both "$IMAGE" sh -c 'echo x >>/etc/os-release' 2>/dev/null
  [ "$status" -ne 0 ]
}

@test "files and directories are bound where the image has no such place" {
  mkdir -p "$CLUSTER/data" && echo payload >"$CLUSTER/data/file"
  both -B /etc/hostname:/opt/new/file -B "$CLUSTER/data:/newtop" -B "$CLUSTER/data/file:/etc/added.conf:ro" "$IMAGE" \
    sh -c 'cat /opt/new/file /newtop/file /etc/added.conf; test -x /bin/busybox && grep -c . /etc/os-release'
  [ "$output" = "$(cat /etc/hostname)
payload
payload
2" ]
  [ ! -e "$ROOTFS/newtop" ] && [ ! -e "$ROOTFS/opt" ]
}

@test "a bind of what is not there fails with 125 and says so" {
  both -B /nowhere:/data "$IMAGE" true
  [ "$status" -eq 125 ]
  [[ $output == *'/nowhere'* && $output == *'hint: '* ]]
}

@test "exit status 0, 3, 126, 127 and that of a signal are the program's" {
  both "$IMAGE" true
  [ "$status" -eq 0 ]
  both "$IMAGE" sh -c 'exit 3'
  [ "$status" -eq 3 ]
  both "$IMAGE" /etc/os-release
  [ "$status" -eq 126 ]
  both "$IMAGE" no-such-command
  [ "$status" -eq 127 ]
  both "$IMAGE" sh -c 'kill -SEGV $$'
  [ "$status" -eq 139 ]
}

@test "without a command the image's own runs" {
  both "$IMAGE"
  [ "$output" = 'default command' ]
}

@test "an image that is not staged ends with 125 and the pull that would mend it" {
  both registry.example/not/there:1 true
  [ "$status" -eq 125 ]
  [[ $output == *'plurality-stagein pull registry.example/not/there:1'* ]]
}

@test "--pull missing stages in into the cache that is named, and says once what fails" {
  for share in none node; do
    run -0 --separate-stderr as_test_user plurality-exec --share "$share" --pull missing --cache "$CLUSTER/caches/pulled-$share" "$IMAGE" echo pulled
    [ "$output" = pulled ]
    [[ $stderr == *'staging in'* && $stderr != *sha256:* ]]
    run -125 as_test_user plurality-exec --share "$share" --pull missing "${IMAGE%:*}:nosuch" true
    [ "$(grep -c ^hint: <<<"$output")" -eq 1 ]
    [[ $output == *'it is not there'* ]]
  done
}

# crowd: four ranks of a node's step, as Open MPI's launcher numbers them, with a patience of 3 s; prints statuses and what they said.
crowd() { # [NAME=VALUE...] -- plurality-exec's arguments...
  local environment=()
  while [[ $1 != -- ]]; do environment+=("$1") && shift; done
  shift
  as_test_user "${environment[@]}" PLURALITY_LAUNCH_TIMEOUT=3s OMPI_COMM_WORLD_LOCAL_SIZE=4 bash -c '
    for i in 0 1 2 3; do OMPI_COMM_WORLD_LOCAL_RANK=$i plurality-exec --share node "$@" & ranks+=($!); done
    for rank in ${ranks[@]}; do status=0; wait $rank || status=$?; echo status $status; done' - "$@" 2>&1
}

@test "ranks wait for an image that is staged in, or copied to the node, longer than for a container" {
  SLOW_RUN=$CLUSTER/slow
  mkdir -p "$SLOW_RUN/bin"
  echo 6 >"$SLOW_RUN/delay"
  start_daemon "$SLOW_RUN" registry "$SLOW_RUN/out" "$REPO/tests/slow-registry" "$PLURALITY_TEST_REGISTRY" "$SLOW_RUN"
  wait_for 10 test -s "$SLOW_RUN/out"
  local slow
  slow=$(<"$SLOW_RUN/out")
  run crowd PLURALITY_INSECURE_REGISTRIES="$slow" -- --pull missing --cache "$CLUSTER/caches/slow" "$slow/launch:latest" echo up
  stop_daemon "$SLOW_RUN" registry
  echo "$output"
  [ "$(grep -cx up <<<"$output")" -eq 4 ]
  [ "$(grep -cx 'status 0' <<<"$output")" -eq 4 ]
  wait_for 20 clean
  squash "$IMAGE" "$CLUSTER/caches/squashed"
  printf '#!/bin/sh\nsleep 6\nexec /bin/cp "$@"\n' >"$SLOW_RUN/bin/cp"
  chmod 755 "$SLOW_RUN/bin/cp"
  run crowd PATH="$SLOW_RUN/bin:$TREE/bin:/usr/bin:/bin:/usr/sbin:/sbin" PLURALITY_CACHE="$CLUSTER/caches/squashed" -- --local "$IMAGE" echo up
  echo "$output"
  [ "$(grep -cx up <<<"$output")" -eq 4 ]
  [ "$(grep -cx 'status 0' <<<"$output")" -eq 4 ]
  wait_for 20 clean
}

@test "ranks whose leader stands still give up after their time, and one of them says so" {
  cat >"$CLUSTER/run/late" <<'LATE'
export OMPI_COMM_WORLD_LOCAL_SIZE=4
OMPI_COMM_WORLD_LOCAL_RANK=0 plurality-exec --share node "$IMAGE" echo first & leader=$!
for i in {1..2000}; do [[ ! -e $(echo "$PLURALITY_RUN_DIR"/node-p.$$-*/leader) ]] || break; sleep 0.002; done
kill -STOP $leader
for i in 1 2 3; do OMPI_COMM_WORLD_LOCAL_RANK=$i plurality-exec --share node "$IMAGE" echo rank & ranks+=($!); done
for rank in ${ranks[@]}; do status=0; wait $rank || status=$?; echo status $status; done
kill -CONT $leader
wait $leader
LATE
  run -0 as_test_user IMAGE="$IMAGE" PLURALITY_LAUNCH_TIMEOUT=3s bash "$CLUSTER/run/late"
  echo "$output"
  [ "$(grep -cx 'status 125' <<<"$output")" -eq 3 ]
  [ "$(grep -c 'was not ready after 3 s' <<<"$output")" -eq 1 ]
  [ "$(grep -c '^hint: .*PLURALITY_LAUNCH_TIMEOUT' <<<"$output")" -eq 1 ]
  [ "$(grep -cx first <<<"$output")" -eq 1 ]
  run -125 as_test_user PLURALITY_LAUNCH_TIMEOUT=soon plurality-exec "$IMAGE" true
  [[ $output == *"'soon'"*'PLURALITY_LAUNCH_TIMEOUT'* ]]
  # As every other time.
  for time in '90 s' 2m 1d 999999999w none; do
    run -0 as_test_user PLURALITY_LAUNCH_TIMEOUT="$time" plurality-exec "$IMAGE" echo up
    [ "$output" = up ]
  done
  wait_for 20 clean
}

@test "TERM and INT reach the program, and a shell sees which signal ended it" {
  for share in none node; do
    for signal in TERM INT USR1; do
      run as_test_user bash -c "set -m
        plurality-exec --share $share $IMAGE sh -c 'trap \"echo got; exit 9\" $signal; echo up; while :; do sleep 0.1; done' >$CLUSTER/run/signal &
        for i in {1..100}; do grep -qs up $CLUSTER/run/signal && break; sleep 0.05; done
        kill -$signal \$!; wait \$!; echo \$?"
      echo "$share $signal: $output"
      [ "${lines[-1]}" = 9 ]
      [ "$(tail -n 1 "$CLUSTER/run/signal")" = got ]
      run as_test_user bash -c "plurality-exec --share $share $IMAGE sh -c 'echo up; exec sleep 60' >$CLUSTER/run/signal &
        for i in {1..100}; do grep -qs up $CLUSTER/run/signal && break; sleep 0.05; done
        kill -TERM \$!; wait \$!; echo \$?"
      echo "$share, not caught: $output"
      [ "$output" = 143 ]
      rm -f "$CLUSTER/run/signal"
    done
  done
}

@test "standard input, output and error are the program's, byte for byte" {
  head -c 1000000 /dev/urandom >"$CLUSTER/run/bytes"
  chmod 644 "$CLUSTER/run/bytes"
  for share in none node; do
    sum=$(as_test_user sh -c "plurality-exec --share $share $IMAGE cat <$CLUSTER/run/bytes" | sha256sum)
    [ "$sum" = "$(sha256sum <"$CLUSTER/run/bytes")" ]
    errors=$(as_test_user sh -c "plurality-exec --share $share $IMAGE sh -c 'echo out; echo err >&2' 2>&1 >/dev/null")
    [ "$errors" = err ]
  done
  rm "$CLUSTER/run/bytes"
}

@test "a descriptor that PMI left open is open inside" {
  for share in none node; do
    run as_test_user bash -c "exec 7<<<'through the descriptor'; PMI_FD=7 plurality-exec --share $share $IMAGE sh -c 'cat <&7'"
    echo "$share: $output"
    [ "$output" = 'through the descriptor' ]
  done
}

@test "ranks that start at once share one container, and it goes away after the last" {
  run as_test_user bash -c "for i in {1..8}; do
      plurality-exec --share node $IMAGE sh -c 'readlink /proc/self/ns/mnt; readlink /proc/self/ns/user; sleep 1' >$CLUSTER/run/rank.\$i &
    done; wait"
  [ "$status" -eq 0 ]
  echo "$output"
  [ "$(cat "$CLUSTER"/run/rank.* | wc -l)" -eq 16 ]
  [ "$(sort -u "$CLUSTER"/run/rank.* | wc -l)" -eq 2 ]
  ! grep -qF "$(readlink /proc/self/ns/mnt)" "$CLUSTER"/run/rank.*
  rm "$CLUSTER"/run/rank.*
  wait_for 10 clean
}

@test "ranks of PALS and of Open MPI share by themselves, and hear of a failure once each" {
  for names in PALS_LOCAL_SIZE:PALS_LOCAL_RANKID OMPI_COMM_WORLD_LOCAL_SIZE:OMPI_COMM_WORLD_LOCAL_RANK; do
    run -0 as_test_user PLURALITY_RUN_DIR="$CLUSTER/run/launchers" "${names%:*}=2" bash -c "for i in 0 1; do export ${names#*:}=\$i; plurality-exec $IMAGE sh -c 'readlink /proc/self/ns/mnt; sleep 1' & done; wait"
    [ "$(wc -l <<<"$output") $(sort -u <<<"$output" | wc -l)" = '2 1' ]
    run as_test_user PLURALITY_RUN_DIR="$CLUSTER/run/launchers" "${names%:*}=2" bash -c "for i in 0 1; do export ${names#*:}=\$i; plurality-exec $IMAGE-not-there true & done; wait"
    [ "$(grep -c 'is not staged' <<<"$output")" -eq 1 ]
    # The first again, in a later command of the same shell.
    run as_test_user PLURALITY_RUN_DIR="$CLUSTER/run/launchers" "${names%:*}=2" "${names#*:}=0" bash -c "for i in 0 1; do plurality-exec $IMAGE-not-there true; done; true"
    [ "$(grep -c 'is not staged' <<<"$output")" -eq 2 ]
  done
  wait_for 20 eval '! compgen -G "$CLUSTER/run/launchers/node-*/ready"'
  rm -rf "$CLUSTER/run/launchers"
}

@test "ranks of different images, options or parents do not share" {
  run as_test_user bash -c "
    plurality-exec --share node $IMAGE sh -c 'readlink /proc/self/ns/mnt; sleep 1' &
    plurality-exec --share node -B /etc/hostname:/opt/name $IMAGE sh -c 'readlink /proc/self/ns/mnt; sleep 1' &
    (plurality-exec --share node $IMAGE sh -c 'readlink /proc/self/ns/mnt; sleep 1'; true) &
    wait"
  echo "$output"
  [ "$(sort -u <<<"$output" | wc -l)" -eq 3 ]
  wait_for 10 clean
}

@test "a rank outlives the one that made the container" {
  run as_test_user bash -c "
    plurality-exec --share node $IMAGE sh -c 'readlink /proc/self/ns/mnt'
    plurality-exec --share node $IMAGE sh -c 'sleep 3; readlink /proc/self/ns/mnt; cat /etc/os-release | head -n 1'"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "${lines[2]}" = ID=busybox ]
  wait_for 10 clean
}

@test "a rank that takes its time on the way into a shared container still finds it" {
  # On a node with much else to do. The first entry into a namespace takes each process 4 s: the one that makes the pause process, and the rank.
  run -0 as_test_user strace -f -qq -o /dev/null -e trace=setns -e inject=setns:delay_enter=4000000:when=1 \
    plurality-exec --share node "$IMAGE" echo there
  [ "$output" = there ]
  wait_for 10 clean
}

@test "kill -9 of the rank that makes the container leaves the others running" {
  for moment in 0.02 0.08 0.15 0.3; do
    run as_test_user bash -c "
      plurality-exec --share node $IMAGE sh -c 'sleep 1; echo first' & first=\$!
      sleep 0.01
      for i in 1 2 3; do plurality-exec --share node $IMAGE sh -c 'sleep 1; echo rank' & ranks+=(\$!); done
      sleep $moment; kill -KILL \$first
      for rank in \${ranks[@]}; do wait \$rank || echo failed \$?; done"
    echo "$moment: $output"
    [ "$(grep -c rank <<<"$output")" -eq 3 ]
    [[ $output != *failed* ]]
  done
  # What it was still preparing goes with the next launch.
  as_test_user plurality-exec "$IMAGE" true
  wait_for 10 clean
}

@test "ranks that wait are killed without harm to the others, and to their launch" {
  cat >"$CLUSTER/run/watch" <<'WATCH'
plurality-exec --share node "$IMAGE" sh -c 'echo first' & leader=$!
for i in {1..2000}; do [[ ! -e $(echo "$PLURALITY_RUN_DIR"/node-p.$$-*/leader) ]] || break; sleep 0.002; done
kill -STOP $leader
for i in 1 2 3 4 5; do plurality-exec --share node "$IMAGE" sh -c 'echo rank' & ranks+=($!); done
sleep 0.5
kill -KILL ${ranks[0]}
sleep 0.2
kill -CONT $leader
for rank in $leader ${ranks[@]}; do wait $rank || { status=$?; [[ $rank == ${ranks[0]} && $status == 137 ]] || echo failed $status; }; done
WATCH
  run as_test_user IMAGE="$IMAGE" PLURALITY_RUN_DIR="$CLUSTER/run/watched" bash "$CLUSTER/run/watch"
  echo "$output"
  [ "$(grep -c '^rank$' <<<"$output")" -eq 4 ]
  [ "$(grep -c '^first$' <<<"$output")" -eq 1 ]
  [[ $output != *failed* ]]
  wait_for 30 eval '[[ $(ls -A "$CLUSTER/run/watched") == plans ]]'
  rm -rf "$CLUSTER/run/watched"
}

# Whether no container of the user's is on its way; other tests may start some at the same time.
no_init() { ! pgrep -u "$TEST_USER" -f "^/.*runc init"; }

@test "leaders killed at twenty moments: no rank hangs or fails, no process or directory stays" {
  for ((i = 0; i < 20; i++)); do
    run as_test_user timeout 30 bash -c "
      plurality-exec --share node $IMAGE sh -c 'sleep 0.4; echo first' & first=\$!
      for i in 1 2 3; do plurality-exec --share node $IMAGE sh -c 'sleep 0.4; echo rank' & ranks+=(\$!); done
      sleep 0.$(printf %03d $((RANDOM % 250))); kill -KILL \$first
      for rank in \${ranks[@]}; do wait \$rank || echo failed \$?; done"
    echo "$i: $status $output"
    [ "$status" -eq 0 ]
    [ "$(grep -c rank <<<"$output")" -eq 3 ]
    [[ $output != *failed* ]]
  done
  # One that was killed before its directory had its name is swept by the next launch.
  as_test_user plurality-exec --share none "$IMAGE" true
  wait_for 20 clean
  ! pgrep -u "$TEST_USER" -f "$CLUSTER/run/"
  wait_for 20 no_init
}

@test "what killed launches leave is swept by the next one" {
  for share in none node; do
    for moment in 0.03 0.1 0.2 0.3; do
      as_test_user bash -c "plurality-exec --share $share $IMAGE sleep 3 & sleep $moment; kill -KILL \$!; wait \$! 2>/dev/null || true" 2>/dev/null
    done
  done
  # A program that outlives its runc keeps its mount points until it ends.
  sleep 4
  as_test_user plurality-exec --share none "$IMAGE" true
  as_test_user plurality-exec --share node "$IMAGE" true
  wait_for 10 clean || {
    ls -la "$CLUSTER/run/$TEST_USER"
    return 1
  }
}

@test "the user's own settings for Java, bash, locale and loader neither disturb us nor are lost" {
  echo 'echo from BASH_ENV; exit 66' >"$CLUSTER/run/bash_env"
  both JAVA_TOOL_OPTIONS=-XX:NoSuchOption _JAVA_OPTIONS=-Xmx1k JDK_JAVA_OPTIONS=--nonsense BASH_ENV="$CLUSTER/run/bash_env" \
    LC_ALL=C LD_PRELOAD= CLASSPATH=/nowhere JAVA_HOME=/nowhere SHELLOPTS=noexec BASHOPTS=extdebug POSIXLY_CORRECT=1 "$IMAGE" \
    sh -c 'echo "$JAVA_TOOL_OPTIONS $_JAVA_OPTIONS $JDK_JAVA_OPTIONS $BASH_ENV $LC_ALL $CLASSPATH $JAVA_HOME"'
  [ "$output" = "-XX:NoSuchOption -Xmx1k --nonsense $CLUSTER/run/bash_env C /nowhere /nowhere" ]
  mkdir -p "$CLUSTER/badlib" && echo 'not a library' >"$CLUSTER/badlib/libc.so.6"
  run as_test_user plurality-exec --env LD_LIBRARY_PATH="$CLUSTER/badlib" "$IMAGE" sh -c 'echo $LD_LIBRARY_PATH'
  [ "$output" = "$CLUSTER/badlib" ]
  run as_test_user LD_LIBRARY_PATH=/nowhere/lib plurality-exec "$IMAGE" sh -c 'echo $LD_LIBRARY_PATH'
  [ "$output" = /image/lib ] # the image's, on top
  rm "$CLUSTER/run/bash_env"
}

@test "names and arguments that are not ASCII, or empty, arrive as they are" {
  install -d -o "$TEST_USER" "$CLUSTER/wörk dir"
  for share in none node; do
    run as_test_user LC_ALL=C bash -c "cd $CLUSTER/wörk\\ dir && plurality-exec --share $share $IMAGE printf '%s|' 'é ü' '' 'two  blanks' '*' \$'tab\\there'; plurality-exec --share $share $IMAGE pwd"
    echo "$share: $output"
    [ "${lines[0]}" = $'é ü||two  blanks|*|tab\there|'"$CLUSTER/wörk dir" ] || [ "$output" = $'é ü||two  blanks|*|tab\there|'"$HOME" ]
  done
}

@test "the tree works at another place, read-only, without a Java on the machine" {
  mkdir "$CLUSTER/moved tree" && cp -R "$TREE" "$CLUSTER/moved tree/p"
  chmod -R a-w "$CLUSTER/moved tree/p"
  for share in none node; do
    run as_test_user JAVA_HOME=/nowhere PATH=/usr/bin:/bin "$CLUSTER/moved tree/p/bin/plurality-exec" --share "$share" "$IMAGE" sh -c 'echo "uid $(id -u)"'
    echo "$output"
    [ "$output" = "uid $(id -u "$TEST_USER")" ]
  done
  ln -s "$CLUSTER/moved tree/p/bin/plurality-exec" "$CLUSTER/linked"
  run as_test_user PATH=/usr/bin:/bin "$CLUSTER/linked" "$IMAGE" sh -c 'echo "uid $(id -u)"'
  [ "$output" = "uid $(id -u "$TEST_USER")" ]
}

@test "a second user runs the first one's image with the same tree, at the same time" {
  [[ -n $OTHER_USER ]] || skip 'there is no second user: not root'
  as_test_user bash -c "plurality-exec --share node $IMAGE sleep 2" 3>&- &
  first=$!
  run as_other "$OTHER_USER" bash -c "for i in 1 2; do plurality-exec --share node $IMAGE sh -c 'id -u; sleep 0.5' & done; wait"
  wait "$first"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(sort -u <<<"$output")" = "$(id -u "$OTHER_USER")" ]
}

@test "a directory in the user's name that is another's is not used" {
  [[ -n $OTHER_USER ]] || skip 'there is no second user: not root'
  install -d -o "$OTHER_USER" -m 777 "$CLUSTER/run/foreign"
  for share in none node; do
    run as_test_user PLURALITY_RUN_DIR="$CLUSTER/run/foreign" plurality-exec --share "$share" "$IMAGE" true
    [ "$status" -eq 125 ]
    [[ $output == *'PLURALITY_RUN_DIR'* ]]
  done
}

@test "launches leave the published entry as it was" {
  before=$(checksum "${ROOTFS%/rootfs}")
  both -B /etc/hostname:/opt/new/file "$IMAGE" sh -c 'touch /bin/x /etc/passwd /tmp/plurality-touched; rm -f /tmp/plurality-touched; chmod 777 / /bin; rm -rf /bin/ls; true' 2>/dev/null
  as_test_user plurality-exec -B "$CLUSTER/run:/srv/app" "$IMAGE" sh -c 'echo x >/srv/app/x'
  rm "$CLUSTER/run/x"
  [ "$(checksum "${ROOTFS%/rootfs}")" = "$before" ]
}
