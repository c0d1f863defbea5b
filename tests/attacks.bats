#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What one user tries against another's images: in that user's own cache, in a site's, and in a group's that is not theirs. Each is tried
# for real, as another user, with every protection of links in sticky directories that the kernel could add left as it is.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  export BATS_TEST_TIMEOUT=300
  [[ $EUID == 0 ]] || skip 'two users take root'
  setup_place
  setup_registry
  export IMAGE DIGEST HEX SITE GROUP_CACHE OTHERS_CACHE
  IMAGE=$(stage busybox)
  DIGEST=$(as_test_user plurality-stagein inspect "$IMAGE" | sed 's/.*"digest":"\([^"]*\)".*/\1/')
  HEX=${DIGEST#*:}
  SITE=$CLUSTER/caches/site GROUP_CACHE=$CLUSTER/caches/group OTHERS_CACHE=$CLUSTER/caches/$OTHER_USER
  as_test_user plurality-stagein init --site --cache "$SITE" >/dev/null
  as_test_user plurality-stagein init --group "$(id -gn "$TEST_USER")" --cache "$GROUP_CACHE" >/dev/null
  for cache in "$SITE" "$GROUP_CACHE"; do as_test_user plurality-stagein pull --quiet --cache "$cache" "$IMAGE" >/dev/null; done
  for cache in "$CACHE" "$SITE" "$GROUP_CACHE"; do as_test_user plurality-stagein lease add --cache "$cache" --id owners --for 1h "$IMAGE" >/dev/null; done
  as_test_user bash -c 'umask 077; echo hidden-word >secret'
  as_user "$OTHER_USER" mkdir -p evil/rootfs/bin
}

teardown_file() { [[ -z ${CLUSTER-} ]] || teardown_place; }

setup() {
  [[ $EUID == 0 ]] || skip 'two users take root'
  LEASES=$SITE/leases/$HEX
  # A test that failed may have left neither.
  [[ -e $LEASES/owners.json && -d $SITE/images/sha256/${HEX:0:2}/$HEX ]] || owners_image
}

owners_image() {
  as_test_user plurality-stagein pull --quiet --cache "$SITE" "$IMAGE"
  as_test_user plurality-stagein lease add --cache "$SITE" --id owners --for 1h "$IMAGE"
}

# What the attacker does; a script's failures are the attacker's own business.
other() { as_other "$OTHER_USER" PLURALITY_CACHE="$OTHERS_CACHE" PLURALITY_SITE_CACHES="$SITE" "$@"; }
attack() { other bash -c "$1" - "${@:2}" 3>&- 2>&1 || true; }

# Everything of a cache but what comes and goes: leases, and the log.
state() { (cd "$1" && find . \( -path ./leases -o -path ./log -o -path ./tmp \) -prune -o -printf '%p %y %u %m %s %T@ %l\n' | LC_ALL=C sort && checksum "images"); }

# untouched COMMAND...: what it does changes nothing of three caches nor the lease in each, and the image runs.
untouched() {
  local cache before=()
  for cache in "$CACHE" "$SITE" "$GROUP_CACHE"; do before+=("$(state "$cache")"); done
  for cache in "$CACHE" "$SITE" "$GROUP_CACHE"; do attack "$1" "$cache" "$HEX" "${@:2}"; done
  for cache in "$CACHE" "$SITE" "$GROUP_CACHE"; do
    diff <(printf '%s\n' "${before[0]}") <(state "$cache")
    before=("${before[@]:1}")
    [ "$(stat -c %U "$cache/leases/$HEX/owners.json")" = "$TEST_USER" ]
  done
  as_test_user PLURALITY_CACHE="$SITE" plurality-exec "$IMAGE" true
}

expire_site() {
  as_test_user PLURALITY_CACHE="$SITE" PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s PLURALITY_LEASE_GRACE=0s \
    PLURALITY_SCHEDULER_TIMEOUT=3s "$@" plurality-stagein expire
}

# The owner lets go, time passes (lease_max_age), and the image goes: nobody has pinned it for good.
goes_in_time() {
  as_test_user plurality-stagein lease release --cache "$SITE" owners
  expire_site >/dev/null
  find "$SITE/leases/.holds" -type f -exec touch -d '40 days ago' {} + 2>/dev/null || true
  run -0 expire_site
  echo "$output"
  run -3 as_test_user PLURALITY_CACHE="$SITE" plurality-stagein path "$IMAGE"
  owners_image
}

@test "1 replace: writing into a published image, its documents, or over them" {
  # shellcheck disable=SC2016
  untouched 'd=$1/images/sha256/${2:0:2}/$2
    echo x >"$d/rootfs/bin/sh"; echo x >>"$d/entry.json"; cp ~/evil/rootfs "$d/"; rm -rf "$d/rootfs/bin"; ln -sf /bin/sh "$d/rootfs/bin/evil"
    truncate -s 0 "$d/manifest.json"; chmod -R 777 "$d"; setfattr -n user.x -v 1 "$d/rootfs"'
}

@test "2 replace: another directory renamed onto an image, or an image renamed away" {
  # shellcheck disable=SC2016
  untouched 'd=$1/images/sha256/${2:0:2}/$2
    mv "$d" "$d.old"; mv "$1/images" "$1/images.old"; mv ~/evil "$d"; mv -T ~/evil "$1/images/sha256/${2:0:2}"
    python3 -c "import os, sys; os.rename(os.path.expanduser(\"~/evil\"), sys.argv[1])" "$d"'
}

@test "3 poison: an image published under a digest of the attacker's choice" {
  # shellcheck disable=SC2016
  untouched 'for hex in "$(printf "0%.0s" {1..64})" "$(printf "f%.0s" {1..64})"; do
      mkdir -p "$1/images/sha256/${hex:0:2}/$hex/rootfs"; echo "{}" >"$1/images/sha256/${hex:0:2}/$hex/entry.json"
    done; mkdir "$1/images/sha512"'
}

@test "4 poison: a tag or digest file that names another image" {
  # shellcheck disable=SC2016
  untouched 'find "$1/refs" -type f | while read -r file; do
      sed "s/$2/$(printf "0%.0s" {1..64})/" "$file" >~/forged; cp ~/forged "$file"; mv ~/forged "$file"; ln -sf ~/forged "$file"; done
    mkdir -p "$1/refs/docker.io/library/debian/_tags/12"; touch "$1/refs/x"'
}

@test "5 poison: a layer put where a pull looks for it" {
  # shellcheck disable=SC2016
  untouched 'blob=$(find "$1/blobs" -type f | head -n 1); echo x >"$blob"; mv ~/forged "$blob"; mkdir -p "$1/blobs/sha256/00" "$1/blobs/partial"
    echo x >"$1/blobs/partial/$2.0"; touch "$1/blobs/swept"; ln -s /etc "$1/blobs/sha256/ff"'
}

@test "6 poison: a file, directory or link planted where a publication is under way" {
  # The attacker races a pull that is slow to begin; the image comes out as it should.
  # shellcheck disable=SC2016
  other timeout 60 bash -c 'while :; do for d in "$1"/tmp/*/ "$1"/tmp/*/image/ "$1"/images/sha256/*/; do
      touch "$d/planted"; ln -s /etc/passwd "$d/rootfs"; mkdir "$d/rootfs"; mv "$d" "$d.x"; done; [[ ! -e $2/stop ]] || exit 0; done' - \
    "$SITE" "$CLUSTER/run" >/dev/null 2>&1 3>&- &
  attacker=$!
  for _ in 1 2; do
    as_test_user plurality-stagein rm --force --cache "$SITE" "$IMAGE" >/dev/null
    as_test_user plurality-stagein pull --quiet --cache "$SITE" "$IMAGE" >/dev/null
  done
  touch "$CLUSTER/run/stop"
  wait "$attacker" || true
  rm "$CLUSTER/run/stop"
  "$REPO/tests/check-cache" "$SITE"
  [ -z "$(find "$SITE" -name '*planted*')" ]
  as_test_user plurality-stagein lease add --cache "$SITE" --id owners --for 1h "$IMAGE"
}

@test "7 read private: a cache of one's own is closed to others, as are passing files" {
  # shellcheck disable=SC2016
  as_test_user bash -c 'umask 022; plurality-stagein pull --quiet --cache ~/new/cache "$1"' - "$IMAGE" >"$CLUSTER/out"
  home=$(getent passwd "$TEST_USER" | cut -d : -f 6)
  [ "$(stat -c %a "$home/new/cache")" = 700 ]
  chmod 755 "$home" "$home/new"
  run attack "ls $home/new/cache; cat $home/new/cache/plurality-cache.json $home/new/cache/images/sha256/*/*/entry.json; plurality-stagein list --cache $home/new/cache"
  chmod 700 "$home"
  echo "$output"
  [[ $output != *format* && $output != *busybox* && $output == *"plurality-stagein init --site --cache $home/new/cache"* ]]
  rm -rf "$home/new"
}

@test "8 read private: a link or hard link to a secret among the leases shows nothing of it" {
  home=$(getent passwd "$TEST_USER" | cut -d : -f 6)
  attack "ln -s $home/secret $LEASES/link.json; ln $home/secret $LEASES/hard.json; ln -s $home $LEASES/home.json"
  run as_test_user plurality-stagein lease list --cache "$SITE"
  [[ $output != *hidden-word* ]]
  run expire_site
  [[ $output != *hidden-word* ]]
  grep -qF hidden-word "$home/secret"
  [ "$(stat -c %a "$home/secret")" = 600 ]
  attack "rm -f $LEASES/link.json $LEASES/hard.json $LEASES/home.json"
}

@test "9 pin forever: leases of every kind that never end" {
  # shellcheck disable=SC2016
  attack 'cd "$1" && printf "{\"digest\":\"sha256:$2\",\"holder\":{\"kind\":\"until\",\"endMillis\":9223372036854775807},\"user\":\"root\",\"takenAtMillis\":1}" >ever.json
    printf "{\"digest\":\"sha256:$2\",\"holder\":{\"kind\":\"process\",\"host\":\"nowhere\",\"bootId\":\"x\",\"pid\":1,\"startTicks\":1},\"user\":\"root\",\"takenAtMillis\":1}" >process-x.json
    printf "{\"digest\":\"sha256:$2\",\"holder\":{\"kind\":\"slurm\",\"jobId\":\"1\"},\"user\":\"root\",\"takenAtMillis\":1}" >slurm-1.json
    printf "{" >half.json; touch -d 2099-01-01 *.json' "$LEASES" "$HEX"
  run expire_site
  [[ $output == *'held by'* ]]
  goes_in_time
}

@test "10 pin forever: taken anew each time it is taken away, under new names" {
  # shellcheck disable=SC2016
  other timeout 100 bash -c 'i=0; while [[ ! -e $3/stop ]]; do i=$((i + 1))
      printf "{\"digest\":\"sha256:$2\",\"holder\":{\"kind\":\"until\",\"endMillis\":9223372036854775807},\"user\":\"x\",\"takenAtMillis\":1}" >"$1/again-$i.json"
      sleep 0.5; done' - "$LEASES" "$HEX" "$CLUSTER/run" >/dev/null 2>&1 3>&- &
  attacker=$!
  sleep 1
  as_test_user plurality-stagein lease release --cache "$SITE" owners
  expire_site >/dev/null
  find "$SITE/leases/.holds" -type f -exec touch -d '40 days ago' {} +
  # No lease of theirs counts any more: what still keeps it for a moment is that somebody uses it, which a site's limits weigh.
  run expire_site
  echo "$output"
  [[ $output != *'held by'* && $output != *'leased meanwhile'* ]]
  as_test_user plurality-stagein rm --cache "$SITE" "$IMAGE" || true
  run -3 as_test_user PLURALITY_CACHE="$SITE" plurality-stagein path "$IMAGE"
  touch "$CLUSTER/run/stop"
  wait "$attacker" || true
  rm -f "$CLUSTER/run/stop"
  owners_image
}

@test "11 pin forever: pins, marks and times set by others" {
  # shellcheck disable=SC2016
  untouched 'touch "$1/pins/$2" "$1/leases/.holds/x" "$1/leases/$2.json"; plurality-stagein pin --cache "$1" "sha256:$2"
    touch -d 2099-01-01 "$1/leases/$2" "$1/images/sha256/${2:0:2}/$2/entry.json" "$1/refs"; rm -rf "$1/leases/.holds"; mv "$1/leases/$2" "$1/leases/x"'
  [ "$(find "$SITE/leases" -maxdepth 1 -newermt 2098-01-01)" = '' ]
}

@test "12 hostile lease files: pipes, devices, directories, links to endless files, deep and huge documents" {
  # shellcheck disable=SC2016
  attack 'cd "$1" && mkfifo pipe.json process-pipe.json && ln -s /dev/zero zero.json && ln -s pipe.json loop.json && ln -s self.json self.json
    mkdir -m 700 dir.json && touch dir.json/inside && head -c 3000000 /dev/zero >big.json && printf "%0.s[" {1..2000} >deep.json
    printf "{\"digest\":\"sha256:$2\",\"holder\":{\"kind\":\"pbs\",\"jobId\":\"1\$(touch /tmp/x);-x\"},\"user\":\"\\\\u001b[31m\",\"takenAtMillis\":1}" >pbs.json
    touch "odd name.json" ..x.json .json "-rf.json" ".new-x~y~1~1~z~1"; mkdir "$(printf "n%.0s" {1..240}).json"; chmod 0 big.json' "$LEASES" "$HEX"
  for command in "expire" "lease list" "list"; do
    # shellcheck disable=SC2086
    run -0 timeout 100 runuser -u "$TEST_USER" -- env HOME=/nonexistent PLURALITY_CACHE="$SITE" "$TREE/bin/plurality-stagein" $command
    [[ $output != *$'\e'* ]]
  done
  run -0 as_test_user PLURALITY_CACHE="$SITE" plurality-exec "$IMAGE" true
  goes_in_time
  attack 'rm -rf "$1"/* "$1"/.[a-z]*' "$LEASES"
}

@test "13 a hundred thousand leases: an expiry, a launch and a lease of others go on" {
  attack 'cd "$1" && python3 -c "
for i in range(100000):
    open(\"process-%d.json\" % i, \"w\").close()
"' "$LEASES"
  run -0 as_test_user PLURALITY_CACHE="$SITE" plurality-exec "$IMAGE" true
  run -0 as_test_user plurality-stagein lease add --cache "$SITE" --id mine --for 1h "$IMAGE"
  as_test_user plurality-stagein lease release --cache "$SITE" mine
  run -0 expire_site
  # More than its bound of one user's do not count, and go.
  (($(find "$LEASES" -name 'process-*' | wc -l) <= 1000))
  goes_in_time
}

@test "14 names taken before their owner comes: a job gets its lease all the same" {
  attack 'cd "$1" && echo x >slurm-plurality-4711.json && echo x >"slurm-plurality-4711-u$(id -u plurality-test).json"' "$LEASES"
  run -0 as_test_user plurality-stagein lease add --cache "$SITE" --id slurm-plurality-4711 --for 1h "$IMAGE"
  echo "$output"
  # Not the attacker's, who owns the site's cache trusts the owner alone; here the publisher is the owner.
  [ "$(find "$LEASES" -user "$TEST_USER" -name 'slurm-plurality-4711*' | wc -l)" -eq 1 ]
  rm -f "$LEASES"/slurm-plurality-4711*
}

@test "15 others' leases: removing, replacing, changing or linking over them" {
  # shellcheck disable=SC2016
  untouched 'd=$1/leases/$2; rm -f "$d/owners.json"; mv "$d/owners.json" "$d/x.json"; echo x >"$d/owners.json"; echo x >"$d/new" && mv "$d/new" "$d/owners.json"
    ln -sf x "$d/owners.json"; chmod 777 "$d" "$d/owners.json"; rmdir "$d"; plurality-stagein lease release --cache "$1" owners; rm -f "$d/new"'
}

@test "16 a lock held for good: a pull waits for no stranger" {
  # shellcheck disable=SC2016
  untouched 'echo "{\"nonce\":\"x\",\"host\":\"nowhere\",\"bootId\":\"x\",\"pid\":1,\"startTicks\":1,\"user\":\"x\"}" >"$1/locks/pull-$2.json"
    mkfifo "$1/locks/pull-$2.json"; ln -s /dev/zero "$1/locks/pull-$2.json"; mkdir "$1/locks/pull-$2.json"'
}

@test "17 symlink swaps: directories of a cache that become links are refused" {
  for part in images refs leases; do
    mv "$SITE/$part" "$SITE/$part.away"
    ln -s "$CLUSTER/caches/evil" "$SITE/$part"
    as_user "$OTHER_USER" mkdir -p "$CLUSTER/caches/evil"
    run -7 other plurality-stagein path "$IMAGE"
    run -7 as_test_user PLURALITY_CACHE="$SITE" plurality-stagein pull --quiet "$IMAGE"
    run -125 as_test_user PLURALITY_CACHE="$SITE" plurality-exec "$IMAGE" true
    rm "$SITE/$part"
    mv "$SITE/$part.away" "$SITE/$part"
  done
  # shellcheck disable=SC2016
  untouched 'for part in images refs leases tmp trash locks log blobs pins; do ln -sfn ~/evil "$1/$part"; mv "$1/$part" "$1/$part.x"; ln -s ~/evil "$1/$part/link"; done'
}

@test "18 mode changes: directories opened to everybody are refused, and a stranger's too" {
  for part in images refs leases; do
    mode=$(stat -c %a "$SITE/$part")
    chmod o+w "$SITE/$part"
    run -7 other plurality-stagein path "$IMAGE"
    [[ $output == *chmod* ]]
    chmod "$mode" "$SITE/$part"
    chown "$OTHER_USER" "$SITE/$part"
    run -7 as_test_user PLURALITY_CACHE="$SITE" plurality-stagein path "$IMAGE"
    chown "$TEST_USER" "$SITE/$part"
    chmod "$mode" "$SITE/$part"
  done
  # shellcheck disable=SC2016
  untouched 'chmod -R 777 "$1"; chgrp -R plurality-other "$1"; chown -R plurality-other "$1"; setfacl -R -m u:plurality-other:rwx "$1"'
}

@test "19 log poisoning: no line of another's, no control character, and no link followed" {
  # shellcheck disable=SC2016
  untouched 'echo "{\"event\":\"expired\"}" >>"$1/log/events.jsonl"; rm -f "$1/log/events.jsonl"; ln -s ~/evil "$1/log/events-0.jsonl"; mkfifo "$1/log/events-1.jsonl"'
  other plurality-stagein pull --quiet --cache "$SITE" "$IMAGE"$'\n{"event":"error"}' || true
  other plurality-stagein lease add --cache "$SITE" --id theirs --for 1h "$IMAGE" || true
  [ "$(grep -cF '"event":"error"' "$SITE/log/events.jsonl")" -eq 0 ]
  rm -f "$LEASES/theirs.json"
  # A log that is a link, a pipe or another file's second name is not written.
  home=$(getent passwd "$TEST_USER" | cut -d : -f 6)
  mine=$CLUSTER/run/mine
  as_test_user bash -c "echo hidden-word >$mine"
  for trap in "ln -s $mine" "ln $mine" "mkfifo"; do
    rm -f "$CACHE/log/events.jsonl"
    as_test_user bash -c "$trap $CACHE/log/events.jsonl"
    run -0 timeout 60 runuser -u "$TEST_USER" -- env HOME="$home" PLURALITY_CACHE="$CACHE" PLURALITY_INSECURE_REGISTRIES="$PLURALITY_TEST_REGISTRY" \
      "$TREE/bin/plurality-stagein" pull --quiet "$IMAGE"
    [ "$(cat "$mine")" = hidden-word ]
  done
  rm -f "$CACHE/log/events.jsonl"
}

@test "20 planted temporary directories: a launch uses no run directory of another's" {
  chmod 1777 "$CLUSTER/run"
  for plant in 'mkdir -m 777' 'mkdir -m 700' 'ln -s /tmp' 'touch' 'mkfifo'; do
    planted=$CLUSTER/run/planted
    attack "$plant $planted"
    run as_test_user PLURALITY_RUN_DIR="$planted" timeout 60 plurality-exec "$IMAGE" true
    echo "$plant: $status $output"
    [ "$status" -ne 124 ]
    [ "$status" -eq 125 ]
    rm -rf "$planted"
  done
}

@test "21 temporary files of the tools: none with a name that others can foresee" {
  # shellcheck disable=SC2016
  as_test_user strace -f -qq -e trace=openat,mkdir,mknod,symlink,link -e signal=none -o "$CLUSTER/run/trace" \
    plurality-stagein pull --quiet --format squashfs --cache "$CLUSTER/caches/traced" "$IMAGE" >/dev/null
  # Made anew under a name of chance (O_EXCL), or below what was: nothing that was there before is written.
  awk -F '"' -v place="$CLUSTER" '$2 ~ "^/(tmp|var/tmp|dev/shm)/" && index($2, place) != 1 && /O_CREAT|mkdir|mknod/ && !/ENOENT/ {
      if (/O_EXCL/) made[$2] = 1; else if (!($2 in made)) print }' "$CLUSTER/run/trace" >"$CLUSTER/foreseen"
  cat "$CLUSTER/foreseen"
  [ ! -s "$CLUSTER/foreseen" ]
}

@test "22 a group's cache: a member cannot change, replace or remove another member's image" {
  getent group plurality-both >/dev/null || groupadd plurality-both
  for user in "$TEST_USER" "$OTHER_USER"; do usermod -aG plurality-both "$user"; done
  both=$CLUSTER/caches/both
  as_test_user plurality-stagein init --group plurality-both --cache "$both" >/dev/null
  as_test_user plurality-stagein pull --quiet --cache "$both" "$IMAGE" >/dev/null
  before=$(checksum "$both/images")
  # shellcheck disable=SC2016
  attack 'd=$1/images/sha256/${2:0:2}/$2; echo x >"$d/rootfs/bin/sh"; rm -rf "$d"; mv "$d" "$1/trash/x"; mv "$d" "$d.x"; mv ~/evil "$d"; rmdir "$d/rootfs"
    chmod -R g+w "$d"; mv "$1/images/sha256" "$1/images/sha255"; mv "$1/images/sha256/${2:0:2}" "$1/images/sha256/zz"
    plurality-stagein rm --force --cache "$1" "sha256:$2"' "$both" "$HEX"
  [ "$before" = "$(checksum "$both/images")" ]
  as_test_user PLURALITY_CACHE="$both" plurality-exec "$IMAGE" true
}

@test "23 a group's cache: links that a member plants lead nobody to write elsewhere or to open what is theirs" {
  both=$CLUSTER/caches/both
  home=$(getent passwd "$TEST_USER" | cut -d : -f 6)
  host=${PLURALITY_TEST_REGISTRY}
  attack 'rm -rf "$1/refs/$2"; mkdir -p ~/evil; chmod 777 ~/evil; ln -s '"$home"' "$1/refs/$2"; ln -s '"$home"'/secret "$1/locks/pull-$3.json"
    ln -s '"$home"'/secret "$1/log/events.jsonl"' "$both" "$host" "$HEX"
  run as_test_user plurality-stagein pull --quiet --cache "$both" "$IMAGE"
  echo "$output"
  [ ! -e "$home/busybox" ]
  [ "$(stat -c '%a %s' "$home/secret")" = '600 12' ]
}

@test "24 a group's cache: pipes and links to endless devices in place of its documents keep no other member waiting" {
  getent group plurality-both >/dev/null || groupadd plurality-both
  for user in "$TEST_USER" "$OTHER_USER"; do usermod -aG plurality-both "$user"; done
  both=$CLUSTER/caches/planted
  as_test_user plurality-stagein init --group plurality-both --cache "$both" >/dev/null
  as_test_user plurality-stagein pull --quiet --cache "$both" "$IMAGE" >/dev/null
  layer=$(grep -o 'sha256:[0-9a-f]*' "$both/images/sha256/${HEX:0:2}/$HEX/manifest.json" | tail -n 1)
  as_test_user plurality-stagein rm --force --cache "$both" "$IMAGE" >/dev/null
  # Fetched anew, so that a pull looks for what others left of it.
  rm -rf "$both/blobs/sha256/"*
  # shellcheck disable=SC2016
  attack 'umask 002; cd "$1" && mkfifo -m 666 "$4/pipe"; i=0
    for planted in "$4/pipe" /dev/zero; do
      i=$((i + 1)); mkdir -p "trash/out-$i/image" "trash/old-$i/image" "trash/spare-$i/image" "tmp/$i"
      for place in "trash/out-$i" "trash/old-$i" "trash/spare-$i" "tmp/$i"; do ln -s "$planted" "$place/owner.json"; done
      ln -s "$planted" "trash/spare-$i/image/entry.json"; ln -s "$planted" "locks/$i.json"
      echo x >"blobs/partial/$3.$i"; ln -s "$planted" "blobs/partial/$3.$i.owner"; ln -s "$planted" "refs/$i.json"
      hex=$(printf "$i%.0s" {1..64}); mkdir -p "images/sha256/$i$i/$hex"; ln -s "$planted" "images/sha256/$i$i/$hex/entry.json"
    done
    mkfifo -m 666 "locks/pull-$2.json" "refs/pipe.json" "tmp/owned-pipe"' "$both" "$HEX" "${layer#*:}" "$CLUSTER/run"
  [ -p "$both/locks/pull-$HEX.json" ]
  [ -L "$both/trash/out-2/owner.json" ]
  [ -L "$both/blobs/partial/${layer#*:}.2.owner" ]
  [ -L "$both/images/sha256/22/$(printf '2%.0s' {1..64})/entry.json" ]
  for command in "pull --quiet $IMAGE" "status $IMAGE"; do
    ended=0
    # shellcheck disable=SC2086
    as_test_user PLURALITY_CACHE="$both" timeout 60 plurality-stagein $command >"$CLUSTER/out" 2>&1 || ended=$?
    cat "$CLUSTER/out"
    [ "$ended" -ne 124 ]
    run ! grep -F OutOfMemory "$CLUSTER/out"
    [[ $command != pull* || $ended == 0 ]]
  done
}

@test "25 a stranger's loop of mkdir does not beat the prolog to a user's run directory" {
  local i uid
  uid=$(id -u "$TEST_USER")
  # shellcheck disable=SC2016
  run -0 unshare -m bash -c '
    mount -t tmpfs -o mode=1777 none /tmp
    run=/tmp/plurality-$2
    setpriv --reuid "$3" --regid "$3" --clear-groups bash -c "while :; do mkdir -m 777 $run; [[ ! -e $run/x ]] && ((RANDOM % 2)) && : >$run/x; done" 2>/dev/null &
    attacker=$!
    won=0
    for i in {1..20}; do
      rm -rf "$run"
      SLURM_JOB_UID=$2 "$1/slurm/prolog"
      [[ $(stat -c "%u %a" "$run") != "$2 700" ]] || won=$((won + 1))
    done
    kill $attacker
    echo "won $won"
    ls -d "$run"* | grep -vc "not-of-uid"' - "$REPO" "$uid" "$(id -u "$OTHER_USER")"
  echo "$output"
  [ "${lines[0]}" = 'won 20' ]
  # The directory itself, and none that was on its way.
  [ "${lines[1]}" -eq 1 ]
}
