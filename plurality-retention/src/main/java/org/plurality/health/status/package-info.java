// SPDX-License-Identifier: Apache-2.0
/**
 * Explains why an image is present or missing: {@link ImageStatus} combines what references, entries, leases, locks
 * and the log of a cache record about one name. Reads only, except for a temporary file that tells the server's
 * time.
 */
@NullMarked
package org.plurality.health.status;

import org.jspecify.annotations.NullMarked;
