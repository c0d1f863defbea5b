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

# give_capabilities FILE: as an ordinary user can, in a user namespace of their own.
give_capabilities() {
  as_test_user unshare --user --map-root-user setcap cap_sys_admin,cap_dac_override,cap_setuid+ep "$1"
  as_test_user getcap "$1" | grep -q cap_sys_admin
}

effective() { grep -o 'CapEff:.*' <<<"$output"; }

@test "a file's capabilities, set in a user namespace of the user's own, give a program in a container nothing" {
  local evil=$CLUSTER/run/evil/busybox way cache
  local -a ways=("${WAYS[@]}" '--writable-tmpfs' '--contain' '--runtime crun')
  as_test_user mkdir "$CLUSTER/run/evil"
  install -m 755 -o "$TEST_USER" -g "$(id -g "$TEST_USER")" /bin/busybox "$evil"
  give_capabilities "$evil"
  # Such a namespace without a container of ours: there they count, so this would see it.
  run -0 as_test_user unshare --user --map-root-user unshare --user --map-user="$(id -u "$TEST_USER")" "$evil" grep CapEff /proc/self/status
  [ "$(effective)" != $'CapEff:\t0000000000000000' ]
  squash "$IMAGE" "$CLUSTER/caches/squashed"
  for cache in "$CACHE" "$CLUSTER/caches/squashed"; do
    for way in "${ways[@]}"; do
      [[ $way != *crun ]] || ! mountpoint -q /sys/fs/cgroup/unified || continue
      # shellcheck disable=SC2086
      run -0 as_test_user PLURALITY_CACHE="$cache" plurality-exec $way -B "$evil:/opt/busybox" "$IMAGE" /opt/busybox grep -E 'CapEff|NoNewPrivs' /proc/self/status
      echo "$way: $output"
      [ "$output" = $'CapEff:\t0000000000000000\nNoNewPrivs:\t1' ]
    done
  done
  # In a layer that is kept, and in a named container's own root.
  as_test_user mkdir "$CLUSTER/run/layer"
  as_test_user plurality-exec --overlay "$CLUSTER/run/layer" -B "$evil:/opt/busybox" "$IMAGE" cp /opt/busybox /busybox
  give_capabilities "$CLUSTER/run/layer/upper/busybox"
  run -0 as_test_user plurality-exec --overlay "$CLUSTER/run/layer" "$IMAGE" /busybox grep CapEff /proc/self/status
  [ "$output" = $'CapEff:\t0000000000000000' ]
  as_test_user PLURALITY_CONTAINERS="$CLUSTER/run/containers" plurality create "$IMAGE" capable
  as_test_user cp "$evil" "$CLUSTER/run/containers/capable/rootfs/busybox"
  give_capabilities "$CLUSTER/run/containers/capable/rootfs/busybox"
  run -0 as_test_user PLURALITY_CONTAINERS="$CLUSTER/run/containers" plurality run capable /bin/busybox grep CapEff /proc/self/status
  plain=$(effective)
  # What the file asks for and cannot have, the kernel refuses.
  run as_test_user PLURALITY_CONTAINERS="$CLUSTER/run/containers" plurality run capable /busybox grep CapEff /proc/self/status
  [[ $status != 0 || $(effective) == "$plain" ]]
}

@test "a run directory below one that others may write to is refused, and below a sticky one is used" {
  local above=$CLUSTER/run/above mode share
  as_test_user mkdir -p "$above/run"
  chmod 700 "$above/run"
  as_test_user ln -s "$above" "$CLUSTER/run/way"
  for share in none node; do
    for mode in 777 775; do
      chmod "$mode" "$above"
      for run in "$above/run" "$CLUSTER/run/way/run"; do
        run as_test_user PLURALITY_RUN_DIR="$run" plurality-exec --share "$share" "$IMAGE" true
        says 'others may write to a directory above it'
      done
    done
    chmod 1777 "$above"
    run -0 as_test_user PLURALITY_RUN_DIR="$above/run" plurality-exec --share "$share" "$IMAGE" true
  done
}

@test "a limit on open files is named, soon, wherever it ends a launch" {
  local most share way
  for share in none node; do
    for most in 4 6 8 12 16 20 28 40; do
      SECONDS=0
      run as_test_user bash -c "ulimit -n $most; exec plurality-exec --share $share $IMAGE true"
      echo "$share, $most: $status $output"
      [ "$SECONDS" -lt 30 ]
      [ "$status" -eq 0 ] || says ''
      [[ $status == 0 || $output == *'ulimit -n'* ]]
    done
  done
}

@test "an option's value that looks like an option is no option of the pull" {
  run as_test_user plurality-exec --pull missing --env --cache "$PLURALITY_TEST_REGISTRY/none:1" true
  [ "$status" -eq 125 ]
  [[ $output == *none:1* && $output != *"missing"*"--cache"* ]]
}
