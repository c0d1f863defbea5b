// SPDX-License-Identifier: Apache-2.0
/**
 * Who needs an image: {@link Leases}. A lease is one small file a job; a rank that can see its lease can read its
 * image. Knows no scheduler: whether a job still lives is asked elsewhere.
 */
@NullMarked
package org.plurality.lease;

import org.jspecify.annotations.NullMarked;
