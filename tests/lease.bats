#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Leases: of jobs, processes and dates, of one's own and in a site's cache, as ordinary users against a real registry and a real Slurm.
load lib

setup_file() {
  setup_place
  setup_slurm --nodes 1
  setup_registry
  export IMAGE DIGEST
  IMAGE=$(stage busybox)
  DIGEST=$(as_test_user plurality-stagein inspect "$IMAGE" | sed 's/.*"digest":"\([^"]*\)".*/\1/')
}

teardown_file() { teardown_place; }

# All that nobody holds goes at once.
expire() {
  as_test_user PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s PLURALITY_LEASE_GRACE=0s plurality-stagein expire "$@"
}

lease() { as_test_user plurality-stagein lease "$@"; }
restage() { as_test_user plurality-stagein pull "$IMAGE"; }

@test "a lease by name, digest or beginning is added, listed, renewed and released" {
  for name in "$IMAGE" "$DIGEST" "${DIGEST:7:12}"; do
    run lease add --id mine --for 1h "$name"
    [ "$output" = "mine $DIGEST" ]
  done
  lease list | grep -E '^mine +.*until.* of '
  lease list --json | grep -F '"id":"mine"'
  lease renew mine --for 2d
  expire
  as_test_user plurality-stagein path "$IMAGE"
  lease release mine
  run lease release mine
  [ "$status" -eq 3 ]
}

@test "an id, holder or image that makes no sense is refused, each with its code" {
  run lease add --id ../x --for 1h "$IMAGE"
  [ "$status" -eq 2 ]
  run lease add "$IMAGE"
  [ "$status" -eq 2 ]
  [[ $output == *--for* ]]
  run lease add --for 1h nosuch
  [ "$status" -eq 3 ]
  run lease add --for 1y "$IMAGE"
  [ "$status" -eq 2 ]
}

@test "a lease whose time is over does not hold" {
  restage
  lease add --id short --for 0s "$IMAGE"
  run lease list
  [[ $output == *short*no* ]]
  expire | grep -E " yes "
  run as_test_user plurality-stagein path "$IMAGE"
  [ "$status" -eq 3 ]
}

@test "a process holds an image until it ends" {
  restage
  as_test_user bash -c 'echo $$ >"$1"; exec sleep 600' - "$CLUSTER/run/sleep.pid" 3>&- &
  wait_for 20 test -s "$CLUSTER/run/sleep.pid"
  sleep=$(<"$CLUSTER/run/sleep.pid")
  lease add --process "$sleep" "$IMAGE"
  expire | grep -F "held by process $sleep"
  kill "$sleep"
  wait_for 20 eval "! kill -0 $sleep 2>/dev/null"
  expire
  run as_test_user plurality-stagein path "$IMAGE"
  [ "$status" -eq 3 ]
}

@test "a Slurm job holds an image while it waits, while it runs, and no longer" {
  restage
  job=$(as_test_user sbatch --parsable --hold --output=/dev/null --wrap 'sleep 600')
  as_test_user plurality-stagein lease add --slurm-job "$job@plurality" "$IMAGE"
  expire | grep -F "held by Slurm job $job"
  as_test_user scontrol release "$job"
  wait_for 60 eval "squeue --noheader --jobs=$job --format=%T | grep -q RUNNING"
  expire | grep -F "held by Slurm job $job"
  as_test_user scancel "$job"
  wait_for 60 eval "! squeue --noheader --jobs=$job --format=%T | grep -q ."
  expire
  run as_test_user plurality-stagein path "$IMAGE"
  [ "$status" -eq 3 ]
}

@test "a task of an array holds an image while it waits among others" {
  restage
  array=$(as_test_user sbatch --parsable --hold --array=1-3 --output=/dev/null --wrap 'sleep 600')
  # What is changed of one alone makes a job of its own of it; squeue still shows all that wait as one.
  for task in 1 2; do as_test_user scontrol update "JobId=${array}_$task" TimeLimit=30; done
  for task in 1 2 3; do
    [[ $(scontrol --oneliner show job "${array}_$task") =~ JobId=([0-9]+) ]]
    job=${BASH_REMATCH[1]}
    as_test_user plurality-stagein lease add --slurm-job "$job@plurality" "$IMAGE"
    expire | grep -F "held by Slurm job $job"
    lease release "slurm-plurality-$job"
  done
  as_test_user scancel "$array"
}

@test "a scheduler that cannot be asked keeps its jobs' images" {
  restage
  as_test_user plurality-stagein lease add --slurm-job 4242 "$IMAGE"
  as_test_user SLURM_CONF=/nonexistent PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s \
    PLURALITY_SCHEDULER_TIMEOUT=5s PLURALITY_LEASE_GRACE=0s plurality-stagein expire | grep -F 'could not be asked'
  as_test_user plurality-stagein path "$IMAGE"
  lease release slurm-4242
}

@test "plurality-exec's lease in a job names the cluster, and goes with the job" {
  restage
  as_test_user sbatch --quiet --wait --output="$CLUSTER/run/job.out" --wrap "srun plurality-exec $IMAGE true; plurality-stagein lease list --json"
  cat "$CLUSTER/run/job.out"
  grep -F '"id":"slurm-plurality-' "$CLUSTER/run/job.out"
  grep -F '"holds":true' "$CLUSTER/run/job.out"
  wait_for 60 eval "! squeue --noheader | grep -q ."
  expire
  run as_test_user plurality-stagein path "$IMAGE"
  [ "$status" -eq 3 ]
}

@test "pull takes a lease and a pin" {
  as_test_user plurality-stagein pull --lease mine --for 1h "$IMAGE"
  expire | grep -F '[mine]'
  lease release mine
  as_test_user plurality-stagein pull --pin "$IMAGE"
  expire | grep -F pinned
  as_test_user plurality-stagein unpin "$IMAGE"
  expire
  run as_test_user plurality-stagein path "$IMAGE"
  [ "$status" -eq 3 ]
}

# ---- A site's cache, in which another user may only take leases. ----

site() {
  SITE=$CLUSTER/caches/site
  [[ -n $OTHER_USER ]] || skip 'two users take root'
  as_test_user plurality-stagein init --site --cache "$SITE" >/dev/null
  as_test_user bash -c "umask 077; plurality-stagein pull --cache $SITE $IMAGE" >/dev/null
}

other() { as_other "$OTHER_USER" PLURALITY_CACHE="$CLUSTER/caches/$OTHER_USER" PLURALITY_SITE_CACHES="$SITE" "$@"; }

expire_site() {
  as_test_user PLURALITY_CACHE="$SITE" PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s PLURALITY_LEASE_GRACE=0s \
    PLURALITY_SCHEDULER_TIMEOUT=10s "$@" plurality-stagein expire
}

@test "site: another user finds the image, runs it, and holds it" {
  site
  other plurality-stagein path "$IMAGE"
  other plurality-exec "$IMAGE" true
  other plurality-stagein lease add --id theirs --for 1h "$IMAGE"
  expire_site | grep -F '[theirs]'
  other plurality-stagein lease release theirs
  run other plurality-stagein rm --cache "$SITE" "$IMAGE"
  [ "$status" -ne 0 ]
  other plurality-stagein path "$IMAGE"
}

@test "site: others cannot remove or change one's lease, nor pin, nor put anything else anywhere" {
  site
  directory=$SITE/leases/${DIGEST#*:}
  as_test_user plurality-stagein lease add --cache "$SITE" --id owners --for 1h "$IMAGE"
  for attack in "rm -f $directory/owners.json" "mv $directory/owners.json $directory/x.json" "echo >$directory/owners.json" \
    "mv $directory $SITE/leases/away" "mkdir $SITE/leases/$(printf '0%.0s' {1..64})" "touch $SITE/pins/${DIGEST#*:}" \
    "touch $SITE/tmp/x" "touch $SITE/trash/x" "touch $SITE/locks/x" "mkdir $SITE/images/sha256/00" "touch $SITE/log/x" "chmod 777 $directory"; do
    run other bash -c "$attack"
    echo "$attack: $status"
    [ "$status" -ne 0 ]
  done
  as_test_user plurality-stagein lease list --cache "$SITE" | grep owners
  as_test_user plurality-stagein lease release --cache "$SITE" owners
}

@test "site: an id that another user took first is not taken for one's own" {
  site
  directory=$SITE/leases/${DIGEST#*:}
  other plurality-stagein lease add --id slurm-plurality-77 --for 1h "$IMAGE"
  run as_other "$TEST_USER" PLURALITY_CACHE="$SITE" plurality-stagein lease add --id slurm-plurality-77 --for 1h "$IMAGE"
  echo "$output"
  [[ $output == slurm-plurality-77-u* ]]
  rm -f "$directory"/slurm-plurality-77*
}

@test "site: hostile lease files neither crash nor stop an expiry, nor lead it astray" {
  site
  directory=$SITE/leases/${DIGEST#*:}
  as_test_user bash -c 'echo mine >secret; chmod 600 secret; pwd' >"$CLUSTER/home"
  other bash -c "cd $directory && mkfifo pipe.json && ln -s $(<"$CLUSTER/home")/secret link.json && ln -s /dev/zero zero.json && mkdir dir.json &&
    head -c 300000 /dev/zero >big.json && printf '{' >half.json && printf '%0.s[' {1..2000} >deep.json && touch 'odd name.json' .json ..x.json &&
    printf '{\"digest\":\"$DIGEST\",\"holder\":{\"kind\":\"until\",\"endMillis\":9223372036854775807},\"user\":\"root\",\"takenAtMillis\":-9223372036854775808}' >ever.json &&
    printf '{\"digest\":\"$DIGEST\",\"holder\":{\"kind\":\"pbs\",\"jobId\":\"1.\$(touch /tmp/x);-x\"},\"user\":\"a\",\"takenAtMillis\":1}' >pbs.json &&
    printf '{\"digest\":\"$DIGEST\",\"holder\":{\"kind\":\"process\",\"host\":\"x\",\"bootId\":\"x\",\"pid\":-1,\"startTicks\":-1},\"user\":\"\\\\u001b[31m\",\"takenAtMillis\":1}' >proc.json &&
    touch -d 2099-01-01 ever.json half.json"
  BATS_TEST_TIMEOUT=120 run expire_site
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *'held by'* ]]
  [[ $output != *mine* && $output != *$'\e'* ]]
  # In time they count for nothing, whatever they say, and however often they are made anew.
  find "$SITE/leases/.holds" -type f | grep .
  find "$SITE/leases/.holds" -type f -exec touch -d '40 days ago' {} +
  expire_site | grep -E ' yes '
  run other plurality-stagein path "$IMAGE"
  [ "$status" -eq 3 ]
}

@test "site: images/ that is a link, or that everybody may write to, is refused with code 7" {
  site
  chmod o+w "$SITE/images"
  run other plurality-stagein path "$IMAGE"
  [ "$status" -eq 7 ]
  [[ $output == *chmod* ]]
  run other plurality-exec "$IMAGE" true
  [ "$status" -eq 125 ]
  chmod o-w "$SITE/images"
  mv "$SITE/images" "$SITE/images.away" && ln -s images.away "$SITE/images"
  run other plurality-stagein path "$IMAGE"
  [ "$status" -eq 7 ]
  rm "$SITE/images" && mv "$SITE/images.away" "$SITE/images"
}

@test "group: members with any umask stage in together" {
  [[ -n $OTHER_USER ]] || skip 'two users take root'
  getent group plurality-both >/dev/null || groupadd plurality-both
  usermod -aG plurality-both "$TEST_USER"
  usermod -aG plurality-both "$OTHER_USER"
  shared=$CLUSTER/caches/group
  as_test_user plurality-stagein init --group plurality-both --cache "$shared"
  as_test_user bash -c "umask 077; plurality-stagein pull --cache $shared $IMAGE"
  "$REPO/dev/image" busybox --push "$PLURALITY_TEST_REGISTRY/busybox:second" --tls-verify=false --format docker2 >/dev/null
  as_other "$OTHER_USER" bash -c "umask 077; plurality-stagein pull --cache $shared $PLURALITY_TEST_REGISTRY/busybox:second"
  as_other "$OTHER_USER" bash -c "umask 077; plurality-stagein pull --cache $shared $IMAGE"
  for user in "$TEST_USER" "$OTHER_USER"; do
    [ "$(as_other "$user" plurality-stagein list --cache "$shared" | grep -c busybox)" -eq 2 ]
    as_other "$user" PLURALITY_CACHE="$shared" plurality-exec "$IMAGE" true
    as_other "$user" PLURALITY_CACHE="$shared" plurality-exec "$PLURALITY_TEST_REGISTRY/busybox:second" true
  done
}
