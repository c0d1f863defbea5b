#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Devices by CDI, shortcuts for GPUs, OCI hooks and the host's MPI, with made-up devices: no GPU is needed.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  export IMAGE ROOTFS FAKE
  IMAGE=$(stage debian)
  ROOTFS=$(as_test_user plurality-stagein path "$IMAGE")
  FAKE=$CLUSTER/fake
  make_devices
}

teardown_file() { teardown_place; }

make_devices() {
  mkdir -p "$FAKE"/{cdi,run-cdi,hooks,lib,profiles}
  echo gpu zero >"$FAKE/gpu0" && echo gpu one >"$FAKE/gpu1" && echo control >"$FAKE/ctl"
  gcc -shared -Wl,-soname,libfakegpu.so.1 -o "$FAKE/lib/libfakegpu.so.1.2.3" -xc - <<<'int fake(void) { return 7; }'
  cat >"$FAKE/cdi/example.json" <<JSON
{"cdiVersion": "0.6.0", "kind": "example.org/gpu",
 "devices": [
  {"name": "0", "containerEdits": {"deviceNodes": [{"path": "/dev/fakegpu0", "hostPath": "$FAKE/gpu0"}], "env": ["GPU0=here"]}},
  {"name": "1", "containerEdits": {"deviceNodes": [{"path": "/dev/fakegpu1", "hostPath": "$FAKE/gpu1"}]}}],
 "containerEdits": {
  "env": ["FAKE_DRIVER=1.2.3"],
  "deviceNodes": [{"path": "/dev/fakectl", "hostPath": "$FAKE/ctl"}],
  "mounts": [{"hostPath": "$FAKE/lib/libfakegpu.so.1.2.3", "containerPath": "/usr/local/lib/fake/libfakegpu.so.1.2.3", "options": ["ro", "nosuid", "nodev", "bind"]}],
  "hooks": [
   {"hookName": "createContainer", "path": "/usr/bin/nvidia-ctk", "args": ["nvidia-ctk", "hook", "update-ldcache", "--folder", "/usr/local/lib/fake"]},
   {"hookName": "createRuntime", "path": "$FAKE/hook", "args": ["hook", "from-cdi"]}]}}
JSON
  cat >"$FAKE/run-cdi/other.yaml" <<YAML
cdiVersion: "0.5.0"
kind: example.org/net
containerEdits: # for all of them
  env:
  - NET=up
devices:
- name: eth
  containerEdits:
    mounts:
    - {hostPath: "$FAKE/ctl", containerPath: /opt/net/ctl, options: [ro]}
YAML
  cat >"$FAKE/hook" <<SH
#!/bin/sh
{ echo "\$0 \$*"; pwd; env | sort; } >>$CLUSTER/run/hook.\$1
SH
  chmod 755 "$FAKE/hook"
}

inside() { as_test_user PLURALITY_CDI_DIRS="$FAKE/cdi,$FAKE/run-cdi" plurality-exec "$@"; }

@test "a device brings its node, variables, mounts and those that all of its kind have" {
  run -0 inside --contain --device example.org/gpu=0 "$IMAGE" sh -c 'cat /dev/fakegpu0 /dev/fakectl; ls /dev/fakegpu1 2>/dev/null
    echo $GPU0 $FAKE_DRIVER; ls /usr/local/lib/fake; echo $LD_LIBRARY_PATH'
  echo "$output"
  [ "$output" = 'gpu zero
control
here 1.2.3
libfakegpu.so.1
libfakegpu.so.1.2.3
/usr/local/lib/fake' ]
}

@test "all devices of a kind come by one name; specifications may be YAML" {
  run -0 inside --contain --device example.org/gpu=all --device example.org/net=eth "$IMAGE" \
    sh -c 'cat /dev/fakegpu0 /dev/fakegpu1 /opt/net/ctl; echo $NET'
  [ "$output" = $'gpu zero\ngpu one\ncontrol\nup' ]
}

@test "an unknown device fails, and the error lists those that there are" {
  run -125 inside --device example.org/gpu=7 "$IMAGE" true
  [[ $output == *'cannot bring in the device example.org/gpu=7: there are example.org/gpu=0, example.org/gpu=1, example.org/net=eth'* ]]
  run -125 as_test_user PLURALITY_CDI_DIRS="$FAKE/none" plurality-exec --device nvidia.com/gpu=all "$IMAGE" true
  [[ $output == *"no specification in $FAKE/none describes any device"* ]]
}

@test "hooks run on the host, without the image's or the user's environment and directory" {
  rm -f "$CLUSTER/run/hook.from-cdi"
  run -0 inside --contain --env SECRET=1 --workdir /usr --device example.org/gpu=0 "$IMAGE" true
  cat "$CLUSTER/run/hook.from-cdi"
  grep -qx "$FAKE/hook from-cdi" "$CLUSTER/run/hook.from-cdi"
  ! grep -qE '^(SECRET|GPU0|FAKE_DRIVER)=|^/usr$' "$CLUSTER/run/hook.from-cdi"
}

@test "hooks of directories run when their conditions hold, and never unless configured" {
  local name
  for name in always:'{"always": true}' binds:'{"hasBindMounts": true}' other:'{"commands": ["^nothing$"]}'; do
    printf '{"version": "1.0.0", "hook": {"path": "%s", "args": ["hook", "%s"]}, "when": %s, "stages": ["prestart"]}\n' \
      "$FAKE/hook" "${name%%:*}" "${name#*:}" >"$FAKE/hooks/${name%%:*}.json"
  done
  run -0 as_test_user plurality-exec -B /etc:/etc-of-host "$IMAGE" true
  [ ! -e "$CLUSTER/run/hook.always" ]
  run -0 as_test_user PLURALITY_HOOKS_DIRS="$FAKE/hooks" plurality-exec "$IMAGE" true
  [ -e "$CLUSTER/run/hook.always" ] && [ ! -e "$CLUSTER/run/hook.binds" ] && [ ! -e "$CLUSTER/run/hook.other" ]
  run -0 as_test_user PLURALITY_HOOKS_DIRS="$FAKE/hooks" plurality-exec -B /etc:/etc-of-host "$IMAGE" true
  [ -e "$CLUSTER/run/hook.binds" ] && [ ! -e "$CLUSTER/run/hook.other" ]
  sed 's/"prestart"/"poststop"/' "$FAKE/hooks/always.json" >"$FAKE/hooks/late.json"
  run -0 as_test_user PLURALITY_HOOKS_DIRS="$FAKE/hooks" plurality-exec "$IMAGE" true
  [[ $output == *"note: the hook $FAKE/hooks/late.json is for poststop, which containers of ours do not reach"* ]]
  echo '{"version": "9"}' >"$FAKE/hooks/broken.json"
  run -125 as_test_user PLURALITY_HOOKS_DIRS="$FAKE/hooks" plurality-exec "$IMAGE" true
  [[ $output == *'broken.json'* && $output == *'hint: '* ]]
}

@test "--nv uses the CDI specification where there is one, and only the step's GPUs" {
  sed 's,example.org/gpu,nvidia.com/gpu,' "$FAKE/cdi/example.json" >"$CLUSTER/nvidia.json"
  mkdir -p "$CLUSTER/nvidia" && mv "$CLUSTER/nvidia.json" "$CLUSTER/nvidia/"
  for variable in SLURM_STEP_GPUS=1 CUDA_VISIBLE_DEVICES=1; do
    run -0 as_test_user PLURALITY_CDI_DIRS="$CLUSTER/nvidia" "$variable" plurality-exec --nv --contain "$IMAGE" sh -c 'ls /dev | grep fakegpu; echo ${CUDA_VISIBLE_DEVICES-}'
    [ "${lines[0]}" = fakegpu1 ]
    [ "${lines[1]-}" = "$([[ $variable != CUDA* ]] || echo 1)" ]
  done
  run -0 as_test_user PLURALITY_CDI_DIRS="$CLUSTER/nvidia" PLURALITY_NV=true plurality-exec --contain "$IMAGE" sh -c 'ls /dev | grep -c fakegpu'
  [ "$output" = 2 ]
}

@test "without one, a profile names libraries, files and devices" {
  cat >"$FAKE/profiles/nv.toml" <<TOML
kind = "gpu"
cdi = "nvidia.com/gpu"
libraries = ["libfakegpu.so.*", "libz.so.1"]
directories = ["$FAKE/lib"]
files = ["$FAKE/ctl"]
devices = ["$FAKE/gpu*"]
environment = ["FROM_PROFILE=yes"]
TOML
  run -0 as_test_user PLURALITY_CDI_DIRS=/none PLURALITY_PROFILE_DIRS="$FAKE/profiles" plurality-exec --nv --contain "$IMAGE" \
    sh -c "ls \${LD_LIBRARY_PATH##*:}; head -c 4 \${LD_LIBRARY_PATH##*:}/libz.so.1 | tail -c 3; echo; cat $FAKE/gpu1 $FAKE/ctl; echo \$FROM_PROFILE"
  echo "$output"
  [ "$output" = $'libfakegpu.so.1.2.3\nlibz.so.1\nELF\ngpu one\ncontrol\nyes' ]
  printf 'kind = "gpu"\ncdi = "amd.com/gpu"\nlibraries = ["libz.so.1"]\ndevices = ["%s/ct*"]\n' "$FAKE" >"$FAKE/profiles/rocm.toml"
  run -0 as_test_user PLURALITY_CDI_DIRS=/none PLURALITY_PROFILE_DIRS="$FAKE/profiles" plurality-exec --rocm --contain "$IMAGE" cat "$FAKE/ctl"
  [ "$output" = control ]
  run -125 as_test_user PLURALITY_CDI_DIRS=/none plurality-exec --nv "$IMAGE" true
  [[ $output == *'cannot bring in GPUs by --nv: this node has no libcuda.so.1'* ]]
}

@test "GPUs that a settings file asks for are a note on a node without any, those of an option an error" {
  local way gpu
  [[ ! -e /dev/nvidiactl && ! -e /dev/kfd ]] || skip 'this node has GPUs'
  as_test_user mkdir -p "$CLUSTER/run/gpus/plurality"
  for gpu in nv rocm; do
    echo "$gpu = true" >"$CLUSTER/run/gpus/plurality/plurality.toml"
    for way in '--share none' '--share node' '--pid'; do
      # shellcheck disable=SC2086
      run -0 --separate-stderr as_test_user XDG_CONFIG_HOME="$CLUSTER/run/gpus" PLURALITY_CDI_DIRS=/none plurality-exec $way "$IMAGE" echo runs
      echo "$gpu $way: $output $stderr"
      [ "$output" = runs ]
      [[ $stderr == *'note: '* && $stderr != *$'\n'*$'\n'* ]]
      [ "${#stderr}" -lt 300 ]
      # shellcheck disable=SC2086
      run -125 as_test_user PLURALITY_CDI_DIRS=/none plurality-exec $way --$gpu "$IMAGE" echo runs
      [[ $output == *"cannot bring in GPUs by --$gpu: "*hint:* ]]
    done
  done
}

@test "a definition file names image, mounts, directory, variables, entrypoint and devices" {
  mkdir -p "$CLUSTER/edf"
  cat >"$CLUSTER/edf/base.toml" <<TOML
image = "registry.example/none:1"
mounts = ["$FAKE:/base"]
[env]
A = "base"
B = "base"
TOML
  cat >"$CLUSTER/edf/mine.toml" <<TOML
base_environment = ["base"]
image = "${IMAGE/\//#}" # as enroot writes it
mounts = [
  "\${WHERE}:/mine:ro",
]
workdir = "/usr/local"
devices = ["example.org/net=eth"]

[env]
B = "mine \${WHERE}"

[annotations]
com.hooks.example.enabled = "true"
TOML
  run -0 as_test_user EDF_PATH="$CLUSTER/edf" WHERE="$FAKE/lib" PLURALITY_CDI_DIRS="$FAKE/run-cdi" plurality-exec --edf mine \
    sh -c 'echo "$A, $B, $NET, $PWD"; ls /mine; cat /base/ctl'
  [ "$output" = "base, mine $FAKE/lib, up, /usr/local
libfakegpu.so.1.2.3
control" ]
  run -0 as_test_user WHERE=/etc PLURALITY_CDI_DIRS="$FAKE/run-cdi" PLURALITY_EDF="$CLUSTER/edf/mine.toml" EDF_PATH="$CLUSTER/edf" plurality-exec --workdir /etc pwd
  [ "$output" = /etc ]
  install -d -o "$TEST_USER" "$CLUSTER/edf/config/plurality"
  echo 'edf = "mine"' >"$CLUSTER/edf/config/plurality/plurality.toml"
  run -0 as_test_user XDG_CONFIG_HOME="$CLUSTER/edf/config" WHERE=/etc PLURALITY_CDI_DIRS="$FAKE/run-cdi" EDF_PATH="$CLUSTER/edf" plurality-exec pwd
  [ "$output" = /usr/local ]
  run -125 as_test_user XDG_CONFIG_HOME="$CLUSTER/edf/config" PLURALITY_EDF=nosuch EDF_PATH="$CLUSTER/edf" plurality-exec true
  [[ $output == *'cannot find the definition nosuch'* ]]
  run -125 as_test_user EDF_PATH="$CLUSTER/edf" plurality-exec --edf nosuch true
  [[ $output == *"cannot find the definition nosuch in $CLUSTER/edf"* ]]
  echo 'colour = "red"' >"$CLUSTER/edf/wrong.toml"
  run -125 as_test_user EDF_PATH="$CLUSTER/edf" plurality-exec --edf wrong true
  [[ $output == *"unknown key 'colour'"* ]]
  printf 'image = "%s"\n[env]\nWHO = "rank ${SLURM_PROCID} of ${SLURM_JOB_ID}"\n' "$IMAGE" >"$CLUSTER/edf/each.toml"
  run -125 as_test_user SLURM_JOB_ID=7 SLURM_PROCID=3 EDF_PATH="$CLUSTER/edf" plurality-exec --share node --edf each true
  [[ $output == *'would give all ranks of a node the SLURM_PROCID of one'* ]]
  run -0 as_test_user SLURM_JOB_ID=7 SLURM_PROCID=3 EDF_PATH="$CLUSTER/edf" plurality-exec --share none --edf each sh -c 'echo "$WHO"'
  [ "$output" = 'rank 3 of 7' ]
}
