// SPDX-License-Identifier: Apache-2.0
/**
 * A site's list of images to stage in: {@link PrewarmList} reads it,
 * {@link org.plurality.retention.prewarm.Prewarm} stages in each image. Uses neither registries nor schedules
 * directly.
 */
@NullMarked
package org.plurality.retention.prewarm;

import org.jspecify.annotations.NullMarked;
