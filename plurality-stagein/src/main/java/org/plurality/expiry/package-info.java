// SPDX-License-Identifier: Apache-2.0
/**
 * What leaves a cache, and how. {@link org.plurality.expiry.ExpiryPolicy} decides, a pure function of {@link
 * org.plurality.expiry.Candidate candidates}; {@link org.plurality.expiry.Survey} gathers those; {@link org.plurality.expiry.Collector} does
 * it so that nobody who holds a lease loses an image; {@link org.plurality.expiry.Sweep} clears away what no image needs. Knows no
 * schedule.
 */
@NullMarked
package org.plurality.expiry;

import org.jspecify.annotations.NullMarked;
