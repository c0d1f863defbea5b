// SPDX-License-Identifier: Apache-2.0
/**
 * Hooks that a site or user has in directories: {@link org.plurality.hook.HookFiles}. Off unless directories are configured.
 *
 * <p>Specification: {@code oci-hooks(5)} 1.0.0 of the containers tools.
 */
@NullMarked
package org.plurality.hook;

import org.jspecify.annotations.NullMarked;
