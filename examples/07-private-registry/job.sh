#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stages an image in from a registry that wants a password, and submits a job with it: USERNAME, PASSWORD_FILE and IMAGE are set.
# The job itself needs no password.
set -euo pipefail
registry=${IMAGE:?set IMAGE to a staged image}
registry=${registry%%/*}
auth=$(mktemp)
trap 'rm -f "$auth"' EXIT
# No password on a command line, where `ps` shows it.
printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$registry" \
  "$(printf '%s:%s' "${USERNAME:?}" "$(<"${PASSWORD_FILE:?}")" | base64 -w0)" >"$auth"
plurality-stagein pull --authfile "$auth" "$IMAGE"
sbatch --wait --output=private-%j.out --wrap "srun plurality-exec $IMAGE head -n 1 /etc/os-release"
