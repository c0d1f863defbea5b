// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.tree;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobSink;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.Xattr;

/**
 * A tree as a tar of pax format: owner 0, whole seconds, no names of users, {@code user.*} attributes sorted by name.
 * Equal trees give equal bytes, whatever they are read from.
 */
final class TreeTar implements FileTree.Visitor {
    private static final int BLOCK = 512;
    private static final long MAX_OCTAL_SIZE = (1L << 33) - 1;
    private static final long MAX_SECONDS = 0xffffffffL;
    private static final String XATTR = "SCHILY.xattr.";

    private final BlobSink sink;
    private final byte[] buffer = new byte[128 << 10];

    TreeTar(BlobSink sink) {
        this.sink = sink;
    }

    @Override
    public void directory(ByteString path, FileTree.Attributes attributes) throws PluralityException {
        ByteString name = path.isEmpty() ? ByteString.utf8("./") : path.concat(ByteString.utf8("/"));
        header('5', name, attributes, 0, ByteString.utf8(""));
    }

    @Override
    public void file(ByteString path, FileTree.Attributes attributes, long size, FileTree.Content content)
            throws IOException, PluralityException {
        header('0', path, attributes, size, ByteString.utf8(""));
        long total = 0;
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            total += read;
            if (total > size) {
                break;
            }
            sink.write(buffer, read);
        }
        if (total != size) {
            throw new IOException(path + " changed while it was read");
        }
        write(new byte[(int) (-size & (BLOCK - 1))]);
    }

    @Override
    public void symbolicLink(ByteString path, FileTree.Attributes attributes, ByteString target)
            throws PluralityException {
        header('2', path, attributes, 0, target);
    }

    @Override
    public void hardLink(ByteString path, FileTree.Attributes attributes, ByteString first) throws PluralityException {
        header('1', path, attributes, 0, first);
    }

    @Override
    public void special(ByteString path, FileTree.Attributes attributes) throws PluralityException {
        header('6', path, attributes, 0, ByteString.utf8(""));
    }

    /** After the walk. */
    void end() throws PluralityException {
        write(new byte[2 * BLOCK]);
    }

    private void header(char type, ByteString name, FileTree.Attributes attributes, long size, ByteString link)
            throws PluralityException {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        if (name.length() > 100) {
            record(records, "path", name);
        }
        if (link.length() > 100) {
            record(records, "linkpath", link);
        }
        if (size > MAX_OCTAL_SIZE) {
            record(records, "size", ByteString.utf8(Long.toString(size)));
        }
        // Those of a link are its file's, which has them already.
        if (type != '1') {
            for (Xattr xattr : attributes.xattrs()) {
                record(records, XATTR + xattr.name().toUtf8().orElseThrow(), xattr.value());
            }
        }
        if (records.size() > 0) {
            byte[] pax = records.toByteArray();
            write(block('x', ByteString.utf8("pax"), 0644, 0, pax.length, ByteString.utf8("")));
            write(pax);
            write(new byte[-pax.length & (BLOCK - 1)]);
        }
        long seconds = Math.clamp(attributes.seconds(), 0, MAX_SECONDS);
        long shown = size > MAX_OCTAL_SIZE ? 0 : size;
        write(block(type, cut(name), attributes.mode(), seconds, shown, cut(link)));
    }

    private static ByteString cut(ByteString text) {
        return text.length() > 100 ? text.substring(0, 100) : text;
    }

    /** {@code LENGTH KEYWORD=VALUE\n}, LENGTH being of the whole record. */
    private static void record(ByteArrayOutputStream records, String keyword, ByteString value) {
        byte[] key = (" " + keyword + "=").getBytes(StandardCharsets.UTF_8);
        int rest = key.length + value.length() + 1;
        int length = rest;
        while (Integer.toString(length).length() + rest != length) {
            length++;
        }
        records.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
        records.writeBytes(key);
        records.writeBytes(value.toByteArray());
        records.write('\n');
    }

    private static byte[] block(char type, ByteString name, int mode, long seconds, long size, ByteString link) {
        byte[] block = new byte[BLOCK];
        put(block, 0, name.toByteArray());
        octal(block, 100, 7, mode & 07777);
        octal(block, 108, 7, 0);
        octal(block, 116, 7, 0);
        octal(block, 124, 11, size);
        octal(block, 136, 11, seconds);
        block[156] = (byte) type;
        put(block, 157, link.toByteArray());
        put(block, 257, new byte[] {'u', 's', 't', 'a', 'r', 0, '0', '0'});
        octal(block, 329, 7, 0);
        octal(block, 337, 7, 0);
        java.util.Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte value : block) {
            sum += value & 0xff;
        }
        octal(block, 148, 6, sum);
        block[154] = 0;
        return block;
    }

    private static void octal(byte[] block, int at, int digits, long value) {
        long rest = value;
        for (int i = digits - 1; i >= 0; i--) {
            block[at + i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
    }

    private static void put(byte[] block, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private void write(byte[] bytes) throws PluralityException {
        if (bytes.length > 0) {
            sink.write(bytes, bytes.length);
        }
    }
}
