// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.squashfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.plurality.unpack.layer.LayerFormatException;

/**
 * The blocks of a squashfs: superblock, metadata, data and fragments. Every place that it is told to read lies within
 * the filesystem, or the filesystem is refused. For one thread.
 */
final class SquashFile {
    static final int METADATA_BYTES = 8192;

    private static final int MAGIC = 0x73717368;
    private static final int SUPERBLOCK_BYTES = 96;
    private static final int MAX_BLOCK_BYTES = 1 << 20;
    private static final int DATA_PLAIN = 1 << 24;
    private static final int METADATA_PLAIN = 1 << 15;
    private static final int KEPT_METADATA = 256;
    private static final int FRAGMENT_BYTES = 16;

    private final FileChannel file;
    private final long offset;
    private final long bytes;
    private final Compressor compressor;
    private final int blockBytes;
    private final long rootInode;
    private final long inodeTable;
    private final long directoryTable;
    private final long fragmentTable;
    private final long fragments;
    private final SquashXattrs xattrs;
    private final byte[] compressed = new byte[MAX_BLOCK_BYTES];
    private final Map<Long, Metadata> metadata = new LinkedHashMap<>(16, 0.75f, true);
    private long fragmentPlace = -1;
    private byte[] fragment = new byte[0];

    /**
     * A block of a table; all but a table's last are full.
     *
     * @param next where the block after it begins
     */
    record Metadata(ByteBuffer bytes, long next) {}

    /**
     * @param offset of the filesystem in the file
     * @param most bytes of it at most
     */
    SquashFile(FileChannel file, long offset, long most) throws IOException {
        this.file = file;
        this.offset = offset;
        byte[] superblock = new byte[SUPERBLOCK_BYTES];
        if (most < SUPERBLOCK_BYTES || !readFully(offset, superblock, SUPERBLOCK_BYTES)) {
            throw Compressor.damaged("it is too short");
        }
        ByteBuffer block = ByteBuffer.wrap(superblock).order(ByteOrder.LITTLE_ENDIAN);
        if (block.getInt(0) != MAGIC) {
            throw new LayerFormatException(
                    "it is no squashfs", "name a file that mksquashfs made, or another kind of source");
        }
        if (block.getShort(28) != 4) {
            throw Compressor.damaged("it is of version " + block.getShort(28) + ", this reads version 4");
        }
        blockBytes = block.getInt(12);
        if (blockBytes < 4096 || blockBytes > MAX_BLOCK_BYTES || Integer.bitCount(blockBytes) != 1) {
            throw Compressor.damaged("its blocks have " + blockBytes + " bytes");
        }
        fragments = block.getInt(16) & 0xffffffffL;
        compressor = Compressor.of(block.getShort(20));
        rootInode = block.getLong(32);
        bytes = block.getLong(40);
        if (bytes < SUPERBLOCK_BYTES || bytes > most) {
            throw Compressor.damaged("it ends too early");
        }
        inodeTable = block.getLong(64);
        directoryTable = block.getLong(72);
        fragmentTable = block.getLong(80);
        xattrs = new SquashXattrs(this, block.getLong(56));
    }

    int blockBytes() {
        return blockBytes;
    }

    long rootInode() {
        return rootInode;
    }

    SquashXattrs xattrs() {
        return xattrs;
    }

    /**
     * A reader in the inode table; a reference has the block's place in its upper bits, the position in it in the
     * lower 16.
     */
    MetadataReader inode(long reference) {
        return new MetadataReader(this, inodeTable + ((reference >>> 16) & 0xffffffffL), (int) reference & 0xffff);
    }

    MetadataReader directory(long block, int position) {
        return new MetadataReader(this, directoryTable + block, position);
    }

    Metadata metadata(long place) throws IOException {
        Metadata known = metadata.get(place);
        if (known != null) {
            return known;
        }
        byte[] head = read(place, 2);
        int word = (head[0] & 0xff) | (head[1] & 0xff) << 8;
        int length = word & (METADATA_PLAIN - 1);
        byte[] block = new byte[METADATA_BYTES];
        int size = decompressed(place + 2, length, (word & METADATA_PLAIN) != 0, block, METADATA_BYTES);
        Metadata read = new Metadata(ByteBuffer.wrap(block, 0, size), place + 2 + length);
        if (metadata.size() >= KEPT_METADATA) {
            metadata.remove(metadata.keySet().iterator().next());
        }
        metadata.put(place, read);
        return read;
    }

    /**
     * A data block.
     *
     * @param word its size, with the flag that it is not compressed
     * @return how many bytes it has
     */
    int block(long place, int word, byte[] into, int most) throws IOException {
        return decompressed(place, length(word), (word & DATA_PLAIN) != 0, into, most);
    }

    /** How many bytes a data block takes in the file. */
    static int length(int word) {
        return word & (DATA_PLAIN - 1);
    }

    /** A block of ends of files; valid until the next call. */
    byte[] fragment(long index) throws IOException {
        if (index < 0 || index >= fragments) {
            throw Compressor.damaged("a file names a fragment that is not there");
        }
        int perBlock = METADATA_BYTES / FRAGMENT_BYTES;
        long pointer = bytes(fragmentTable + index / perBlock * 8, 8).getLong(0);
        MetadataReader entry = new MetadataReader(this, pointer, (int) (index % perBlock) * FRAGMENT_BYTES);
        long place = entry.u64();
        int word = (int) entry.u32();
        if (place != fragmentPlace) {
            byte[] block = new byte[blockBytes];
            int size = block(place, word, block, blockBytes);
            fragment = Arrays.copyOf(block, size);
            fragmentPlace = place;
        }
        return fragment;
    }

    private int decompressed(long place, int length, boolean plain, byte[] into, int most) throws IOException {
        if (length > compressed.length || length == 0 || (plain && length > most)) {
            throw Compressor.damaged("a block of " + length + " bytes");
        }
        byte[] raw = plain ? into : compressed;
        boolean inside = place >= 0 && place <= bytes - length;
        if (!inside || !readFully(offset + place, raw, length)) {
            throw Compressor.damaged("it points beyond its end");
        }
        return plain ? length : compressor.decompress(compressed, length, into, most);
    }

    /** Bytes of the file as they are, outside of any block. */
    ByteBuffer bytes(long place, int length) throws IOException {
        return ByteBuffer.wrap(read(place, length)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] read(long place, int length) throws IOException {
        byte[] read = new byte[length];
        boolean inside = place >= 0 && place <= bytes - length;
        if (!inside || !readFully(offset + place, read, length)) {
            throw Compressor.damaged("it points beyond its end");
        }
        return read;
    }

    /** Whether there was as much. */
    private boolean readFully(long from, byte[] into, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, 0, length);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, from + buffer.position()) <= 0) {
                return false;
            }
        }
        return true;
    }
}
