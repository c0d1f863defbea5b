#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What people type who know another tool, or type for the first time: it works, or one line says what to type instead.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE
  IMAGE=$(stage busybox)
  mksquashfs "$(as_test_user plurality-stagein path "$IMAGE")" "$CLUSTER/run/My_Tools.sqsh" -all-root -quiet -no-progress
  chmod 644 "$CLUSTER/run/My_Tools.sqsh"
}

teardown_file() { teardown_place; }

# says STATUS TEXT COMMAND...: as the test user in $CLUSTER/run; one error line, then one hint line that has TEXT.
says() {
  local expected=$1 text=$2 actual=0
  shift 2
  output=$(as_test_user sh -c 'cd "$0" && exec "$@"' "$CLUSTER/run" "$@" 2>&1 >/dev/null </dev/null) || actual=$?
  printf 'status %s\n%s\n' "$actual" "$output"
  [ "$actual" -eq "$expected" ]
  [ "$(grep -cE '^plurality[a-z -]*: cannot ' <<<"$output")" -eq 1 ]
  grep '^hint: ' <<<"$output" | grep -qF -- "$text"
}

@test "a file in place of an image: the two commands that run it, and they do" {
  for named in My_Tools.sqsh ./My_Tools.sqsh "$CLUSTER/run/My_Tools.sqsh" squashfs:My_Tools.sqsh; do
    says 125 "plurality-stagein pull --name my_tools squashfs:$CLUSTER/run/My_Tools.sqsh && plurality-exec my_tools COMMAND" plurality-exec "$named" true
    says 125 'pull --name my_tools' plurality-exec --pull missing "$named" true
  done
  hint=$(sed -n 's/^hint: //p' <<<"$output")
  run -0 --separate-stderr as_test_user sh -c "${hint/COMMAND/echo from the file}"
  [ "${lines[-1]}" = 'from the file' ]
}

@test "a path that stages in by itself: pull and create take it" {
  cd "$CLUSTER/run"
  run -0 as_test_user sh -c "cd $CLUSTER/run && plurality pull --quiet --name by-path:1 ./My_Tools.sqsh && plurality-exec by-path:1 echo by path"
  [ "${lines[-1]}" = 'by path' ]
  install -d -o "$TEST_USER" "$CLUSTER/run/home"
  run -0 as_test_user HOME="$CLUSTER/run/home" sh -c "cd $CLUSTER/run && plurality create ./My_Tools.sqsh box >/dev/null && plurality run -i box echo in a box && plurality delete box"
  [ "${lines[-1]}" = 'in a box' ]
  says 2 'write ./My_Tools.sqsh for the file, docker://My_Tools.sqsh for' plurality-stagein pull My_Tools.sqsh
  says 2 'docker-archive:' plurality-stagein pull ./absent.sif
}

@test "other things in place of an image" {
  says 125 'check the path' plurality-exec ./absent.sif true
  says 125 'plurality-exec dir:/usr COMMAND' plurality-exec /usr true
  says 125 'plurality-exec IMAGE /bin/ls' plurality-exec /bin/ls -l
  says 125 'plurality-exec IMAGE ls' plurality-exec ls
  says 125 'plurality-exec IMAGE ls' plurality-exec ls -l
  says 125 '--env A=1: -e is --cleanenv here' plurality-exec -e A=1 "$IMAGE" true
  says 125 'plurality pull ubuntu' plurality-exec pull ubuntu
  says 125 "leave 'run' out: plurality-exec $IMAGE true" plurality-exec run "$IMAGE" true
  says 125 "plurality-exec $IMAGE sh" plurality-exec shell "$IMAGE"
  says 125 "use the full name of what is staged, $IMAGE; or plurality-stagein pull busybox" plurality-exec busybox true
  says 125 'apptainer pull image.sif library://x' plurality-exec library://x true
  says 125 "leave 'https://' out: plurality-exec ghcr.io/a/b:1 true" plurality-exec https://ghcr.io/a/b:1 true
  says 125 "--entrypoint=sh $IMAGE -c true" plurality-exec --entrypoint sh "$IMAGE" -c true
  for cache in "$CACHE" "$CLUSTER/run/empty"; do
    says 125 'in lower case: plurality-exec debian:12-Slim true' plurality-exec --cache "$cache" Debian:12-Slim true
  done
  says 2 'in lower case: docker.io/library/debian' plurality-stagein pull docker.io/library/Debian
}

@test "options of other tools mean the same in plurality-exec" {
  install -d -m 755 "$CLUSTER/run/bound"
  run -0 as_test_user plurality-exec --rm -i -v "$CLUSTER/run/bound:/mnt" --pwd /mnt "$IMAGE" sh -c 'pwd; ls -d /mnt; cat' <<<'on standard input'
  [ "$output" = $'/mnt\n/mnt\non standard input' ]
  run -0 as_test_user plurality-exec -v"$CLUSTER/run/bound:/mnt" --volume="$CLUSTER/run/bound:/media" "$IMAGE" ls -d /mnt /media
  says 125 'leave -it out' plurality-exec -it "$IMAGE" sh
  run -0 script -qec "setpriv --reuid $TEST_USER --regid $TEST_USER --clear-groups env HOME=/ PLURALITY_CACHE=$CACHE PLURALITY_RUN_DIR=$CLUSTER/run/tty $TREE/bin/plurality-exec -it $IMAGE tty" /dev/null </dev/null
  [[ $output == *'/dev/pts/'* ]]
}

@test "options that plurality-exec does not have" {
  says 125 'write --nv' plurality-exec --gpus all "$IMAGE" true
  says 125 'plurality create IMAGE NAME' plurality-exec --fakeroot "$IMAGE" true
  says 125 'write --workdir DIR' plurality-exec -w /tmp "$IMAGE" true
  says 125 'did you mean --bind?' plurality-exec --bnid /tmp "$IMAGE" true
}

@test "commands of other tools, and mistyped ones" {
  for words in 'images' 'ls' 'help' 'help pull' 'version'; do
    run -0 as_test_user plurality-stagein $words
  done
  for words in 'ps' 'ls' 'help' 'help pull' 'help run' 'version' 'images'; do
    run -0 as_test_user plurality $words
  done
  says 2 'plurality-exec IMAGE COMMAND' plurality-stagein run "$IMAGE" true
  says 2 'did you mean inspect?' plurality-stagein inspct "$IMAGE"
  says 2 'did you mean --long?' plurality-stagein list --lnog
  says 2 'plurality run -d NAME' plurality start box
  says 2 'plurality stagein doctor' plurality doctor
  says 2 'did you mean images?' plurality imagse
  says 2 'did you mean create?' plurality creat "$IMAGE" box
  says 125 "plurality delete NAME" plurality run --rm box
}

@test "an image in place of a container's name" {
  says 125 "plurality-exec $IMAGE echo hello" plurality run "$IMAGE" echo hello
  says 125 'plurality-exec busybox ls' plurality exec busybox ls
  says 3 'plurality delete nosuch' plurality rm nosuch
}

@test "a tag that is not the only one is removed alone, with a word; a digest means all" {
  as_test_user plurality pull --quiet --name second:1 "$IMAGE" >/dev/null
  as_test_user plurality pull --quiet --name third:1 "$IMAGE" >/dev/null
  digest=$(as_test_user plurality inspect "$IMAGE" | jq -r .digest)
  run -0 as_test_user plurality rm second:1
  [[ $output == "removed the name second:1 only: the image is still there as "*"$IMAGE"*"; 'plurality-stagein rm $digest'"* ]]
  as_test_user plurality-exec "$IMAGE" true
  run -3 as_test_user plurality path second:1
  run -0 as_test_user plurality rm "$digest"
  [ "$output" = "$digest" ]
  run -3 as_test_user plurality path "$IMAGE"
  as_test_user plurality pull --quiet "$IMAGE" >/dev/null
}

@test "plain http: what is recommended can be done where it is" {
  port=${PLURALITY_TEST_REGISTRY#*:}
  image=localhost:$port/busybox:latest
  says 5 "set PLURALITY_INSECURE_REGISTRIES=localhost:$port" env PLURALITY_INSECURE_REGISTRIES= plurality create "$image" plain
  says 5 "set PLURALITY_INSECURE_REGISTRIES=localhost:$port" env PLURALITY_INSECURE_REGISTRIES= plurality pull "$image"
  says 2 "write localhost:$port in --insecure-registry" plurality pull --insecure-registry "http://localhost:$port/" "$image"
}

@test "doctor of a cache that cannot be: 1" {
  run -1 as_test_user plurality-stagein doctor --cache /nonexistent/cache
  [[ $output == *'there is no cache, and this user cannot make one in /'* ]]
}

# The last: it ends the registry.
@test "plurality submit without sbatch, and with a registry that is down" {
  printf '#!/bin/sh\n#PLURALITY image=%s\ntrue\n' "$IMAGE" >"$CLUSTER/run/job.sh"
  says 2 'plurality submit -- sbatch job.sh' plurality submit job.sh
  says 2 'plurality submit -- sbatch job.sh -n 4' plurality submit -- job.sh -n 4
  "$REPO/dev/registry-down" "$CLUSTER/registry"
  run -5 as_test_user plurality submit -- sbatch "$CLUSTER/run/job.sh"
  [[ $output == *"hint: to run the image that is in the cache, without asking the registry, submit with: sbatch $CLUSTER/run/job.sh"* ]]
}
