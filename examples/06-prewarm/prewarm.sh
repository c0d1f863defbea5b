#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Pulls the images of a site's list, from cron or by hand: prewarm.sh [LIST]. An image that is in the cache costs one
# request to the registry.
set -euo pipefail
list=${1:-${BASH_SOURCE[0]%/*}/prewarm.toml}
plurality-stagein prewarm "$list"
plurality-stagein list
