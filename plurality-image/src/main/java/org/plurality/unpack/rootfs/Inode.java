// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.Xattr;

/** What a name that is no directory stands for; names that are hard links of each other share one. */
sealed interface Inode {
    /** It has a second name from now on. */
    void link();

    /** Whether it ever had a second name. */
    boolean isLinked();

    /** A file. Its digest is there once its contents were read. */
    final class RegularFile implements Inode {
        private final int mode;
        private final long size;
        private final int uid;
        private final int gid;
        private final long seconds;
        private final int nanoseconds;
        private final List<Xattr> xattrs;
        private @Nullable ByteString sha256;
        private @Nullable LoggedEntry source;
        private @Nullable ByteString placedAt;
        private boolean linked;

        RegularFile(int mode, TarEntry entry) {
            this(mode, entry.size(), entry.uid(), entry.gid(), entry.seconds(), entry.nanoseconds(), entry.xattrs());
        }

        private RegularFile(int mode, long size, int uid, int gid, long seconds, int nanoseconds, List<Xattr> xattrs) {
            this.mode = mode;
            this.size = size;
            this.uid = uid;
            this.gid = gid;
            this.seconds = seconds;
            this.nanoseconds = nanoseconds;
            this.xattrs = xattrs;
        }

        /** Root's, of 1970. */
        static RegularFile empty(int mode) {
            return new RegularFile(mode, 0, 0, 0, 0, 0, List.of());
        }

        int mode() {
            return mode;
        }

        long size() {
            return size;
        }

        int uid() {
            return uid;
        }

        int gid() {
            return gid;
        }

        long seconds() {
            return seconds;
        }

        int nanoseconds() {
            return nanoseconds;
        }

        List<Xattr> xattrs() {
            return xattrs;
        }

        @Override
        public void link() {
            linked = true;
        }

        @Override
        public boolean isLinked() {
            return linked;
        }

        void readFrom(LoggedEntry entry) {
            source = entry;
        }

        /** The entry that holds its contents; null on a disk, and for what no layer has. */
        @Nullable
        LoggedEntry source() {
            return source;
        }

        void placeAt(@Nullable ByteString path) {
            placedAt = path;
        }

        /** Under which path its contents are in the archive; null while they are not. */
        @Nullable
        ByteString placedAt() {
            return placedAt;
        }

        void digested(ByteString digest) {
            sha256 = digest;
        }

        /** Of the contents, 32 bytes. */
        ByteString sha256() {
            if (sha256 == null) {
                throw new IllegalStateException("its contents were not read");
            }
            return sha256;
        }
    }

    /** A link; a class and no record, so that two are equal only when they are one. */
    final class SymbolicLink implements Inode {
        private final ByteString target;
        private final int uid;
        private final int gid;
        private final long seconds;
        private final int nanoseconds;
        private boolean linked;

        SymbolicLink(TarEntry entry) {
            this.target = entry.linkName();
            this.uid = entry.uid();
            this.gid = entry.gid();
            this.seconds = entry.seconds();
            this.nanoseconds = entry.nanoseconds();
        }

        @Override
        public void link() {
            linked = true;
        }

        @Override
        public boolean isLinked() {
            return linked;
        }

        ByteString target() {
            return target;
        }

        int uid() {
            return uid;
        }

        int gid() {
            return gid;
        }

        long seconds() {
            return seconds;
        }

        int nanoseconds() {
            return nanoseconds;
        }
    }

    /** A device or pipe: the image has it, the medium does not. */
    record Omitted() implements Inode {
        @Override
        public void link() {
            // Nowhere, as often as it may.
        }

        @Override
        public boolean isLinked() {
            return false;
        }
    }
}
