/**
 * A page about a cache for who looks after it: {@link org.plurality.report.Page} makes one HTML document without scripts and without
 * anything from elsewhere, of what {@link org.plurality.report.History} found in the log and an expiry's survey found in the cache. Whatever
 * images and users say goes through {@link org.plurality.report.Markup}.
 */
@NullMarked
package org.plurality.report;

import org.jspecify.annotations.NullMarked;
