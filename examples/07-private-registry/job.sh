#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Pulls an image from a registry that requires a password, and submits a job with it. Set USERNAME, PASSWORD_FILE and
# IMAGE.
# The job itself needs no password.
set -euo pipefail
registry=${IMAGE:?set IMAGE to an image in the cache}
registry=${registry%%/*}
auth=$(mktemp)
trap 'rm -f "$auth"' EXIT
# The password is not on a command line, because `ps` would show it.
printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$registry" \
  "$(printf '%s:%s' "${USERNAME:?}" "$(<"${PASSWORD_FILE:?}")" | base64 -w0)" >"$auth"
plurality-stagein pull --authfile "$auth" "$IMAGE"
sbatch --wait --output=private-%j.out --wrap "srun plurality-exec $IMAGE head -n 1 /etc/os-release"
