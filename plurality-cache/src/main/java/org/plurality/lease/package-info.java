// SPDX-License-Identifier: Apache-2.0
/**
 * Leases tell which images are needed: {@link Leases}. A lease is one small file for each job. A rank that can see its
 * lease can read its image. This package knows no scheduler; other packages ask whether a job is still running.
 */
@NullMarked
package org.plurality.lease;

import org.jspecify.annotations.NullMarked;
