// SPDX-License-Identifier: Apache-2.0
/**
 * From an entry to an OCI runtime bundle: {@link MountPlan} decides what is mounted where without ever writing to
 * the entry, {@link RuntimeSpec} spells {@code config.json}. Runs no container. Mounts as people write them
 * ({@link MountSyntax}) and hooks from directories belong here, too.
 *
 * <p>Specification: OCI runtime specification 1.0.2.
 */
@NullMarked
package org.plurality.bundle;

import org.jspecify.annotations.NullMarked;
