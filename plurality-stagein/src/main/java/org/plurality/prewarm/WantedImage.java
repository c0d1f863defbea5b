package org.plurality.prewarm;

import org.plurality.reference.Platform;
import org.plurality.source.ImageSource;

/**
 * One image of the list, for one platform.
 *
 * @param format a name as {@code pull --format} takes it
 * @param pin whether no expiry may take it
 */
public record WantedImage(ImageSource source, Platform platform, String format, boolean pin) {}
