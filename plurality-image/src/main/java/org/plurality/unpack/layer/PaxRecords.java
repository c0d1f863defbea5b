// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;

/** The pax records of one entry that mean something here; others are checked for form and passed over. */
final class PaxRecords {
    /** No owner is said: not one that a file can have. */
    static final int UNSAID = -1;

    private static final int MAX_TIME_DIGITS = 30;
    private static final String XATTR = "SCHILY.xattr.";
    private static final String SPARSE = "GNU.sparse.";

    private @Nullable ByteString path;
    private @Nullable ByteString linkPath;
    private long size = -1;
    private long seconds = -1;
    private int nanoseconds;
    private int uid = UNSAID;
    private int gid = UNSAID;
    private final Map<ByteString, Xattr> xattrs = new LinkedHashMap<>();
    private int droppedXattrs;
    private @Nullable SparseRecords sparse;

    private PaxRecords() {}

    @Nullable
    ByteString path() {
        return path;
    }

    @Nullable
    ByteString linkPath() {
        return linkPath;
    }

    /** -1 when there is none. */
    long size() {
        return size;
    }

    /** -1 when there is none. */
    long seconds() {
        return seconds;
    }

    int nanoseconds() {
        return nanoseconds;
    }

    int uid() {
        return uid;
    }

    int gid() {
        return gid;
    }

    List<Xattr> xattrs() {
        return List.copyOf(xattrs.values());
    }

    int droppedXattrs() {
        return droppedXattrs;
    }

    /** What is said of a sparse file; null for one that is none. */
    @Nullable
    SparseRecords sparse() {
        return sparse;
    }

    /** Records are {@code LENGTH KEYWORD=VALUE\n}, LENGTH in decimal and of the whole record. */
    static PaxRecords parse(byte[] header) throws LayerFormatException {
        PaxRecords records = new PaxRecords();
        int start = 0;
        while (start < header.length) {
            int at = start;
            long length = 0;
            while (at < header.length && header[at] != ' ') {
                if (header[at] < '0' || header[at] > '9' || at - start > 9) {
                    throw malformed();
                }
                length = length * 10 + (header[at++] - '0');
            }
            long end = start + length;
            if (at == start || end <= at + 1 || end > header.length || header[(int) end - 1] != '\n') {
                throw malformed();
            }
            int equals = at + 1;
            while (equals < end && header[equals] != '=') {
                equals++;
            }
            if (equals >= end - 1) {
                throw malformed();
            }
            String keyword = new String(header, at + 1, equals - at - 1, StandardCharsets.UTF_8);
            records.put(keyword, ByteString.copyOf(header, equals + 1, (int) end - 1));
            start = (int) end;
        }
        return records;
    }

    private void put(String keyword, ByteString value) throws LayerFormatException {
        if (keyword.startsWith(XATTR)) {
            xattr(keyword.substring(XATTR.length()), value);
            return;
        }
        if (keyword.startsWith("LIBARCHIVE.xattr.") || keyword.startsWith("SCHILY.acl.")) {
            droppedXattrs++;
            return;
        }
        if (keyword.startsWith(SPARSE)) {
            SparseRecords records = sparse == null ? new SparseRecords() : sparse;
            sparse = records;
            records.put(keyword.substring(SPARSE.length()), value);
            return;
        }
        switch (keyword) {
            case "path" -> path = value.isEmpty() ? null : value;
            case "linkpath" -> linkPath = value.isEmpty() ? null : value;
            case "size" -> size = decimal(value.toString(), "size");
            case "mtime" -> time(value);
            case "uid" -> uid = owner(value.toString());
            case "gid" -> gid = owner(value.toString());
            default -> {
                // Names of owners and the like: nothing here depends on them.
            }
        }
    }

    /** The one given last counts, as for whoever sets them one after another. */
    private void xattr(String name, ByteString value) {
        Xattr xattr = new Xattr(ByteString.utf8(name), value);
        xattrs.remove(xattr.name());
        if (xattr.isKept()) {
            xattrs.put(xattr.name(), xattr);
        } else {
            droppedXattrs++;
        }
    }

    private static int owner(String text) {
        return isDigits(text) && text.length() <= 18 ? TarHeader.id(Long.parseLong(text)) : TarHeader.NOBODY;
    }

    private void time(ByteString value) throws LayerFormatException {
        if (value.isEmpty()) {
            return;
        }
        String text = value.toString();
        boolean negative = text.startsWith("-");
        int point = text.indexOf('.');
        String whole = text.substring(negative ? 1 : 0, point < 0 ? text.length() : point);
        String fraction = point < 0 ? "" : text.substring(point + 1);
        if (!isDigits(whole) || (point >= 0 && !fraction.isEmpty() && !isDigits(fraction))) {
            throw new LayerFormatException("a pax header has the time '" + value + "'");
        }
        seconds = negative ? 0 : TarHeader.clampSeconds(whole.length() > 18 ? Long.MAX_VALUE : Long.parseLong(whole));
        nanoseconds = negative ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9));
    }

    private static long decimal(String text, String what) throws LayerFormatException {
        if (!isDigits(text) || text.length() > 18) {
            throw new LayerFormatException("a pax header has the " + what + " '" + text + "'");
        }
        return Long.parseLong(text);
    }

    private static boolean isDigits(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_TIME_DIGITS
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static LayerFormatException malformed() {
        return new LayerFormatException("a pax header is malformed");
    }
}
