// SPDX-License-Identifier: Apache-2.0
/**
 * Images that a Docker daemon has, or Podman's service: {@link DaemonImage} exports one over the Engine API, into
 * the cache's scratch space, and reads it there. Knows no registry and starts nothing.
 *
 * <p>Specification: Docker Engine API, {@code GET /images/NAME/json} and {@code GET /images/NAME/get}, which have
 * not changed since 1.24.
 */
@NullMarked
package org.plurality.remote.docker;

import org.jspecify.annotations.NullMarked;
