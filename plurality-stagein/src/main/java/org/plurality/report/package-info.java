// SPDX-License-Identifier: Apache-2.0
/**
 * A page about a cache for its administrator. {@link org.plurality.report.Page} renders one HTML document, without
 * scripts or external resources, from the log ({@link org.plurality.report.History}) and from an expiry's survey of
 * the cache. {@link org.plurality.report.Markup} escapes everything that images and users provide.
 */
@NullMarked
package org.plurality.report;

import org.jspecify.annotations.NullMarked;
