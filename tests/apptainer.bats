#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# share/compat/bin/apptainer and singularity: what is written for Apptainer runs with Plurality.
# shellcheck disable=SC2154,SC2016 # run sets status and output; variables are the container's
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE WORK=$CLUSTER/work
  make_image
  install -d -o "$TEST_USER" "$WORK"
  in_work apptainer pull --no-https img.sif "docker://$IMAGE"
}

teardown_file() { teardown_place; }

# Busybox that has an entrypoint, variables and a working directory.
make_image() {
  local layout=$CLUSTER/layout
  IMAGE=$PLURALITY_TEST_REGISTRY/group/app:1
  cp -r "$("$REPO/dev/image" busybox)" "$layout"
  umoci config --image "$layout:latest" --config.env GREETING=hello --config.workingdir /etc --config.entrypoint echo --config.cmd default
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:latest" "docker://$IMAGE"
  chmod -R a+rX "$layout"
}

# in_work [NAME=VALUE...] COMMAND...: as the test user in the directory of the tests, with apptainer and singularity on
# PATH, and without what tells the product where the cache and the registry are.
in_work() {
  as_user "$TEST_USER" PATH="$TREE/share/compat/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" PLURALITY_RUN_DIR="$CLUSTER/run/$TEST_USER" \
    APPTAINER_CACHEDIR="$CLUSTER/caches" ${PLURALITY_TEST_RUNTIME:+PLURALITY_RUNTIME="$PLURALITY_TEST_RUNTIME"} \
    sh -c 'cd "$0" && exec env "$@"' "$WORK" "$@"
}

digest() { sed -n 's/^digest //p' "$WORK/$1"; }

@test "the version is one that clients understand" {
  run -0 in_work singularity --version
  [[ $output =~ ^'apptainer version 1.4.5' ]]
  run -0 in_work apptainer version
  [[ $output =~ ^1\.4\.5 ]]
}

@test "a pull writes a small file that refers to the image by its digest, and nothing to standard output" {
  rm -f "$WORK/new.sif"
  run -0 --separate-stderr in_work apptainer pull --no-https new.sif "docker://$IMAGE"
  [ -z "$output" ]
  [ "$(stat -c %s "$WORK/new.sif")" -lt 1000 ]
  [ -x "$WORK/new.sif" ]
  [ "$(digest new.sif)" = "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$IMAGE")" ]
  run -255 in_work apptainer pull --no-https new.sif "docker://$IMAGE"
  [[ $output == *'FATAL:   Image file already exists: "new.sif" - will not overwrite'* ]]
  run -0 in_work apptainer pull --force --no-https --name new.sif "docker://$IMAGE"
  run -0 in_work apptainer pull --no-https --dir . "docker://$IMAGE"
  [ -f "$WORK/app_1.sif" ]
  run -255 in_work apptainer pull --no-https none.sif "docker://$PLURALITY_TEST_REGISTRY/group/none:1"
  [[ $output == *FATAL:* ]]
  [ ! -e "$WORK/none.sif" ]
}

@test "exec, run and shell start programs as their user, with their status" {
  run -0 in_work apptainer exec img.sif sh -c 'id -u; pwd; echo "$GREETING $APPTAINER_NAME $SINGULARITY_CONTAINER"'
  [ "$output" = "$(id -u "$TEST_USER")"$'\n'"$WORK"$'\n'"hello img.sif $WORK/img.sif" ]
  run -7 in_work singularity exec img.sif sh -c 'exit 7'
  run -0 in_work apptainer run img.sif
  [ "$output" = default ]
  run -0 in_work apptainer run img.sif '$GREETING' x
  [ "$output" = 'hello x' ]
  run -0 in_work apptainer run --no-eval img.sif '$GREETING'
  [ "$output" = '$GREETING' ]
  run -0 in_work sh -c 'echo "echo in \$0 \$PS1" | apptainer shell img.sif'
  [[ $output == 'in '*'sh Apptainer>' ]]
  run -0 in_work ./img.sif started
  [ "$output" = started ]
}

@test "what cannot be started ends with 255 and FATAL, what is not understood with 1" {
  run -255 in_work apptainer exec img.sif nosuch
  [[ $output == *'FATAL:   "nosuch": executable file not found in $PATH'* ]]
  run -255 in_work apptainer exec img.sif /nosuch
  [[ $output == *'FATAL: '* ]]
  run -255 in_work apptainer exec nosuch.sif true
  [[ $output == *'FATAL:   could not open image nosuch.sif'* ]]
  run -255 in_work apptainer exec -B /nosuch img.sif true
  [[ $output == *'FATAL: '*/nosuch* ]]
  run -255 in_work apptainer exec --pwd /nosuch img.sif true
  [[ $output == *'FATAL: '*/nosuch* ]]
  run -1 in_work apptainer exec --nosuch img.sif true
  run -1 in_work apptainer exec img.sif
  run -125 in_work apptainer exec img.sif sh -c 'exit 125'
}

@test "the network, IPC and processes can be the container's own" {
  run -0 in_work apptainer exec --net --network none img.sif sh -c 'tail -n +3 /proc/net/dev | cut -d: -f1; nc -l -p 7777 </dev/null & sleep 0.2; echo x | nc 127.0.0.1 7777 && echo up'
  [[ $(head -n 1 <<<"$output") == *lo ]]
  [[ $output == *up ]]
  [ "$(in_work apptainer exec --ipc img.sif readlink /proc/self/ns/ipc)" != "$(readlink /proc/self/ns/ipc)" ]
  [ "$(in_work apptainer exec img.sif readlink /proc/self/ns/ipc)" = "$(readlink /proc/self/ns/ipc)" ]
  run -0 in_work apptainer exec --pid --ipc --net --network none img.sif sh -c 'readlink /proc/self/ns/net; ls -d /proc/[0-9]* | wc -l'
  [ "${lines[0]}" != "$(readlink /proc/self/ns/net)" ]
  [ "${lines[1]}" -lt 10 ]
}

@test "a container that contains as little as possible has an empty home and /tmp, and starts at home" {
  local home
  home=$(getent passwd "$TEST_USER" | cut -d: -f6)
  run -0 in_work apptainer exec --containall img.sif sh -c 'pwd; ls -A "$HOME" /tmp /var/tmp; touch "$HOME/new" /tmp/new; env'
  [ "$(head -n 1 <<<"$output")" = "$home" ]
  [[ $output != *APPTAINER_CACHEDIR* && $output == *GREETING=hello* ]]
  mkdir -p "$WORK/places"
  chown "$TEST_USER" "$WORK/places"
  run -0 in_work apptainer exec -c -W places -S /scratch img.sif sh -c 'touch ~/a /tmp/b /var/tmp/c /scratch/d'
  [ -e "$WORK/places/home/a" ] && [ -e "$WORK/places/tmp/b" ] && [ -e "$WORK/places/var_tmp/c" ] && [ -e "$WORK/places/scratch/scratch/d" ]
}

@test "the line of cwltool works: a home of another name, targets that are created, a path with a comma" {
  install -d -o "$TEST_USER" "$WORK/out,1"
  echo data | in_work tee in.txt >/dev/null
  run -0 in_work 'SINGULARITYENV_MYVAR=a, b = '"'c'" SINGULARITYENV_TMPDIR=/tmp singularity --quiet exec --contain --ipc --cleanenv --userns \
    --home "$WORK/out,1:/JYzROp" --bind "/tmp:/tmp" --bind "$WORK/in.txt:/var/lib/cwl/stg1/in.txt:ro" --pwd /JYzROp --net --network none img.sif \
    sh -c 'pwd; echo "$HOME $MYVAR"; cat /var/lib/cwl/stg1/in.txt; touch made; echo x >/var/lib/cwl/stg1/in.txt || echo read-only'
  [[ $output == *"/JYzROp"$'\n'"/JYzROp a, b = 'c'"$'\ndata\n'*read-only ]]
  [ -e "$WORK/out,1/made" ]
}

@test "files and directories can be bound below the home of another name, where mount points are made" {
  install -d -o "$TEST_USER" "$WORK/out2" "$WORK/dir"
  echo data | in_work tee in.txt dir/file >/dev/null
  run -0 in_work singularity exec --contain --home "$WORK/out2:/JYzROp" --bind "$WORK/in.txt:/JYzROp/in.txt:ro" --bind dir:/JYzROp/a/b \
    --mount "type=bind,source=$WORK/in.txt,target=/JYzROp/other" --pwd /JYzROp img.sif sh -c 'cat in.txt a/b/file other'
  [ "$output" = $'data\ndata\ndata' ]
  [ -f "$WORK/out2/in.txt" ] && [ ! -s "$WORK/out2/in.txt" ] && [ -d "$WORK/out2/a/b" ]
  # Dots lead nowhere else on the host.
  run in_work singularity exec --home "$WORK/out2:/JYzROp" --bind "$WORK/in.txt:/JYzROp/../JYzROp/x/../../../outside" img.sif true
  [ ! -e "$WORK/outside" ] && [ ! -e "$CLUSTER/outside" ]
}

@test "variables: of both prefixes, of files, evaluated inside or not" {
  run -0 in_work 'SINGULARITYENV_U=$(id -u)' SINGULARITYENV_BOTH=old APPTAINERENV_BOTH=new APPTAINERENV_PREPEND_PATH=/first \
    apptainer exec --env 'A=$GREETING,B=2' img.sif sh -c 'echo "$U $BOTH $A $B ${PATH%%:*}"; env | grep -c -e ^APPTAINERENV -e ^PLURALITYENV || true'
  [[ $output == *WARNING:*BOTH* && $output == *"$(id -u "$TEST_USER") new hello 2 /first"$'\n0' ]]
  run -0 in_work 'APPTAINERENV_U=$(id -u)' apptainer exec --no-eval img.sif sh -c 'echo "$U"'
  [ "$output" = '$(id -u)' ]
  printf 'Q="a b"\nexport Z=$USER\n' | in_work tee variables >/dev/null
  run -0 in_work apptainer exec --env-file variables img.sif sh -c 'echo "$Q $Z"'
  [ "$output" = "a b $TEST_USER" ]
}

@test "without HOME and the cache's variable the file of a pull is enough, on another node and after a copy" {
  run -0 as_user "$TEST_USER" sh -c 'cp "$1/img.sif" "$1/copy.sif"; cd "$1"; exec env - PATH="$2:/usr/bin:/bin" PLURALITY_RUN_DIR="$3" singularity exec --no-home --pid -B "$1" copy.sif /bin/sh -c "echo \$HOME; pwd"' \
    sh "$WORK" "$TREE/share/compat/bin" "$CLUSTER/run/$TEST_USER"
  [ "$output" = "$(getent passwd "$TEST_USER" | cut -d: -f6)"$'\n'"$WORK" ]
}

@test "a file runs its own image whatever its tag means now, after an expiry too, and never another" {
  local other=$CLUSTER/other
  in_work apptainer pull --force --no-https moving.sif "docker://$IMAGE"
  cp -r "$("$REPO/dev/image" busybox)" "$other"
  umoci config --image "$other:latest" --config.env GREETING=changed
  skopeo copy --quiet --dest-tls-verify=false "oci:$other:latest" "docker://$IMAGE"
  in_work apptainer pull --force --no-https now.sif "docker://$IMAGE"
  skopeo copy --quiet --dest-tls-verify=false "oci:$CLUSTER/layout:latest" "docker://$IMAGE"
  run -0 in_work apptainer exec now.sif sh -c 'echo $GREETING'
  [ "$output" = changed ]
  run -0 in_work apptainer exec moving.sif sh -c 'echo $GREETING'
  [ "$output" = hello ]
  as_test_user plurality-stagein rm --force --cache "$CLUSTER/caches/plurality" "$(digest moving.sif)" "$(digest now.sif)"
  # It is fetched again by its digest.
  run -0 in_work apptainer exec moving.sif sh -c 'echo $GREETING'
  [[ $output == *hello ]]
  # A registry that has lost it has nothing else to give.
  as_test_user plurality-stagein rm --force --cache "$CLUSTER/caches/plurality" "$(digest moving.sif)"
  sed "s/^digest .*/digest sha256:$(printf '0%.0s' {1..64})/" "$WORK/moving.sif" | in_work tee lost.sif >/dev/null
  run -255 in_work apptainer exec lost.sif true
  [[ $output == *FATAL:* ]]
  head -c 200 "$WORK/moving.sif" | in_work tee cut.sif >/dev/null
  run -255 in_work apptainer exec cut.sif true
  [[ $output == *'FATAL:   cannot run '*'the file is damaged'* ]]
}

@test "SIF and squashfs files run by their path; a file that was replaced is another image" {
  local root=$CLUSTER/sif-root
  umoci unpack --rootless --image "$CLUSTER/layout:latest" "$CLUSTER/unpacked"
  mv "$CLUSTER/unpacked/rootfs" "$root"
  mkdir -p "$root/.singularity.d/env"
  echo 'export FROM_SCRIPT=$(echo one)' >"$root/.singularity.d/env/90-environment.sh"
  printf '#!/bin/sh\necho "ran $*"\n' >"$root/.singularity.d/runscript"
  mksquashfs "$root" "$CLUSTER/root.squashfs" -noappend -quiet -no-progress
  "$REPO/tests/make-sif" "$CLUSTER/root.squashfs" "$WORK/x.sif"
  run -0 in_work APPTAINERENV_OTHER=2 apptainer -s exec x.sif sh -c 'echo "$FROM_SCRIPT $OTHER"'
  [ "$output" = 'one 2' ]
  run -0 in_work apptainer run x.sif a b
  [ "$output" = 'ran a b' ]
  echo 'export FROM_SCRIPT=two' >"$root/.singularity.d/env/90-environment.sh"
  rm "$CLUSTER/root.squashfs"
  mksquashfs "$root" "$CLUSTER/root.squashfs" -noappend -quiet -no-progress
  "$REPO/tests/make-sif" "$CLUSTER/root.squashfs" "$WORK/x.sif"
  run -0 in_work apptainer -s exec x.sif sh -c 'echo "$FROM_SCRIPT"'
  [ "$output" = two ]
  cp "$CLUSTER/root.squashfs" "$WORK/x.sqsh"
  run -0 in_work apptainer -s exec x.sqsh sh -c 'echo squashfs'
  [ "$output" = squashfs ]
}

@test "a directory can be made of an image, changed, and run" {
  run -0 in_work apptainer build --no-https --sandbox box "docker://$IMAGE"
  in_work sh -c 'echo added >box/etc/added'
  run -0 in_work apptainer exec box/ sh -c 'cat /etc/added; echo $GREETING'
  [ "$output" = $'added\nhello' ]
  run -0 in_work apptainer run box a
  [ "$output" = a ]
  run -0 in_work apptainer run box
  [ "$output" = default ]
}

@test "a name of a registry runs, and is fetched once" {
  run -0 in_work apptainer -s exec --no-https "docker://$IMAGE" sh -c 'echo $GREETING'
  [ "$output" = hello ]
  run -0 in_work apptainer build --no-https built.sif "docker://$IMAGE"
  run -0 in_work apptainer exec built.sif sh -c 'echo $GREETING'
  [ "$output" = hello ]
}

@test "what there is not is refused by name, with what to do" {
  local line
  while IFS= read -r line; do
    # shellcheck disable=SC2086
    run -255 in_work apptainer $line
    echo "$line: $output"
    [[ $output == FATAL:*$'\nhint: '* ]]
  done <<'LINES'
exec --fakeroot img.sif true
exec --writable img.sif true
exec --net img.sif true
exec --add-caps all img.sif true
exec --hostname x img.sif true
exec library://alpine true
exec oras://r/x:1 true
pull library://alpine
instance start img.sif x
push img.sif oras://r/x
sign img.sif
key list
LINES
  echo 'Bootstrap: docker' | in_work tee x.def >/dev/null
  run -255 in_work apptainer build x.sif x.def
  [[ $output == *'reads no definition files'* ]]
}

@test "GPUs that a node does not have are a warning, which --silent leaves out" {
  run -0 in_work apptainer exec --nv img.sif echo ran
  [[ $output == *ran ]]
  [[ $output == *WARNING:* || -e /dev/nvidia0 ]]
  run -0 in_work apptainer --silent exec --nv img.sif echo ran
  [ "$output" = ran ]
}

@test "the module puts the two commands on PATH" {
  run -0 bash -c ". /usr/share/lmod/lmod/init/bash; module use '$TREE/share/modulefiles'; module load plurality-apptainer; command -v apptainer singularity"
  [ "$output" = "$TREE/share/compat/bin/apptainer"$'\n'"$TREE/share/compat/bin/singularity" ]
}
