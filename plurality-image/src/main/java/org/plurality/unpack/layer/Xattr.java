// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.util.List;
import org.plurality.posix.ByteString;

/**
 * An extended attribute that an image may set.
 *
 * @param name with its namespace
 * @param value any bytes
 */
public record Xattr(ByteString name, ByteString value) {
    /** Heap that one takes besides its bytes. */
    private static final int BYTES = 100;

    private static final String USER = "user.";

    /** The longest name that Linux allows. */
    private static final int MAX_NAME = 255;

    private static final int MAX_VALUE = 64 << 10;

    /**
     * Whether a container may have it: a {@code user.*} attribute of a size that Linux takes, and none by which an
     * overlay filesystem would be steered from within the image.
     */
    public boolean isKept() {
        String text = name.toUtf8().orElse("");
        return text.startsWith(USER)
                && text.length() > USER.length()
                && text.indexOf('\0') < 0
                && text.indexOf('\ufffd') < 0
                && !text.startsWith("user.overlay.")
                && !text.startsWith("user.fuseoverlayfs.")
                && !text.startsWith("user.containers.")
                && name.length() <= MAX_NAME
                && value.length() <= MAX_VALUE;
    }

    /** Heap that these take, about. */
    public static int memory(List<Xattr> xattrs) {
        int bytes = 0;
        for (Xattr xattr : xattrs) {
            bytes += BYTES + xattr.name().length() + xattr.value().length();
        }
        return bytes;
    }
}
