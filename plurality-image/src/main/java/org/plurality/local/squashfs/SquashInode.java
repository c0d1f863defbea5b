// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.squashfs;

import java.io.IOException;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import org.plurality.local.tree.FileTree;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.Xattr;

/** What a name in a squashfs stands for. */
sealed interface SquashInode {
    FileTree.Attributes attributes();

    /** @param block and position of its list of names, which has {@code bytes} bytes */
    record Directory(FileTree.Attributes attributes, long block, int position, long bytes) implements SquashInode {}

    /** A file, whose number tells it apart. */
    record RegularFile(FileTree.Attributes attributes, long number, long links, Extent extent) implements SquashInode {}

    record SymbolicLink(FileTree.Attributes attributes, ByteString target) implements SquashInode {}

    /** A device or pipe. */
    record Special(FileTree.Attributes attributes) implements SquashInode {}

    record Socket(FileTree.Attributes attributes) implements SquashInode {}

    /** Larger ones are a lie: no cluster's filesystem has such files in an image. */
    long MAX_FILE_BYTES = 4L << 40;

    int MAX_TARGET_BYTES = 4095;

    static SquashInode read(SquashFile file, long reference) throws IOException {
        MetadataReader in = file.inode(reference);
        int type = in.u16();
        int mode = in.u16() & 07777;
        in.u32();
        long seconds = in.u32();
        FileTree.Attributes attributes = new FileTree.Attributes(mode, seconds);
        long number = in.u32();
        return switch (type) {
            case 1 -> {
                long block = in.u32();
                in.u32();
                int bytes = in.u16();
                yield new Directory(attributes, block, in.u16(), bytes);
            }
            case 8 -> {
                in.u32();
                long bytes = in.u32();
                long block = in.u32();
                in.u32();
                in.u16();
                int position = in.u16();
                List<Xattr> xattrs = file.xattrs().read(in.u32());
                yield new Directory(new FileTree.Attributes(mode, seconds, xattrs), block, position, bytes);
            }
            case 2 -> {
                long start = in.u32();
                long fragment = in.u32();
                int position = (int) in.u32();
                long bytes = in.u32();
                yield new RegularFile(attributes, number, 1, Extent.read(file, in, bytes, start, fragment, position));
            }
            case 9 -> {
                long start = in.u64();
                long bytes = in.u64();
                in.u64();
                long links = in.u32();
                long fragment = in.u32();
                int position = (int) in.u32();
                List<Xattr> xattrs = file.xattrs().read(in.u32());
                yield new RegularFile(
                        new FileTree.Attributes(mode, seconds, xattrs),
                        number,
                        links,
                        Extent.read(file, in, bytes, start, fragment, position));
            }
            case 3, 10 -> {
                in.u32();
                long length = in.u32();
                if (length > MAX_TARGET_BYTES) {
                    throw Compressor.damaged("a link's target has " + length + " bytes");
                }
                yield new SymbolicLink(attributes, ByteString.copyOf(in.bytes((int) length)));
            }
            case 4, 5, 6, 11, 12, 13 -> new Special(attributes);
            case 7, 14 -> new Socket(attributes);
            default -> throw Compressor.damaged("an inode is of unknown type " + type);
        };
    }

    /**
     * Where a file's bytes are.
     *
     * @param start of its first block
     * @param fragment which holds its end, or -1
     * @param blocks sizes of its blocks, with their flags
     */
    record Extent(long bytes, long start, long fragment, int fragmentPosition, IntBuffer blocks) {
        private static final long NONE = 0xffffffffL;

        private static Extent read(
                SquashFile file, MetadataReader in, long bytes, long start, long fragment, int position)
                throws IOException {
            if (bytes < 0 || bytes > MAX_FILE_BYTES) {
                throw Compressor.damaged("a file has " + bytes + " bytes");
            }
            boolean endsInBlock = fragment == NONE && bytes % file.blockBytes() > 0;
            long count = bytes / file.blockBytes() + (endsInBlock ? 1 : 0);
            // Grown as they are read: a number that is a lie ends with the table.
            int[] blocks = new int[(int) Math.min(count, 1024)];
            for (int i = 0; i < count; i++) {
                if (i == blocks.length) {
                    blocks = Arrays.copyOf(blocks, (int) Math.min(count, 2L * i));
                }
                blocks[i] = (int) in.u32();
            }
            return new Extent(bytes, start, fragment == NONE ? -1 : fragment, position, IntBuffer.wrap(blocks));
        }
    }
}
