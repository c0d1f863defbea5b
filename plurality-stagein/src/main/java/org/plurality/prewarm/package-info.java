// SPDX-License-Identifier: Apache-2.0
/**
 * A site's list of images to stage in: {@link org.plurality.prewarm.PrewarmList} reads it, {@link
 * org.plurality.prewarm.Prewarm} stages in each image. Uses neither registries nor schedules directly.
 */
@NullMarked
package org.plurality.prewarm;

import org.jspecify.annotations.NullMarked;
