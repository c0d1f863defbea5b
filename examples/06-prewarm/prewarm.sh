#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stages a site's list in, from cron or by hand: prewarm.sh [LIST]. Images that are there already cost one question to the registry.
set -euo pipefail
list=${1:-${BASH_SOURCE[0]%/*}/prewarm.toml}
plurality-stagein prewarm "$list"
plurality-stagein list
