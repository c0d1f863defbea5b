// SPDX-License-Identifier: Apache-2.0
/**
 * Which leases still hold: {@link org.plurality.reaping.LeaseKeeper} reads those of many images, asks the schedulers once, judges and
 * removes what is over. {@link org.plurality.reaping.LeaseJudge} is the rule, without files or clocks. Knows nothing of why an image is to
 * go.
 */
@NullMarked
package org.plurality.reaping;

import org.jspecify.annotations.NullMarked;
