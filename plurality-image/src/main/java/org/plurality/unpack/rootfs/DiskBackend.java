// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.List;
import org.plurality.posix.ByteString;
import org.plurality.posix.Fcntl;
import org.plurality.posix.Posix;
import org.plurality.posix.PosixException;
import org.plurality.reference.Digest;
import org.plurality.unpack.layer.Xattr;

/** A directory on the disk, by calls on directory descriptors that follow no link. A small file costs five system calls. */
final class DiskBackend implements RootfsBackend, AutoCloseable {
    private static final int CREATE =
            Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;

    private final Posix posix;
    private final DirectoryHandles handles;
    private final UnpackCounts counts;
    private final byte[] buffer = new byte[128 << 10];
    private final MessageDigest digest = Digest.Algorithm.SHA256.newMessageDigest();

    DiskBackend(Posix posix, ByteString directory, UnpackCounts counts) throws PosixException {
        this.posix = posix;
        this.handles = new DirectoryHandles(posix, directory);
        this.counts = counts;
    }

    @Override
    public void makeDirectory(Node.Directory parent, ByteString name) throws IOException {
        posix.mkdirat(handles.of(parent), name, 0700);
    }

    @Override
    public void makeFile(Node.Directory parent, ByteString name, Inode.RegularFile inode, Contents contents)
            throws IOException {
        int file = posix.openat(handles.of(parent), name, CREATE, 0600);
        boolean written = false;
        try {
            for (int read = contents.read(buffer, 0, buffer.length);
                    read >= 0;
                    read = contents.read(buffer, 0, buffer.length)) {
                digest.update(buffer, 0, read);
                posix.write(file, buffer, 0, read);
            }
            setXattrs(file, inode.xattrs());
            posix.fchmod(file, inode.mode());
            posix.futimens(file, inode.seconds(), inode.nanoseconds());
            written = true;
        } finally {
            if (!written) {
                closeQuietly(file);
            }
        }
        // The last word of a network filesystem on whether it could be stored.
        posix.close(file);
        inode.digested(ByteString.copyOf(digest.digest()));
    }

    @Override
    public void makeSymbolicLink(Node.Directory parent, ByteString name, Inode.SymbolicLink link) throws IOException {
        int directory = handles.of(parent);
        posix.symlinkat(link.target(), directory, name);
        posix.utimensat(directory, name, link.seconds(), link.nanoseconds());
    }

    @Override
    public void makeHardLink(Node.Leaf existing, Node.Directory parent, ByteString name) throws IOException {
        posix.linkat(handles.of(existing.parent()), existing.name(), handles.of(parent), name);
    }

    @Override
    public void removeDirectory(Node.Directory directory) throws IOException {
        handles.release(directory);
        posix.unlinkat(handles.of(directory.parent()), directory.name(), Fcntl.AT_REMOVEDIR);
    }

    @Override
    public void removeLeaf(Node.Leaf leaf) throws IOException {
        posix.unlinkat(handles.of(leaf.parent()), leaf.name(), 0);
    }

    @Override
    public void settle() throws IOException {
        handles.trim();
    }

    /** The descriptor of a directory, open until the next {@link #settle} or {@link #release}. */
    int descriptor(Node.Directory directory) throws PosixException {
        return handles.of(directory);
    }

    /** The last touch: attributes, mode and times. */
    void finish(Node.Directory directory) throws IOException {
        int descriptor = handles.of(directory);
        setXattrs(descriptor, directory.xattrs());
        posix.fchmod(descriptor, directory.mode());
        posix.futimens(descriptor, directory.seconds(), directory.nanoseconds());
    }

    /** Nothing more will be done in it. */
    void release(Node.Directory directory) throws IOException {
        handles.release(directory);
    }

    /** Flushes the whole filesystem. */
    void sync(Node.Directory root) throws IOException {
        posix.syncfs(handles.of(root));
    }

    @Override
    public void close() throws IOException {
        handles.close();
    }

    /** What a filesystem does not take is left out: it may know none, or have no room beside the inode. */
    private void setXattrs(int file, List<Xattr> xattrs) throws IOException {
        for (Xattr xattr : xattrs) {
            try {
                posix.fsetxattr(file, xattr.name(), xattr.value());
            } catch (PosixException e) {
                switch (e.errno()) {
                    case EOPNOTSUPP, ENOSPC, EDQUOT, E2BIG, ERANGE, EPERM, EINVAL -> counts.droppedXattrs++;
                    default -> throw e;
                }
            }
        }
    }

    private void closeQuietly(int file) {
        digest.reset();
        try {
            posix.close(file);
        } catch (PosixException e) {
            // The failure that brought us here says more.
        }
    }
}
