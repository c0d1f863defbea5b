#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A launch that a node has seen before needs no planner; what the plan was made from must be the same.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE PLANS
  IMAGE=$(stage busybox)
  PLANS=$CLUSTER/run/$TEST_USER/plans
}

teardown_file() { teardown_place; }

setup() {
  forget
  install -d -o "$TEST_USER" "$CLUSTER/run/home" "$CLUSTER/run/config/plurality" "$CLUSTER/run/bound"
  rm -f "$CLUSTER/run/config/plurality/plurality.toml"
}

# launch [NAME=VALUE...] plurality-exec's arguments...: sets output, and how the launch was planned.
launch() {
  local environment=()
  while [[ ${1-} == *=* && $1 != -* ]]; do environment+=("$1") && shift; done
  run --separate-stderr as_test_user XDG_CONFIG_HOME="$CLUSTER/run/config" "${environment[@]}" plurality-exec --debug "$@"
  how=anew
  [[ $stderr != *'planned as before'* ]] || how=before
  printf '%s: %s\n%s\n' "$how" "$output" "$stderr"
}

# learn ARGUMENT...: a launch whose plan is there when this returns.
learn() {
  launch "$@"
  [ "$status" -eq 0 ]
  wait_for 20 kept
}

# Plans of earlier launches may still be written: a test must not take one of these for its own.
forget() {
  wait_for 60 none_is_written
  wait_for 20 rm -rf "$PLANS"
}

none_is_written() { ! leftover; }

kept() { compgen -G "$PLANS/[!.]*/used"; }

changed() { # ARGUMENT...: the next launch is planned anew, the one after that is not
  launch "$@"
  [ "$how" = anew ]
}

# phases: what --debug said, a word or two for each, in order of its time.
phases() {
  [ "$(grep -cvE '^[0-9]+\.[0-9]{6} plurality-exec\[[0-9]+\]: .' <<<"$stderr")" -eq 0 ]
  cut -d' ' -f1 <<<"$stderr" | sort -c -n
  sed -E 's/^[^ ]+ [^ ]+ //; s/ (in )?[0-9/].*//; s/,$//' <<<"$stderr"
}

@test "--debug says when each phase was, and whether the plan is one from before" {
  learn --share node "$IMAGE" true
  [ "$(phases)" = 'planning
planned
runc create
container is
container is ready
joining' ]
  launch --share node "$IMAGE" true
  [ "$(phases)" = 'planning
planned as before
runc create
container is
container is ready
joining' ]
}

@test "the second launch of a kind is planned as before, and is the same" {
  for share in none node; do
    for options in '' '--cleanenv' '--pid' "-B $CLUSTER/run/bound:/new/place" '--workdir /etc' '--env A=B' '--writable-tmpfs' '--no-home'; do
      forget
      # shellcheck disable=SC2086
      learn SLURM_JOB_ID=77 SLURM_STEP_ID=1 --share "$share" $options "$IMAGE" sh -c 'env | sort; pwd; id; cat /etc/passwd /etc/group; sed "s/^[0-9]* [0-9]* [0-9:]* //; s,/node-[^ ]*/,/NODE/," /proc/self/mountinfo | grep -v /NODE/ | sort; ls / /home'
      first=$output
      # shellcheck disable=SC2086
      launch SLURM_JOB_ID=77 SLURM_STEP_ID=2 --share "$share" $options "$IMAGE" sh -c 'env | sort; pwd; id; cat /etc/passwd /etc/group; sed "s/^[0-9]* [0-9]* [0-9:]* //; s,/node-[^ ]*/,/NODE/," /proc/self/mountinfo | grep -v /NODE/ | sort; ls / /home'
      [ "$how" = before ]
      diff <(sed '/^SLURM_STEP_ID=/d' <<<"$first") <(sed '/^SLURM_STEP_ID=/d' <<<"$output")
    done
  done
  wait_for 20 clean
}

@test "an image as squashfs, too; and nothing stays of its file server" {
  squash "$IMAGE" "$CLUSTER/caches/squashed"
  for share in none node; do
    forget
    learn SLURM_JOB_ID=77 SLURM_STEP_ID=1 --cache "$CLUSTER/caches/squashed" --share "$share" "$IMAGE" cat /etc/os-release
    first=$output
    launch SLURM_JOB_ID=77 SLURM_STEP_ID=2 --cache "$CLUSTER/caches/squashed" --share "$share" "$IMAGE" cat /etc/os-release
    [ "$how" = before ] && [ "$output" = "$first" ]
  done
  wait_for 20 clean
  wait_for 20 not_serving
}

@test "a launch that is planned anew finds all its classes in the AOT cache" {
  # The first launch on a node tries overlayfs by a process, whose classes no cache takes.
  learn "$IMAGE" true
  as_test_user mkdir -p "$CLUSTER/run/$TEST_USER/classes"
  # Of a private cache, where a lease's mode has to be changed.
  run -0 as_test_user bash -c "umask 022; prefix=$TREE; . $TREE/lib/exec.jvm
    exec $TREE/runtime/bin/java \"\${jvm_options[@]}\" -Xlog:class+load:file=$CLUSTER/run/classes.log org.plurality.launch.Planner $CLUSTER/run/$TEST_USER/classes \$\$ -- $IMAGE -- true"
  [ "$output" = planned ]
  grep -q 'shared objects file' "$CLUSTER/run/classes.log"
  run ! grep -v 'shared objects file' "$CLUSTER/run/classes.log"
  # Mount points may not be written to.
  as_test_user chmod -R u+w "$CLUSTER/run/$TEST_USER/classes"
  as_test_user rm -r "$CLUSTER/run/$TEST_USER/classes"
}

@test "another request is another plan" {
  learn "$IMAGE" true
  for options in "-B $CLUSTER/run/bound" '--env A=C' '--contain' "--cache $CACHE" '--runtime /usr/bin/runc'; do
    # shellcheck disable=SC2086
    changed $options "$IMAGE" true
  done
  for variable in "HOME=$CLUSTER/run/home" TZ=Europe/Berlin PLURALITYENV_X=1 PLURALITY_BIND=/etc:/etc-of-host PATH=/opt/bin:/usr/bin:/bin; do
    run --separate-stderr as_test_user XDG_CONFIG_HOME="$CLUSTER/run/config" "$variable" "$TREE/bin/plurality-exec" --debug "$IMAGE" true
    [[ $stderr != *'planned as before'* ]]
  done
  run --separate-stderr as_test_user XDG_CONFIG_HOME="$CLUSTER/run/config" bash -c "cd /tmp && plurality-exec --debug $IMAGE true"
  [[ $stderr != *'planned as before'* ]]
  launch "$IMAGE" true
  [ "$how" = before ]
}

@test "settings that were changed, made or removed are read" {
  learn "$IMAGE" true
  printf 'workdir = "/etc"\n' >"$CLUSTER/run/config/plurality/plurality.toml"
  chmod 644 "$CLUSTER/run/config/plurality/plurality.toml"
  changed "$IMAGE" pwd
  [ "$output" = /etc ]
  wait_for 20 kept
  # Neither size nor time say that it was changed.
  touch -r "$CLUSTER/run/config/plurality/plurality.toml" "$CLUSTER/run/time"
  printf 'workdir = "/bin"\n' >"$CLUSTER/run/config/plurality/plurality.toml"
  touch -r "$CLUSTER/run/time" "$CLUSTER/run/config/plurality/plurality.toml"
  changed "$IMAGE" pwd
  [ "$output" = /bin ]
  wait_for 20 kept
  rm "$CLUSTER/run/config/plurality/plurality.toml"
  changed "$IMAGE" pwd
  [ "$output" = "$(getent passwd "$TEST_USER" | cut -d: -f6)" ]
}

on_site() { with_etc PLURALITY_RUN_DIR= PLURALITY_DEBUG=true "$@"; }

@test "what the site has fixed is refused, by a variable or an option, though there is a plan" {
  [[ $EUID == 0 ]] || skip 'needs root, for another /etc'
  local site=$CLUSTER/etc/plurality way
  cp -a /etc "$CLUSTER/etc"
  install -d "$site"
  printf 'fixed = ["share", "pull", "run_dir"]\nrun_dir = "%s/run/%s"\n' "$CLUSTER" "$TEST_USER" >"$site/plurality.toml"
  run -0 on_site plurality-exec "$IMAGE" true
  wait_for 20 kept
  for way in '--share none' --share=node '--pull missing'; do
    # shellcheck disable=SC2086
    run -125 on_site plurality-exec $way "$IMAGE" true
    echo "$way: $output"
    [[ $output == *'cannot set '*': only the site does'*'hint: leave the option away'* ]]
  done
  for way in PLURALITY_SHARE=none PLURALITY_PULL=never "PLURALITY_RUN_DIR=$CLUSTER/run/$TEST_USER"; do
    run -125 on_site "$way" plurality-exec "$IMAGE" true
    echo "$way: $output"
    [[ $output == *'cannot set '*': only the site does'*"hint: leave ${way%%=*} away"* ]]
  done
  run -0 --separate-stderr on_site plurality-exec "$IMAGE" true
  [[ $stderr == *'planned as before'* ]]
  rm -rf "$CLUSTER/etc"
}

@test "a tag that was moved means the new image at once" {
  skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false "docker://$IMAGE" "docker://$PLURALITY_TEST_REGISTRY/moves:1"
  as_test_user plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/moves:1" >/dev/null
  learn "$PLURALITY_TEST_REGISTRY/moves:1" sh -c 'echo ${MOVED-no}'
  [ "$output" = no ]
  cp -r "$("$REPO/dev/image" busybox)" "$CLUSTER/moved"
  umoci config --image "$CLUSTER/moved:latest" --config.env MOVED=yes
  skopeo copy --quiet --dest-tls-verify=false "oci:$CLUSTER/moved:latest" "docker://$PLURALITY_TEST_REGISTRY/moves:1"
  as_test_user plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/moves:1" >/dev/null
  changed "$PLURALITY_TEST_REGISTRY/moves:1" sh -c 'echo ${MOVED-no}'
  [ "$output" = yes ]
}

@test "an image that was removed is not there, though its plan is; staged in again it is" {
  skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false "docker://$IMAGE" "docker://$PLURALITY_TEST_REGISTRY/goes:1"
  as_test_user PLURALITY_CACHE="$CLUSTER/caches/goes" plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/goes:1" >/dev/null
  learn --cache "$CLUSTER/caches/goes" "$PLURALITY_TEST_REGISTRY/goes:1" true
  as_test_user PLURALITY_CACHE="$CLUSTER/caches/goes" plurality-stagein rm --force "$PLURALITY_TEST_REGISTRY/goes:1" ||
    as_test_user PLURALITY_CACHE="$CLUSTER/caches/goes" plurality-stagein rm "$PLURALITY_TEST_REGISTRY/goes:1"
  launch --cache "$CLUSTER/caches/goes" "$PLURALITY_TEST_REGISTRY/goes:1" true
  [ "$status" -eq 125 ] && [ "$how" = anew ]
  as_test_user PLURALITY_CACHE="$CLUSTER/caches/goes" plurality-stagein pull --quiet "$PLURALITY_TEST_REGISTRY/goes:1" >/dev/null
  changed --cache "$CLUSTER/caches/goes" "$PLURALITY_TEST_REGISTRY/goes:1" true
  [ "$status" -eq 0 ]
}

@test "what is bound and went, or became something else, is said as the planner says it" {
  learn -B "$CLUSTER/run/bound:/data" "$IMAGE" true
  rmdir "$CLUSTER/run/bound"
  launch -B "$CLUSTER/run/bound:/data" "$IMAGE" true
  [ "$status" -eq 125 ]
  [[ $stderr == *"there is no $CLUSTER/run/bound on this node"* ]]
  echo file >"$CLUSTER/run/bound"
  launch -B "$CLUSTER/run/bound:/data" "$IMAGE" cat /data
  [ "$output" = file ]
  rm "$CLUSTER/run/bound"
}

@test "an account, a mount or a runtime that came meanwhile is seen" {
  [[ $EUID == 0 ]] || skip 'needs root, for a view with another /etc/passwd and mounts'
  learn "$IMAGE" true
  for change in "sed 's,^$TEST_USER:.*,$TEST_USER:x:$(id -u "$TEST_USER"):$(id -g "$TEST_USER"):renamed:/home:/bin/sh,' /etc/passwd >$CLUSTER/passwd; mount --bind $CLUSTER/passwd /etc/passwd" \
    "mount -t tmpfs none /srv" "install -m 755 /usr/bin/runc /usr/local/bin/runc"; do
    run -0 --separate-stderr unshare -m bash -c "mount -t tmpfs none /usr/local/bin
      . $REPO/tests/lib.bash; $change; as_test_user XDG_CONFIG_HOME=$CLUSTER/run/config plurality-exec --debug $IMAGE true"
    [[ $stderr != *'planned as before'* ]]
  done
}

@test "a plan that the runtime refuses is forgotten, and the launch planned anew" {
  learn "$IMAGE" true
  sed -i 's,"/proc","/nowhere/at/all",; s,: *"/proc",: "/nowhere/at/all",' "$PLANS"/[!.]*/files/config.json
  launch "$IMAGE" sh -c 'ls -d /proc/self'
  [ "$status" -eq 0 ] && [ "$output" = /proc/self ]
  wait_for 20 clean
}

@test "a damaged plan is none" {
  for damage in 'rm -f "$plan/facts"' 'sed -i "/^end/d" "$plan/facts"' 'echo "new thing" >>"$plan/facts"' 'rm -rf "$plan/files"' 'rm -f "$plan/files/config.json"' ': >"$plan/files/config.json"' 'rm -f "$plan/before/2"'; do
    forget
    learn "$IMAGE" true
    for plan in "$PLANS"/[!.]*; do eval "$damage"; done
    launch "$IMAGE" echo well
    [ "$status" -eq 0 ] && [ "$output" = well ] && [ "$how" = anew ]
  done
}

@test "the lease is taken before, one a job, or one a process which goes when that has ended" {
  local digest leases
  digest=$(as_test_user plurality-stagein path "$IMAGE") && digest=${digest%/rootfs} && digest=${digest##*/}
  leases=$CACHE/leases/$digest
  for file in "$leases"/*; do rm -f "$file"; done
  learn SLURM_JOB_ID=501 "$IMAGE" true
  launch SLURM_JOB_ID=502 SLURM_CLUSTER_NAME=big "$IMAGE" true
  [ "$how" = before ]
  launch PBS_JOBID='7[2].server' "$IMAGE" true
  [ "$how" = before ]
  launch "$IMAGE" true
  [ "$how" = before ]
  [ -e "$leases/slurm-501.json" ] && [ -e "$leases/slurm-big-502.json" ] && [ -e "$leases/pbs-7_2_.server.json" ]
  # Read by the tool that others would read them with, and as the planner's own.
  run -0 as_test_user PLURALITY_SCHEDULER_TIMEOUT=1s plurality-stagein lease list
  echo "$output"
  [[ $output == *'Slurm job 501'* && $output == *'Slurm job 502 on big'* && $output == *'PBS job 7[2].server'* ]]
  [ "$(stat -c %a "$leases/slurm-501.json")" = "$(stat -c %a "$leases/slurm-big-502.json")" ]
  as_test_user bash -c "umask 077; SLURM_JOB_ID=503 XDG_CONFIG_HOME=$CLUSTER/run/config plurality-exec $IMAGE sh -c umask" | grep -qx 0077
  [ "$(stat -c %a "$leases/slurm-503.json")" = "$(stat -c %a "$leases/slurm-501.json")" ]
  rm "$leases"/slurm-* "$leases"/pbs-*
  for i in 1 2 3 4; do launch "$IMAGE" true; done
  wait_for 20 eval "[ \$(ls $leases | grep -c ^process-) -le 1 ]"
  # While it runs it is there, with all that says which process it is.
  rm -f "$CLUSTER/run/pid"
  run -0 as_test_user XDG_CONFIG_HOME="$CLUSTER/run/config" bash -c "
    plurality-exec -B $CLUSTER/run $IMAGE sh -c 'echo \$\$ >$CLUSTER/run/pid; exec sleep 60' & sleeper=\$!
    until [[ -s $CLUSTER/run/pid ]]; do sleep 0.05; done
    plurality-stagein lease list
    plurality-stagein rm $IMAGE; echo removed: \$?
    kill \$sleeper"
  echo "$output"
  [[ $output == *"yes "*"process $(<"$CLUSTER/run/pid") on "* ]]
  [[ $output == *'removed: '[1-9]* ]]
}

@test "no more than sixteen plans are kept, the one in use among them" {
  learn "$IMAGE" true
  for i in {1..20}; do
    launch --env "N=$i" "$IMAGE" true
    launch "$IMAGE" true
    [ "$how" = before ]
  done
  wait_for 20 clean
  [ "$(ls "$PLANS" | wc -l)" -le 17 ]
}

@test "ranks of a step whose first has a command of its own run what they name, or the image's" {
  run as_test_user bash -c "plurality-exec --share node $IMAGE sleep 2 & sleep 1; plurality-exec --share node $IMAGE </dev/null; echo status \$?; wait"
  echo "$output"
  [[ $output == *'status 0'* ]]
}

@test "a request too long for a file's name shares with its like only" {
  local long=$CLUSTER/run/$(printf 'long%.0s' {1..50}) other
  other=${long%long}gnol
  run as_test_user bash -c "
    export PLURALITY_IMAGE_1_PATH=$long
    plurality-exec --share node -B $CLUSTER/run --env L=$long $IMAGE \
      sh -c 'readlink /proc/self/ns/mnt; touch $CLUSTER/run/first; until [ -e $CLUSTER/run/others ]; do sleep 0.1; done' & first=\$!
    until [ -e $CLUSTER/run/first ] || [ ! -e /proc/\$first ]; do sleep 0.1; done
    PLURALITY_IMAGE_2=here plurality-exec --share node -B $CLUSTER/run --env L=$long $IMAGE readlink /proc/self/ns/mnt
    plurality-exec --share node -B $CLUSTER/run --env L=$other $IMAGE readlink /proc/self/ns/mnt
    touch $CLUSTER/run/others
    wait \$first"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = "${lines[1]}" ]
  [ "${lines[0]}" != "${lines[2]}" ]
  wait_for 20 clean
}
