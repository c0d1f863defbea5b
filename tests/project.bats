#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats file_tags=quick
# What a repository needs besides its code: version, release, licences, continuous integration.
# shellcheck disable=SC2154 # run sets status and output

bats_require_minimum_version 1.5.0
load lib.bash

setup() { cd "$REPO" || return; }

# A small repository with what dev/release changes. Its release is of a branch named main.
small_repository() {
  SMALL=$BATS_TEST_TMPDIR/small
  mkdir -p "$SMALL"
  cp -r --parents pom.xml dev/release dev/lib.bash "$SMALL"
  printf '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.1.0] - 2020-01-01\n\n- The first.\n' >"$SMALL/CHANGELOG.md"
  export GIT_AUTHOR_NAME=tester GIT_AUTHOR_EMAIL=tester@localhost GIT_COMMITTER_NAME=tester GIT_COMMITTER_EMAIL=tester@localhost
  git -C "$SMALL" init --quiet --initial-branch=main
  git -C "$SMALL" add --all
  git -C "$SMALL" commit --quiet --message 'all'
}

revision_at() { git -C "$SMALL" show "$1:pom.xml" | sed -n 's,.*<revision>\(.*\)</revision>.*,\1,p'; }

@test "one place names the version" {
  [ "$(grep -c '<revision>' pom.xml)" -eq 1 ]
  version=$(sed -n 's,.*<revision>\(.*\)</revision>.*,\1,p' pom.xml)
  for pom in pom.xml plurality-*/pom.xml; do
    # The project's own version is the first that a pom names.
    [ "$(grep -m 1 -o '<version>.*</version>' "$pom")" = '<version>${revision}</version>' ] || { echo "$pom names a version of its own" && return 1; }
  done
  run git grep -lF -- "$version" -- . ':!pom.xml' ':!CHANGELOG.md'
  [ -z "$output" ]
}

@test "a release is a commit with its version, a tag with its changes, and a commit that goes on" {
  small_repository
  run -0 "$SMALL/dev/release" tag 1.2.3 --date 2026-12-24
  [ "$(git -C "$SMALL" cat-file -t v1.2.3)" = tag ]
  [ "$(git -C "$SMALL" rev-parse 'v1.2.3^{commit}')" = "$(git -C "$SMALL" rev-parse HEAD~1)" ]
  [ "$(revision_at v1.2.3)" = 1.2.3 ]
  [ "$(revision_at HEAD)" = 1.3.0-SNAPSHOT ]
  [ -z "$(git -C "$SMALL" status --porcelain)" ]
  git -C "$SMALL" show v1.2.3:pom.xml | grep -qF '<project.build.outputTimestamp>2026-12-24T00:00:00Z<'
  git -C "$SMALL" show v1.2.3:CHANGELOG.md | grep -A 1 -xF '## [Unreleased]' | tail -n 1 | grep -qx ''
  git -C "$SMALL" show v1.2.3:CHANGELOG.md | grep -qxF '## [1.2.3] - 2026-12-24'
  message=$(git -C "$SMALL" tag --list --format='%(contents)' v1.2.3)
  [[ $message == 'Plurality 1.2.3'*'### Added'*'- A thing.'* && $message != *'The first.'* ]]
}

@test "a release is refused, and changes nothing, where something is missing" {
  small_repository
  before=$(git -C "$SMALL" rev-parse HEAD)
  run -1 "$SMALL/dev/release" tag 1.2
  [[ $output == *"cannot release '1.2': it is no version"* ]]
  echo >>"$SMALL/CHANGELOG.md"
  run -1 "$SMALL/dev/release" tag 1.2.3
  [[ $output == *'the work tree has changes'* ]]
  sed -i -e '/A thing/d' -e '$d' "$SMALL/CHANGELOG.md"
  git -C "$SMALL" commit --quiet --all --message 'nothing new'
  run -1 "$SMALL/dev/release" tag 1.2.3
  [[ $output == *'[Unreleased] of CHANGELOG.md is empty'* ]]
  [ "$(git -C "$SMALL" rev-parse HEAD~1)" = "$before" ]
  [ -z "$(git -C "$SMALL" tag)" ]
}

@test "a release whose build fails leaves branch and tags as they were" {
  small_repository
  before=$(git -C "$SMALL" rev-parse HEAD)
  # There is no mvnw in it.
  run -1 "$SMALL/dev/release" 1.2.3
  [[ $output == *'Maven failed'* ]]
  [ "$(git -C "$SMALL" rev-parse HEAD)" = "$before" ]
  [ -z "$(git -C "$SMALL" tag)$(git -C "$SMALL" status --porcelain)" ]
}

@test "NOTICE names each component of a build, and no other" {
  diff <(awk '!/^#/ { print $1 }' packaging/floors | sort) <(grep -oE '^[a-z0-9.-]+:[a-z0-9-]+ ' NOTICE | tr -d ' ' | sort) || {
    echo 'packaging/floors (<) and NOTICE (>) do not name the same components'
    return 1
  }
}

@test "both hosts' templates are the same, and both hosts' pipelines run .ci/run in the same image" {
  cmp .github/pull_request_template.md .gitlab/merge_request_templates/Default.md
  cmp <(awk 'fences > 1; /^---$/ { fences++ }' .github/ISSUE_TEMPLATE/bug.md) .gitlab/issue_templates/Bug.md
  for pipeline in .github/workflows/ci.yml .gitlab-ci.yml; do
    grep -q 'dev/container .ci/run$' "$pipeline"
  done
}

@test "./mvnw takes the Maven that is there, or fetches the one it names, once and checked" {
  mkdir "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/new"
  printf '#!/bin/sh\necho "Apache Maven 3.6.3"\n' >"$BATS_TEST_TMPDIR/old/mvn"
  printf '#!/bin/sh\necho "Apache Maven 3.9.1 with $JAVA_HOME: $*"\n' >"$BATS_TEST_TMPDIR/new/mvn"
  chmod 755 "$BATS_TEST_TMPDIR"/*/mvn
  run -0 env PATH="$BATS_TEST_TMPDIR/new:$PATH" ./mvnw -q package
  [ "$output" = "Apache Maven 3.9.1 with $(find_jdk25): -q package" ]

  # A small archive in the place of Maven's, and a wrapper that names it.
  mkdir -p "$BATS_TEST_TMPDIR/apache-maven/bin" "$BATS_TEST_TMPDIR/wrapper/.mvn/wrapper" "$BATS_TEST_TMPDIR/wrapper/dev"
  printf '#!/bin/sh\necho "fetched: $*"\n' >"$BATS_TEST_TMPDIR/apache-maven/bin/mvn"
  chmod 755 "$BATS_TEST_TMPDIR/apache-maven/bin/mvn"
  tar -C "$BATS_TEST_TMPDIR" -czf "$BATS_TEST_TMPDIR/maven.tar.gz" apache-maven
  cp mvnw "$BATS_TEST_TMPDIR/wrapper/"
  cp dev/lib.bash "$BATS_TEST_TMPDIR/wrapper/dev/"
  {
    printf 'distributionUrl=https://127.0.0.1:9/maven.tar.gz\n'
    printf 'distributionSha512Sum=%s\n' "$(sha512sum "$BATS_TEST_TMPDIR/maven.tar.gz" | cut -d' ' -f1)"
  } >"$BATS_TEST_TMPDIR/wrapper/.mvn/wrapper/maven-wrapper.properties"
  wrapper=(env PATH="$BATS_TEST_TMPDIR/old:$PATH" MAVEN_USER_HOME="$BATS_TEST_TMPDIR/m2")
  run -1 "${wrapper[@]}" "$BATS_TEST_TMPDIR/wrapper/mvnw" verify
  [[ $output == *'cannot fetch Maven from https://127.0.0.1:9/maven.tar.gz'*'MVNW_DISTRIBUTION'* ]]
  echo more | cat "$BATS_TEST_TMPDIR/maven.tar.gz" - >"$BATS_TEST_TMPDIR/bad.tar.gz"
  run -1 "${wrapper[@]}" MVNW_DISTRIBUTION="$BATS_TEST_TMPDIR/bad.tar.gz" "$BATS_TEST_TMPDIR/wrapper/mvnw" verify
  [[ $output == *'its SHA-512 is not the one'* ]]
  run -0 "${wrapper[@]}" MVNW_DISTRIBUTION="$BATS_TEST_TMPDIR/maven.tar.gz" "$BATS_TEST_TMPDIR/wrapper/mvnw" verify
  [[ $output == *'fetched: verify' ]]
  # It is there now, and nothing else is left.
  run -0 "${wrapper[@]}" "$BATS_TEST_TMPDIR/wrapper/mvnw" verify
  [ "$output" = 'fetched: verify' ]
  [ "$(ls "$BATS_TEST_TMPDIR/m2/wrapper/plurality" | wc -l)" -eq 1 ]
}

@test "quick tests start neither a Slurm nor a registry" {
  mapfile -t quick < <(grep -lx '# bats file_tags=quick' tests/*.bats)
  ((${#quick[@]} > 2))
  run grep -nE '^[^#]*(setup_(cluster|slurm|registry)\b|(slurm|registry|docker)-up)' "${quick[@]}"
  echo "$output"
  [ "$status" -eq 1 ]
}

@test "a source file without its licence is found, and given it behind what has to come first" {
  git init --quiet "$BATS_TEST_TMPDIR/sources"
  cd "$BATS_TEST_TMPDIR/sources"
  printf '#!/usr/bin/env bash\n# What it does.\ntrue\n' >script
  printf '<?xml version="1.0" encoding="UTF-8"?>\n<project/>\n' >pom.xml
  printf 'package a;\n' >A.java
  printf '# A page\n' >page.md
  run -1 "$REPO/dev/spdx" --check
  [[ $output == *'A.java: has no line'*'pom.xml: has no line'*'script: has no line'*'hint: run dev/spdx'* && $output != *page.md* ]]
  run -0 "$REPO/dev/spdx"
  [ "$(sed -n 2p script)" = '# SPDX-License-Identifier: Apache-2.0' ]
  [ "$(sed -n 2p pom.xml)" = '<!-- SPDX-License-Identifier: Apache-2.0 -->' ]
  [ "$(sed -n 1p A.java)" = '// SPDX-License-Identifier: Apache-2.0' ]
  [ "$(cat page.md)" = '# A page' ]
  run -0 "$REPO/dev/spdx" --check
  cp A.java before
  "$REPO/dev/spdx"
  cmp before A.java
}
