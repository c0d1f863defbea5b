// SPDX-License-Identifier: Apache-2.0
/**
 * Identifies processes on a filesystem that several hosts share: {@link ProcessIdentity}. Reads only {@code /proc}.
 */
@NullMarked
package org.plurality.process;

import org.jspecify.annotations.NullMarked;
