package org.plurality.rootfs;

import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;

/** What a name that is no directory stands for; names that are hard links of each other share one. */
sealed interface Inode {
    /** @param sha256 of the contents, 32 bytes */
    record RegularFile(int mode, long size, ByteString sha256, long seconds, int nanoseconds) implements Inode {
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    record SymbolicLink(ByteString target, long seconds, int nanoseconds) implements Inode {
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** A device or pipe: the image has it, the disk does not. */
    record Omitted() implements Inode {}
}
