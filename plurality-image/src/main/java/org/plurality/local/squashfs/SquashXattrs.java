// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.squashfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.Xattr;

/**
 * The extended attributes of a squashfs. An inode has a number; the table of numbers says where in the attributes'
 * blocks its names and values are. A value that several inodes have is kept once.
 *
 * <pre>
 * table      place of the attributes' blocks 8, numbers 4, unused 4; then places 8 of the blocks with what follows
 * number     block's place and position in it 8 (48 and 16 bits), attributes 4, bytes 4
 * attribute  kind 2, of a name 2, its name; bytes of the value 4, the value
 * </pre>
 */
final class SquashXattrs {
    private static final long NONE = 0xffffffffL;
    private static final int USER = 0;

    /** The value is elsewhere: in its place is a reference. */
    private static final int ELSEWHERE = 0x100;

    private static final int NUMBER_BYTES = 16;
    private static final int MAX_NAME = 255;
    private static final int MAX_VALUE = 64 << 10;

    /** Attributes of one file; as many as fit into the list of names that Linux gives, of 64 KiB. */
    private static final int MOST = 8 << 10;

    private static final ByteString PREFIX = ByteString.utf8("user.");

    private final SquashFile file;
    private final long table;

    /** @param table its place, all bits set when there is none */
    SquashXattrs(SquashFile file, long table) {
        this.file = file;
        this.table = table;
    }

    /** The {@code user.*} attributes of one number, as they are in the table; none for the number that means none. */
    List<Xattr> read(long number) throws IOException {
        if (number == NONE || table == -1) {
            return List.of();
        }
        ByteBuffer head = file.bytes(table, NUMBER_BYTES);
        long blocks = head.getLong(0);
        if (number >= (head.getInt(8) & 0xffffffffL)) {
            throw Compressor.damaged("a file names attributes that are not there");
        }
        int perBlock = SquashFile.METADATA_BYTES / NUMBER_BYTES;
        long pointer =
                file.bytes(table + NUMBER_BYTES + number / perBlock * 8, 8).getLong(0);
        MetadataReader entry = new MetadataReader(file, pointer, (int) (number % perBlock) * NUMBER_BYTES);
        MetadataReader in = at(blocks, entry.u64());
        long count = entry.u32();
        if (count > MOST) {
            throw Compressor.damaged("a file has " + count + " attributes");
        }
        List<Xattr> xattrs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int kind = in.u16();
            ByteString name = ByteString.copyOf(in.bytes(bounded(in.u16(), MAX_NAME)));
            ByteString value = value(in, blocks, (kind & ELSEWHERE) != 0);
            if ((kind & ~ELSEWHERE) == USER) {
                xattrs.add(new Xattr(PREFIX.concat(name), value));
            }
        }
        return xattrs;
    }

    private ByteString value(MetadataReader in, long blocks, boolean isElsewhere) throws IOException {
        MetadataReader from = in;
        if (isElsewhere) {
            in.u32();
            from = at(blocks, in.u64());
        }
        return ByteString.copyOf(from.bytes(bounded(from.u32(), MAX_VALUE)));
    }

    private MetadataReader at(long blocks, long reference) {
        return new MetadataReader(file, blocks + (reference >>> 16), (int) reference & 0xffff);
    }

    private static int bounded(long length, int most) throws IOException {
        if (length > most) {
            throw Compressor.damaged("an attribute has " + length + " bytes");
        }
        return (int) length;
    }
}
