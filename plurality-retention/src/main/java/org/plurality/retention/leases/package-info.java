// SPDX-License-Identifier: Apache-2.0
/**
 * Decides which leases still hold. {@link LeaseKeeper} reads the leases of many images, asks each scheduler once, and
 * removes leases that are over. {@link LeaseJudge} is the rule, without files or clocks. Does not know why an image
 * should go.
 */
@NullMarked
package org.plurality.retention.leases;

import org.jspecify.annotations.NullMarked;
