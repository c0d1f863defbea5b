#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a program finds in its environment, and what runs it.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  setup_registry
  export IMAGE
  make_image
  as_test_user plurality-stagein pull "$IMAGE" >/dev/null
}

teardown_file() { teardown_place; }

make_image() {
  local layout=$CLUSTER/layout
  IMAGE=$PLURALITY_TEST_REGISTRY/environment:latest
  cp -r "$("$REPO/dev/image" busybox)" "$layout"
  umoci config --image "$layout:latest" --config.env A=image --config.env PATH=/image:/bin --config.env LD_LIBRARY_PATH=/image/lib \
    --config.env CUDA_VISIBLE_DEVICES=image --config.env PLURALITYENV_A=image \
    --config.entrypoint echo --config.entrypoint entry --config.cmd default
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:latest" "docker://$IMAGE"
}

@test "image, file, PLURALITYENV_ and --env win over each other in that order" {
  printf '# a comment\nA=file\nB=file\nC=file\n\nQ="as it is" $HOME\n' >"$CLUSTER/run/variables"
  run -0 as_test_user A=host B=host D=host PLURALITYENV_B=prefix PLURALITYENV_C=prefix plurality-exec --env-file "$CLUSTER/run/variables" \
    --env C=option "$IMAGE" sh -c 'echo "$A $B $C $D $Q"'
  [ "$output" = 'file prefix option host "as it is" $HOME' ]
  run -0 as_test_user A=host plurality-exec "$IMAGE" sh -c 'echo "$A"'
  [ "$output" = image ]
  run -0 as_test_user PLURALITY_ENV="A=setting, with a comma
B=2" plurality-exec "$IMAGE" sh -c 'echo "$A $B"'
  [ "$output" = 'setting, with a comma 2' ]
  run -125 as_test_user plurality-exec --env-file /nonexistent "$IMAGE" true
  [[ $output == *'cannot read the variables in /nonexistent'* && $output == *'hint: '* ]]
}

@test "PATH is the image's, with what is put before and behind it" {
  run -0 as_test_user plurality-exec "$IMAGE" sh -c 'echo $PATH'
  [ "$output" = /image:/bin ]
  run -0 as_test_user PLURALITYENV_PREPEND_PATH=/first PLURALITYENV_APPEND_PATH=/last plurality-exec "$IMAGE" sh -c 'echo $PATH'
  [ "$output" = /first:/image:/bin:/last ]
  run -0 as_test_user plurality-exec --env PATH=/bin:/mine "$IMAGE" sh -c 'echo $PATH'
  [ "$output" = /bin:/mine ]
}

@test "the host's library paths stay outside, the image's and the user's count" {
  run -0 as_test_user LD_LIBRARY_PATH=/host LD_PRELOAD=/nonexistent.so plurality-exec "$IMAGE" sh -c 'echo "$LD_LIBRARY_PATH ${LD_PRELOAD-unset}"'
  [ "${lines[-1]}" = '/image/lib unset' ]
  run -0 as_test_user LD_LIBRARY_PATH=/host plurality-exec --env LD_LIBRARY_PATH=/mine "$IMAGE" sh -c 'echo "$LD_LIBRARY_PATH"'
  [ "$output" = /mine ]
}

@test "--cleanenv leaves the scheduler's and the user's own, and the image's on top" {
  run -0 as_test_user A=host SECRET=host 'BASH_FUNC_f%%=() { :; }' SLURM_PROCID=3 PMI_RANK=3 OMPI_COMM_WORLD_RANK=3 CUDA_VISIBLE_DEVICES=1 TERM=xterm \
    http_proxy=http://proxy LANG=de_DE.UTF-8 PALS_RANKID=3 plurality-exec --cleanenv --env B=mine "$IMAGE" env
  echo "$output"
  for line in A=image B=mine SLURM_PROCID=3 PMI_RANK=3 OMPI_COMM_WORLD_RANK=3 CUDA_VISIBLE_DEVICES=1 TERM=xterm http_proxy=http://proxy PALS_RANKID=3 \
    "HOME=$(getent passwd "$TEST_USER" | cut -d: -f6)" "USER=$TEST_USER" PATH=/image:/bin; do
    grep -qxF "$line" <<<"$output"
  done
  ! grep -qE '^(SECRET|LANG|BASH_FUNC)' <<<"$output"
}

# Words of the launcher's sources, as variables: whichever names it uses, now and later.
words() {
  (cd "$REPO" && grep -oh '[a-z_][a-z0-9_]*[a-z0-9]' plurality-exec/src/main/c/*.c "$TREE"/libexec/{mounter,tell.bash,jvm.bash}) | sort -u | awk 'NR % 3 == 0' | head -n 500
}

@test "variables are the program's whatever the launcher calls its own" {
  local word host=() umoci_variables=() wanted='' image='' layout=$CLUSTER/layout-words reference=$PLURALITY_TEST_REGISTRY/words:latest share option
  cp -r "$("$REPO/dev/image" busybox)" "$layout"
  for word in $(words); do
    host+=("$word=the host's $word")
    wanted+="$word=the host's $word"$'\n'
    image+="$word=the image's $word"$'\n'
    umoci_variables+=(--config.env "$word=the image's $word")
  done
  [ "${#host[@]}" -gt 300 ]
  umoci config --image "$layout:latest" "${umoci_variables[@]}"
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:latest" "docker://$reference"
  as_test_user plurality-stagein pull --quiet "$reference" >/dev/null
  squash "$reference" "$CLUSTER/caches/squashed"
  for share in none node; do
    for option in --no-home --pid --writable-tmpfs --cleanenv; do
      # The shared one has a rank that follows.
      run as_test_user "${host[@]}" bash -c 'plurality-exec "$@" & plurality-exec "$@" >"$0" && wait $!' "$CLUSTER/run/second" \
        --share $share $option "$IMAGE" /bin/busybox env
      echo "$share $option: $status $output"
      [ "$status" -eq 0 ]
      for output in "$output" "$(<"$CLUSTER/run/second")"; do
        if [[ $option == --cleanenv ]]; then
          ! grep "=the host's" <<<"$output"
        else
          [ "$(grep "=the host's" <<<"$output" | LC_ALL=C sort)" = "$(LC_ALL=C sort <<<"${wanted%$'\n'}")" ]
        fi
      done
      rm "$CLUSTER/run/second"
      [[ $option == --no-home || $option == --pid ]] || continue
      run as_test_user "${host[@]}" PLURALITY_CACHE="$CLUSTER/caches/squashed" plurality-exec --share $share $option "$reference" /bin/busybox env
      echo "squashfs, $share $option: $status $output"
      [ "$status" -eq 0 ]
      [ "$(grep "=the .*'s" <<<"$output" | LC_ALL=C sort)" = "$(LC_ALL=C sort <<<"${image%$'\n'}")" ]
    done
  done
}

@test "ranks that share a container keep what is their own" {
  run -0 as_test_user bash -c "for i in 0 1 2 3; do
      CUDA_VISIBLE_DEVICES=\$i PMI_RANK=\$i SLURM_LOCALID=\$i OWN=\$i plurality-exec --share node --cleanenv $IMAGE \
        sh -c 'echo \"\$CUDA_VISIBLE_DEVICES \$PMI_RANK \$SLURM_LOCALID \${OWN-} \$(readlink /proc/self/ns/mnt)\"; sleep 1' &
    done; wait"
  echo "$output"
  [ "$(sort <<<"$output" | cut -d' ' -f1-3)" = $'0 0 0\n1 1 1\n2 2 2\n3 3 3' ]
  [ "$(cut -d' ' -f5 <<<"$output" | sort -u | wc -l)" = 1 ]
}

@test "ranks whose PLURALITYENV_ differ do not get each other's" {
  run -0 as_test_user bash -c "for i in 0 1; do
      PLURALITYENV_A=\$i WANT=\$i plurality-exec --share node $IMAGE sh -c 'echo \"\$WANT \$A\"; sleep 1' &
    done; wait"
  [ "$(sort <<<"$output")" = $'0 0\n1 1' ]
}

@test "COMMAND runs alone, by the image's entrypoint, or by a program" {
  for share in none node; do
    run -0 as_test_user plurality-exec --share $share "$IMAGE"
    [ "$output" = 'entry default' ]
    run -0 as_test_user plurality-exec --share $share "$IMAGE" echo alone
    [ "$output" = alone ]
    run -0 as_test_user plurality-exec --share $share --entrypoint "$IMAGE" argument 'two words'
    [ "$output" = 'entry argument two words' ]
    run -0 as_test_user plurality-exec --share $share --entrypoint "$IMAGE"
    [ "$output" = 'entry default' ]
    run -0 as_test_user plurality-exec --share $share --entrypoint=/bin/printf "$IMAGE" '%s-' a b
    [ "$output" = a-b- ]
  done
  run -0 as_test_user PLURALITY_ENTRYPOINT=true plurality-exec "$IMAGE" argument
  [ "$output" = 'entry argument' ]
}
