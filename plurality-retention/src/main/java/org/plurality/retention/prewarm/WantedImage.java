// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.prewarm;

import org.plurality.image.ImageSource;
import org.plurality.reference.Platform;

/**
 * One image of the list, for one platform.
 *
 * @param format a name that {@code pull --format} accepts
 * @param pin whether the image never expires
 */
public record WantedImage(ImageSource source, Platform platform, String format, boolean pin) {}
