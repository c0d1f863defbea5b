// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.util.ArrayList;
import java.util.List;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.UnpackLimits;

/**
 * Paths taken apart. A leading slash means the image's root, as for every tar program; empty names and {@code .} mean
 * nothing.
 */
final class EntryName {
    static final ByteString WHITEOUT = ByteString.utf8(".wh.");
    static final ByteString WHITEOUT_META = ByteString.utf8(".wh..wh.");
    static final ByteString OPAQUE = ByteString.utf8(".wh..wh..opq");
    static final ByteString SELF = ByteString.utf8(".");
    private static final ByteString SLASH = ByteString.utf8("/");
    static final ByteString PARENT = ByteString.utf8("..");

    /** What filesystems allow. */
    private static final int NAME_MAX = 255;

    private EntryName() {}

    /**
     * The names in a path that an image gives, the root's being none; {@code a/..} is nothing, whatever {@code a} is.
     */
    static List<ByteString> components(ByteString path, UnpackLimits limits) throws LayerFormatException {
        List<ByteString> components = new ArrayList<>();
        for (ByteString component : split(path)) {
            if (!component.equals(PARENT)) {
                components.add(component);
            } else if (components.isEmpty()) {
                throw new LayerFormatException("a name climbs out with '..': " + path);
            } else {
                components.removeLast();
            }
        }
        if (components.size() > limits.maxDepth()) {
            throw new LayerFormatException("a name is more than " + limits.maxDepth() + " directories deep: " + path);
        }
        for (ByteString component : components) {
            if (component.length() > NAME_MAX) {
                throw new LayerFormatException("a name is longer than " + NAME_MAX + " bytes: " + component);
            }
        }
        return components;
    }

    static ByteString join(List<ByteString> components) {
        ByteString path = components.getFirst();
        for (ByteString component : components.subList(1, components.size())) {
            path = path.concat(SLASH).concat(component);
        }
        return path;
    }

    /** All names in a path but empty ones and {@code .}. */
    static List<ByteString> split(ByteString path) {
        List<ByteString> components = new ArrayList<>();
        int start = 0;
        while (start < path.length()) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            if (end > start) {
                ByteString component = path.substring(start, end);
                if (!component.equals(SELF)) {
                    components.add(component);
                }
            }
            start = end + 1;
        }
        return components;
    }
}
