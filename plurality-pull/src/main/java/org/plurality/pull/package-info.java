// SPDX-License-Identifier: Apache-2.0
/**
 * From a reference to a published entry: {@link Puller}. Resolves, lets one of many callers do the work, fetches
 * layers in parallel while they are unpacked in order, and publishes. Knows neither HTTP nor tar.
 */
@NullMarked
package org.plurality.pull;

import org.jspecify.annotations.NullMarked;
