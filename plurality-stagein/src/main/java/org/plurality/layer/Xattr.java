package org.plurality.layer;

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

    /** Heap that these take, about. */
    public static int memory(List<Xattr> xattrs) {
        int bytes = 0;
        for (Xattr xattr : xattrs) {
            bytes += BYTES + xattr.name().length() + xattr.value().length();
        }
        return bytes;
    }
}
