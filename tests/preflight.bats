#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ./quickstart and ./test name in two lines what is missing and comes with no package; nothing is left running.
bats_require_minimum_version 1.5.0
load lib

# without WHAT HOW COMMAND...: each of the two ends with 1 and two lines, which name what is missing and how to get it.
without() {
  local what=$1 how=$2 tool
  shift 2
  for tool in ./quickstart ./test; do
    run -1 timeout 30 "$@" "cd '$REPO' && exec $tool"
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[0]} == *": cannot "*$what* && ${lines[1]} == *"$how"* ]]
  done
  [ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'plurality.??????' -newer "$BATS_TEST_TMPDIR/start")" ]
}

setup() { touch "$BATS_TEST_TMPDIR/start"; }

@test "no user namespaces, by the kernel's setting" {
  without 'max_user_namespaces is 0' 'sysctl user.max_user_namespaces=' unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && sh -c "$0"'
}

@test "no user namespaces, as in a chroot or a plain container" {
  without 'no user namespace can be made here' '--privileged' unshare --mount bash -c 'mount --rbind / /mnt && mount --make-rslave /mnt && chroot /mnt bash -c "$0"'
}

@test "no cgroup mount" {
  without 'no cgroup filesystem is mounted' 'mount -t cgroup2' unshare --mount bash -c 'umount -R -l /sys/fs/cgroup && bash -c "$0"'
}

@test "no JDK" {
  without 'find a JDK 25' 'JAVA_HOME' unshare --mount bash -c '
    printf "ID=debian\nVERSION_ID=12\n" >"$BATS_TEST_TMPDIR/os-release" && mount --bind "$BATS_TEST_TMPDIR/os-release" /etc/os-release
    mount -t tmpfs none /usr/lib/jvm && mount -t tmpfs none /opt
    PATH=/usr/bin:/bin:/usr/sbin:/sbin JAVA_HOME= bash -c "$0"'
}

@test "no room" {
  install -d "$BATS_TEST_TMPDIR/small"
  without 'has room for' 'TMPDIR' unshare --mount bash -c 'mount -t tmpfs -o size=10m none "$BATS_TEST_TMPDIR/small" && TMPDIR="$BATS_TEST_TMPDIR/small" bash -c "$0"'
}

@test "no network" {
  install -d "$BATS_TEST_TMPDIR/home"
  without 'no route to other networks' 'a proxy' unshare --net env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY HOME="$BATS_TEST_TMPDIR/home" bash -c 'bash -c "$0"'
}
