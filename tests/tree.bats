#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats file_tags=quick
# The runnable tree: its runtime, its caches for starting quickly, and what becomes of it without them.
bats_require_minimum_version 1.5.0
load lib

setup_file() { setup_place; }

teardown_file() { teardown_place; }

# How many classes a tool's JVM did not find in its cache.
classes_read_from_jars() { # TREE TOOL CLASS ARGUMENT...
  # shellcheck disable=SC2034 # lib/TOOL.jvm uses prefix
  local prefix=$1 tool=$2 jvm_options
  shift 2
  # shellcheck source=/dev/null
  . "$prefix/lib/$tool.jvm"
  "$prefix/runtime/bin/java" "${jvm_options[@]}" "-Xlog:class+load:file=$BATS_TEST_TMPDIR/classes" "$@" >/dev/null
  grep -q 'shared objects file' "$BATS_TEST_TMPDIR/classes"
  grep -cv 'shared objects file' "$BATS_TEST_TMPDIR/classes" || true
}

@test "the planner finds all of its classes in its AOT cache" {
  run -0 classes_read_from_jars "$TREE" exec org.plurality.launch.Planner / 1 --version
  [ "$output" = 0 ]
}

@test "stage-in finds most of its classes in its AOT cache" {
  run -0 classes_read_from_jars "$TREE" stagein org.plurality.cli.StageIn --version
  [ "$output" -lt 300 ]
  run -0 classes_read_from_jars "$TREE" stagein-documents org.plurality.cli.StageIn --version
  [ "$output" -lt 10 ]
}

@test "a cache carries in its name what it was made from" {
  local tools
  tools=$(for cache in "$TREE"/lib/*.aot; do sed -nE 's/(.*)-[0-9a-f]{12}\.aot$/\1/p' <<<"${cache##*/}"; done | LC_ALL=C sort | xargs)
  [ "$tools" = 'containers exec jobs stagein stagein-documents' ]
}

@test "without its cache, or with a damaged one, a tool works and says nothing of it" {
  cp -R "$TREE" "$CLUSTER/damaged"
  : >"$(echo "$CLUSTER"/damaged/lib/exec-*.aot)"
  head -c 1000000 /dev/urandom >"$(echo "$CLUSTER"/damaged/lib/stagein-documents-*.aot)"
  run -0 --separate-stderr as_test_user "$CLUSTER/damaged/bin/plurality-exec" --version
  [[ $output == 'plurality-exec '* && -z $stderr ]]
  run -0 --separate-stderr as_test_user "$CLUSTER/damaged/bin/plurality-stagein" --version
  [[ $output == 'plurality-stagein '* && -z $stderr ]]
  rm "$CLUSTER"/damaged/lib/*.aot
  run -0 --separate-stderr as_test_user "$CLUSTER/damaged/bin/plurality-exec" --version
  [[ $output == 'plurality-exec '* && -z $stderr ]]
}

@test "the tarball holds the tree, but for what is made where it is used" {
  local tarball
  tarball=$(echo "$REPO"/target/plurality-*-linux-*.tar.gz)
  mkdir "$CLUSTER/unpacked"
  tar -xzf "$tarball" -C "$CLUSTER/unpacked"
  run -0 as_test_user "$CLUSTER"/unpacked/plurality-*/bin/plurality --version
  diff -r --exclude='*.aot' --exclude='*.jsa' "$REPO/target/plurality" "$CLUSTER"/unpacked/plurality-*
  [ -z "$(find "$CLUSTER/unpacked" -name '*.aot' -o -name '*.jsa')" ]
}

@test "every program says which version it is, and which build" {
  local build program
  build=$(sed -n 's/^jvm_build=//p' "$TREE/lib/exec.jvm")
  [[ $build =~ ^[0-9a-f]{12}$ ]]
  for program in plurality plurality-stagein plurality-exec; do
    run -0 as_test_user "$program" --version
    [[ $output =~ ^"$program "[0-9.]+(-[A-Za-z0-9]+)?" (build $build)"$ ]]
  done
}

@test "each command's help names its options and ends with 0" {
  run -0 as_test_user plurality-exec --help
  [[ $output == *--share* ]]
  run -0 as_test_user plurality-stagein --help
  [[ $output == *pull* ]]
  run -0 as_test_user plurality --help
  run -2 as_test_user plurality frobnicate
}
