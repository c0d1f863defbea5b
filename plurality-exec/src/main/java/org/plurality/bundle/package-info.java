// SPDX-License-Identifier: Apache-2.0
/**
 * From an entry to an OCI runtime bundle: {@link org.plurality.bundle.MountPlan} decides what is mounted where without ever writing to the
 * entry, {@link org.plurality.bundle.RuntimeSpec} spells {@code config.json}. Runs no container.
 *
 * <p>Specification: OCI runtime specification 1.0.2.
 */
@NullMarked
package org.plurality.bundle;

import org.jspecify.annotations.NullMarked;
