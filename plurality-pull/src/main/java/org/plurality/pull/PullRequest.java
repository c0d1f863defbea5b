// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import org.jspecify.annotations.Nullable;
import org.plurality.cache.RootfsKind;
import org.plurality.image.ImageSource;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/**
 * One image to stage in, for one platform, and how its root filesystem is to be kept.
 *
 * @param name under which it is to be found; null for what the source calls it
 */
public record PullRequest(ImageSource source, @Nullable ImageReference name, Platform platform, RootfsKind kind) {
    /** An image in a registry, under its own name. */
    public static PullRequest of(ImageReference reference, Platform platform, RootfsKind kind) {
        return new PullRequest(new ImageSource.InRegistry(reference), null, platform, kind);
    }
}
