// SPDX-License-Identifier: Apache-2.0
/**
 * A page about a cache for its administrator. {@link ReportPage} renders one HTML document, without scripts or
 * external resources, from the log ({@link History}) and from an expiry's survey of the cache. {@link Markup}
 * escapes everything that images and users provide.
 */
@NullMarked
package org.plurality.health.report;

import org.jspecify.annotations.NullMarked;
