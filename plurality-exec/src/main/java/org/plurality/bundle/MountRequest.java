// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.nio.file.Path;

/** What is wanted at a place in the container, before it is known how it gets there. */
public sealed interface MountRequest permits Bind, Tmpfs {
    /** In the container, absolute, normalized; links of the image in it are followed within the image. */
    Path destination();

    /** Why it is there, for people. */
    String reason();
}
