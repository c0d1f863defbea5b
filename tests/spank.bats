#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Other ways into an image than a word before the command: the SPANK plugin, srun --container, job_submit, an importer, submit.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_slurm --nodes 2 --plurality "$TREE" burst-buffer,job-submit,prolog,spank,oci
  setup_registry
  export IMAGE
  IMAGE=$(stage busybox)
}

teardown_file() { teardown_cluster; }

readonly SEES='head -n 1 /etc/os-release; echo "rank $SLURM_PROCID: $*"'

@test "srun --plurality-image runs its tasks in the image, words and all" {
  run -0 --separate-stderr as_test_user srun --nodes=2 --ntasks=2 --plurality-image="$IMAGE" sh -c "$SEES" x 'a  b' "c'd"
  [ "$(sort <<<"$output")" = $'ID=busybox\nID=busybox\nrank 0: a  b c\'d\nrank 1: a  b c\'d' ]
  run -3 as_test_user srun --plurality-image="$IMAGE" sh -c 'exit 3'
}

@test "sbatch --plurality-image is for the steps of its script" {
  printf '#!/bin/bash\n#SBATCH --ntasks=2 --output=%s\nhead -n 1 /etc/os-release\nsrun head -n 1 /etc/os-release\n' "$CLUSTER/run/spank.out" \
    >"$CLUSTER/run/spank.sh"
  as_test_user sbatch --quiet --wait --plurality-image="$IMAGE" "$CLUSTER/run/spank.sh"
  [ "$(grep -c ID=busybox "$CLUSTER/run/spank.out")" -eq 2 ]
  [ "$(head -n 1 "$CLUSTER/run/spank.out")" = "$(head -n 1 /etc/os-release)" ]
}

@test "srun --plurality-image refuses what Slurm would run on the host, or in another image" {
  printf '0 head -n 1 /etc/os-release\n' >"$CLUSTER/run/programs"
  run as_test_user srun --plurality-image="$IMAGE" --multi-prog "$CLUSTER/run/programs"
  if [[ $status -eq 0 ]]; then
    # Slurm 23.11 and later put the words before the program that the file names.
    [ "$output" = ID=busybox ]
  else
    [[ $output == *'cannot run the programs of --multi-prog in an image'* ]]
  fi
  run -0 as_test_user srun --multi-prog "$CLUSTER/run/programs"
  run as_test_user srun --ntasks=1 --plurality-image="$IMAGE" true : --ntasks=1 --plurality-image=other:1 true
  [ "$status" -ne 0 ]
  [[ $output == *"cannot use --plurality-image=other:1: --plurality-image=$IMAGE is given, too"* ]]
  run -0 --separate-stderr as_test_user srun --ntasks=1 --plurality-image="$IMAGE" head -n 1 /etc/os-release : --ntasks=1 --plurality-image="$IMAGE" head -n 1 /etc/os-release
  [ "$output" = $'ID=busybox\nID=busybox' ]
  # A step's own choice takes the place of its job's.
  printf '#!/bin/bash\n#SBATCH --output=%s\nsrun --plurality-image=%s head -n 1 /etc/os-release\n' "$CLUSTER/run/own.out" "$IMAGE" >"$CLUSTER/run/own.sh"
  as_test_user sbatch --quiet --wait --plurality-image=other:1 "$CLUSTER/run/own.sh"
  [ "$(cat "$CLUSTER/run/own.out")" = ID=busybox ]
}

@test "sbatch --export=NONE --plurality-image is for the steps of its script, too" {
  printf '#!/bin/bash\n#SBATCH --output=%s\nexport PLURALITY_CACHE=%s\nsrun --export=ALL /bin/head -n 1 /etc/os-release\nsrun --export=PLURALITY_CACHE /bin/head -n 1 /etc/os-release\n' \
    "$CLUSTER/run/none.out" "$CACHE" >"$CLUSTER/run/none.sh"
  as_test_user sbatch --quiet --wait --export=NONE --plurality-image="$IMAGE" "$CLUSTER/run/none.sh"
  cat "$CLUSTER/run/none.out"
  [ "$(grep -c ID=busybox "$CLUSTER/run/none.out")" -eq 2 ]
}

# staged_and_stripped WAYS SUBMIT...: jobs whose steps get none, or few, of their script's variables still run what was staged in for them.
staged_and_stripped() {
  local way ids=() id
  rm -f "$CLUSTER"/run/stripped.*.out
  for way in $1; do ids+=("$(as_test_user "${@:2}" --parsable --export="$way" "$CLUSTER/run/stripped.sh")"); done
  for id in "${ids[@]}"; do wait_for 120 has_state "$id" COMPLETED; done
  tail -n +1 "$CLUSTER"/run/stripped.*.out
  [ "$(cat "$CLUSTER"/run/stripped.*.out | grep -c ID=busybox)" -eq $((3 * ${#ids[@]})) ]
}

@test "a step with --export=NONE runs the digest that was staged in for its job" {
  cat >"$CLUSTER/run/stripped.sh" <<SH
#!/bin/bash
#SBATCH --output=$CLUSTER/run/stripped.%j.out
#PLURALITY image=$IMAGE cache=$CLUSTER/caches/stripped
export PATH=/usr/bin:/bin
for way in '' --export=NONE --export=OTHER=x; do timeout 60 srun \$way $TREE/bin/plurality-exec $IMAGE head -n 1 /etc/os-release; done
SH
  # It is staged in over plain HTTP, so the staging needs that variable.
  staged_and_stripped 'PLURALITY_INSECURE_REGISTRIES ALL' sbatch
  staged_and_stripped 'NONE NIL OTHER=x ALL' plurality submit -- sbatch
  # Those of another job are none of this one's.
  digest=sha256:$(printf '%064d' 1)
  run as_test_user SLURM_JOB_ID=5 SLURM_PLURALITY_PINNED="4 $IMAGE=$digest" plurality-exec "$IMAGE" true
  [[ $output != *"$digest"* ]]
  run as_test_user SLURM_JOB_ID=4 SLURM_PLURALITY_PINNED="4 $IMAGE=$digest" plurality-exec "$IMAGE" true
  [[ $output == *"$digest"* ]]
}

@test "without the option nothing changes" {
  run -0 as_test_user srun head -n 1 /etc/os-release
  [ "$output" = "$(head -n 1 /etc/os-release)" ]
}

@test "srun --container runs through plurality-exec, words, ranks and status and all" {
  as_test_user "$TREE/share/slurm/bundle" "$IMAGE" "$CLUSTER/run/bundle"
  run -0 --separate-stderr as_test_user srun --nodes=2 --ntasks=2 --container="$CLUSTER/run/bundle" sh -c "$SEES" x 'a  b' "c'd" 'e"f\'
  [ "$(sort <<<"$output")" = $'ID=busybox\nID=busybox\nrank 0: a  b c\'d e"f\\\nrank 1: a  b c\'d e"f\\' ]
  run -3 as_test_user srun --container="$CLUSTER/run/bundle" sh -c 'exit 3'
}

@test "#PLURALITY lines become a burst buffer, and bad ones are refused" {
  printf '#!/bin/bash\n#SBATCH --output=%s\n#PLURALITY image=%s\nsrun plurality-exec "$PLURALITY_IMAGE" head -n 1 /etc/os-release\n' \
    "$CLUSTER/run/submit.out" "$IMAGE" >"$CLUSTER/run/submit.sh"
  as_test_user sbatch --quiet --wait "$CLUSTER/run/submit.sh"
  [ "$(cat "$CLUSTER/run/submit.out")" = ID=busybox ]
  printf '#!/bin/bash\n#PLURALITY image=$(id)\ntrue\n' >"$CLUSTER/run/bad.sh"
  run -1 as_test_user sbatch "$CLUSTER/run/bad.sh"
  [[ $output == *"cannot use 'image=\$(id)'"* ]]
}

@test "plurality submit stages in, pins, and holds for the job" {
  printf '#!/bin/bash\n#SBATCH --output=%s\nsrun plurality-exec %s head -n 1 /etc/os-release\necho "$PLURALITY_PINNED"\n' \
    "$CLUSTER/run/pinned.out" "$IMAGE" >"$CLUSTER/run/pinned.sh"
  run -0 as_test_user plurality submit --image "$IMAGE" -- sbatch --wait "$CLUSTER/run/pinned.sh"
  [ "$(head -n 1 "$CLUSTER/run/pinned.out")" = ID=busybox ]
  grep -qx "$IMAGE=sha256:[0-9a-f]*" "$CLUSTER/run/pinned.out"
  run -0 as_test_user plurality submit --image "$IMAGE" -- sbatch --hold "$CLUSTER/run/pinned.sh"
  id=${output##* }
  compgen -G "$CACHE/leases/*/slurm-plurality-$id.json"
  as_test_user scancel "$id"
}

@test "plurality submit holds by itself until the job is known, then for the job on the cluster that it went to" {
  mkdir -p "$CLUSTER/run/far"
  printf '#!/bin/bash\ncat %s/leases/*/submit-*.json >%s/run/far/mine\necho "$*"\n' "$CACHE" "$CLUSTER" >"$CLUSTER/run/far/sbatch"
  chmod 1777 "$CLUSTER/run/far"
  chmod 755 "$CLUSTER/run/far/sbatch"
  for said in 'Submitted batch job 12 on cluster far' '12;far'; do
    run -0 as_test_user plurality submit --image "$IMAGE" -- "$CLUSTER/run/far/sbatch" $said
    [ "$output" = "$said" ]
    [ "$(jq -r .holder.kind "$CLUSTER/run/far/mine")" = process ]
    [ "$(jq -r '.holder.jobId + "@" + .holder.cluster' "$CACHE"/leases/*/slurm-far-12.json)" = 12@far ]
    as_test_user plurality-stagein lease release slurm-far-12
  done
}

# far_submit sbatch|qsub WORD...: a stand-in says what its words were, and that it submitted job 12.
far_submit() {
  local says='12;far'
  [[ $1 != qsub ]] || says=12.far
  mkdir -p "$CLUSTER/run/far/bin"
  printf '#!/bin/bash\nprintf "<%%s>" "$@" >&2; echo " $PLURALITY_IMAGE" >&2\n%s\necho "%s"\n' "${also-}" "$says" >"$CLUSTER/run/far/bin/$1"
  chmod 755 "$CLUSTER/run/far/bin/$1"
  run --separate-stderr as_test_user plurality submit -- "$CLUSTER/run/far/bin/$1" "${@:2}"
  echo "$status: $output; $stderr"
}

@test "plurality submit knows the script from files that options name" {
  printf 'a former output\n' >"$CLUSTER/run/out.log"
  printf '#!/bin/bash\n#PLURALITY image=%s cache=%s/caches/formed format=squashfs\n' "$IMAGE" "$CLUSTER" >"$CLUSTER/run/formed.sh"
  printf '#PBS -N formed\n#PLURALITY image=%s' "$IMAGE" >"$CLUSTER/run/formed.pbs"
  chmod 644 "$CLUSTER/run/out.log"
  far_submit sbatch -o "$CLUSTER/run/out.log" --wait "$CLUSTER/run/formed.sh" "$CLUSTER/run/out.log"
  [ "$status" -eq 0 ]
  [[ $stderr == *"<-o><$CLUSTER/run/out.log><--wait><$CLUSTER/run/formed.sh><$CLUSTER/run/out.log> sha256:"* ]]
  compgen -G "$CLUSTER/caches/formed/images/sha256/*/*/rootfs.squashfs"
  far_submit qsub -ho "$CLUSTER/run/out.log" "$CLUSTER/run/formed.pbs"
  [ "$status" -eq 0 ]
  as_test_user plurality-stagein lease release pbs-12.far
  printf '#!/bin/bash\n#PLURALITY image=%s form=dir\n' "$IMAGE" >"$CLUSTER/run/formed.sh"
  far_submit sbatch "$CLUSTER/run/formed.sh"
  [ "$status" -eq 2 ] && [[ $stderr == *'cannot use the word form=dir in '*'format=FORMAT'* ]]
}

@test "plurality submit leaves the terminal to qsub -I and salloc, and holds the images until they end" {
  mkdir -p "$CLUSTER/run/far/bin"
  printf '#!/bin/bash\nread -r line\necho "read $line, ${PLURALITY_IMAGE:0:7}, waiting for job 12.server"\nls %s/leases/*/submit-*.json | wc -l\nexit 3\n' "$CACHE" >"$CLUSTER/run/far/bin/qsub"
  chmod 755 "$CLUSTER/run/far/bin/qsub"
  run --separate-stderr as_test_user plurality submit --image "$IMAGE" -- "$CLUSTER/run/far/bin/qsub" -l select=1 -I <<<typed
  [ "$status" -eq 3 ]
  [ "$output" = $'read typed, sha256:, waiting for job 12.server\n1' ]
  [ -z "$(leases_of 'submit-*')" ]
  [ -z "$(leases_of 'pbs-*')" ]
  run -0 --separate-stderr as_test_user plurality submit --image "$IMAGE" -- salloc --quiet srun plurality-exec "$IMAGE" head -n 1 /etc/os-release
  [ "$output" = ID=busybox ]
}

@test "plurality submit makes one of all -v that qsub is given, the script's and the command's" {
  printf '#!/bin/bash\n#PBS -N x -v A=1\n#PBS -v "B=%s,C"\n#PLURALITY image=%s\ntrue\n#PBS -v NOT=1\n' "'2,3'" "$IMAGE" >"$CLUSTER/run/listed.pbs"
  ours=PLURALITY_IMAGE,PLURALITY_PINNED,PLURALITY_SUBMITTED_FROM,PLURALITY_IMAGE_1,PLURALITY_CACHE
  far_submit qsub -v A=4 -hv D -N job "$CLUSTER/run/listed.pbs" -v E=5
  [ "$status" -eq 0 ]
  [[ $'\n'$stderr == *$'\n'"<-v><A=1,B='2,3',C,A=4,D,$ours><-h><-N><job><$CLUSTER/run/listed.pbs><-v><E=5> sha256:"* ]]
  as_test_user plurality-stagein lease release pbs-12.far
  # Slurm's own.
  printf '#!/bin/bash\n#PLURALITY image=%s\necho "$A ${PLURALITY_IMAGE:0:7} $B" >%s/run/listed.out\n' "$IMAGE" "$CLUSTER" >"$CLUSTER/run/listed.sh"
  run -0 as_test_user B=2 plurality submit -- qsub -v A=1 -j oe -o "$CLUSTER/run/listed.log" -v B "$CLUSTER/run/listed.sh"
  wait_for 60 test -s "$CLUSTER/run/listed.out"
  [ "$(cat "$CLUSTER/run/listed.out")" = '1 sha256: 2' ]
}

@test "plurality submit ends with the status of the submit, though it cannot hold the images afterwards" {
  printf '#!/bin/bash\n#PLURALITY image=%s cache=%s/caches/gone\n' "$IMAGE" "$CLUSTER" >"$CLUSTER/run/gone.sh"
  also="mv $CLUSTER/caches/gone $CLUSTER/caches/away" far_submit sbatch "$CLUSTER/run/gone.sh"
  [ "$status" -eq 0 ] && [ "$output" = '12;far' ]
  [[ $stderr == *'cannot lease the images'*'hint: run: plurality-stagein lease add --cache '*' --id slurm-'* ]]
  also='exit 3' far_submit sbatch "$CLUSTER/run/gone.sh"
  [ "$status" -eq 3 ]
}

# What pyxis does: get, unpack as enroot does, run the ranks in that, release. Twice, as a second step of the job.
@test "ranks run from what an importer's get prints, and release may come twice" {
  cat >"$CLUSTER/run/pyxis-like" <<'SH'
#!/bin/bash
set -euo pipefail
importer=$1/share/slurm/pyxis-importer
image=$("$importer" get "$2")
[[ $image == /*.squashfs ]]
PLURALITY_EXPIRE_AFTER=0s PLURALITY_EXPIRE_MIN_AGE=0s PLURALITY_EXPIRE_WAIT=0s PLURALITY_LEASE_GRACE=0s plurality-stagein expire >&2
root=$(mktemp -d)
unsquashfs -no-progress -quiet -force -dest "$root" "$image" >/dev/null 2>&1
unshare --user --map-root-user chroot "$root" /bin/sh -c 'echo "rank $SLURM_PROCID: $(head -n 1 /etc/os-release)"'
rm -rf "$root"
"$importer" release
"$importer" release
SH
  chmod 755 "$CLUSTER/run/pyxis-like"
  imported=$CLUSTER/caches/imported-$TEST_USER
  for _ in 1 2; do
    run -0 --separate-stderr as_test_user PLURALITY_CACHE="$imported" srun --nodes=2 --ntasks=2 "$CLUSTER/run/pyxis-like" "$TREE" "docker://$IMAGE"
    [ "$(sort <<<"$output")" = $'rank 0: ID=busybox\nrank 1: ID=busybox' ]
  done
  [ -z "$(find "$imported/leases" -name '*.json')" ]
}

leases_of() { find "$CACHE/leases" -name "$1" -printf '%f\n'; }

@test "an importer's release lets go of what its get held, not of what the job holds" {
  cat >"$CLUSTER/run/imports.sh" <<SH
#!/bin/bash
#SBATCH --output=$CLUSTER/run/imports.out
set -e
plurality-exec $IMAGE true
srun bash -c '"\$0" get $IMAGE >/dev/null; "\$0" get $IMAGE >/dev/null; find $CACHE/leases -name "*.json" -printf "%f\n" | sort; "\$0" release; "\$0" release' \
  $TREE/share/slurm/pyxis-importer
find $CACHE/leases -name '*.json' -printf 'then %f\n'
SH
  rm -rf "$CACHE"/leases/*
  id=$(as_test_user sbatch --parsable --nodes=1 --wait "$CLUSTER/run/imports.sh")
  cat "$CLUSTER/run/imports.out"
  [[ $(grep json "$CLUSTER/run/imports.out" | tr '\n' ' ') == "pyxis-$id.0-n"[12]".json slurm-plurality-$id.json then slurm-plurality-$id.json " ]]
}

@test "without a job an importer holds for whoever called it" {
  run -0 as_test_user bash -c '"$0" get "$1" >/dev/null; plurality-stagein lease list; "$0" release && :' "$TREE/share/slurm/pyxis-importer" "$IMAGE"
  [[ $output == *pyxis-process-*'process '* ]]
  [ -z "$(leases_of 'pyxis-*')" ]
}

buffer_in() { grep -o '^local BUFFER = "[a-z]*"' "$1/job_submit.lua"; }

@test "install tells job_submit.lua whether there is a burst buffer, and gives TaskProlog where there is none" {
  etc=$BATS_TEST_TMPDIR/etc
  mkdir "$etc"
  printf 'ClusterName=x\nSlurmUser=%s\n' "$(id -un)" >"$etc/slurm.conf"
  install=("$TREE/share/slurm/install" --etc "$etc" --state "$BATS_TEST_TMPDIR/state")
  run -0 --separate-stderr "${install[@]}" job-submit
  [ "$output" = "JobSubmitPlugins=lua"$'\n'"TaskProlog=$(realpath "$TREE")/share/slurm/task_prolog" ]
  [ "$(buffer_in "$etc")" = 'local BUFFER = "no"' ]
  # Installed later, the burst buffer says so.
  run -0 --separate-stderr "${install[@]}" burst-buffer
  [ "$(buffer_in "$etc")" = 'local BUFFER = "yes"' ]
  printf 'BurstBufferType = burst_buffer/lua # as before\n' >>"$etc/slurm.conf"
  run -0 --separate-stderr "${install[@]}" job-submit
  [ "$output" = JobSubmitPlugins=lua ]
  [ "$(buffer_in "$etc")" = 'local BUFFER = "yes"' ]
}

@test "install leaves a site's own job_submit.lua alone, and loses nothing of what it replaces" {
  etc=$BATS_TEST_TMPDIR/etc
  mkdir "$etc"
  printf 'ClusterName=x\nSlurmUser=%s\n' "$(id -un)" >"$etc/slurm.conf"
  install=("$TREE/share/slurm/install" --etc "$etc" --state "$BATS_TEST_TMPDIR/state")
  printf -- '-- SPDX-License-Identifier: Apache-2.0\nfunction slurm_job_submit() return 0 end\n' >"$etc/job_submit.lua"
  cp "$etc/job_submit.lua" "$BATS_TEST_TMPDIR/site"
  run -0 "${install[@]}" job-submit
  [[ $output == *"is not changed"*"dofile(\"$etc/plurality_submit.lua\")"* ]]
  cmp "$etc/job_submit.lua" "$BATS_TEST_TMPDIR/site"
  printf 'dofile("%s")\n' "$etc/plurality_submit.lua" >>"$etc/job_submit.lua"
  run -0 "${install[@]}" burst-buffer
  [[ $output != *'stays as it is'* ]]
  grep -q '^local BUFFER = "yes"' "$etc/plurality_submit.lua"
  for words in one two three; do
    printf '%s\n' "$words" >"$etc/burst_buffer.conf"
    "${install[@]}" burst-buffer
  done
  [ "$(cat "$etc"/burst_buffer.conf.before-plurality* | sort | tr '\n' ' ')" = 'one three two ' ]
}

@test "install --remove takes away what is ours, once Slurm's files do not name it any more" {
  etc=$BATS_TEST_TMPDIR/etc state=$BATS_TEST_TMPDIR/state lib=$BATS_TEST_TMPDIR/lib
  mkdir "$etc" "$lib"
  printf 'ClusterName=x\nSlurmUser=%s\n' "$(id -un)" >"$etc/slurm.conf"
  cp "$etc/slurm.conf" "$BATS_TEST_TMPDIR/site"
  install=("$TREE/share/slurm/install" --etc "$etc" --state "$state" --lib "$lib")
  printf 'of the site\n' >"$etc/burst_buffer.conf"
  "${install[@]}" burst-buffer job-submit prolog oci >>"$etc/slurm.conf"
  touch "$lib/spank_plurality-22.05.so"
  printf 'required %s/spank_plurality-22.05.so\n' "$lib" >"$etc/plugstack.conf"
  find "$etc" "$lib" "$state" | sort >"$BATS_TEST_TMPDIR/before"
  run -1 --separate-stderr "${install[@]}" --remove burst-buffer job-submit prolog spank
  [ "$(sed 's/.*:[0-9]*://; s/=.*//; s/ .*//' <<<"$output" | tr '\n' ' ')" = \
    'BurstBufferType JobSubmitPlugins Prolog Epilog TaskProlog EpilogSlurmctld required ' ]
  cp "$BATS_TEST_TMPDIR/site" "$etc/slurm.conf"
  rm "$etc/plugstack.conf"
  sed '/plugstack.conf$/d' "$BATS_TEST_TMPDIR/before" >"$BATS_TEST_TMPDIR/left"
  run -0 "${install[@]}" --remove --dry-run
  find "$etc" "$lib" "$state" | sort | diff - "$BATS_TEST_TMPDIR/left"
  printf '# of the site\n' >>"$etc/oci.conf"
  run -0 "${install[@]}" --remove
  [[ $output == *"the earlier file $etc/burst_buffer.conf.before-plurality"*"moving $etc/oci.conf to "*"removing $state"* ]]
  [ "$(cd "$etc" && echo *)" = 'burst_buffer.conf.before-plurality oci.conf.before-plurality slurm.conf' ]
  [ ! -e "$state" ]
  [ -z "$(ls "$lib")" ]
  run -0 "${install[@]}" --remove
}

@test "install --remove leaves a site's own job_submit.lua alone, and ours beside it while that calls it" {
  etc=$BATS_TEST_TMPDIR/etc
  mkdir "$etc"
  printf 'ClusterName=x\nSlurmUser=%s\nJobSubmitPlugins=lua\n' "$(id -un)" >"$etc/slurm.conf"
  install=("$TREE/share/slurm/install" --etc "$etc" --state "$BATS_TEST_TMPDIR/state")
  printf 'dofile("%s")\n' "$etc/plurality_submit.lua" >"$etc/job_submit.lua"
  "${install[@]}" job-submit
  run -1 "${install[@]}" --remove job-submit
  [[ $output == *"job_submit.lua:1:dofile("* ]]
  [ -e "$etc/plurality_submit.lua" ]
  printf 'function slurm_job_submit() return 0 end\n' >"$etc/job_submit.lua"
  run -0 "${install[@]}" --remove job-submit
  [[ $output == *"$etc/job_submit.lua was not written by Plurality, and is kept"* ]]
  [ "$(cd "$etc" && echo *)" = 'job_submit.lua slurm.conf' ]
  [ ! -e "$BATS_TEST_TMPDIR/state" ]
}

cluster_in() { cat "$1/cluster"; }

@test "install notes the cluster's name as jobs see it, also where an included file has it" {
  etc=$BATS_TEST_TMPDIR/etc state=$BATS_TEST_TMPDIR/state
  mkdir "$etc"
  printf 'ClusterName=BiG\nSlurmUser=%s\n' "$(id -un)" >"$etc/slurm.conf"
  run -0 "$TREE/share/slurm/install" --etc "$etc" --state "$state" prolog
  [ "$(cluster_in "$state")" = big ]
  printf 'include site.conf\n' >"$etc/slurm.conf"
  printf 'SlurmUser=%s clustername=Site StateSaveLocation="%s/saved"\nBurstBufferType=burst_buffer/lua # ours\n' "$(id -un)" "$BATS_TEST_TMPDIR" >"$etc/site.conf"
  run -0 "$TREE/share/slurm/install" --etc "$etc" --state "$state" job-submit prolog
  [ "$(cluster_in "$state")" = site ]
  [ "$(cat "$state/saves")" = "$BATS_TEST_TMPDIR/saved" ]
  [ "$(buffer_in "$etc")" = 'local BUFFER = "yes"' ]
}

@test "install asks the controller where a file that slurm.conf includes cannot be read, and gives up where that does not answer" {
  etc=$BATS_TEST_TMPDIR/etc
  mkdir "$etc"
  # One that only the controller's host has, say.
  { cat "$SLURM_CONF" && printf 'Include %s/elsewhere.conf\n' "$etc"; } | grep -vE '^(ClusterName|SlurmUser|BurstBufferType)=' >"$etc/slurm.conf"
  printf '#!/bin/sh\n[ "$SLURM_CONF" = %q ] && SLURM_CONF=%q exec /usr/bin/scontrol "$@"\n' "$etc/slurm.conf" "$SLURM_CONF" >"$etc/scontrol"
  chmod 755 "$etc/scontrol"
  PATH=$etc:$PATH run -0 "$TREE/share/slurm/install" --etc "$etc" --state "$BATS_TEST_TMPDIR/state" job-submit
  [ "$(cluster_in "$BATS_TEST_TMPDIR/state")" = plurality ]
  [ "$(stat -c %U "$BATS_TEST_TMPDIR/state")" = "$(id -un)" ]
  [ "$(buffer_in "$etc")" = 'local BUFFER = "yes"' ]
  printf '#!/bin/sh\nexit 1\n' >"$etc/scontrol"
  PATH=$etc:$PATH run -1 "$TREE/share/slurm/install" --etc "$etc" --state "$BATS_TEST_TMPDIR/other" job-submit
  [[ $output == *"cannot learn ClusterName: $etc/elsewhere.conf, which slurm.conf includes, cannot be read"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/other" ]
}

# What plurality.toml says is weaker than a variable.
@test "task_prolog leaves the run directory to the user's settings" {
  run -0 --separate-stderr as_test_user env -u PLURALITY_RUN_DIR srun sh -c 'echo "$PLURALITY_RUN_DIR"'
  [ -z "$output" ]
  run -0 --separate-stderr as_test_user srun sh -c 'echo "$PLURALITY_RUN_DIR"'
  [ "$output" = "$CLUSTER/run/$TEST_USER" ]
}

has_state() { [[ $(scontrol --oneliner show job "$1") == *" JobState=$2 "* ]]; }

not_leased() { ! compgen -G "$CACHE/leases/*/slurm-plurality-$1.json"; }

@test "epilog_slurmctld keeps what a requeued job holds, lets go when it has ended, and may come twice" {
  printf '#!/bin/bash\n#SBATCH --requeue --output=/dev/null\nuntil [ -e %s ]; do sleep 0.2; done\n' "$CLUSTER/run/go" >"$CLUSTER/run/waits.sh"
  run -0 as_test_user plurality submit --image "$IMAGE" -- sbatch --parsable "$CLUSTER/run/waits.sh"
  id=$output
  wait_for 60 has_state "$id" RUNNING
  scontrol requeue "$id"
  wait_for 60 has_state "$id" PENDING
  wait_for 120 has_state "$id" RUNNING
  run -1 not_leased "$id"
  touch "$CLUSTER/run/go"
  wait_for 60 has_state "$id" COMPLETED
  wait_for 60 not_leased "$id"
  SLURM_JOB_ID=$id SLURM_JOB_UID=$(id -u "$TEST_USER") SLURM_JOB_GID=$(id -g "$TEST_USER") "$CLUSTER/slurm/etc/plurality_epilog_slurmctld"
}

# Whose run directory is where Prolog and Epilog look; prints the job's number once it has a lease.
readonly LEASED='plurality-exec "$1" true && ls "$2"/leases/*/slurm-plurality-"$SLURM_JOB_ID".json >&2 && echo "$SLURM_JOB_ID"'

@test "what srun or salloc ran lets go of its lease when it ends, a batch job's epilog does not" {
  ((EUID == 0)) || skip 'the epilog runs as root'
  local own=(as_test_user env -u PLURALITY_RUN_DIR) run
  run=/tmp/plurality-$(id -u "$TEST_USER")
  # The second one has its plan of the first.
  for way in srun srun 'salloc --quiet srun'; do
    # shellcheck disable=SC2086 # words
    run -0 --separate-stderr "${own[@]}" $way sh -c "$LEASED" x "$IMAGE" "$CACHE"
    [[ $stderr == *"slurm-plurality-$output.json"* ]]
    wait_for 60 not_leased "$output"
    [ ! -e "$run/leases/s$output" ]
  done
  # It might be queued again.
  printf '%s\n' "$LEASED" >"$CLUSTER/run/other"
  "${own[@]}" sbatch --quiet --wait --output="$CLUSTER/run/batch.out" --wrap "srun sh $CLUSTER/run/other '$IMAGE' '$CACHE' && ls $run/leases"
  cat "$CLUSTER/run/batch.out"
  # What it says on both outputs comes in any order.
  id=$(grep -xE '[0-9]+' "$CLUSTER/run/batch.out")
  run -1 grep -x "s$id" "$CLUSTER/run/batch.out"
}

@test "prolog makes the user's directory, epilog removes what this job left and nothing else" {
  ((EUID == 0)) || skip 'both run as root'
  run=$CLUSTER/run/epilog
  install -d -o "$TEST_USER" "$run" "$run/node-s7.0.0@n1-x" "$run/node-s78.0.0@n1-x" "$run/node-p7.x"
  for _ in 1 2; do
    SLURM_JOB_ID=7 SLURM_JOB_UID=$(id -u "$TEST_USER") PLURALITY_EPILOG_RUN=$run "$TREE/share/slurm/epilog"
  done
  [ "$(cd "$run" && echo *)" = 'node-p7.x node-s78.0.0@n1-x' ]
  [ "$(stat -c '%U %a' "/tmp/plurality-$(id -u "$TEST_USER")")" = "$TEST_USER 700" ]
}

@test "prologs of jobs that begin at once leave the user one directory" {
  ((EUID == 0)) || skip 'is what root does'
  uid=$(id -u "$TEST_USER")
  cat >"$CLUSTER/run/prologs" <<SH
# The tree may lie below what is about to be covered.
cd "$TREE"
mount -t tmpfs -o mode=1777 tmpfs /tmp
for ((round = 0; round < 10; round++)); do
  rm -rf /tmp/plurality-*
  for ((n = 0; n < 8; n++)); do SLURM_JOB_ID=7 SLURM_JOB_UID=$uid share/slurm/prolog & done
  wait
  (cd /tmp && stat -c '%n %u %a' plurality-*)
done | sort | uniq -c
SH
  run -0 unshare --mount bash "$CLUSTER/run/prologs"
  [[ ${#lines[@]} -eq 1 && $output =~ ^\ *10\ plurality-$uid\ $uid\ 700$ ]]
}

@test "prolog gives a user nothing that a link leads to which came just before it made the directory" {
  ((EUID == 0)) || skip 'runs as root'
  # An account that runs nothing here.
  local place=/tmp/plurality-1 target=$BATS_TEST_TMPDIR/target tool
  [[ ! -e $place && ! -L $place ]]
  mkdir -m 755 "$BATS_TEST_TMPDIR/bin" "$target"
  for tool in mktemp chown; do
    printf '#!/bin/sh\nln -sT %q %q 2>/dev/null\nexec /usr/bin/%s "$@"\n' "$target" "$place" "$tool" >"$BATS_TEST_TMPDIR/bin/$tool"
    chmod 755 "$BATS_TEST_TMPDIR/bin/$tool"
  done
  PATH=$BATS_TEST_TMPDIR/bin:$PATH SLURM_JOB_ID=7 SLURM_JOB_UID=1 "$TREE/share/slurm/prolog"
  rm -f "$place".not-of-uid-*
  [ "$(stat -c '%u %a' "$target")" = '0 755' ]
  [ -z "$(ls -A "$target")" ]
  [ "$(stat -c '%F %u %a' "$place")" = 'directory 1 700' ]
  rmdir "$place"
}
