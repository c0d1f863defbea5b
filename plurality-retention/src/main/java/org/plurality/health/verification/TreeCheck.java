// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.local.tree.FileTree;
import org.plurality.posix.ByteString;
import org.plurality.posix.Errno;
import org.plurality.posix.PosixException;
import org.plurality.reference.Digest;
import org.plurality.unpack.rootfs.FileListReader;
import org.plurality.unpack.rootfs.ListedFile;

/**
 * Compares a tree with its file list, both in the order of a walk, so that neither is held in memory. A file whose
 * time differs from the list is read even if contents are not to be verified.
 */
final class TreeCheck implements FileTree.Visitor {
    private static final int PERMISSIONS = 07777;
    /** The setgid bit is left out: a directory in a group's cache may inherit it. */
    private static final int DIRECTORY_PERMISSIONS = 01777;

    /** The latest time that every filesystem can store; some clamp later ones. */
    private static final long LATEST = Integer.MAX_VALUE;

    private final FileListReader list;
    private final String root;
    private final boolean deep;
    private final Findings findings;
    private final LongConsumer read;
    private final byte[] buffer = new byte[256 << 10];
    private final MessageDigest sum = Digest.Algorithm.SHA256.newMessageDigest();
    private Optional<ListedFile> expected = Optional.empty();
    private Optional<ByteString> reported = Optional.empty();
    private long files;
    private long bytes;

    /**
     * @param root name of the tree in findings
     * @param read receives the number of bytes after each read from a file
     */
    TreeCheck(FileListReader list, String root, boolean deep, Findings findings, LongConsumer read) {
        this.list = list;
        this.root = root;
        this.deep = deep;
        this.findings = findings;
        this.read = read;
    }

    void run(FileTree tree) throws IOException {
        expected = next();
        try {
            tree.walk(this);
        } catch (PluralityException e) {
            throw new IOException(e.getMessage(), e);
        }
        while (expected.isPresent()) {
            missing(expected.get());
            expected = next();
        }
    }

    /** Returns the number of names that were compared. */
    long files() {
        return files;
    }

    /** Returns the bytes of the listed files, each file counted once. */
    long bytes() {
        return bytes;
    }

    @Override
    public void directory(ByteString path, FileTree.Attributes attributes) throws IOException {
        ListedFile listed = match(path, ListedFile.Type.DIRECTORY);
        if (listed != null) {
            mode(listed, attributes, DIRECTORY_PERMISSIONS);
        }
    }

    @Override
    public void file(ByteString path, FileTree.Attributes attributes, long size, FileTree.Content content)
            throws IOException {
        ListedFile listed = match(path, ListedFile.Type.FILE);
        if (listed == null) {
            return;
        }
        mode(listed, attributes, PERMISSIONS);
        if (size != listed.size()) {
            found(path, "it has " + size + " bytes, " + listed.size() + " were published");
        } else if (deep || isTouched(listed, attributes)) {
            content(listed, content);
        }
    }

    @Override
    public void symbolicLink(ByteString path, FileTree.Attributes attributes, ByteString target) throws IOException {
        ListedFile listed = match(path, ListedFile.Type.SYMBOLIC_LINK);
        if (listed != null && !listed.target().equals(target)) {
            found(path, "it points to " + target + ", to " + listed.target() + " when it was published");
        }
    }

    @Override
    public void hardLink(ByteString path, FileTree.Attributes attributes, ByteString first) throws IOException {
        ListedFile listed = match(path, ListedFile.Type.FILE);
        if (listed != null && !listed.hardlink().equals(first)) {
            found(path, "it is the same file as " + first + ", which it was not when it was published");
        }
    }

    @Override
    public void special(ByteString path, FileTree.Attributes attributes) throws IOException {
        match(path, null);
    }

    /** Returns the list's line for that path if it has that type; reports all lines before it as missing. */
    private @Nullable ListedFile match(ByteString path, ListedFile.@Nullable Type type) throws IOException {
        while (expected.isPresent() && compare(expected.get().path(), path) < 0) {
            missing(expected.get());
            expected = next();
        }
        if (expected.isEmpty() || !expected.get().path().equals(path)) {
            if (!isBelowReported(path)) {
                found(path, "it was not published");
                reported = Optional.of(path);
            }
            return null;
        }
        ListedFile listed = expected.get();
        expected = next();
        files++;
        if (listed.type() != type) {
            found(path, "it is another kind of file than was published");
            reported = Optional.of(path);
            return null;
        }
        return listed;
    }

    private void missing(ListedFile listed) {
        if (!isBelowReported(listed.path())) {
            found(listed.path(), "it is missing");
            reported = Optional.of(listed.path());
        }
    }

    /** Returns whether a parent was already reported: what is below it needs no report of its own. */
    private boolean isBelowReported(ByteString path) {
        return reported.isPresent()
                && path.startsWith(reported.get())
                && path.length() > reported.get().length()
                && path.at(reported.get().length()) == '/';
    }

    private void mode(ListedFile listed, FileTree.Attributes attributes, int bits) {
        int is = attributes.mode() & bits;
        int was = listed.mode() & bits;
        if (is != was) {
            found(listed.path(), String.format("its mode is %04o, %04o was published", is, was));
        }
    }

    private static boolean isTouched(ListedFile listed, FileTree.Attributes attributes) {
        boolean isKept = listed.seconds() >= 0 && listed.seconds() < LATEST;
        return isKept && attributes.seconds() != listed.seconds();
    }

    private void content(ListedFile listed, FileTree.Content content) throws IOException {
        sum.reset();
        long size = 0;
        try {
            for (int part = content.read(buffer); part >= 0; part = content.read(buffer)) {
                sum.update(buffer, 0, part);
                size += part;
                read.accept(part);
            }
        } catch (IOException e) {
            if (isDenied(e)) {
                throw e;
            }
            found(listed.path(), "it cannot be read: " + reason(e));
            return;
        }
        if (size != listed.size()) {
            found(listed.path(), "it has " + size + " bytes, " + listed.size() + " were published");
        } else if (!HexFormat.of().formatHex(sum.digest()).equals(listed.sha256())) {
            found(listed.path(), "its contents are not what was published");
        }
    }

    /** A missing permission of this user is not damage. */
    static boolean isDenied(IOException e) {
        return e.getCause() instanceof PosixException cause
                && (cause.errno() == Errno.EACCES || cause.errno() == Errno.EPERM);
    }

    static String reason(IOException e) {
        return PluralityException.reasonOf(e.getCause() instanceof PosixException cause ? cause : e);
    }

    private Optional<ListedFile> next() throws IOException {
        Optional<ListedFile> next;
        try {
            next = list.next();
        } catch (IOException e) {
            throw new DamagedListException(e);
        }
        if (next.isPresent() && next.get().hardlink().isEmpty()) {
            bytes += next.get().size();
        }
        return next;
    }

    private void found(ByteString path, String what) {
        findings.add(path.isEmpty() ? root : root + "/" + path, what);
    }

    /**
     * Compares in the order of a walk: a directory comes before its contents, and these before names that continue
     * with a byte below the slash.
     */
    static int compare(ByteString a, ByteString b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            int x = a.at(i) == '/' ? 0 : a.at(i) & 0xff;
            int y = b.at(i) == '/' ? 0 : b.at(i) & 0xff;
            if (x != y) {
                return Integer.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** The list itself cannot be read. */
    static final class DamagedListException extends IOException {
        private static final long serialVersionUID = 1;

        DamagedListException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
