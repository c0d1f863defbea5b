// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.plurality.posix.ByteString;
import org.plurality.posix.Errno;
import org.plurality.posix.Fcntl;
import org.plurality.posix.LinuxPosixReader;
import org.plurality.posix.Posix;
import org.plurality.posix.PosixException;
import org.plurality.posix.PosixReader;
import org.plurality.reference.Digest;

/**
 * Lets a tree that is not published yet share files with trees that are, or will be: each file has one more name in a common directory, made of
 * its contents, mode, owner, group and time. A file that finds its name there is replaced by the one that has it, after that was read and
 * proved equal; else it gets the name. One that proves unequal loses the name, and so does one that has as many links as it may: whoever
 * else has it keeps it, but nobody new gets it.
 *
 * <p>Files with attributes or with several names in the tree stay as they are, and no two files of a tree become one: it looks as
 * it would without, but for the number of links. Never written to: a file that has another name. Whatever goes wrong with one file
 * leaves that as it was; where links are refused altogether nothing is tried any more. Memory: about 150 bytes a file.
 */
final class Deduplicator implements AutoCloseable {
    private static final int DIRECTORY = Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;

    private static final ByteString HERE = ByteString.utf8("");
    private static final ByteString SAME = ByteString.utf8("same");
    private static final int PERMISSIONS = 07777;

    private final Posix posix;
    private final PosixReader reader = new LinuxPosixReader();
    private final DiskBackend disk;
    private final UnpackCounts counts;
    private final int files;
    private final int scratch;
    private final Map<ByteString, Integer> twins = new HashMap<>();
    private final MessageDigest digest = Digest.Algorithm.SHA256.newMessageDigest();
    private final byte[] buffer = new byte[128 << 10];
    private boolean isRefused;

    Deduplicator(Posix posix, DiskBackend disk, Sharing sharing, UnpackCounts counts) throws PosixException {
        this.posix = posix;
        this.disk = disk;
        this.counts = counts;
        this.files = posix.openat(
                Fcntl.AT_FDCWD, ByteString.utf8(sharing.files().toAbsolutePath().toString()), DIRECTORY, 0);
        try {
            this.scratch = posix.openat(
                    Fcntl.AT_FDCWD,
                    ByteString.utf8(sharing.scratch().toAbsolutePath().toString()),
                    DIRECTORY,
                    0);
        } catch (PosixException e) {
            posix.close(files);
            throw e;
        }
    }

    /** All below a directory, in the order of a walk, so that the same tree gets the same files. */
    void share(Node.Directory directory) throws IOException {
        List<Node> children = directory.children();
        children.sort(Comparator.comparing(Node::name));
        for (Node child : children) {
            switch (child) {
                case Node.Directory below -> share(below);
                case Node.Leaf leaf -> {
                    if (!isRefused && leaf.inode() instanceof Inode.RegularFile file && maybeShared(file)) {
                        share(leaf, file);
                    }
                }
            }
        }
        disk.release(directory);
    }

    private static boolean maybeShared(Inode.RegularFile file) {
        return !file.isLinked() && file.xattrs().isEmpty();
    }

    private void share(Node.Leaf leaf, Inode.RegularFile file) throws IOException {
        int directory = disk.descriptor(leaf.parent());
        PosixReader.Status own = reader.statx(directory, leaf.name());
        ByteString common = commonName(own, file.sha256());
        try {
            switch (find(common, own, file.sha256())) {
                case ABSENT -> offer(directory, leaf.name(), common);
                case EQUAL -> {
                    posix.renameat(scratch, SAME, directory, leaf.name());
                    counts.sharedFiles++;
                }
                case UNFIT -> {
                    posix.linkat(directory, leaf.name(), scratch, SAME);
                    posix.renameat(scratch, SAME, files, common);
                }
            }
        } catch (PosixException e) {
            isRefused = isRefusal(e.errno());
            drop();
        }
    }

    private enum Found {
        ABSENT,
        /** And it has a name in the scratch directory now. */
        EQUAL,
        UNFIT
    }

    private Found find(ByteString common, PosixReader.Status own, ByteString sha256) throws IOException {
        try {
            posix.linkat(files, common, scratch, SAME);
        } catch (PosixException e) {
            return switch (e.errno()) {
                case ENOENT -> Found.ABSENT;
                case EMLINK -> Found.UNFIT;
                default -> throw e;
            };
        }
        if (isEqual(own, sha256)) {
            return Found.EQUAL;
        }
        drop();
        return Found.UNFIT;
    }

    private boolean isEqual(PosixReader.Status own, ByteString sha256) throws PosixException {
        int file;
        try {
            file = reader.openat(scratch, SAME, false);
        } catch (PosixException e) {
            // A link, or one that may not be read: none of ours.
            return false;
        }
        try {
            PosixReader.Status found = reader.statx(file, HERE);
            boolean isAlike = found.mode() == own.mode()
                    && found.uid() == own.uid()
                    && found.gid() == own.gid()
                    && found.size() == own.size()
                    && found.seconds() == own.seconds()
                    && found.nanoseconds() == own.nanoseconds();
            if (!isAlike) {
                return false;
            }
            digest.reset();
            for (int read = reader.read(file, buffer, 0, buffer.length);
                    read > 0;
                    read = reader.read(file, buffer, 0, buffer.length)) {
                digest.update(buffer, 0, read);
            }
            return ByteString.copyOf(digest.digest()).equals(sha256);
        } catch (PosixException e) {
            return false;
        } finally {
            reader.close(file);
        }
    }

    private void offer(int directory, ByteString name, ByteString common) throws PosixException {
        try {
            posix.linkat(directory, name, files, common);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                // Somebody's equal file may have come first.
                throw e;
            }
            makeShard(common.substring(0, 2));
            posix.linkat(directory, name, files, common);
        }
    }

    /** For whom the directory above it is. */
    private void makeShard(ByteString shard) throws PosixException {
        try {
            posix.mkdirat(files, shard, 0700);
        } catch (PosixException e) {
            if (e.errno() == Errno.EEXIST) {
                return;
            }
            throw e;
        }
        int made = posix.openat(files, shard, DIRECTORY, 0);
        try {
            posix.fchmod(made, reader.statx(files, HERE).mode() & PERMISSIONS);
        } finally {
            posix.close(made);
        }
    }

    /** Two digits, a slash, and a digest of all that must be equal; of several such files in a tree each has one of its own. */
    private ByteString commonName(PosixReader.Status own, ByteString sha256) {
        String facts = String.join(
                " ",
                HexFormat.of().formatHex(sha256.toByteArray()),
                Long.toString(own.size()),
                Integer.toOctalString(own.mode()),
                Integer.toUnsignedString(own.uid()),
                Integer.toUnsignedString(own.gid()),
                Long.toString(own.seconds()),
                Integer.toString(own.nanoseconds()));
        ByteString same = ByteString.copyOf(sum(facts));
        int twin = twins.merge(same, 1, Integer::sum) - 1;
        String hex = HexFormat.of().formatHex(sum(facts + " " + twin));
        return ByteString.utf8(hex.substring(0, 2) + "/" + hex);
    }

    private byte[] sum(String text) {
        digest.reset();
        return digest.digest(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Of a filesystem, rather than of one file. */
    private static boolean isRefusal(Errno errno) {
        return switch (errno) {
            case EPERM, EACCES, EXDEV, EOPNOTSUPP, ENOSYS, EROFS -> true;
            default -> false;
        };
    }

    private void drop() {
        try {
            posix.unlinkat(scratch, SAME, 0);
        } catch (PosixException e) {
            // Not there; what is goes with the scratch directory.
        }
    }

    @Override
    public void close() throws PosixException {
        try {
            posix.close(files);
        } finally {
            posix.close(scratch);
        }
    }
}
