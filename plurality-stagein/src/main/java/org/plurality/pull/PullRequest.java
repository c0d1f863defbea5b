package org.plurality.pull;

import org.plurality.cache.RootfsKind;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/** One image to stage in, for one platform, and how its root filesystem is to be kept. */
public record PullRequest(ImageReference reference, Platform platform, RootfsKind kind) {}
