#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats file_tags=quick
# What of the host is in a container, and what is not.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  export IMAGE ROOTFS
  IMAGE=$(stage busybox)
  ROOTFS=$(as_test_user plurality-stagein path "$IMAGE")
  mkdir -p "$CLUSTER/data/in" "$CLUSTER/other" "$CLUSTER/with,comma"
  echo one >"$CLUSTER/data/file"
  echo two >"$CLUSTER/other/file"
  echo three >"$CLUSTER/with,comma/file"
  chmod 777 "$CLUSTER/data"
}

teardown_file() { teardown_place; }

inside() { as_test_user plurality-exec "$@"; }

@test "binds stand alone, without a blank, in lists, and with a comma that is a path's" {
  run -0 inside -B "$CLUSTER/data:/a" -B"$CLUSTER/other:/b:ro,$CLUSTER/data/in" -B "$CLUSTER/with\\,comma:/c" "$IMAGE" \
    sh -c "cat /a/file /b/file /c/file; ls -d $CLUSTER/data/in; touch /b/x || true"
  [ "${lines[0]} ${lines[1]} ${lines[2]} ${lines[3]}" = "one two three $CLUSTER/data/in" ]
  [[ $output == *'Read-only file system'* ]]
}

@test "--mount binds, read-only or not, and gives memory" {
  run -0 inside --mount "type=bind,source=$CLUSTER/data,destination=/in,readonly" --mount type=tmpfs,destination=/fast,tmpfs-size=1m \
    -B "$CLUSTER/other:/fast/deep/place" "$IMAGE" sh -c 'cat /in/file /fast/deep/place/file; touch /in/x 2>/dev/null || echo refused
      dd if=/dev/zero of=/fast/big bs=1k count=2000 2>/dev/null || wc -c </fast/big'
  [ "${lines[0]} ${lines[1]} ${lines[2]}" = 'one two refused' ]
  [ "${lines[3]}" -le 1048576 ]
  run -125 inside --mount type=volume,destination=/x "$IMAGE" true
  [[ $output == *'neither bind nor tmpfs'* && $output == *'hint: check --mount, PLURALITY_MOUNT'* ]]
}

@test "what is mounted below a bound directory while a launch is planned is there" {
  [[ $EUID == 0 ]] || skip 'needs root, to mount'
  cat >"$CLUSTER/runtime" <<RUNTIME
#!/bin/bash
if [[ " \$* " == *' create '* ]] && mkdir "$CLUSTER/run/once" 2>/dev/null; then
  until [[ -e $CLUSTER/run/mounted ]]; do sleep 0.02; done
fi
exec runc "\$@"
RUNTIME
  chmod 755 "$CLUSTER/runtime"
  for share in none node; do
    rm -rf "$CLUSTER/run"/{once,mounted}
    run -0 unshare -m bash -c ". '$REPO/tests/lib.bash'
      as_test_user plurality-exec --share $share --runtime $CLUSTER/runtime -B $CLUSTER/data:/a $IMAGE ls /a/in &
      until [[ -e $CLUSTER/run/once ]]; do sleep 0.02; done
      mount -t tmpfs none $CLUSTER/data/in && touch $CLUSTER/data/in/late $CLUSTER/run/mounted
      wait \$!"
    [ "$output" = late ]
  done
}

@test "nothing is made in the entry, whatever is mounted" {
  before=$(checksum "$ROOTFS")
  inside -B "$CLUSTER/data:/new/a" -B "$CLUSTER/data/file:/etc/new" --mount type=tmpfs,destination=/var/new/x "$IMAGE" \
    sh -c 'touch /var/new/x/y'
  [ "$(checksum "$ROOTFS")" = "$before" ]
}

@test "settings bring mounts too, and the command line adds to them" {
  run -0 as_test_user PLURALITY_BIND="$CLUSTER/data:/a" PLURALITY_MOUNT="source=$CLUSTER/other,destination=/b
type=tmpfs,destination=/c" plurality-exec -B "$CLUSTER/data/file:/d" "$IMAGE" sh -c 'cat /a/file /b/file /d; touch /c/x'
  [ "$output" = $'one\ntwo\none' ]
}

@test "the home directory is there, is another, or is not there" {
  home=$(getent passwd "$TEST_USER" | cut -d: -f6)
  install -d -o "$TEST_USER" "$CLUSTER/newhome"
  touch "$CLUSTER/newhome/mine"
  run -0 inside --home "$CLUSTER/newhome:/home/me" "$IMAGE" sh -c 'echo ~; ls ~; grep ":$(id -u):" /etc/passwd | cut -d: -f6'
  [ "$output" = $'/home/me\nmine\n/home/me' ]
  run -0 as_test_user sh -c "cd / && plurality-exec --no-home $IMAGE sh -c 'echo ~; ls -A ~ 2>&1 || true'"
  [[ $output == "$home"* && $output != *.bashrc* ]]
  run -0 inside "$IMAGE" sh -c 'echo ~'
  [ "$output" = "$home" ]
  # A setting is as good as the option.
  run -0 as_test_user PLURALITY_HOME="$CLUSTER/newhome:/home/me" plurality-exec "$IMAGE" sh -c 'echo ~; ls ~'
  [ "$output" = $'/home/me\nmine' ]
  mkdir -p "$CLUSTER/settings/plurality"
  echo "home = '$CLUSTER/newhome:/home/me'" >"$CLUSTER/settings/plurality/plurality.toml"
  run -0 as_test_user XDG_CONFIG_HOME="$CLUSTER/settings" plurality-exec "$IMAGE" sh -c 'echo ~; ls ~'
  [ "$output" = $'/home/me\nmine' ]
}

@test "a site's binds are in every launch, where there are such files, and the time zone is the node's" {
  [[ $EUID == 0 ]] || skip 'needs root, for another /etc'
  cp -a /etc "$CLUSTER/etc"
  install -d "$CLUSTER/etc/plurality"
  printf 'site_binds = ["%s:/site", "/nowhere:/absent"]\n' "$CLUSTER/data" >"$CLUSTER/etc/plurality/plurality.toml"
  ln -sf /usr/share/zoneinfo/Europe/Berlin "$CLUSTER/etc/localtime"
  for share in none node; do
    run -0 with_etc plurality-exec --share $share "$IMAGE" sh -c 'cat /site/file; ls -d /absent 2>/dev/null; echo "$TZ"; test -s "${TZ#:}" && echo there'
    echo "$share: $output"
    [ "$output" = $'one\n:/.plurality/usr/share/zoneinfo/Europe/Berlin\nthere' ]
    run -0 with_etc TZ=Asia/Tokyo plurality-exec --share $share "$IMAGE" sh -c 'echo "$TZ"'
    [ "$output" = Asia/Tokyo ]
  done
  rm -rf "$CLUSTER/etc"
}

@test "--contain leaves an own /tmp, few devices, no home and no current directory" {
  marker=/tmp/plurality-marker.$$
  touch "$marker"
  run -0 as_test_user sh -c "cd $CLUSTER/data && plurality-exec --contain $IMAGE sh -c '
    ls $marker 2>/dev/null; touch /tmp/mine && echo tmp; ls /dev | tr \"\\n\" \" \"; echo
    echo x >/dev/null && head -c 2 /dev/zero | wc -c; ls -A ~ 2>/dev/null; ls $CLUSTER 2>/dev/null; readlink /dev/stdin; pwd'"
  rm -f "$marker"
  echo "$output"
  [ "$output" = $'tmp\nfd full null ptmx pts random shm stderr stdin stdout tty urandom zero \n2\n/proc/self/fd/0\n/' ]
  [ ! -e /tmp/mine ]
  wait_for 10 clean
}

@test "the user has a line in passwd and group, with the host's name, comment and shell" {
  run -0 inside "$IMAGE" sh -c 'grep ":$(id -u):" /etc/passwd; grep ":$(id -g):" /etc/group; id -un; id -gn'
  [ "${lines[0]}" = "$(getent passwd "$TEST_USER" | cut -d: -f1,3-7 | sed 's/:/:x:/')" ]
  [ "${lines[1]}" = "$(id -gn "$TEST_USER"):x:$(id -g "$TEST_USER"):" ]
  [ "${lines[2]} ${lines[3]}" = "$TEST_USER $(id -gn "$TEST_USER")" ]
}

@test "names are resolved as on the node" {
  run -0 inside "$IMAGE" sh -c 'cat /etc/resolv.conf; cat /etc/hosts'
  [ "$output" = "$(cat /etc/resolv.conf /etc/hosts)" ]
}

@test "the beginning of a digest names an image" {
  digest=$(as_test_user plurality-stagein inspect "$IMAGE" | jq -r .digest)
  run -0 inside "$(cut -c 8-15 <<<"$digest")" echo short
  [ "$output" = short ]
  run -0 inside "${digest:0:20}" echo short
  [ "$output" = short ]
}

@test "--dry-run says what would be done, and starts nothing" {
  run -0 as_test_user LD_PRELOAD= plurality-exec --dry-run -B "$CLUSTER/data:/new" --env 'A=b c' "$IMAGE" app 'an argument'
  for expected in "^image +$IMAGE" '^digest +sha256:[0-9a-f]{64}' '^namespaces +user, mount' "^command +app 'an argument'" \
    "^ +/new +$CLUSTER/data +bind(,rnosuid)? +--bind" '^ +/proc +/proc +r?bind(,rnosuid)? +the host' '^ +\+ +A=b c' '^ +once +/.*runc --root' '^ +each rank +setns PAUSE user mount; '; do
    grep -qE "$expected" <<<"$output" || {
      echo "no $expected in: $output"
      return 1
    }
  done
  run -0 bash -c "$(declare -f as_test_user as_other as_user account die); as_test_user plurality-exec --dry-run --json $IMAGE app | jq -r .root.readonly"
  [ "$output" = true ]
  wait_for 20 clean
}
