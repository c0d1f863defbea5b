// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;

/**
 * Reads a tar entry by entry: v7, ustar, GNU long names, pax. Names stay bytes; memory is bounded by {@link
 * UnpackLimits#maxHeaderBytes}; where the formats leave room it reads as Go's {@code archive/tar} does, and so as the
 * common container tools. Sparse files are read whole. Multi-volume archives and unknown types are refused.
 */
public final class TarReader {
    /** Extended headers in a row; writers emit at most three (pax, long name, long link). */
    private static final int MOST_EXTENSIONS = 8;

    private final InputStream in;
    private final UnpackLimits limits;
    private final byte[] block = new byte[TarHeader.BLOCK];
    private final byte[] discard = new byte[32 << 10];
    private long contentLeft;
    private long holes;
    private @Nullable SparseMap sparse;
    private int paddingLeft;

    public TarReader(InputStream in, UnpackLimits limits) {
        this.in = in;
        this.limits = limits;
    }

    /**
     * The next entry, past what is left of the last one's contents.
     *
     * @return null at the end of the archive
     * @throws LayerFormatException when it is not a tar that this reads
     */
    public @Nullable TarEntry next() throws IOException {
        ByteString longName = null;
        ByteString longLink = null;
        PaxRecords pax = PaxRecords.parse(new byte[0]);
        sparse = null;
        for (int extensions = 0; extensions <= MOST_EXTENSIONS; extensions++) {
            skip(contentLeft);
            // A writer that never closed its archive leaves out the last padding, and umoci insert did so: nothing of
            // an entry is lost.
            boolean ended = in.readNBytes(block, 0, paddingLeft) < paddingLeft;
            contentLeft = 0;
            paddingLeft = 0;
            TarHeader header = ended ? null : header();
            if (header == null) {
                if (extensions > 0) {
                    throw new LayerFormatException("the tar ends after an extended header");
                }
                return null;
            }
            switch (header.type()) {
                case 'L' -> longName = terminated(extension(header));
                case 'K' -> longLink = terminated(extension(header));
                case 'x', 'X' -> pax = PaxRecords.parse(extension(header));
                // Comments of git-archive and the like, which the common tools do not apply either.
                case 'g' -> PaxRecords.parse(extension(header));
                default -> {
                    return entry(header, longName, longLink, pax);
                }
            }
        }
        throw new LayerFormatException("more than " + MOST_EXTENSIONS + " extended headers before one entry");
    }

    /** Contents of the current entry; -1 at their end. */
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return sparse == null ? stored(buffer, offset, length) : sparse.read(buffer, offset, length, this::stored);
    }

    /** Whether the tar holds the contents of the current entry in another form than {@link #read} gives them. */
    public boolean isSparse() {
        return sparse != null;
    }

    private int stored(byte[] buffer, int offset, int length) throws IOException {
        if (contentLeft == 0) {
            return -1;
        }
        int read = in.read(buffer, offset, (int) Math.min(length, contentLeft));
        if (read < 0) {
            throw truncated();
        }
        contentLeft -= read;
        return read;
    }

    private TarEntry entry(
            TarHeader header, @Nullable ByteString longName, @Nullable ByteString longLink, PaxRecords pax)
            throws IOException {
        ByteString name = name(header, longName, pax);
        ByteString linkName = longLink != null ? longLink : pax.linkPath() != null ? pax.linkPath() : header.linkName();
        if (name.length() > limits.maxPathLength() || linkName.length() > limits.maxPathLength()) {
            throw new LayerFormatException("a name is longer than " + limits.maxPathLength() + " bytes: " + name);
        }
        if (name.indexOf('\0', 0) >= 0 || linkName.indexOf('\0', 0) >= 0) {
            throw new LayerFormatException("a name holds a NUL: " + name);
        }
        TarEntry.Kind kind = kind(header.type(), name);
        long size = 0;
        if (isFileType(header.type())) {
            // Also where a slash makes a directory of it: what follows is its contents, not the next header.
            size = pax.size() >= 0 ? pax.size() : header.size();
            contentLeft = size;
            paddingLeft = (int) (-size & (TarHeader.BLOCK - 1));
            sparse = sparse(header, pax);
            size = sparse == null ? size : sparse.size();
        }
        return new TarEntry(
                kind,
                name,
                linkName,
                kind == TarEntry.Kind.FILE ? size : 0,
                header.mode(),
                pax.uid() != PaxRecords.UNSAID ? pax.uid() : header.uid(),
                pax.gid() != PaxRecords.UNSAID ? pax.gid() : header.gid(),
                pax.seconds() >= 0 ? pax.seconds() : header.seconds(),
                pax.nanoseconds(),
                pax.xattrs(),
                pax.droppedXattrs());
    }

    private static ByteString name(TarHeader header, @Nullable ByteString longName, PaxRecords pax) {
        SparseRecords records = pax.sparse();
        ByteString sparseName = records == null ? null : records.name();
        if (sparseName != null) {
            return sparseName;
        }
        return longName != null ? longName : pax.path() != null ? pax.path() : header.name();
    }

    private @Nullable SparseMap sparse(TarHeader header, PaxRecords pax) throws IOException {
        SparseRecords records = pax.sparse();
        SparseMap map;
        if (header.type() == 'S') {
            map = new SparseMap(
                    SparseMap.old(header, in::readNBytes, limits.maxHeaderBytes()), header.sparseSize(), contentLeft);
        } else if (records == null) {
            return null;
        } else {
            long size = records.size();
            map = new SparseMap(
                    records.isInContents() ? SparseMap.lines(this::stored, limits.maxHeaderBytes()) : records.pairs(),
                    size,
                    contentLeft);
        }
        holes += map.size() - contentLeft;
        if (holes > limits.maxBytes()) {
            throw new LayerFormatException(
                    "its sparse files have more than " + limits.maxBytes() + " bytes",
                    "if you trust it, raise max_bytes in plurality.toml or PLURALITY_MAX_BYTES");
        }
        return map;
    }

    private static boolean isFileType(char type) {
        return type == '0' || type == '\0' || type == '7' || type == 'S';
    }

    private static TarEntry.Kind kind(char type, ByteString name) throws LayerFormatException {
        return switch (type) {
            // Before ustar a directory was a file whose name ends in a slash.
            case '0', '\0', '7', 'S' ->
                !name.isEmpty() && name.at(name.length() - 1) == '/' ? TarEntry.Kind.DIRECTORY : TarEntry.Kind.FILE;
            case '1' -> TarEntry.Kind.HARD_LINK;
            case '2' -> TarEntry.Kind.SYMBOLIC_LINK;
            case '3', '4', '6' -> TarEntry.Kind.SPECIAL;
            case '5' -> TarEntry.Kind.DIRECTORY;
            default ->
                throw new LayerFormatException(
                        "an entry is of unknown type " + ByteString.utf8(String.valueOf(type)) + ": " + name);
        };
    }

    private @Nullable TarHeader header() throws IOException {
        int read = in.readNBytes(block, 0, block.length);
        if (read == 0) {
            return null;
        }
        if (read < block.length) {
            throw truncated();
        }
        TarHeader header = new TarHeader(block);
        if (header.isZero()) {
            read = in.readNBytes(block, 0, block.length);
            if (read > 0 && !header.isZero()) {
                throw new LayerFormatException("the tar goes on after its end");
            }
            return null;
        }
        header.verifyChecksum();
        return header;
    }

    private byte[] extension(TarHeader header) throws IOException {
        long size = header.size();
        if (size > limits.maxHeaderBytes()) {
            throw new LayerFormatException(
                    "an extended header has " + size + " bytes, more than the bound of " + limits.maxHeaderBytes());
        }
        byte[] extension = in.readNBytes((int) size);
        if (extension.length < size) {
            throw truncated();
        }
        paddingLeft = (int) (-size & (TarHeader.BLOCK - 1));
        return extension;
    }

    private void skip(long count) throws IOException {
        long left = count;
        while (left > 0) {
            int read = in.read(discard, 0, (int) Math.min(discard.length, left));
            if (read < 0) {
                throw truncated();
            }
            left -= read;
        }
    }

    private static ByteString terminated(byte[] text) {
        ByteString whole = ByteString.copyOf(text);
        int end = whole.indexOf('\0', 0);
        return end < 0 ? whole : whole.substring(0, end);
    }

    private static LayerFormatException truncated() {
        return new LayerFormatException("the tar ends too early", "pull it again, or have the image rebuilt");
    }
}
