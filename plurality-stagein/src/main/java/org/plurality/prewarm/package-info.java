/**
 * A site's list of images that are to be staged in: {@link org.plurality.prewarm.PrewarmList} reads it, {@link
 * org.plurality.prewarm.Prewarm} stages each. Knows neither registries nor schedules.
 */
@NullMarked
package org.plurality.prewarm;

import org.jspecify.annotations.NullMarked;
