#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a site installs.
# shellcheck disable=SC2154 # run sets status and output

bats_require_minimum_version 1.5.0
load lib.bash

setup_file() {
  setup_place
  VERSION=$(sed -n 's/^jvm_version=//p' "$TREE/lib/exec.jvm")
  export VERSION TARBALL=$REPO/target/plurality-$VERSION-linux-$(uname -m).tar.gz
  DEB=$REPO/target/plurality_${VERSION//-/\~}_$(dpkg --print-architecture).deb
  RPM=$REPO/target/plurality-${VERSION//-/\~}-1.$(uname -m).rpm
  export DEB RPM
  rm -f "$DEB" "$RPM"
  "$REPO/dev/packages" 2>"$CLUSTER/packages.log" || {
    cat "$CLUSTER/packages.log"
    return 1
  }
  build_again >"$CLUSTER/build.log" 2>&1 || true # its test says so
  mkdir -p "$CLUSTER/image/bin" "$CLUSTER/image/"{proc,sys,dev,tmp,etc}
  cp "$(command -v busybox)" "$CLUSTER/image/bin/busybox"
  ln -s busybox "$CLUSTER/image/bin/sh"
  ln -s busybox "$CLUSTER/image/bin/echo"
}

# The files of a release, built from a commit of the same files, elsewhere.
build_again() {
  mkdir "$CLUSTER/again"
  git -C "$REPO" ls-files -z --cached --others --exclude-standard | tar -C "$REPO" --null -T - -cf - | tar -C "$CLUSTER/again" -xf -
  git -C "$CLUSTER/again" init --quiet --initial-branch=main
  git -C "$CLUSTER/again" add --all
  git -C "$CLUSTER/again" -c user.name=tester -c user.email=tester@localhost commit --quiet --message 'all'
  "$CLUSTER/again/dev/release" build HEAD --out "$CLUSTER/release"
}

teardown_file() { teardown_place; }

# in_fresh_root SCRIPT: on a view of this machine, as root, with ME (an ordinary user) and the packages.
in_fresh_root() {
  ((EUID == 0)) || skip 'installs packages, which needs root'
  run -0 env ME="$TEST_USER" IMAGE="$CLUSTER/image" DEB="$DEB" RPM="$RPM" "$REPO/tests/fresh-root" bash -euo pipefail -c "
    me() { runuser -u \"\$ME\" -- env -i HOME=\"\$(getent passwd \"\$ME\" | cut -d: -f6)\" PATH=/usr/bin:/bin:/usr/sbin \"\$@\"; }
    $1"
}

# What an installed package gives; the same whoever packed it.
USE='
  cd /
  me plurality-stagein --version
  me plurality-exec --version
  [ "$(me plurality-exec "dir:$IMAGE" echo from inside)" = "from inside" ]
  me plurality list
  for page in plurality plurality-exec plurality-stagein plurality.toml; do
    gzip -t /usr/share/man/man*/$page.?.gz
  done
  for name in plurality plurality-exec plurality-stagein; do
    bash -c ". /usr/share/bash-completion/completions/$name && complete -p $name" >/dev/null
  done
  ls /opt/plurality/lib/exec-*.aot /opt/plurality/runtime/lib/server/classes.jsa >/dev/null
  [ -z "$(find /etc/systemd/system -name "plurality*")" ]
  grep -q plurality_images /opt/plurality/share/monitoring/grafana-dashboard.json
  [ -f /usr/share/doc/plurality/docs/quickstart.md ]
  [ -f /usr/lib/systemd/system/plurality-stagein.service ]
  [ "$(stat -c "%U %a" /opt/plurality/bin/plurality-exec)" = "root 755" ]
  ! grep -v -e "^#" -e "^$" /etc/plurality/plurality.toml
'

# The same package over itself, after a build whose caches have other names.
AGAIN='
  [ "$(me plurality-exec "dir:$IMAGE" echo from inside)" = "from inside" ]
  me plurality-stagein --version
  [ "$(ls /opt/plurality/lib/*.aot | wc -l)" -eq 5 ]
'

# A systemd that only writes down what it is told, where rpm looks before it looks in /usr/bin, and a Slurm that names the tree.
AROUND='
  mkdir -p /run/systemd/system /etc/slurm
  printf "#!/bin/sh\necho \"\$*\" >>/run/systemctl\n" >/usr/sbin/systemctl
  chmod 755 /usr/sbin/systemctl
  echo "Epilog=/opt/plurality/share/slurm/epilog" >/etc/slurm/slurm.conf
  echo "#required /opt/plurality/lib/slurm/spank_plurality-22.05.so" >/etc/slurm/plugstack.conf
'
# What a site, and whoever installs, has set by then: nothing of it reaches what make-caches tries out.
SITE='
  printf "cache = \"/srv/site/cache\"\nrequire_signature = [\"/srv/site.pub\"]\nfixed = [\"cache\", \"require_signature\"]\n" >>/etc/plurality/plurality.toml
  mkdir -p /etc/containers
  echo "{\"default\": [{\"type\": \"reject\"}]}" >/etc/containers/policy.json
  export PLURALITY_CACHE=/srv/mine https_proxy=http://127.0.0.1:9
'
UNTOUCHED='
  unset PLURALITY_CACHE https_proxy
  [ ! -e /srv/site ]
  [ ! -e /srv/mine ]
'
# While it is upgraded nothing is ended.
UPGRADED='
  [ -z "$(grep -e stop -e disable /run/systemctl)" ]
  grep -qx daemon-reload /run/systemctl
'
# What it was told last, and what was said.
REMOVED='
  grep -q "disable --now plurality-stagein.service" /run/systemctl
  grep -q "disable --now plurality-expire.timer" /run/systemctl
  [ "$(tail -n 1 /run/systemctl)" = daemon-reload ]
  [ "$(grep -c "still names files of the package that is being removed" /run/said)" -eq 1 ]
  grep -q "/etc/slurm/slurm.conf still names" /run/said
'

@test "the Debian package is installed, used, installed again, removed and purged" {
  in_fresh_root "$AROUND dpkg -i \"\$DEB\"; $USE
    touch /opt/plurality/lib/exec-000000000000.aot
    $SITE dpkg -i \"\$DEB\"; $UNTOUCHED $AGAIN $UPGRADED
    echo 'share = \"node\"' >>/etc/plurality/plurality.toml
    dpkg -r plurality 2>/run/said
    $REMOVED
    [ ! -e /opt/plurality ]
    [ ! -e /usr/bin/plurality-exec ]
    [ -f /etc/plurality/plurality.toml ]
    # As the site built it.
    install -D /dev/null /opt/plurality/lib/slurm/spank_plurality-22.05.so
    dpkg -P plurality
    [ ! -e /opt/plurality ]
    [ ! -e /etc/plurality/plurality.toml ]"
}

@test "the administrator's guide, typed as it stands after the package's installation" {
  ((EUID == 0)) || skip 'installs packages, which needs root'
  setup_registry
  "$REPO/dev/image" debian --push "$PLURALITY_TEST_REGISTRY/library/debian:12" --tls-verify=false >/dev/null
  run -0 "$REPO/tests/fresh-root" "$REPO/tests/follow-admin" "$DEB" "$TEST_USER" "$PLURALITY_TEST_REGISTRY" "$CLUSTER/guide"
  echo "$output"
  [[ $output == *'VERSION_ID="12"'* ]]
  count=$(sed -n 's/ commands$//p' <<<"$output")
  ((count >= 12))
}

@test "the RPM package is installed, used, installed again and erased" {
  in_fresh_root "$AROUND rpm -i --nodeps \"\$RPM\"; $USE
    touch /opt/plurality/lib/exec-000000000000.aot
    $SITE rpm -U --nodeps --replacepkgs \"\$RPM\"; $UNTOUCHED $AGAIN $UPGRADED
    echo 'share = \"node\"' >>/etc/plurality/plurality.toml
    rpm -e plurality 2>/run/said
    $REMOVED
    [ ! -e /opt/plurality ]
    [ -f /etc/plurality/plurality.toml.rpmsave ]"
}

@test "the tarball, unpacked elsewhere, runs with and without its caches" {
  tar -C "$CLUSTER/caches" --no-same-owner -xzf "$TARBALL"
  moved="$CLUSTER/caches/a place"
  mv "$CLUSTER/caches/plurality-$VERSION" "$moved"
  [ "$(as_user "$TEST_USER" "$moved/bin/plurality-exec" "dir:$CLUSTER/image" echo slowly)" = slowly ]
  run -1 as_user "$TEST_USER" "$moved/libexec/make-caches"
  if ((EUID == 0)); then
    [[ $output == *'is read-only for you'*hint:* ]]
  fi
  "$moved/libexec/make-caches"
  [ "$(as_user "$TEST_USER" "$moved/bin/plurality-exec" "dir:$CLUSTER/image" echo quickly)" = quickly ]
}

@test "an environment module puts the programs on PATH" {
  # Lmod's own start-up sets and reads whatever it likes.
  run -0 bash -c ". /usr/share/lmod/lmod/init/bash; module use '$TREE/share/modulefiles'; module load plurality/$VERSION; echo \$PATH; module unload plurality; echo \$PATH"
  [[ ${lines[0]} == "$TREE/bin:"* ]]
  [[ ${lines[1]} != *"$TREE"* ]]
}

@test "the list of components names the runtime and every library, each with a floor and none below it" {
  sbom=$TREE/share/sbom.cdx.json
  jq -e '.bomFormat == "CycloneDX"' "$sbom"
  jq -r '.components[] | "\(.group):\(.name) \(.version) \(.name)-\(.version).jar"' "$sbom" >"$CLUSTER/components"
  for jar in "$TREE"/lib/*-*.jar; do
    grep -qF " ${jar##*/}" "$CLUSTER/components" || {
      echo "${jar##*/} is not in the list"
      return 1
    }
  done
  java=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$TREE/runtime/release")
  grep -q "^org.openjdk:jdk $java " "$CLUSTER/components"
  diff <(awk '!/^#/ { print $1 }' "$REPO/packaging/floors" | sort) <(awk '!/^org.plurality:/ { print $1 }' "$CLUSTER/components" | sort) || {
    echo 'packaging/floors (<) and what is in the tree (>) are not the same'
    return 1
  }
  while read -r library floor flaw; do
    [[ $library != '#'* ]] || continue
    found=$(awk -v library="$library" '$1 == library { print $2 }' "$CLUSTER/components")
    [ "$(printf '%s\n' "$floor" "$found" | sort -V | head -n 1)" = "$floor" ] || {
      echo "$library $found has $flaw; $floor has not"
      return 1
    }
  done <"$REPO/packaging/floors"
}

@test "two builds of the same files give the same tarball, .deb and .rpm" {
  for file in "$TARBALL" "$DEB" "$RPM"; do
    cmp "$file" "$CLUSTER/release/${file##*/}" || {
      tail -n 20 "$CLUSTER/build.log"
      return 1
    }
  done
}

@test "a release has a source archive, recipes with the right checksums, and checksums of all" {
  cd "$CLUSTER/release"
  sha256sum --check --strict SHA256SUMS
  [ "$(wc -l <SHA256SUMS)" -eq "$(ls | grep -cvx SHA256SUMS)" ]
  tar -tzf "plurality-$VERSION-source.tar.gz" | grep -qx "plurality-$VERSION/pom.xml"
  grep -qF "checksums = ['$(sha256sum <"${TARBALL##*/}" | cut -d' ' -f1)']" "Plurality-$VERSION.eb"
  grep -qF "version(\"$VERSION\", sha256=\"$(sha256sum <"plurality-$VERSION-source.tar.gz" | cut -d' ' -f1)\")" package.py
  ! grep -n '@[A-Z_0-9]*@' package.py "Plurality-$VERSION.eb"
  python3 -m py_compile package.py "Plurality-$VERSION.eb"
  jq -e '.bomFormat == "CycloneDX"' "plurality-$VERSION.cdx.json"
  grep -q '^JAVA_RUNTIME_VERSION 25' BUILT-WITH
  # An installed tree has the licences of what is in it.
  for licence in NOTICE LICENSE licences/EPL-2.0.txt licences/MIT-slf4j.txt; do
    [ -s "$TREE/share/$licence" ]
  done
}
