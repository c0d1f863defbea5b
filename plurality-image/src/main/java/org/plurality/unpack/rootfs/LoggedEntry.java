// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.Xattr;

/**
 * An entry of a layer that was read, to be applied later.
 *
 * <p>Its index is the place in its layer, from 0.
 */
final class LoggedEntry {
    /** Heap that one takes besides its bytes. */
    private static final int BYTES = 280;

    private final TarEntry entry;
    private final int layer;
    private final int index;
    private @Nullable ByteString writtenAs;
    private @Nullable ByteString sha256;

    LoggedEntry(TarEntry entry, int layer, int index) {
        this.entry = entry;
        this.layer = layer;
        this.index = index;
    }

    TarEntry entry() {
        return entry;
    }

    int layer() {
        return layer;
    }

    int index() {
        return index;
    }

    void writtenAs(ByteString path) {
        writtenAs = path;
    }

    void digested(ByteString digest) {
        sha256 = digest;
    }

    /** Under which path its contents went into the archive; null when they did not. */
    @Nullable
    ByteString writtenAs() {
        return writtenAs;
    }

    @Nullable
    ByteString sha256() {
        return sha256;
    }

    int memory() {
        return BYTES + 2 * entry.name().length() + entry.linkName().length() + Xattr.memory(entry.xattrs());
    }
}
