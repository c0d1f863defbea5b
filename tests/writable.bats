#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats file_tags=quick
# Images that can be changed: in memory, or in a directory of the node's.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  export IMAGE SQUASHED=$CLUSTER/caches/squashed
  open_cache "$CACHE"
  open_cache "$SQUASHED"
  IMAGE=$(stage busybox)
  squash "$IMAGE" "$SQUASHED"
}

teardown_file() { teardown_place; }

@test "--writable-tmpfs takes changes to the image and forgets them; the entry stays as it was" {
  before=$(checksum "$CACHE/images")
  for cache in "$CACHE" "$SQUASHED"; do
    for share in none node; do
      run -0 as_test_user PLURALITY_CACHE="$cache" plurality-exec --share "$share" --writable-tmpfs "$IMAGE" \
        sh -c 'echo new >/new && rm /etc/os-release && mkdir /opt && echo x >>/bin/busybox && mv /root /root2 && ls -d /root2 && cat /new; [ -e /etc/os-release ] || echo removed'
      echo "$cache $share: $output"
      [ "$output" = "/root2
new
removed" ]
      run -0 as_test_user PLURALITY_CACHE="$cache" plurality-exec --share "$share" "$IMAGE" sh -c 'ls /new /opt 2>/dev/null; head -n 1 /etc/os-release'
      [ "$output" = ID=busybox ]
    done
  done
  [ "$(checksum "$CACHE/images")" = "$before" ]
  wait_for 10 clean
}

@test "ranks of a step see each other's changes in memory" {
  run -0 as_test_user bash -c "plurality-exec --share node --writable-tmpfs $IMAGE sh -c 'echo from the other >/note; sleep 2' &
    plurality-exec --share node --writable-tmpfs $IMAGE sh -c 'while [ ! -s /note ]; do sleep 0.1; done; cat /note'; wait"
  [ "$output" = 'from the other' ]
}

@test "how much goes to memory is bounded" {
  run -1 as_test_user PLURALITY_WRITABLE_TMPFS_SIZE=1MB plurality-exec --writable-tmpfs "$IMAGE" dd if=/dev/zero of=/big bs=64k count=100
  [[ $output == *'No space left on device'* ]]
}

@test "--overlay keeps changes in a directory, for the next container with it" {
  for cache in "$CACHE" "$SQUASHED"; do
    for share in none node; do
      layer=$CLUSTER/run/layer:$share,${cache##*/}
      run -0 as_test_user PLURALITY_CACHE="$cache" plurality-exec --share "$share" --overlay "$layer" "$IMAGE" sh -c 'echo kept >/kept; rm /etc/os-release'
      [ "$(<"$layer/upper/kept")" = kept ]
      # The first container has the layer until its holder has seen that the rank is gone.
      wait_for 30 clean
      run -0 as_test_user PLURALITY_CACHE="$cache" plurality-exec --share "$share" --overlay "$layer" "$IMAGE" sh -c 'cat /kept; [ -e /etc/os-release ] || echo removed'
      echo "$cache $share: $output"
      [ "$output" = "kept
removed" ]
    done
  done
}

@test "a layer that a container uses is refused to another" {
  as_test_user plurality-exec --overlay "$CLUSTER/run/busy" "$IMAGE" sleep 5 3>&- &
  user=$!
  wait_for 10 test -d "$CLUSTER/run/busy/upper"
  sleep 1
  run -125 as_test_user plurality-exec --overlay "$CLUSTER/run/busy" "$IMAGE" true
  echo "$output"
  [[ $output == *'another container uses it'* ]]
  wait "$user"
  run -0 as_test_user plurality-exec --overlay "$CLUSTER/run/busy" "$IMAGE" true
}

@test "a layer on a network filesystem, or where nothing can be written, is refused" {
  run -125 as_test_user plurality-exec --overlay /proc/no "$IMAGE" true
  [[ $output == *'cannot keep changes in /proc/no'* && $output == *'hint: '* ]]
  run -125 as_test_user plurality-exec --overlay /usr "$IMAGE" true
  [[ $output == *'it is not writable'* ]]
  run -125 as_test_user plurality-exec --overlay "$CLUSTER/run/both" --writable-tmpfs "$IMAGE" true
  [[ $output == *'choose one'* ]]
  # One that calls itself so in the list of mounts: what it holds does not matter.
  remote=$CLUSTER/run/remote
  as_test_user mkdir "$remote"
  as_test_user squashfuse -o subtype=sshfs "$(echo "$SQUASHED"/images/sha256/*/*/rootfs.squashfs)" "$remote"
  run as_test_user plurality-exec --overlay "$remote/layer" "$IMAGE" true
  as_test_user fusermount3 -u "$remote"
  echo "$output"
  [ "$status" -eq 125 ]
  [[ $output == *"cannot keep changes in $remote/layer: it is on fuse.sshfs"*'hint: '*--writable-tmpfs* ]]
}

@test "another user's directory entry cannot be made writable, which is said; as squashfs it can" {
  [[ -n $OTHER_USER ]] || skip 'there is no second user: not root'
  run -125 as_other "$OTHER_USER" plurality-exec --writable-tmpfs "$IMAGE" true
  echo "$output"
  [[ $output == *'belong to another user'* && $output == *'--format squashfs'* ]]
  run -0 as_other "$OTHER_USER" PLURALITY_CACHE="$SQUASHED" plurality-exec --writable-tmpfs "$IMAGE" sh -c 'echo mine >/etc/os-release; cat /etc/os-release'
  [ "$output" = mine ]
}

@test "a place that the image lacks is made in the layer" {
  run -0 as_test_user plurality-exec --overlay "$CLUSTER/run/places" -B /etc/hostname:/opt/new/file "$IMAGE" sh -c 'cat /opt/new/file; echo beside >/opt/new/beside'
  [ "$output" = "$(cat /etc/hostname)" ]
  [ "$(<"$CLUSTER/run/places/upper/opt/new/beside")" = beside ]
}
