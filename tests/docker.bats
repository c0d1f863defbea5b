#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The echo server: built into a real Docker daemon, made a named container and run by an ordinary user.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  ((EUID == 0)) || skip 'starts a Docker daemon, which needs root'
  local up
  up=$("$REPO/dev/docker-up" "$CLUSTER/d" --group "$(id -gn "$TEST_USER")") && eval "$up"
  export DOCKER_HOST HOME_DIR=$CLUSTER/home PORT
  install -d -o "$TEST_USER" "$HOME_DIR"
  "$REPO/examples/echo-server/build" docker
}

teardown_file() {
  local name
  for name in echo_test echo_daemon echo_podman order; do as_me plurality delete --force "$name" 2>/dev/null || true; done
  stop_daemon "$CLUSTER/run" podman
  "$REPO/dev/docker-down" "$CLUSTER/d"
  teardown_place
}

setup() { PORT=$(free_port 1); }

as_me() { as_test_user HOME="$HOME_DIR" PLURALITY_RUN_DIR="$CLUSTER/run/named" DOCKER_HOST="$DOCKER_HOST" "$@"; }

listens() { nc -z localhost "$PORT"; }

# answered: by the server, with the byte count
answered() {
  wait_for 60 listens
  [ "$(echo 'Hello rootless container!' | nc localhost "$PORT")" = '26 bytes received: Hello rootless container!' ]
}

@test "from the Docker daemon, in the foreground, as an ordinary user" {
  run -0 as_me plurality --debug --nosudo create --nopull echo-server:latest echo_test
  [[ $output == *'from the Docker daemon: echo-server:latest'* ]]
  [ "$(stat -c %U "$HOME_DIR/.runc/container/echo_test/rootfs/echo-server")" = "$TEST_USER" ]
  as_me plurality run echo_test /echo-server "$PORT" >"$CLUSTER/out" 3>&- &
  answered
  as_me plurality list | grep -E '^echo_test +echo-server:latest +[0-9a-f]{12} +running '
  as_me plurality stop echo_test
  wait $!
  grep -x 'answered 26 bytes' "$CLUSTER/out"
}

@test "from the Docker daemon, in the background" {
  as_me plurality c --nopull echo-server:latest echo_daemon
  pid=$(as_me plurality r -d echo_daemon /echo-server "$PORT")
  answered
  [ "$(as_me plurality status --json echo_daemon | jq -r '"\(.state) \(.pid)"')" = "running $pid" ]
  [ "$(stat -c %U "/proc/$pid")" = "$TEST_USER" ]
  as_me plurality stop echo_daemon
  run listens
  [ "$status" -ne 0 ]
  [ "$(as_me plurality logs echo_daemon | tail -n 1)" = 'answered 26 bytes' ]
  [ "$(as_me plurality status --json echo_daemon | jq .status)" = 0 ]
}

@test "the Docker daemon comes before the cache, and the cache when the daemon is gone" {
  as_me plurality-stagein list | grep -E '^docker.io/library/echo-server:latest|^echo-server:latest'
  docker tag echo-server:latest second:latest
  run -0 as_me plurality --debug create --nopull second:latest order
  [[ $output == *'from the Docker daemon: second:latest'* ]]
  as_me plurality delete order
  docker rmi second:latest
  run -0 as_me plurality --debug create --nopull second:latest order
  [[ $output == *'in the cache: '* ]]
  as_me plurality delete order
  DOCKER_HOST=unix://$CLUSTER/nosuch.sock run -0 as_me plurality create --nopull echo-server:latest order
  as_me plurality delete order
  DOCKER_HOST=unix://$CLUSTER/nosuch.sock run -3 as_me plurality create --nopull never-built:latest order
  [[ $output == *'neither the Docker daemon nor the cache has it'*"$CLUSTER/nosuch.sock"* ]]
}

@test "through Podman's socket, which speaks as Docker's does" {
  install -d -m 755 "$CLUSTER/p"
  mkdir -p "$CLUSTER/podman"
  podman=(podman --root "$CLUSTER/podman/root" --runroot "$CLUSTER/podman/run" --storage-driver vfs --cgroup-manager cgroupfs --events-backend file)
  build=$CLUSTER/podman/build
  printf '#!/bin/sh\nexec %s "$@"\n' "${podman[*]}" >"$build"
  chmod 755 "$build"
  "$REPO/examples/echo-server/build" "$build"
  "${podman[@]}" tag echo-server:latest docker.io/library/echo-podman:latest
  start_daemon "$CLUSTER/run" podman "$CLUSTER/podman/log" "${podman[@]}" system service --time 0 "unix://$CLUSTER/p/s"
  wait_for 60 test -S "$CLUSTER/p/s"
  chown "$TEST_USER" "$CLUSTER/p/s"
  DOCKER_HOST=unix://$CLUSTER/p/s run -0 as_me plurality --debug --nosudo create --nopull echo-podman:latest echo_podman
  [[ $output == *'from the Docker daemon: echo-podman:latest'* ]]
  as_me plurality run echo_podman /echo-server "$PORT" >"$CLUSTER/out" 3>&- &
  answered
  as_me plurality stop echo_podman
  wait $!
  pid=$(as_me plurality run -d echo_podman /echo-server "$PORT")
  answered
  [ "$(as_me plurality status --json echo_podman | jq -r '"\(.state) \(.pid)"')" = "running $pid" ]
  as_me plurality stop echo_podman
  [ "$(as_me plurality logs echo_podman | tail -n 1)" = 'answered 26 bytes' ]
}
