#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Places of the host in a container: paths with symbolic links, unusual homes, directories that a scheduler names, and
# what becomes of mounts while a container runs. Each in every way of sharing.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE WAYS='--share=none --share=node --pid'
  IMAGE=$(stage busybox)
  install -d -o "$TEST_USER" "$CLUSTER/real" "$CLUSTER/real/home" "$CLUSTER/real/home/proj" "$CLUSTER/real/home/proj/run" "$CLUSTER/links"
  ln -s "$CLUSTER/real" "$CLUSTER/links/real"
  echo data >"$CLUSTER/real/home/proj/input"
  chmod -R a+rX "$CLUSTER/real"
}

teardown_file() { teardown_place; }

# where DIRECTORY [NAME=VALUE...] COMMAND...: as the test user, started in a directory by that path.
where() {
  local directory=$1
  shift
  # shellcheck disable=SC2016 # the inner shell's
  as_test_user bash -c 'cd "$0" && exec env "$@"' "$directory" "$@"
}

@test "a home and a working directory behind a link are there by both paths" {
  for way in $WAYS; do
    run -0 where "$CLUSTER/links/real/home/proj/run" HOME="$CLUSTER/links/real/home" plurality-exec "$way" "$IMAGE" \
      sh -c "cat ../input $CLUSTER/links/real/home/proj/input $CLUSTER/real/home/proj/input; pwd; echo ~"
    [ "$output" = "data
data
data
$CLUSTER/real/home/proj/run
$CLUSTER/links/real/home" ]
    run -0 where "$CLUSTER/links/real/home/proj" HOME=/ plurality-exec "$way" "$IMAGE" cat "$CLUSTER/links/real/home/proj/input"
    [ "$output" = data ]
  done
}

@test "without HOME, or with an empty one, the passwd entry's counts" {
  home=$(getent passwd "$TEST_USER" | cut -d: -f6)
  for way in $WAYS; do
    run -0 as_test_user env -u HOME plurality-exec "$way" "$IMAGE" sh -c 'echo "$HOME"; test -d ~ && echo there'
    [ "$output" = "$home"$'\nthere' ]
  done
  run -0 as_test_user HOME= plurality-exec "$IMAGE" sh -c 'echo "$HOME"'
  [ "$output" = "$home" ]
  run -125 as_test_user env -u HOME -u PLURALITY_CACHE plurality-exec nosuch:1 true
  [[ $output == *"not staged in $home/.cache/plurality"* ]]
  run as_test_user env -u HOME -u PLURALITY_CACHE plurality-stagein path nosuch:1
  [[ $output == *"$home/.cache/plurality"* ]]
}

@test "a home below /usr or /var is bound, the image's own directories are not hidden" {
  [[ $EUID == 0 ]] || skip 'needs root, for directories there'
  for home in "/usr/plurality-test.$$/x" "/var/plurality-test.$$/x"; do
    install -d -o "$TEST_USER" "$home"
    for way in $WAYS; do
      run -0 where "$home" HOME="$home" plurality-exec "$way" "$IMAGE" sh -c 'pwd; touch ~/written; ls -A ~'
      [ "$output" = "$home"$'\nwritten' ]
    done
    rm -r "${home%/x}"
  done
  run -0 where /usr/bin plurality-exec "$IMAGE" pwd
  [ "$output" = / ]
}

@test "a home that cannot be read is a note, and the launch goes on" {
  install -d -o "$TEST_USER" -m 0 "$CLUSTER/closed"
  for way in $WAYS; do
    run -0 --separate-stderr where / HOME="$CLUSTER/closed" plurality-exec "$way" "$IMAGE" echo runs
    [ "$output" = runs ]
  done
  # shellcheck disable=SC2154 # bats sets it
  [[ $stderr == *'note: your settings are not used: cannot read '* ]]
}

@test "TMPDIR, PBS_NODEFILE and /var/tmp are there" {
  [[ $EUID == 0 ]] || skip 'needs root, for a directory in /'
  local scratch=/plurality-scratch.$$ spool=/var/spool/plurality-test.$$
  install -d -o "$TEST_USER" "$scratch/job1" "$spool"
  echo node1 >"$spool/nodes"
  for way in $WAYS; do
    run -0 where / TMPDIR="$scratch/job1" PBS_NODEFILE="$spool/nodes" plurality-exec "$way" "$IMAGE" \
      sh -c 'rm "$(mktemp)" && cat "$PBS_NODEFILE" && rm "$(mktemp /var/tmp/x.XXXXXX)" && echo all'
    [ "$output" = $'node1\nall' ]
  done
  # A kept plan is for one such directory.
  install -d -o "$TEST_USER" "$scratch/job2"
  run -0 where / TMPDIR="$scratch/job2" plurality-exec "$IMAGE" sh -c 'rm "$(mktemp)" && echo again'
  [ "$output" = again ]
  rm -r "$scratch" "$spool"
}

@test "cache and run directory may lie behind links, and the cache may be one" {
  as_test_user ln -s "$CLUSTER/caches" "$CLUSTER/links/caches"
  as_test_user ln -s "$CLUSTER/run" "$CLUSTER/links/run"
  for way in $WAYS; do
    for _ in 1 2; do
      run -0 as_test_user PLURALITY_CACHE="$CLUSTER/links/caches/$TEST_USER" PLURALITY_RUN_DIR="$CLUSTER/links/run/$TEST_USER" \
        plurality-exec "$way" "$IMAGE" echo "$way"
      [ "$output" = "$way" ]
    done
  done
  as_test_user ln -s "$CLUSTER/caches/not/yet" "$CLUSTER/links/cache"
  run -0 as_test_user PLURALITY_CACHE="$CLUSTER/links/cache" plurality-stagein pull --quiet "$IMAGE"
  run -0 as_test_user PLURALITY_CACHE="$CLUSTER/links/cache" plurality-exec "$IMAGE" echo linked
  [ "$output" = linked ]
  [ -d "$CLUSTER/caches/not/yet/images" ]
}

@test "a named container may lie behind a link" {
  as_test_user mkdir -p "$CLUSTER/links/kept"
  as_test_user ln -s kept "$CLUSTER/links/containers"
  as_test_user PLURALITY_CONTAINERS="$CLUSTER/links/containers" plurality create "$IMAGE" linked
  run -0 as_test_user PLURALITY_CONTAINERS="$CLUSTER/links/containers" plurality run linked echo runs
  [ "$output" = runs ]
}

@test "a named container runs where resolv.conf is a link onto a mount with other flags" {
  [[ $EUID == 0 ]] || skip 'needs root, for another /etc'
  cp -a /etc "$CLUSTER/etc"
  as_test_user PLURALITY_CONTAINERS="$CLUSTER/links/kept" plurality create "$IMAGE" resolved
  run -0 unshare -m bash -c ". '$REPO/tests/lib.bash'
    mount -t tmpfs -o nosuid,nodev,noexec none /mnt && echo nameserver 192.0.2.7 >/mnt/stub
    rm -f '$CLUSTER/etc/resolv.conf' && ln -s ../mnt/stub '$CLUSTER/etc/resolv.conf'
    mount --bind '$CLUSTER/etc' /etc
    as_test_user PLURALITY_CONTAINERS='$CLUSTER/links/kept' plurality run resolved cat /etc/resolv.conf
    as_test_user PLURALITY_CONTAINERS='$CLUSTER/links/kept' plurality create '$IMAGE' made-here
    as_test_user PLURALITY_CONTAINERS='$CLUSTER/links/kept' plurality run made-here cat /etc/resolv.conf"
  [ "${lines[0]} / ${lines[-1]}" = 'nameserver 192.0.2.7 / nameserver 192.0.2.7' ]
  rm -rf "$CLUSTER/etc"
}

@test "a bind through a link has the flags and the mounts of what the link leads to" {
  [[ $EUID == 0 ]] || skip 'needs root, to mount'
  for way in $WAYS; do
    run -0 unshare -m bash -c ". '$REPO/tests/lib.bash'
      mount -t tmpfs -o nosuid,nodev,mode=777 none /mnt && mkdir -m 777 /mnt/d /mnt/d/below
      mount -t tmpfs -o mode=777 none /mnt/d/below && echo x >/mnt/d/below/file
      as_test_user ln -sfn /mnt/d '$CLUSTER/links/d'
      as_test_user plurality-exec $way --bind '$CLUSTER/links/d:/in:ro' --bind '$CLUSTER/links/d:/rw' '$IMAGE' \
        sh -c 'cat /in/below/file /rw/below/file; touch /in/x || touch /in/below/x || touch /rw/below/x && echo written'"
    [ "${lines[0]} ${lines[1]} ${lines[-1]}" = 'x x written' ]
    [ "$(grep -c 'Read-only file system' <<<"$output")" -eq 2 ]
  done
}

@test "what is mounted on the host while a container runs appears in it" {
  [[ $EUID == 0 ]] || skip 'needs root, to mount'
  install -d -m 777 "$CLUSTER/auto" "$CLUSTER/auto/late"
  for way in $WAYS; do
    rm -f "$CLUSTER/auto"/{inside,mounted}
    run -0 unshare -m --propagation shared bash -c ". '$REPO/tests/lib.bash'
      as_test_user plurality-exec $way -B $CLUSTER/auto:/auto $IMAGE sh -c '
        touch /auto/inside; until [ -e /auto/mounted ]; do sleep 0.05; done; cat /auto/late/file' &
      wait_for 60 test -e $CLUSTER/auto/inside
      mount -t tmpfs none $CLUSTER/auto/late && echo $way >$CLUSTER/auto/late/file && touch $CLUSTER/auto/mounted
      wait \$!"
    [ "$output" = "$way" ]
  done
}

@test "what automount mounts at a rank's first look, or at the host's, is there" {
  [[ $EUID == 0 ]] || skip 'needs root, to mount'
  local auto=$CLUSTER/automount name
  install -d -m 777 "$auto" "$auto/point"
  for name in before inside later; do
    install -d "$auto/served/$name"
    echo "$name" >"$auto/served/$name/file"
  done
  echo "* -fstype=bind :$auto/served/&" >"$auto/map"
  echo "$auto/point file:$auto/map --timeout=300" >"$auto/master"
  as_test_user PLURALITY_CONTAINERS="$CLUSTER/links/kept" plurality create "$IMAGE" automounted
  for way in $WAYS '--pid --share=node' named; do
    rm -f "$auto"/{up,mounted,log}
    case $way in
      named) start="PLURALITY_CONTAINERS=$CLUSTER/links/kept plurality run --bind $auto:$auto automounted" ;;
      *) start="plurality-exec $way -B $auto $IMAGE" ;;
    esac
    run -0 unshare -m --propagation shared bash -c ". '$REPO/tests/lib.bash'
      # In a group of its own: the daemon's sees no mounts on demand.
      setsid automount --foreground --dont-check-daemon --pid-file $auto/pid $auto/master 2>$auto/log 3>&- &
      daemon=\$!
      wait_for 20 grep -q '$auto/point.* autofs ' /proc/self/mountinfo
      cat $auto/point/before/file
      as_test_user $start sh -c 'cat $auto/point/before/file $auto/point/inside/file; touch $auto/up
        until [ -e $auto/mounted ]; do sleep 0.05; done; cat $auto/point/later/file' &
      wait_for 60 test -e $auto/up
      cat $auto/point/later/file >$auto/mounted
      status=0
      wait \$! || status=\$?
      kill \$daemon
      wait \$daemon
      exit \$status"
    echo "$way: $output"
    [ "$output" = $'before\nbefore\ninside\nlater' ]
  done
}

@test "an image and a directory with more than a thousand names are used as they are" {
  local many=$CLUSTER/links/many place=$CLUSTER/links/layout image=$PLURALITY_TEST_REGISTRY/many:1
  as_test_user mkdir -p "$many/site"
  as_test_user bash -c 'cd "$0" && touch name{1..1100} site/name{1..1100} && mkdir site/package' "$many"
  cp -r "$("$REPO/dev/image" busybox)" "$place"
  umoci insert --image "$place:latest" "$many" /
  skopeo copy --quiet --dest-tls-verify=false "oci:$place:latest" "docker://$image"
  as_test_user plurality-stagein pull --quiet "$image"
  for way in $WAYS '--writable-tmpfs'; do
    # Into directories that the image has, and beside what lies there.
    run -0 as_test_user plurality-exec "$way" -B "$many/site:/site/package" -B "$many/site:/new" -B "$many/name1:/site/name1100" "$image" \
      sh -c 'ls / | grep -c name; ls /site | grep -c name; ls /site/package /new | grep -c name'
    [ "$output" = $'1100\n1100\n2200' ]
  done
}

@test "a job that empties the run directory takes no mount away from a running container" {
  local run=$CLUSTER/run/cleaned
  for way in $WAYS; do
    rm -f "$CLUSTER/real/home/proj"/{up,gone}
    run -0 as_test_user PLURALITY_RUN_DIR="$run" bash -c "cd '$CLUSTER/real/home/proj'
      plurality-exec $way '$IMAGE' sh -c 'touch up; until [ -e gone ]; do sleep 0.05; done; cat ../proj/input; ls -d ~ /proc/self /dev/null' &
      until [[ -e up || ! -e /proc/\$! ]]; do sleep 0.05; done
      rm -rf '$run' 2>/dev/null
      touch gone
      wait \$!"
    [[ $output == *data*/dev/null*/proc/self* ]]
    chmod -R u+w "$run" 2>/dev/null || true
    rm -rf "$run"
  done
}

@test "a root filesystem without network files has the node's, and the user's line" {
  as_test_user mkdir -p "$CLUSTER/links/raw/bin"
  cp "$(as_test_user plurality-stagein path "$IMAGE")"/bin/busybox "$CLUSTER/links/raw/bin/"
  for way in $WAYS; do
    run -0 where / plurality-exec "$way" "dir:$CLUSTER/links/raw" /bin/busybox cat /etc/resolv.conf /etc/hosts /etc/passwd
    [ "$output" = "$(cat /etc/resolv.conf /etc/hosts)
$(getent passwd "$TEST_USER" | cut -d: -f1,3-7 | sed 's/:/:x:/')" ]
  done
}

@test "no mount of a container lies on a directory entry of its image, with overlayfs and without" {
  local root
  root=$(as_test_user plurality-stagein path "$IMAGE")
  for way in $WAYS; do
    run -0 where "$CLUSTER/real/home" HOME="$CLUSTER/real/home" plurality-exec "$way" -B "$CLUSTER/real:/usr/share/a/b" "$IMAGE" \
      cat /proc/self/mountinfo
    # A mount's parent is the one with its id in the second field; the image's own binds are parents of none.
    run -0 awk -v root="$root" '{ parent[$1] = $2; of[$1] = index($4, root) || index($4, "/images/sha256/") }
      END { for (id in parent) if (of[parent[id]]) print id }' <<<"$output"
    [ -z "$output" ]
  done
}
