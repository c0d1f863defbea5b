// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.squashfs;

import java.io.IOException;

/** Reads on from a place in a table, block after block. */
final class MetadataReader {
    private final SquashFile file;
    private long place;
    private int position;

    MetadataReader(SquashFile file, long place, int position) {
        this.file = file;
        this.place = place;
        this.position = position;
    }

    int u8() throws IOException {
        SquashFile.Metadata block = file.metadata(place);
        while (position >= block.bytes().limit()) {
            if (block.bytes().limit() < SquashFile.METADATA_BYTES) {
                throw Compressor.damaged("a table ends too early");
            }
            position -= block.bytes().limit();
            place = block.next();
            block = file.metadata(place);
        }
        return block.bytes().get(position++) & 0xff;
    }

    int u16() throws IOException {
        return u8() | u8() << 8;
    }

    long u32() throws IOException {
        return u16() | (long) u16() << 16;
    }

    long u64() throws IOException {
        return u32() | u32() << 32;
    }

    byte[] bytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) u8();
        }
        return bytes;
    }
}
