// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.Xattr;

/**
 * Writes a tar as GNU tar does, with pax headers for extended attributes: names stay bytes, of any length. Paths have no leading slash
 * and no dots. Headers are gathered and written with the contents that follow.
 */
final class TarOutput {
    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final ByteString LONG = ByteString.utf8("././@LongLink");
    private static final ByteString NONE = ByteString.utf8("");

    /** Largest number that fits into the octal digits of an owner. */
    private static final long MAX_OCTAL_ID = 07777777;

    private static final long MAX_OCTAL_SIZE = 077777777777L;

    private final OutputStream out;
    private final byte[] gathered = new byte[256 << 10];
    private int length;

    TarOutput(OutputStream out) {
        this.out = out;
    }

    void directory(ByteString path, Node.Directory directory) throws IOException {
        xattrs(directory.xattrs());
        header('5', path, NONE, 0, directory.mode(), directory.uid(), directory.gid(), directory.seconds());
    }

    /** {@link Inode.RegularFile#size()} bytes are to follow with {@link #contents}, then {@link #padding}. */
    void file(ByteString path, Inode.RegularFile file) throws IOException {
        xattrs(file.xattrs());
        header('0', path, NONE, file.size(), file.mode(), file.uid(), file.gid(), file.seconds());
    }

    void symbolicLink(ByteString path, Inode.SymbolicLink link) throws IOException {
        header('2', path, link.target(), 0, 0777, link.uid(), link.gid(), link.seconds());
    }

    void hardLink(ByteString path, ByteString target) throws IOException {
        header('1', path, target, 0, 0, 0, 0, 0);
    }

    void contents(byte[] bytes, int offset, int count) throws IOException {
        if (count > gathered.length - length) {
            flush();
        }
        if (count > gathered.length) {
            write(bytes, offset, count);
            return;
        }
        System.arraycopy(bytes, offset, gathered, length, count);
        length += count;
    }

    void padding(long size) throws IOException {
        int padding = (int) (-size & (BLOCK - 1));
        room(padding);
        Arrays.fill(gathered, length, length + padding, (byte) 0);
        length += padding;
    }

    void end() throws IOException {
        room(2 * BLOCK);
        Arrays.fill(gathered, length, length + 2 * BLOCK, (byte) 0);
        length += 2 * BLOCK;
        flush();
    }

    private void flush() throws IOException {
        write(gathered, 0, length);
        length = 0;
    }

    private void write(byte[] bytes, int offset, int count) throws BrokenArchiveException {
        try {
            out.write(bytes, offset, count);
        } catch (IOException e) {
            throw new BrokenArchiveException(e);
        }
    }

    private void room(int bytes) throws IOException {
        if (bytes > gathered.length - length) {
            flush();
        }
    }

    private void xattrs(List<Xattr> xattrs) throws IOException {
        if (xattrs.isEmpty()) {
            return;
        }
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (Xattr xattr : xattrs) {
            ByteArrayOutputStream record = new ByteArrayOutputStream();
            record.writeBytes(" SCHILY.xattr.".getBytes(StandardCharsets.US_ASCII));
            record.writeBytes(xattr.name().toByteArray());
            record.write('=');
            record.writeBytes(xattr.value().toByteArray());
            record.write('\n');
            int total = record.size();
            while (String.valueOf(total).length() + record.size() != total) {
                total++;
            }
            records.writeBytes(String.valueOf(total).getBytes(StandardCharsets.US_ASCII));
            records.writeBytes(record.toByteArray());
        }
        extension('x', ByteString.utf8("xattrs"), records.toByteArray());
    }

    private void header(char type, ByteString path, ByteString target, long size, int mode, int uid, int gid, long time)
            throws IOException {
        if (target.length() > NAME_BYTES) {
            extension('K', LONG, target.concat(ByteString.utf8("\0")).toByteArray());
        }
        if (path.length() > NAME_BYTES) {
            extension('L', LONG, path.concat(ByteString.utf8("\0")).toByteArray());
        }
        block(type, path, target, size, mode, uid, gid, time);
    }

    private void extension(char type, ByteString name, byte[] content) throws IOException {
        block(type, name, NONE, content.length, 0, 0, 0, 0);
        contents(content, 0, content.length);
        padding(content.length);
    }

    private void block(char type, ByteString path, ByteString target, long size, int mode, int uid, int gid, long time)
            throws IOException {
        room(BLOCK);
        int at = length;
        Arrays.fill(gathered, at, at + BLOCK, (byte) 0);
        path.copyTo(gathered, at, Math.min(path.length(), NAME_BYTES));
        octal(at + 100, 7, mode);
        id(at + 108, uid);
        id(at + 116, gid);
        if (size > MAX_OCTAL_SIZE) {
            binary(at + 124, 12, size);
        } else {
            octal(at + 124, 11, size);
        }
        octal(at + 136, 11, time);
        gathered[at + 156] = (byte) type;
        target.copyTo(gathered, at + 157, Math.min(target.length(), NAME_BYTES));
        ByteString.utf8("ustar  ").copyTo(gathered, at + 257, 7);
        int sum = 8 * ' ';
        for (int i = at; i < at + BLOCK; i++) {
            sum += gathered[i] & 0xff;
        }
        octal(at + 148, 6, sum);
        gathered[at + 155] = ' ';
        length += BLOCK;
    }

    private void id(int at, int id) {
        long unsigned = Integer.toUnsignedLong(id);
        if (unsigned > MAX_OCTAL_ID) {
            binary(at, 8, unsigned);
        } else {
            octal(at, 7, unsigned);
        }
    }

    private void octal(int at, int digits, long value) {
        long left = value;
        for (int i = at + digits - 1; i >= at; i--) {
            gathered[i] = (byte) ('0' + (left & 7));
            left >>>= 3;
        }
    }

    private void binary(int at, int bytes, long value) {
        long left = value;
        for (int i = at + bytes - 1; i > at; i--) {
            gathered[i] = (byte) left;
            left >>>= 8;
        }
        gathered[at] = (byte) 0x80;
    }
}
