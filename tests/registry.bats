#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # bats sets stderr and stderr_lines
# The registry client against a real registry: logins, certificates, mirrors, and pulls that are cut off.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  export BATS_TEST_TIMEOUT=300
  setup_place
  setup_registry
  export UPSTREAM=$PLURALITY_TEST_REGISTRY LOCKED=$CLUSTER/locked MUTUAL=$CLUSTER/mutual SLOW_RUN=$CLUSTER/slow
  "$REPO/dev/registry-up" "$LOCKED" --tls --htpasswd me:right-word >/dev/null
  "$REPO/dev/registry-up" "$MUTUAL" --mutual >/dev/null
  "$REPO/dev/image" busybox --push "$UPSTREAM" --tls-verify=false >/dev/null
  skopeo copy --quiet --dest-cert-dir "$LOCKED" --dest-creds me:right-word "oci:$REPO/.dev/images/busybox:latest" "docker://$(<"$LOCKED/address")/group/busybox:latest"
  install -d "$CLUSTER/pusher"
  cp "$MUTUAL/ca.crt" "$MUTUAL"/tls/client.{cert,key} "$CLUSTER/pusher"
  skopeo copy --quiet --dest-cert-dir "$CLUSTER/pusher" "oci:$REPO/.dev/images/busybox:latest" "docker://$(<"$MUTUAL/address")/busybox:latest"
  mkdir "$SLOW_RUN"
  start_daemon "$SLOW_RUN" registry "$SLOW_RUN/out" "$REPO/tests/slow-registry" "$UPSTREAM" "$SLOW_RUN"
  wait_for 20 test -s "$SLOW_RUN/out"
  layered
}

teardown_file() {
  stop_daemon "$SLOW_RUN" registry
  "$REPO/dev/registry-down" "$LOCKED"
  "$REPO/dev/registry-down" "$MUTUAL"
  teardown_place
}

setup() {
  HOME_DIR=$(mktemp -d "$CLUSTER/run/home.XXXXXX")
  chown "$TEST_USER" "$HOME_DIR"
  rm -f "$SLOW_RUN"/{rate,sent,down}
}

# as_guest COMMAND...: with a home directory and a cache of this test's own.
as_guest() { as_test_user HOME="$HOME_DIR" PLURALITY_CACHE="$HOME_DIR/cache" "$@"; }

# An image of six layers that nothing compresses, 3 MB each, behind the slow registry.
layered() {
  local directory=$CLUSTER/layered number diffs=() layers=() digest
  mkdir "$directory" "$directory/files"
  printf 'Directory Transport Version: 1.1\n' >"$directory/version"
  for number in 1 2 3 4 5 6; do
    head -c 3000000 /dev/urandom >"$directory/files/file-$number"
    tar -cf "$directory/layer" --owner 0 --group 0 -C "$directory/files" "file-$number"
    digest=$(blob "$directory" "$directory/layer")
    diffs+=("sha256:$digest")
    layers+=("$(descriptor "$directory" "$digest" application/vnd.oci.image.layer.v1.tar)")
  done
  printf '%s\n' "${diffs[@]}" | jq -nR --arg architecture "$(dpkg --print-architecture)" \
    '{architecture: $architecture, os: "linux", config: {}, rootfs: {type: "layers", diff_ids: [inputs]}}' >"$directory/config"
  digest=$(blob "$directory" "$directory/config")
  printf '%s\n' "${layers[@]}" | jq -n --argjson config "$(descriptor "$directory" "$digest" application/vnd.oci.image.config.v1+json)" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: [inputs]}' >"$directory/manifest.json"
  skopeo copy --quiet --dest-tls-verify=false "dir:$directory" "docker://$UPSTREAM/layered:latest"
  export LAYERED_BYTES
  LAYERED_BYTES=$(jq '[.config, .layers[] | .size] | add' "$directory/manifest.json")
}

blob() { # DIRECTORY FILE
  local digest
  digest=$(sha256sum "$2" | cut -d' ' -f1)
  mv "$2" "$1/$digest"
  printf '%s' "$digest"
}

descriptor() { # DIRECTORY DIGEST TYPE
  jq -nc --arg type "$3" --arg digest "sha256:$2" --argjson size "$(stat -c %s "$1/$2")" '{mediaType: $type, digest: $digest, size: $size}'
}

# push REPOSITORY DIRECTORY DIGEST: a blob.
push() {
  local place
  place=$(curl -fsS -X POST -D - -o "$2/answer" "http://$UPSTREAM/v2/$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  curl -fsS -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$2/$3" "$place&digest=sha256:$3"
}

digest_of() { skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$UPSTREAM/$1"; }

# payload REPOSITORY DIGEST: what cosign signs.
payload() {
  jq -nc --arg name "$UPSTREAM/$1" --arg digest "$2" \
    '{critical: {identity: {"docker-reference": $name}, image: {"docker-manifest-digest": $digest}, type: "cosign container image signature"}, optional: null}'
}

# sign REPOSITORY DIGEST KEY SIGNED [ATTACHED]: puts a signature where cosign puts that of an image, by an openssl key, of the payload for the image SIGNED;
# the payload that lies there is for ATTACHED.
sign() {
  local directory digest config layer
  directory=$(mktemp -d "$CLUSTER/signature.XXXXXX")
  payload "$1" "$4" >"$directory/signed"
  openssl dgst -sha256 -sign "$3" -out "$directory/signature" "$directory/signed"
  payload "$1" "${5:-$4}" >"$directory/payload"
  digest=$(blob "$directory" "$directory/payload")
  push "$1" "$directory" "$digest"
  layer=$(descriptor "$directory" "$digest" application/vnd.dev.cosign.simplesigning.v1+json)
  printf '{}' >"$directory/config"
  digest=$(blob "$directory" "$directory/config")
  push "$1" "$directory" "$digest"
  config=$(descriptor "$directory" "$digest" application/vnd.oci.image.config.v1+json)
  jq -nc --argjson config "$config" --argjson layer "$layer" --arg signature "$(base64 -w 0 "$directory/signature")" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config,
      layers: [$layer + {annotations: {"dev.cosignproject.cosign/signature": $signature}}]}' |
    curl -fsS -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @- "http://$UPSTREAM/v2/$1/manifests/${2/:/-}.sig"
}

# refused MESSAGE ARGUMENT...: a pull that ends with 6, and leaves no image behind.
refused() {
  local message=$1
  shift
  run -6 as_guest plurality-stagein pull -q --cache "$HOME_DIR/refused" "$@"
  echo "$output"
  [[ $output == "plurality-stagein: cannot accept "*"$message"*'hint: '* ]]
  [ -z "$(as_guest plurality-stagein list --quiet --cache "$HOME_DIR/refused")" ]
}

# Bytes of blobs that the slow registry has sent.
sent() { awk '{ sum += $3 } END { printf "%d", sum }' "$SLOW_RUN/sent" 2>/dev/null || printf 0; }

sent_at_least() { (($(sent) >= $1)); }

# What was sent and lies unread in a socket counts as fetched here, so blobs come at a pace that a busy machine keeps up with.
# cut_off SIGNAL BYTES: a pull of the layered image that ends by a signal once so many bytes more were sent. Sets status and took, in ms.
cut_off() {
  local pid address job began before
  address=$(<"$SLOW_RUN/out")
  before=$(sent)
  rm -f "$HOME_DIR/pid"
  # In the background of a shell SIGINT would be ignored.
  # shellcheck disable=SC2016
  as_guest PLURALITY_INSECURE_REGISTRIES="$address" env --default-signal=INT bash -c 'echo $$ >"$HOME/pid"; exec plurality-stagein pull "$1"' - \
    "$address/layered:latest" >"$CLUSTER/cut.out" 2>&1 3>&- &
  job=$!
  wait_for 60 sent_at_least "$((before + $2))" || { cat "$CLUSTER/cut.out" "$SLOW_RUN/out"; sent; return 1; }
  pid=$(<"$HOME_DIR/pid")
  began=${EPOCHREALTIME/[.,]/}
  kill -"$1" "$pid"
  status=0
  wait "$job" || status=$?
  took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
}

pull_layered() {
  local address
  address=$(<"$SLOW_RUN/out")
  as_guest PLURALITY_INSECURE_REGISTRIES="$address" plurality-stagein pull "$address/layered:latest"
}

# The layered image, as it should be.
is_layered() {
  local root
  root=$(as_guest plurality-stagein path "$(<"$SLOW_RUN/out")/layered:latest")
  for number in 1 2 3 4 5 6; do
    cmp "$root/file-$number" "$CLUSTER/layered/files/file-$number"
  done
}

trust() { # DIRECTORY ADDRESS: its authority, in the guest's certs.d
  as_guest mkdir -p "$HOME_DIR/.config/containers/certs.d/$2"
  as_guest cp "$1/ca.crt" "$HOME_DIR/.config/containers/certs.d/$2/ca.crt"
}

@test "login verifies before it writes, for the user alone; logout takes it away" {
  address=$(<"$LOCKED/address")
  trust "$LOCKED" "$address"
  file=$HOME_DIR/.config/containers/auth.json
  run as_guest plurality-stagein login -u me --password-stdin "$address" <<<wrong-word
  echo "$output"
  [ "$status" -eq 4 ]
  [ ! -e "$file" ]
  run as_guest plurality-stagein pull "$address/group/busybox"
  [ "$status" -eq 4 ]
  run as_guest plurality-stagein login -u me --password-stdin "$address" <<<right-word
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output != *right-word* ]]
  [ "$(stat -c '%a %U' "$file")" = "600 $TEST_USER" ]
  as_guest plurality-stagein pull -q "$address/group/busybox"
  as_guest plurality-stagein logout "$address"
  run as_guest plurality-stagein pull --platform "linux/$(dpkg --print-architecture)" "$address/group/busybox:other"
  [ "$status" -eq 4 ]
  run ! grep -q "$(printf me:right-word | base64)" "$file"
}

@test "what we log in skopeo and podman use, and what they log in we use" {
  address=$(<"$LOCKED/address")
  trust "$LOCKED" "$address"
  file=$HOME_DIR/.config/containers/auth.json
  as_guest plurality-stagein login -u me --password-stdin "$address" <<<right-word
  certificates=$HOME_DIR/.config/containers/certs.d/$address
  as_guest skopeo inspect --authfile "$file" --cert-dir "$certificates" "docker://$address/group/busybox:latest"
  [ "$(as_guest podman login --authfile "$file" --get-login "$address")" = me ]
  as_guest skopeo logout --authfile "$file" "$address"
  run as_guest plurality-stagein pull "$address/group/busybox"
  [ "$status" -eq 4 ]
  for tool in skopeo podman; do
    as_guest "$tool" login --authfile "$file" --cert-dir "$certificates" -u me --password-stdin "$address" <<<right-word
    as_guest plurality-stagein pull -q --cache "$HOME_DIR/$tool" "$address/group/busybox"
    as_guest plurality-stagein logout "$address"
    run as_guest "$tool" logout --authfile "$file" "$address"
    echo "$output"
    [[ $output == *"not logged in"* || $output == *"Not logged into"* ]]
  done
  # Of a namespace only.
  as_guest skopeo login --authfile "$file" --cert-dir "$certificates" -u me --password-stdin "$address/group" <<<right-word
  as_guest plurality-stagein pull -q --cache "$HOME_DIR/namespace" "$address/group/busybox"
  run as_guest plurality-stagein pull "$address/else/busybox"
  [ "$status" -eq 4 ]
}

@test "an authority of one's own counts for the host whose directory in certs.d has it" {
  address=$(<"$LOCKED/address")
  run as_guest plurality-stagein login -u me --password-stdin "$address" <<<right-word
  echo "$output"
  [ "$status" -eq 5 ]
  [[ $output == *"not trusted"* ]]
  trust "$LOCKED" "127.0.0.1:1"
  run as_guest plurality-stagein login -u me --password-stdin "$address" <<<right-word
  [ "$status" -eq 5 ]
  trust "$LOCKED" "$address"
  as_guest plurality-stagein login -u me --password-stdin "$address" <<<right-word
}

@test "a registry that wants a client's certificate gets the one in certs.d" {
  address=$(<"$MUTUAL/address")
  trust "$MUTUAL" "$address"
  run as_guest plurality-stagein pull "$address/busybox"
  echo "$output"
  [ "$status" -eq 5 ]
  [[ $output != *"not trusted"* ]]
  directory=$HOME_DIR/.config/containers/certs.d/$address
  install -m 600 -o "$TEST_USER" "$MUTUAL"/tls/client.{cert,key} "$directory"
  as_guest plurality-stagein pull -q "$address/busybox"
  # Another's key.
  install -m 600 -o "$TEST_USER" "$MUTUAL/tls/server.key" "$directory/client.key"
  run as_guest plurality-stagein pull "$address/busybox:other"
  echo "$output"
  [ "$status" -ne 0 ]
  [[ $output != *"PRIVATE KEY"* ]]
}

@test "a pull that was killed resumes: at most 5 % of what was fetched is fetched again" {
  for moment in 3000000 6000000 9000000 14000000; do
    echo 300000 >"$SLOW_RUN/rate"
    as_guest rm -rf "$HOME_DIR/cache"
    rm -f "$SLOW_RUN/sent"
    cut_off KILL "$moment"
    [ "$status" -eq 137 ]
    first=$(sent)
    rm "$SLOW_RUN/rate"
    pull_layered
    again=$(($(sent) - LAYERED_BYTES))
    echo "killed after $first of $LAYERED_BYTES bytes: $again fetched again"
    ((again * 20 <= first))
    is_layered
  done
}

@test "SIGINT ends a pull within a second with 130, and leaves nothing in tmp" {
  echo 300000 >"$SLOW_RUN/rate"
  # The machine may be busy: the best of three counts. A pull that heeded nothing would go on for seconds more each time.
  for attempt in 1 2 3; do
    cut_off INT "$((attempt * 2000000))"
    echo "ended with $status after $took ms"
    cat "$CLUSTER/cut.out"
    [ "$status" -eq 130 ]
    [ -z "$(ls -A "$HOME_DIR/cache/tmp")" ]
    [ -z "$(ls -A "$HOME_DIR/cache/locks")" ]
    # What has arrived is kept for the next pull.
    [ -n "$(find "$HOME_DIR/cache/blobs/partial" -type f -size +100k)" ]
    ((took < 5000))
    ((took >= 1000)) || break
  done
  ((took < 1000))
  rm "$SLOW_RUN/rate"
  pull_layered
  is_layered
}

@test "off a terminal a pull says one line for each phase; as events, JSON" {
  address=$(<"$SLOW_RUN/out")
  run -0 --separate-stderr pull_layered
  echo "$stderr"
  [[ $output =~ ^sha256:[0-9a-f]{64}\ /[^$'\n']*$ ]]
  [[ $stderr != *[$'\r\e']* ]]
  [ "$stderr" = "staging in $address/layered:latest for linux/$(dpkg --print-architecture)
fetching and unpacking 6 layers, 18.0 MB
writing to disk" ]
  as_guest rm -rf "$HOME_DIR/cache"
  run -0 --separate-stderr as_guest PLURALITY_INSECURE_REGISTRIES="$address" plurality-stagein pull --json --progress json "$address/layered:latest"
  echo "$stderr"
  jq -e '.digest and .path' <<<"$output"
  jq -es 'all(type == "object" and (.event | type == "string"))' <<<"$stderr"
  [ "$(jq -s 'length' <<<"$stderr")" -eq "${#stderr_lines[@]}" ]
  jq -es --argjson bytes "$LAYERED_BYTES" '(map(select(.event == "layers"))[0] | .layers == 6 and .bytes < $bytes)
    and (map(select(.event == "applied")) | length == 6) and (map(select(.event == "progress"))[-1] | .bytes == .total)' <<<"$stderr"
  # What fails is an event, before the two lines that say it to people.
  run -3 --separate-stderr as_guest plurality-stagein pull --json --progress json "$UPSTREAM/layered:other"
  echo "$stderr"
  jq -es '.[-1] | .event == "error" and .code == 3 and (.hint | length > 0)' <(head -n -2 <<<"$stderr")
  [[ ${stderr_lines[-2]} == 'plurality-stagein: cannot '* && ${stderr_lines[-1]} == 'hint: '* ]]
}

@test "an image is taken that the wanted key signed, and not by another's signature, after its tag has moved, or with another payload" {
  for key in ours other; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$CLUSTER/$key.key"
    openssl pkey -in "$CLUSTER/$key.key" -pubout -out "$CLUSTER/$key.pub"
  done
  image=$UPSTREAM/group/signed:1
  skopeo copy --quiet --dest-tls-verify=false "oci:$REPO/.dev/images/busybox:latest" "docker://$image"
  digest=$(digest_of group/signed:1)
  refused 'it has no signature' --require-signature "$CLUSTER/ours.pub" "$image"
  sign group/signed "$digest" "$CLUSTER/ours.key" "$digest"
  as_guest plurality-stagein pull -q --require-signature "$CLUSTER/ours.pub" "$image"
  [ -x "$(as_guest plurality-stagein path "$image")/bin/busybox" ]
  refused 'not by a key that is wanted' --require-signature "$CLUSTER/other.pub" "$image"
  # Also where it is already.
  run -6 as_guest plurality-stagein pull -q --require-signature "$CLUSTER/other.pub" "$image"
  as_guest plurality-stagein pull -q --require-signature "$CLUSTER/other.pub" --require-signature "$CLUSTER/ours.pub" "$image"

  sign group/signed "$digest" "$CLUSTER/ours.key" "$(digest_of layered:latest)" "$digest"
  refused 'not by a key that is wanted' --require-signature "$CLUSTER/ours.pub" "$image"
  sign group/signed "$digest" "$CLUSTER/other.key" "$digest"
  refused 'not by a key that is wanted' --require-signature "$CLUSTER/ours.pub" "$image"
  sign group/signed "$digest" "$CLUSTER/ours.key" "$digest"
  as_guest plurality-stagein pull -q --require-signature "$CLUSTER/ours.pub" "$image"

  skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false "docker://$UPSTREAM/layered:latest" "docker://$image"
  moved=$(digest_of group/signed:1)
  [ "$moved" != "$digest" ]
  refused 'it has no signature' --require-signature "$CLUSTER/ours.pub" "$image"
  sign group/signed "$moved" "$CLUSTER/ours.key" "$digest"
  refused 'one of another image' --require-signature "$CLUSTER/ours.pub" "$image"
  # By its digest it is still the one that was signed.
  as_guest plurality-stagein pull -q --cache "$HOME_DIR/digest" --require-signature "$CLUSTER/ours.pub" "$UPSTREAM/group/signed@$digest"
}

@test "policy.json: a site's own registry by signature, one repository without, nothing else" {
  for key in ours other; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$CLUSTER/$key.key"
    openssl pkey -in "$CLUSTER/$key.key" -pubout -out "$CLUSTER/$key.pub"
  done
  image=$UPSTREAM/group/policy:1
  skopeo copy --quiet --dest-tls-verify=false "oci:$REPO/.dev/images/busybox:latest" "docker://$image"
  digest=$(digest_of group/policy:1)
  as_guest mkdir -p "$HOME_DIR/.config/containers"
  as_guest tee "$HOME_DIR/.config/containers/policy.json" >/dev/null <<POLICY
{"default": [{"type": "reject"}],
 "transports": {"docker": {
   "$UPSTREAM/group": [{"type": "sigstoreSigned", "keyPath": "$CLUSTER/ours.pub", "signedIdentity": {"type": "matchRepository"}}],
   "$UPSTREAM/busybox": [{"type": "insecureAcceptAnything"}]}}}
POLICY
  refused 'it has no signature' "$image"
  sign group/policy "$digest" "$CLUSTER/other.key" "$digest"
  refused 'not by a key that is wanted' "$image"
  sign group/policy "$digest" "$CLUSTER/ours.key" "$digest"
  as_guest plurality-stagein pull -q "$image" "$UPSTREAM/busybox:latest"
  refused 'the policy rejects it' "$UPSTREAM/layered:latest"
  # Another policy in its place.
  printf '{"default": [{"type": "insecureAcceptAnything"}]}' | as_guest tee "$HOME_DIR/policy" >/dev/null
  as_guest plurality-stagein pull -q --signature-policy "$HOME_DIR/policy" "$UPSTREAM/layered:latest"
}

@test "mirrors are asked in their order, and a blocked registry is not asked at all" {
  slow=$(<"$SLOW_RUN/out")
  rm -f "$SLOW_RUN/requests"
  as_guest mkdir -p "$HOME_DIR/.config/containers"
  conf=$HOME_DIR/.config/containers/registries.conf
  as_guest tee "$conf" >/dev/null <<CONF
[[registry]]
prefix = "images.test"
location = "127.0.0.1:1"

[[registry.mirror]]
location = "$slow/nothing"
insecure = true

[[registry.mirror]]
location = "$UPSTREAM"
insecure = true

[[registry]]
location = "$slow"
blocked = true
CONF
  as_guest PLURALITY_INSECURE_REGISTRIES= plurality-stagein pull -q images.test/busybox:latest
  [ -x "$(as_guest plurality-stagein path images.test/busybox:latest)/bin/busybox" ]
  grep -qF /v2/nothing/busybox/manifests/latest "$SLOW_RUN/requests"
  rm "$SLOW_RUN/requests"
  # The first that has it serves it.
  as_guest sed -i "s|$slow/nothing|$slow|" "$conf"
  as_guest PLURALITY_INSECURE_REGISTRIES= plurality-stagein pull -q --cache "$HOME_DIR/second" images.test/busybox:latest
  grep -qF /v2/busybox/blobs/ "$SLOW_RUN/requests"
  rm "$SLOW_RUN/requests"
  # One that is out of order is passed over.
  touch "$SLOW_RUN/down"
  as_guest PLURALITY_INSECURE_REGISTRIES= plurality-stagein pull -q --cache "$HOME_DIR/third" images.test/busybox:latest
  rm "$SLOW_RUN/down"
  run as_guest PLURALITY_INSECURE_REGISTRIES="$slow" plurality-stagein pull "$slow/busybox:latest"
  echo "$output"
  [ "$status" -eq 4 ]
  [[ $output == *blocks* ]]
  [ ! -e "$SLOW_RUN/requests" ]
}

@test "a pull's connections are closed before it ends: the JVM would wait for one of HTTP/2" {
  local address opened
  address=$(<"$LOCKED/address")
  # The pull fails for want of a password; what closes the connection is the same.
  as_guest PLURALITY_CA_FILE="$LOCKED/ca.crt" strace -qq -f -e trace=connect,close,exit_group -o "$HOME_DIR/calls" \
    plurality-stagein pull "$address/group/busybox:latest" >"$HOME_DIR/said" 2>&1 || true
  grep -q 'log in' "$HOME_DIR/said"
  opened=$(sed -nE "s/.* connect\\(([0-9]+), .*htons\\(${address##*:}\\).*/\\1/p" "$HOME_DIR/calls" | tail -n 1)
  [ -n "$opened" ]
  run -0 awk -v socket="$opened" -v port="htons(${address##*:})" \
    'index($0, port) { open = 1 } open && index($0, "close(" socket ")") { open = 0 } /exit_group/ { print open }' "$HOME_DIR/calls"
  [ "$(tail -n 1 <<<"$output")" = 0 ]
}
