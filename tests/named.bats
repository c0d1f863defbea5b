#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Named containers with the real runc, as an ordinary user whose home is the test's.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE HOME_DIR=$CLUSTER/home CONTAINERS=$CLUSTER/home/.runc/container
  install -d -o "$TEST_USER" "$HOME_DIR"
  IMAGE=$(stage busybox)
}

teardown_file() {
  local name
  for name in $(ls "$CONTAINERS" 2>/dev/null); do as_me plurality delete --force "$name" || true; done
  teardown_place
}

as_me() { # [NAME=VALUE...] COMMAND...
  as_test_user HOME="$HOME_DIR" PLURALITY_RUN_DIR="$CLUSTER/run/named" "$@"
}

# make NAME [OPTION...]: a container of the busybox image
make() {
  local name=$1
  shift
  as_me plurality --errlevel error create "$@" "$IMAGE" "$name" >/dev/null
}

state() { as_me plurality status --json "$1" | jq -r .state; }

running() { [ "$(state "$1")" = running ]; }

ended() { [ "$(state "$1")" = exited ]; }

# fails CODE TEXT COMMAND...: with that exit status, one error of that text, and one hint
fails() {
  local code=$1 text=$2
  shift 2
  run -"$code" as_me "$@"
  printf '%s\n' "$output"
  [[ $output == *"$text"* ]]
  [ "$(grep -c '^plurality: cannot ' <<<"$output")" -eq 1 ]
  [ "$(grep -c '^hint: ..' <<<"$output")" -eq 1 ]
}

@test "a container is a copy that one owns, with the image's modes and hard links" {
  run -0 --separate-stderr as_me plurality create "$IMAGE" copy
  [ "$output" = "$CONTAINERS/copy" ]
  rootfs=$(as_me plurality-stagein path "$IMAGE")
  diff <("$REPO/tests/tree-list" "$rootfs" --as-staged) <("$REPO/tests/tree-list" "$CONTAINERS/copy/rootfs" --as-staged)
  [ -z "$(find "$CONTAINERS/copy" ! -user "$TEST_USER" -o -type d ! -perm -u+rwx -o -type f ! -perm -u+rw)" ]
  [ "$(stat -c %a "$CONTAINERS/copy")" = 700 ]
}

@test "run gives the program's output and exit status, the container's own root, and what was written stays" {
  make run
  run -3 --separate-stderr as_me plurality run run sh -c 'echo out; echo err >&2; echo kept >/file; exit 3'
  [ "$output" = out ]
  [ "$stderr" = err ]
  [ "$(as_me setsid -w plurality run run sh -c 'exit 3' || as_me plurality status --json run | jq .status)" = 3 ]
  as_me plurality list | grep -E '^run .* exited \(3\) '
  run -0 as_me plurality r run cat /file
  [ "$output" = kept ]
  run -0 as_me plurality run run sh -c 'id -u; hostname; echo $$; pwd'
  [ "$output" = "$(printf '0\nrun\n1\n/')" ]
  run -0 as_me sh -c 'echo from stdin | plurality run run cat'
  [ "$output" = 'from stdin' ]
  run -143 as_me plurality run run sh -c 'kill -TERM 1; trap "exit 143" TERM; kill -TERM $$; sleep 5'
}

@test "options of create and run reach the container" {
  mkdir -p "$CLUSTER/data" && echo payload >"$CLUSTER/data/file"
  make options --env A=create --env B=create --bind "$CLUSTER/data:/in:ro" --workdir /etc
  run -0 as_me HOST=host plurality run --env B=run --env HOST --env NONE --bind "$CLUSTER/data:/new/place" options \
    sh -c 'echo "$A $B $HOST ${NONE-unset}"; pwd; cat /in/file /new/place/file; touch /in/x 2>/dev/null || echo ro'
  [ "$output" = 'create run host unset
/etc
payload
payload
ro' ]
  run -0 as_me plurality run --workdir /bin options pwd
  [ "$output" = /bin ]
  # What is an option of the program's is the program's.
  run -0 as_me plurality run options echo --env -d --debug
  [ "$output" = '--env -d --debug' ]
}

@test "two containers of one image do not see each other's writes, and the entry is as it was" {
  rootfs=$(as_me plurality-stagein path "$IMAGE")
  before=$(checksum "$rootfs")
  make one
  make two
  make three --overlay
  make four --overlay
  for name in one two three four; do
    as_me plurality run "$name" sh -c "
      for d in \$(find / -xdev -type d ! -path '/proc*' ! -path '/sys*' ! -path '/dev*'); do echo $name >\$d/mine 2>/dev/null; done
      echo $name >>/etc/os-release; chmod 600 /etc/group; rm /bin/vi; mv /etc/passwd /etc/moved; ln /bin/busybox /new-link; rm -r /home" || true
  done
  for name in one two three four; do
    run -0 as_me plurality run "$name" sh -c 'cat /mine /etc/mine; tail -n 1 /etc/os-release; ls /etc/moved; ls /bin/vi /home 2>/dev/null || true'
    [ "$output" = "$name
$name
$name
/etc/moved" ]
  done
  [ "$(checksum "$rootfs")" = "$before" ]
}

@test "a container of an image that is staged as squashfs is the same" {
  squash "$IMAGE" "$CLUSTER/caches/squashed"
  file=$(as_me plurality-stagein path --cache "$CLUSTER/caches/squashed" "$IMAGE")
  [ -f "$file" ]
  before=$(sha256sum <"$file")
  as_me plurality create --cache "$CLUSTER/caches/squashed" "$IMAGE" squashed
  make staged
  diff <("$REPO/tests/tree-list" "$CONTAINERS/staged/rootfs" --as-staged) <("$REPO/tests/tree-list" "$CONTAINERS/squashed/rootfs" --as-staged)
  run -0 as_me plurality run squashed sh -c 'echo mine >/etc/os-release; cat /etc/os-release'
  [ "$output" = mine ]
  [ "$(sha256sum <"$file")" = "$before" ]
  fails 2 'it is staged as squashfs' plurality create --overlay --cache "$CLUSTER/caches/squashed" "$IMAGE" over
}

# on_loop MKFS-COMMAND...: cache and containers on a small filesystem of that kind, which is left unmounted
on_loop() {
  local loop=$CLUSTER/loop
  mkdir -p "$loop"
  truncate -s 400M "$loop.img"
  "$@" "$loop.img" >/dev/null
  mount -o loop "$loop.img" "$loop"
  chmod 1777 "$loop"
  share_blocks "$loop" || { umount "$loop"; return 1; }
  umount "$loop"
  rm "$loop.img"
}

# The container's files lie where the cache's do, until they are written to.
share_blocks() { # DIRECTORY
  local of before
  as_me plurality-stagein pull --quiet --format dir --cache "$1/cache" "$IMAGE" >/dev/null &&
    as_me PLURALITY_CONTAINERS="$1/c" plurality create --cache "$1/cache" "$IMAGE" clone >/dev/null &&
    sync -f "$1" &&
    of=$(as_me plurality-stagein path --cache "$1/cache" "$IMAGE")/bin/busybox &&
    [ "$(extents "$of")" = "$(extents "$1/c/clone/rootfs/bin/busybox")" ] &&
    before=$(sha256sum <"$of") &&
    as_me sh -c "echo more >>$1/c/clone/rootfs/bin/busybox" && sync -f "$1" &&
    [ "$(extents "$of")" != "$(extents "$1/c/clone/rootfs/bin/busybox")" ] &&
    [ "$(sha256sum <"$of")" = "$before" ]
}

# Where a file's blocks are on the disk; fails without any.
extents() { filefrag -v "$1" | awk '$1 ~ /^[0-9]+:$/ { print $2, $3, $4, $5; n++ } END { exit !n }'; }

@test "on xfs and btrfs a copy shares its blocks with the cache" {
  ((EUID == 0)) || skip 'mounts a small filesystem, which needs root'
  on_loop mkfs.xfs -q -m reflink=1
  on_loop mkfs.btrfs -q
}

@test "an overlay takes no room and holds its image; delete gives it free" {
  as_me plurality-stagein pull --cache "$CLUSTER/caches/lease" "$IMAGE" >/dev/null 2>&1
  as_me plurality create --cache "$CLUSTER/caches/lease" --overlay "$IMAGE" layer
  [ "$(du -s "$CONTAINERS/layer" | cut -f1)" -lt 200 ]
  run -8 as_me plurality-stagein rm --cache "$CLUSTER/caches/lease" "$IMAGE"
  as_me plurality run layer sh -c 'echo kept >/file'
  as_me plurality-stagein rm --force --cache "$CLUSTER/caches/lease" "$IMAGE"
  fails 125 'the image under its overlay is no longer in' plurality run layer cat /file
  hint=${output##*hint: }
  eval "as_me ${hint#*: }" >/dev/null 2>&1 # the command that it names
  run -0 as_me plurality run layer cat /file
  [ "$output" = kept ]
  as_me plurality delete layer
  as_me plurality-stagein rm --cache "$CLUSTER/caches/lease" "$IMAGE"
}

@test "config.json is a bundle that runc itself runs, and so is what spec writes" {
  make bundle
  run -0 as_me runc --root "$HOME_DIR/runc" run --bundle "$CONTAINERS/bundle" plain </dev/null
  as_me jq '.process.args = ["sh", "-c", "echo by hand; id -u"]' "$CONTAINERS/bundle/config.json" >"$CLUSTER/changed.json"
  as_me cp "$CLUSTER/changed.json" "$CONTAINERS/bundle/config.json"
  run -0 as_me runc --root "$HOME_DIR/runc" run --bundle "$CONTAINERS/bundle" plain </dev/null
  [ "$output" = 'by hand
0' ]
  run -0 as_me plurality run bundle # without a command, its own
  [ "$output" = 'by hand
0' ]
  as_me plurality spec "$IMAGE" | jq -e '.ociVersion and .root.readonly and .process.args == ["sh"]'
  as_me plurality spec --bundle "$HOME_DIR/spec" --env A=1 "$IMAGE"
  run -1 as_me sh -c "echo 'echo \$A; touch /x' | runc --root $HOME_DIR/runc run --bundle $HOME_DIR/spec plain"
  # Its output and its errors come by two pipes.
  grep -qx 1 <<<"$output"
  [[ $output == *'Read-only file system'* ]]
}

@test "in the background: status, log, exec, stop with the program's own end, and its status" {
  make daemon
  run -0 --separate-stderr as_me plurality run -d daemon sh -c 'trap "echo told; exit 7" TERM; echo up; while :; do sleep 0.1; done'
  pid=$output
  [ "$(stat -c %U "/proc/$pid")" = "$TEST_USER" ]
  [ "$(as_me plurality status --json daemon | jq .pid)" = "$pid" ]
  as_me plurality list | grep -E "^daemon +$IMAGE +[0-9a-f]{12} +running +$pid +[0-9.]+ MB +[0-9]+ s$"
  run -5 as_me plurality exec daemon sh -c 'echo beside $$; exit 5'
  [[ $output == 'beside '* && $output != 'beside 1' ]]
  run -0 as_me plurality exec --env A=x --workdir /etc daemon sh -c 'echo $A; pwd'
  [ "$output" = 'x
/etc' ]
  wait_for 60 grep -q up "$CONTAINERS/daemon/log"
  as_me plurality logs -f daemon >"$CLUSTER/followed" 3>&- &
  follower=$!
  as_me plurality stop daemon
  wait "$follower"
  [ "$(<"$CLUSTER/followed")" = "$(printf 'up\ntold')" ]
  [ "$(as_me plurality status --json daemon | jq .status)" = 7 ]
  as_me plurality list | grep -E '^daemon .* exited \(7\) '
  [ "$(as_me plurality logs daemon)" = "$(printf 'up\ntold')" ]
  [ -z "$(find "$CLUSTER/run/named/named" -mindepth 1 -name 'daemon-*')" ]
}

@test "a program that ignores TERM is killed after the time-out; stop of what does not run is fine" {
  make stubborn
  as_me plurality run --daemon stubborn sh -c 'trap "" TERM; while :; do sleep 0.1; done'
  as_me plurality stop --time 1 stubborn
  [ "$(as_me plurality status --json stubborn | jq .status)" = 137 ]
  as_me plurality stop stubborn
}

@test "what the runtime itself cannot do is 125, in the foreground and in the background" {
  make refused
  as_me jq '.mounts += [{destination: "/x", type: "nosuchfs", source: "x"}]' "$CONTAINERS/refused/config.json" >"$CLUSTER/refused.json"
  cp "$CLUSTER/refused.json" "$CONTAINERS/refused/config.json"
  run -125 as_me setsid -w plurality run refused true
  printf '%s\n' "$output"
  [[ $output == *'no such device'*'cannot run refused: the runtime failed before'*'hint: '* ]]
  [ "$(as_me plurality status --json refused | jq .status)" = 125 ]
  fails 125 'no such device' plurality run -d refused true
  [ "$(as_me plurality status --json refused | jq .status)" = 125 ]
}

@test "with a killed runtime the container still runs, and stop ends it" {
  make orphan
  pid=$(as_me plurality run -d orphan sleep 1000)
  runtime=$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")
  keeper=$(awk '/^PPid/ { print $2 }' "/proc/$runtime/status")
  kill -KILL "$keeper" "$runtime"
  wait_for 30 test ! -e "/proc/$runtime/exe"
  running orphan
  fails 125 'it runs already' plurality run orphan true
  run -0 as_me plurality exec orphan echo inside
  [ "$output" = inside ]
  as_me plurality stop --time 0 orphan
  ended orphan
  run -0 as_me plurality run orphan echo again
  [ "$output" = again ]
}

@test "on a terminal the program has one, of the same size, and its interrupt" {
  make terminal
  # script gives its command a terminal of its own. The runtime passes its size on just after the start.
  run -0 as_me TERM=xterm script -qec "stty rows 33 cols 77; plurality run terminal sh -c 'tty; until stty size 2>/dev/null | grep .; do :; done; echo \$TERM; exit 0'" /dev/null
  printf '%s\n' "$output"
  [[ $output == *'/dev/'*'33 77'*xterm* ]]
  run -0 as_me TERM=xterm script -qec "plurality run -d terminal sleep 1000 >/dev/null; plurality exec terminal sh -c 'test -t 0 && echo has one'; plurality stop -t 0 terminal" /dev/null
  [[ $output == *'has one'* ]]
  # Control-C, as typed.
  { sleep 0.1; wait_for 60 grep -q ready "$CLUSTER/typed"; printf '\003'; sleep 1; } |
    as_me script -qec "plurality run terminal sh -c 'trap \"echo interrupted; exit 9\" INT; echo ready; while :; do sleep 0.1; done'; echo status \$?" "$CLUSTER/run/typed" >"$CLUSTER/typed" 3>&-
  grep -q interrupted "$CLUSTER/typed"
  grep -q 'status 9' "$CLUSTER/typed"
  [ "$(grep -c interrupted "$CLUSTER/typed")" -eq 1 ]
  [ "$(as_me plurality status --json terminal | jq .status)" = 9 ]
  # With its output elsewhere the keyboard's signal comes to all processes of the line; to the program once, then no status is kept.
  : >"$CLUSTER/typed"
  { sleep 0.1; wait_for 60 grep -q ready "$CLUSTER/run/piped"; printf '\003'; sleep 1; } |
    as_me script -qec "plurality run terminal sh -c 'trap \"echo interrupted\" INT; echo ready; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; done; exit 9' >$CLUSTER/run/piped; echo status \$?" /dev/null >"$CLUSTER/typed" 3>&-
  [ "$(grep -c interrupted "$CLUSTER/run/piped")" -eq 1 ]
  grep -q 'status 9' "$CLUSTER/typed"
  [ "$(as_me plurality status --json terminal | jq .status)" = null ]
}

@test "signals reach the program in the foreground, without a terminal" {
  make signals
  for signal in TERM INT USR1; do
    # Not what the one before said.
    rm -f "$CLUSTER/signal"
    as_me sh -c "exec plurality run signals sh -c 'trap \"echo got $signal; exit 4\" $signal; echo ready; while :; do sleep 0.1; done'" >"$CLUSTER/signal" 3>&- &
    wait_for 60 grep -qs ready "$CLUSTER/signal"
    kill "-$signal" "$(jq .process.pid "$(ls -v "$CONTAINERS"/signals/run-*.json | tail -n 1)")"
    status=0
    wait $! || status=$?
    [ "$status" -eq 4 ]
    grep -q "got $signal" "$CLUSTER/signal"
  done
}

@test "create that is interrupted or killed leaves a whole container or none, and the next one cleans up" {
  local signal pid left deadline
  for signal in INT TERM KILL; do
    as_me plurality create "$IMAGE" interrupted >/dev/null 2>&1 3>&- &
    # Without a pause: it takes a tenth of a second.
    deadline=$((SECONDS + 60))
    until compgen -G "$CONTAINERS/.work.*" >/dev/null || [ -d "$CONTAINERS/interrupted" ]; do
      ((SECONDS < deadline))
    done
    pid=$(compgen -G "$CONTAINERS/.work.*" | head -n 1 | cut -d'~' -f3)
    [ -z "$pid" ] || kill "-$signal" "$pid" || true
    wait $! || true
    if [ "$signal" != KILL ]; then
      [ -z "$(compgen -G "$CONTAINERS/.work.*")" ]
    fi
    # It may have been quicker than the signal.
    [ ! -d "$CONTAINERS/interrupted" ] || as_me plurality run interrupted true
    as_me plurality delete interrupted 2>/dev/null || true
  done
  make interrupted
  left=$(compgen -G "$CONTAINERS/.work.*" || true)
  [ -z "$left" ]
}

@test "a disk that is full in create leaves nothing, whatever the image is staged as" {
  ((EUID == 0)) || skip 'mounts a small filesystem, which needs root'
  squash "$IMAGE" "$CLUSTER/caches/small"
  mkdir -p "$CLUSTER/small"
  for cache in "$CACHE" "$CLUSTER/caches/small"; do
    mount -t tmpfs -o "size=1m,mode=1777" tmpfs "$CLUSTER/small"
    run as_me PLURALITY_CONTAINERS="$CLUSTER/small/c" plurality create --cache "$cache" "$IMAGE" full
    left=$(find "$CLUSTER/small" -mindepth 2 2>/dev/null | wc -l)
    umount "$CLUSTER/small"
    printf '%s\n' "$output"
    [ "$status" -eq 7 ]
    [[ $output == *'No space left on device'*'hint: '* ]]
    [ "$left" -eq 0 ]
  done
}

@test "the directory of containers is one's own alone, whatever the umask; in another's, or where others may write, none is made" {
  open=$HOME_DIR/open/containers
  as_me PLURALITY_CONTAINERS="$open" sh -c "umask 000; plurality create '$IMAGE' first" >/dev/null
  [ "$(stat -c '%a %U' "$open")" = "700 $TEST_USER" ]
  as_me chmod 777 "$open"
  fails 7 'others may write there' env PLURALITY_CONTAINERS="$open" plurality create "$IMAGE" second
  hint=${output##*hint: }
  eval "as_me $hint" # the command that it names
  as_me PLURALITY_CONTAINERS="$open" plurality create "$IMAGE" second >/dev/null
  ((EUID == 0)) || skip 'a directory of another user needs root'
  install -d -o "$OTHER_USER" -m 1777 "$CLUSTER/run/theirs"
  fails 7 'it is not yours' env PLURALITY_CONTAINERS="$CLUSTER/run/theirs" plurality create "$IMAGE" third
}

@test "create takes the image of the platform that is named" {
  "$REPO/dev/image" busybox --index --push "$PLURALITY_TEST_REGISTRY/many:latest" --tls-verify=false >/dev/null
  for machine in amd64 arm64; do
    as_me plurality create --platform "linux/$machine" "$PLURALITY_TEST_REGISTRY/many:latest" "many-$machine" >/dev/null
    expected=$(skopeo inspect --raw --tls-verify=false "docker://$PLURALITY_TEST_REGISTRY/many:latest" |
      jq -r --arg machine "$machine" '.manifests[] | select(.platform.architecture == $machine).digest')
    [ -n "$expected" ]
    [ "$(as_me plurality status --json "many-$machine" | jq -r .digest)" = "$expected" ]
  done
  run as_me plurality create --platform linux/s390x "$PLURALITY_TEST_REGISTRY/many:latest" many-other
  [[ $status -ne 0 && $output == *linux/arm64* ]]
}

@test "delete --force ends one that runs" {
  make forced
  pid=$(as_me plurality run -d forced sleep 1000)
  [ "$(stat -c %U "/proc/$pid")" = "$TEST_USER" ]
  as_me plurality delete --force forced
  wait_for 30 test ! -e "/proc/$pid/exe"
  [ ! -e "$CONTAINERS/forced" ]
  [ -z "$(find "$CLUSTER/run/named/named" -mindepth 1 -name 'forced-*')" ]
}

@test "bad uses: each has one clear error, a hint and the right exit status" {
  make taken
  make broken
  make gone
  make theirs
  as_me rm -r "$CONTAINERS/gone/rootfs"
  as_me sh -c "echo '{\"ociVersion\":' >$CONTAINERS/broken/config.json"
  as_me mkdir -p "$CONTAINERS/empty"
  as_me plurality run -d taken sleep 1000
  fails 2 'there is a container of that name' plurality create "$IMAGE" taken
  fails 2 "cannot use 'a/b' as a container's name" plurality create "$IMAGE" a/b
  fails 2 "cannot use '..' as a container's name" plurality create "$IMAGE" ..
  fails 2 "cannot use '' as a container's name" plurality create "$IMAGE" ''
  fails 2 "cannot use '-x' as a container's name" plurality create "$IMAGE" -- -x
  fails 2 'Missing required parameter' plurality create "$IMAGE"
  fails 2 "cannot understand '--nosuch'" plurality create --nosuch "$IMAGE" new
  fails 2 'there is no such command' plurality nosuch
  fails 2 'there is no /nowhere on this host' plurality create --bind /nowhere "$IMAGE" new
  fails 2 'is neither NAME=VALUE nor NAME' plurality create --env =x "$IMAGE" new
  fails 2 'it is not absolute' plurality create --workdir etc "$IMAGE" new
  fails 2 "cannot use the level 'loud'" plurality --errlevel loud create "$IMAGE" new
  fails 3 'neither the Docker daemon nor the cache has it' plurality create --nopull nosuch:1 new
  fails 3 'neither the Docker daemon nor the cache has it' env ENV_NOPULL=1 plurality create nosuch:1 new
  fails 3 'neither the Docker daemon nor the cache has it' env DOCKER_HOST="unix://$CLUSTER/nosocket" plurality create --nopull nosuch:1 new
  fails 3 'there is none of that name' plurality status nosuch
  fails 125 'there is none of that name' plurality run nosuch true
  fails 3 'there is none of that name' plurality delete nosuch
  fails 8 'it runs as process' plurality delete taken
  fails 125 'it runs already, as process' plurality run taken true
  fails 125 'it runs already, as process' plurality run -d taken true
  fails 125 'contradict each other' plurality run -d --nodaemon broken true
  fails 125 'config.json: the JSON text ends too early' plurality run broken true
  fails 125 'empty/config.json: No such file or directory' plurality run empty true
  fails 125 "there is no $CONTAINERS/gone/rootfs" plurality run gone true
  fails 127 'there is no such program in the container' plurality exec taken nosuch
  fails 126 'is not an executable file' plurality exec taken /etc/group
  fails 125 'it does not run' plurality exec gone true
  fails 3 'it never ran in the background' plurality logs gone
  fails 2 'is not a number from 0' plurality stop --time -1 taken
  fails 125 'there is no nosuchrunc on this node' env PLURALITY_RUNTIME=nosuchrunc plurality run gone true
  fails 125 'it is not yours' env PLURALITY_RUN_DIR=/usr plurality run theirs true
  fails 7 "cannot create new in /proc/x" env PLURALITY_CONTAINERS=/proc/x plurality create "$IMAGE" new
  # Nothing was lost meanwhile.
  running taken
  as_me plurality stop --time 0 taken
  run -127 as_me plurality run taken nosuch
  run -126 as_me plurality run taken /etc/os-release
  [ ! -e "$CONTAINERS/new" ]
  [ -z "$(find "$CONTAINERS" -maxdepth 1 -name '.work.*')" ]
  as_me plurality delete broken gone empty theirs
}

@test "a run of another host, or of before a reboot, is told from one of this" {
  make far
  as_me plurality run -d far sleep 1000
  as_me plurality stop -t 0 far
  record=$(ls -v "$CONTAINERS"/far/run-*.json | tail -n 1)
  # A pid that lives, of the boot before.
  jq --arg pid $$ --arg ticks "$(start_time $$)" '.process.pid = ($pid | tonumber) | .process.startTicks = ($ticks | tonumber)' "$record" >"$CLUSTER/record"
  jq '.process.bootId = "earlier"' "$CLUSTER/record" >"$record"
  ended far
  jq '.process.host = "othernode"' "$CLUSTER/record" >"$record"
  as_me plurality list | grep -E '^far .* running on othernode '
  fails 125 'it runs on othernode since' plurality run far true
  fails 125 'it runs on othernode since' plurality exec far true
  fails 8 'it runs on othernode since' plurality stop far
  fails 8 'it runs on othernode since' plurality delete --force far
  as_me plurality stop --forget far
  run -0 as_me plurality run far echo here
  [ "$output" = here ]
}

# on HOST COMMAND...: as the test user on a host of that name, whose processes are its own.
on() {
  unshare --uts --pid --fork --mount-proc bash -c "hostname $1; . '$REPO/tests/lib.bash'; as_me() { as_test_user PLURALITY_CONTAINERS='$CONTAINERS' \"\$@\"; }
    as_me \"\$@\"" - "${@:2}"
}

@test "a container that has ended on one host can be run on another, from a terminal, too" {
  [[ $EUID == 0 ]] || skip 'needs root, for hosts of other names'
  make travels
  run -3 on host-a plurality run travels sh -c 'echo a >/was; exit 3'
  on host-b plurality list | grep -E '^travels .* exited \(3\) '
  run -0 on host-b plurality run travels cat /was
  [ "$output" = a ]
  # On a terminal that is not the container's nobody waits for the runtime.
  run -0 on host-a script --quiet --return --command 'plurality run travels echo b </dev/null' /dev/null
  on host-b plurality list | grep -E '^travels .* exited '
  run -0 on host-b plurality run travels echo c
  [ "$output" = c ]
  on host-a plurality run travels sleep 60 3>&- &
  wait_for 30 eval 'on host-b plurality list | grep -E "^travels .* running on host-a "'
  run -125 on host-b plurality run travels true
  [[ $output == *'it runs on host-a since'* ]]
  pkill -KILL -x sleep -u "$TEST_USER" --ns $$ --nslist uts || true
}

@test "the switches of before are taken: --debug, --nosudo, --nodaemon, and ENV_ names" {
  run -0 as_me plurality --debug --nosudo c --nopull "$IMAGE" before
  [[ $output == *'in the cache: '* ]]
  run -0 as_me ENV_DEBUG=1 ENV_NOSUDO=1 ENV_NODAEMON=1 ENV_ERRLEVEL=ERROR plurality r --nodaemon before echo old ways
  [[ $output == *'becoming '*'old ways' ]]
  run -0 as_me ENV_ERRLEVEL=DEBUG plurality run before echo alone
  [[ $output == *'becoming '*alone ]]
  fails 2 "cannot use the level 'loud'" env ENV_ERRLEVEL=loud plurality create "$IMAGE" loud
  run -0 as_me plurality run before echo quiet
  [ "$output" = quiet ]
}

@test "plurality-exec runs a directory and a bundle, as oneself and without writing to them" {
  make ranks
  as_me sh -c "echo hello >$CONTAINERS/ranks/rootfs/hello"
  run -0 as_me plurality-exec "dir:$CONTAINERS/ranks/rootfs" sh -c 'cat /hello; id -u; touch /new 2>/dev/null || echo kept'
  [ "$output" = "$(printf 'hello\n%s\nkept' "$(id -u "$TEST_USER")")" ]
  run -0 as_me sh -c "cd $CONTAINERS && plurality-exec --share node dir:ranks/rootfs cat /hello"
  [ "$output" = hello ]
  jq '.process.args = ["sh", "-c", "echo $A; pwd"] | .process.env += ["A=bundle"] | .process.cwd = "/etc"' \
    "$CONTAINERS/ranks/config.json" >"$CLUSTER/config.json"
  cp "$CLUSTER/config.json" "$CONTAINERS/ranks/config.json"
  run -0 as_me sh -c "cd /usr && plurality-exec --bundle $CONTAINERS/ranks"
  [ "$output" = 'bundle
/etc' ]
  run -0 as_me plurality-exec --bundle="$CONTAINERS/ranks" -- sh -c 'echo $A "$@"' x -d --debug
  [ "$output" = 'bundle -d --debug' ]
  run -125 as_me plurality-exec dir:/nowhere true
  [[ $output == *'cannot run the root filesystem /nowhere: '* ]]
  run -125 as_me plurality-exec --bundle "$CLUSTER/caches" true
  [[ $output == *"cannot run the bundle $CLUSTER/caches: "* ]]
}
