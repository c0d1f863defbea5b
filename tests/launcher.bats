#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What reaches the program, and what is said where a launch cannot be: variables, names, limits and places.
# shellcheck disable=SC2154 # run sets status and output
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE
  make_image
  as_test_user plurality-stagein pull "$IMAGE" >/dev/null
}

teardown_file() { teardown_place; }

# Busybox with variables that steer loaders and shells.
make_image() {
  local layout=$CLUSTER/layout
  IMAGE=$PLURALITY_TEST_REGISTRY/launcher:latest
  cp -r "$("$REPO/dev/image" busybox)" "$layout"
  umoci config --image "$layout:latest" --config.env LD_LIBRARY_PATH=/image/lib --config.env LC_ALL=xx_YY.UTF-8 --config.env FUNCNEST=1 \
    --config.env IFS=x --config.env TMOUT=1
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:latest" "docker://$IMAGE"
}

WAYS=('--share none' '--share node' '--pid --share none' '--pid --share node')

# says WHAT: the output is a message and a hint, and no word of a shell.
says() {
  echo "$output"
  [ "$status" -eq 125 ]
  [[ $output == *"plurality-exec: cannot "*"$1"*$'\nhint: '* ]]
  [[ $output != *bash* && $output != *': line '* && $output != *java* ]]
}

@test "a program whose path has an equals sign is run" {
  local way
  as_test_user mkdir -p "$CLUSTER/run/lr=0.1"
  printf '#!/bin/sh\necho "ran $0"\nexit 4\n' | as_test_user tee "$CLUSTER/run/lr=0.1/run.sh" >/dev/null
  chmod 755 "$CLUSTER/run/lr=0.1/run.sh"
  for way in "${WAYS[@]}"; do
    # shellcheck disable=SC2086
    run -4 as_test_user plurality-exec $way -B "$CLUSTER/run" "$IMAGE" "$CLUSTER/run/lr=0.1/run.sh"
    [ "$output" = "ran $CLUSTER/run/lr=0.1/run.sh" ]
  done
}

@test "nothing of the launcher's reaches the program, and what the user exports for shells changes nothing" {
  local way plain
  for way in '' "${WAYS[@]}"; do
    # shellcheck disable=SC2086
    output=$(as_test_user SHELLOPTS=errexit:noglob:pipefail BASHOPTS=extglob TMOUT=1 OPTIND=7 PS4=x IFS=: LC_ALL=xx LINENO=3 RANDOM=4 EUID=5 BASH_ENV=/none \
      ${way:+plurality-exec} $way ${way:+--cache "$CACHE" -B "$CLUSTER/run" --env IFS=: --env TMOUT=1 --env LC_ALL=xx "$IMAGE"} /bin/busybox env |
      grep -E '^(SHELLOPTS|BASHOPTS|TMOUT|OPTIND|PS4|IFS|LC_ALL|LINENO|RANDOM|EUID|BASH_ENV|SHLVL|_)=' | LC_ALL=C sort)
    [[ -n $way ]] || plain=$output
    printf '%s:\n%s\n' "${way:-plain}" "$output"
    [ "$output" = "$plain" ]
  done
}

@test "with TMOUT in the environment a program with --pid runs for as long as it likes" {
  run -3 as_test_user TMOUT=1 plurality-exec --pid "$IMAGE" sh -c 'sleep 2.5; exit 3'
}

@test "variables of an image that steer shells and loaders are the program's alone, without a warning" {
  local way
  for way in "${WAYS[@]}"; do
    # shellcheck disable=SC2086
    run -0 --separate-stderr as_test_user plurality-exec $way "$IMAGE" /bin/busybox env
    [ -z "$stderr" ]
    for line in LD_LIBRARY_PATH=/image/lib LC_ALL=xx_YY.UTF-8 FUNCNEST=1 IFS=x TMOUT=1; do grep -qxF "$line" <<<"$output"; done
  done
}

@test "without HOME the passwd entry's counts" {
  local home way
  home=$(getent passwd "$TEST_USER" | cut -d: -f6)
  for way in "${WAYS[@]}"; do
    # shellcheck disable=SC2086
    run -0 as_test_user env -u HOME plurality-exec $way "$IMAGE" sh -c 'echo "$HOME"; cd && pwd'
    [ "$output" = "$home"$'\n'"$home" ]
    # shellcheck disable=SC2086
    run -0 as_test_user HOME= plurality-exec $way "$IMAGE" sh -c 'echo "$HOME"'
    [ "$output" = "$home" ]
  done
}

@test "a working directory that may be passed and not read, or whose name ends in a blank, is the program's" {
  local way name
  for name in closed 'blank ' $'tab\t' '-n' "quote'\""; do
    as_test_user mkdir -p "$CLUSTER/run/$name/sub"
    for way in "${WAYS[@]}"; do
      chmod 711 "$CLUSTER/run/$name"
      [[ $name != closed ]] || chown root "$CLUSTER/run/$name" || true
      # shellcheck disable=SC2016
      run -0 as_test_user bash -c 'cd -- "$1" && shift && exec plurality-exec "$@"' - "$CLUSTER/run/$name" $way -B "$CLUSTER/run" "$IMAGE" pwd
      [ "$output" = "$CLUSTER/run/$name" ]
    done
  done
}

@test "a working directory that was removed is said in two lines" {
  for share in none node; do
    as_test_user mkdir -p "$CLUSTER/run/goes"
    # shellcheck disable=SC2016
    run as_test_user bash -c 'cd "$1" && rmdir "$1" && exec plurality-exec --share "$2" "$3" true' - "$CLUSTER/run/goes" "$share" "$IMAGE"
    says 'the working directory: it was removed'
  done
}

@test "an empty name of an image is said to be one" {
  run as_test_user plurality-exec '' true
  says 'without a name: the argument is empty'
  [[ $output == *variable* ]]
}

@test "a run directory that is full, or a limit on files, is said in two lines" {
  [[ $EUID == 0 ]] || skip 'needs root, for a small filesystem'
  for share in none node; do
    for size in 8k 16k 40k 64k; do
      run unshare -m bash -c ". $REPO/tests/lib.bash; mount -t tmpfs -o size=$size,mode=1777 none $CLUSTER/run && as_test_user plurality-exec --share $share $IMAGE true"
      echo "$share, $size"
      says ''
    done
    run as_test_user bash -c "ulimit -f 0; plurality-exec --share $share $IMAGE true"
    says ''
  done
}

@test "closed descriptors, an empty PATH and a umask that takes everything do no harm" {
  local way
  for way in "${WAYS[@]}"; do
    # shellcheck disable=SC2086
    run -7 as_test_user bash -c "exec plurality-exec $way $IMAGE sh -c 'exit 7' <&- >&- 2>&-"
    run -0 as_test_user bash -c "PATH= exec $TREE/bin/plurality-exec $way --runtime $(command -v runc) $IMAGE echo up"
    [ "$output" = up ]
    for mask in 0177 0777; do
      run -0 as_test_user bash -c "umask $mask; exec plurality-exec $way $IMAGE sh -c umask"
      [ "$output" = "$mask" ]
    done
  done
}

@test "where user namespaces may not be made, it is said soon, and rightly" {
  local most
  for most in 0 1 64; do
    SECONDS=0
    # 64 are enough, but for a runtime without a mount namespace around it.
    run as_test_user unshare -Ur bash -c "echo $most >/proc/sys/user/max_user_namespaces; exec plurality-exec $IMAGE true"
    says ''
    [[ $output == *'user namespace'* ]]
    [ "$SECONDS" -lt 30 ]
  done
}

@test "a copy of the launcher that stands alone joins what is there, and else says what it lacks" {
  cp "$TREE/bin/plurality-exec" "$CLUSTER/alone"
  run as_test_user "$CLUSTER/alone" "$IMAGE" true
  says 'the rest of Plurality'
  [[ $output == *'--bcast'* ]]
}

@test "a limit on address space is named where it is the cause" {
  run as_test_user bash -c "ulimit -v 60000; cd /tmp; plurality-exec $IMAGE true"
  says 'MiB of address space are not enough'
  [ -z "$(find /tmp -maxdepth 1 -name 'hs_err_pid*' -user "$TEST_USER")" ]
  # The planner has enough with 500 MB, a runtime in Go needs twice as much; a soft limit is the program's alone.
  run as_test_user bash -c "ulimit -v 500000; plurality-exec --cache /nowhere $IMAGE true"
  [[ $output == *'cannot '*/nowhere* ]]
  run as_test_user bash -c "ulimit -v 500000; plurality-exec $IMAGE true"
  says 'MiB of address space are not enough for the runtime'
  for limit in '-v 1500000' '-S -v 60000'; do
    run -0 as_test_user bash -c "ulimit $limit; plurality-exec $IMAGE sh -c 'ulimit -v'"
    [ "$output" = "${limit##* }" ]
  done
}

@test "a run directory that others may write to, or that is a link, is refused on both ways" {
  local run=$CLUSTER/run/open mode share
  as_test_user mkdir "$run"
  for mode in 777 1777 2775 770; do
    for share in none node; do
      chmod "$mode" "$run"
      run as_test_user PLURALITY_RUN_DIR="$run" plurality-exec --share "$share" "$IMAGE" true
      says 'others may write to it'
    done
  done
  chmod 700 "$run"
  as_test_user ln -s "$run" "$CLUSTER/run/link"
  for share in none node; do
    run as_test_user PLURALITY_RUN_DIR="$CLUSTER/run/link" plurality-exec --share "$share" "$IMAGE" true
    says 'it is a symbolic link'
  done
}

@test "what a stranger plants in an open run directory runs no code as its owner" {
  [[ -n $OTHER_USER ]] || skip 'there is no second user: not root'
  local run=$CLUSTER/run/planted name victim
  as_test_user mkdir "$run"
  chmod 777 "$run"
  as_test_user sleep 60 2>"$run/log" 3>&- &
  wait_for 10 eval 'victim=$(pgrep -n -u "$TEST_USER" -x sleep)'
  # The name that a launch from this very shell looks for.
  cat >"$CLUSTER/run/victim" <<VICTIM
cd /tmp
name=node-p.\$\$-,tmp+$(tr / , <<<"$IMAGE")+CACHE=$(tr / , <<<"$CACHE")
echo "\$name" >$CLUSTER/run/name
until [[ -e $run/\$name/ready ]]; do sleep 0.05; done
plurality-exec --share node $IMAGE echo "ran well"
echo "status \$?"
VICTIM
  as_test_user touch "$CLUSTER/run/name"
  as_test_user PLURALITY_RUN_DIR="$run" bash "$CLUSTER/run/victim" >"$CLUSTER/run/said" 2>&1 3>&- &
  wait_for 10 test -s "$CLUSTER/run/name"
  name=$(<"$CLUSTER/run/name")
  as_other "$OTHER_USER" bash -c 'umask 0; mkdir -p "$1/$2/ranks" && cd "$1/$2" && ln -s "/proc/$3/fd/2" monitor.log && printf "LD_PRELOAD=/tmp/evil.so\0" >environment &&
    printf "workdir /\nprocesses host\npause %s %s\nend .\n" "$3" "$4" >ready' - "$run" "$name" "$victim" "$(start_time "$victim")"
  wait %2 || true
  kill "$victim" || true
  cat "$CLUSTER/run/said"
  grep -qx 'status 125' "$CLUSTER/run/said"
  ! grep -q 'ran well' "$CLUSTER/run/said"
  # In a directory that is closed now, what was planted before is no container.
  chmod 755 "$run"
  as_test_user PLURALITY_RUN_DIR="$run" bash -c "cd /tmp; plurality-exec --share node $IMAGE echo 'ran well'"
  rm -rf "$run"
}
