// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.sif;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import org.plurality.unpack.layer.LayerFormatException;

/**
 * Where in a SIF file its root filesystem is.
 *
 * <pre>
 * header       launch script 32, "SIF_MAGIC\0" 10, version 3, architecture 3, uuid 16, created 8, modified 8,
 *              free 8, descriptors 8, their place 8, their length 8, the data's place 8 and length 8: little-endian,
 * 128 bytes descriptor   type 4, used 1, id 4, group 4, link 4, place 8, size 8, padded 8, created 8, modified 8, uid
 * 8, gid 8,
 *              name 128, extra 384, which for a partition begins with filesystem 4, kind 4, architecture 3: 585 bytes
 * </pre>
 *
 * @param architecture as Go has it
 * @param place in the file, likewise its size
 * @param overlays how many partitions are to be mounted over the root filesystem
 */
record SifHeader(String architecture, long place, long bytes, int overlays) {
    private static final int HEADER_BYTES = 128;
    private static final int DESCRIPTOR_BYTES = 585;
    private static final int MOST_DESCRIPTORS = 4096;
    private static final int PARTITION = 0x4004;
    private static final int PRIMARY_SYSTEM = 2;
    private static final int OVERLAY = 4;
    private static final int SQUASHFS = 1;

    /** By their number in a header, from 1. */
    private static final String[] ARCHITECTURES = {
        "386", "amd64", "arm", "arm64", "ppc64", "ppc64le", "mips", "mipsle", "mips64", "mips64le", "s390x", "riscv64"
    };

    /** @throws LayerFormatException when it is no such file, or its root filesystem is of another kind */
    static SifHeader read(FileChannel file) throws IOException {
        ByteBuffer header = bytes(file, 0, HEADER_BYTES, "it is no SIF file");
        if (!text(header, 32, 10).equals("SIF_MAGIC")) {
            throw new LayerFormatException(
                    "it is no SIF file", "'apptainer build NEW.sif OLD' makes one of an older image");
        }
        if (!text(header, 42, 3).equals("01")) {
            throw damaged("it is of version " + text(header, 42, 3) + ", this reads version 01");
        }
        long count = header.getLong(88);
        long place = header.getLong(96);
        if (count < 0 || count > MOST_DESCRIPTORS) {
            throw damaged("it has " + count + " descriptors");
        }
        ByteBuffer root = null;
        int overlays = 0;
        int extra = DESCRIPTOR_BYTES - 384;
        for (int i = 0; i < count; i++) {
            ByteBuffer descriptor = bytes(
                    file, place + (long) i * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES, "its descriptors lie beyond its end");
            boolean isPartition = descriptor.getInt(0) == PARTITION && descriptor.get(4) != 0;
            if (isPartition && descriptor.getInt(extra + 4) == PRIMARY_SYSTEM && root == null) {
                root = descriptor;
            } else if (isPartition && descriptor.getInt(extra + 4) == OVERLAY) {
                overlays++;
            }
        }
        if (root == null) {
            throw new LayerFormatException("it has no root filesystem", "'apptainer sif list FILE' shows what it has");
        }
        return root(file, root, extra, overlays);
    }

    private static SifHeader root(FileChannel file, ByteBuffer descriptor, int extra, int overlays) throws IOException {
        int filesystem = descriptor.getInt(extra);
        if (filesystem == 5 || filesystem == 6) {
            throw new LayerFormatException(
                    "its root filesystem is encrypted",
                    "decrypt it with 'apptainer build --sandbox DIRECTORY FILE' and its key, and pull dir:DIRECTORY");
        }
        if (filesystem != SQUASHFS) {
            throw new LayerFormatException(
                    "its root filesystem is " + (filesystem == 2 ? "ext3" : "of kind " + filesystem) + ", not squashfs",
                    "'apptainer build NEW.sif FILE' makes one with squashfs");
        }
        long place = descriptor.getLong(17);
        long bytes = descriptor.getLong(25);
        if (place < HEADER_BYTES || bytes < 0 || bytes > file.size() - place) {
            throw damaged("its root filesystem lies beyond its end");
        }
        return new SifHeader(architecture(text(descriptor, extra + 8, 3)), place, bytes, overlays);
    }

    private static String architecture(String number) throws LayerFormatException {
        try {
            return ARCHITECTURES[Integer.parseInt(number) - 1];
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw damaged("its architecture is not known");
        }
    }

    private static ByteBuffer bytes(FileChannel file, long place, int length, String otherwise) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        boolean inside = place >= 0 && place <= file.size() - length;
        while (inside && bytes.hasRemaining() && file.read(bytes, place + bytes.position()) > 0) {
            // On to the end.
        }
        if (bytes.hasRemaining()) {
            throw damaged(otherwise);
        }
        return bytes;
    }

    private static String text(ByteBuffer from, int at, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = at; i < at + length && from.get(i) != 0; i++) {
            text.append((char) (from.get(i) & 0xff));
        }
        return text.toString();
    }

    private static LayerFormatException damaged(String why) {
        return new LayerFormatException(
                why, "have it built anew, or copied again; 'apptainer sif list FILE' checks it");
    }
}
