// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.plurality.posix.ByteString;
import org.plurality.posix.Fcntl;
import org.plurality.posix.Posix;
import org.plurality.posix.PosixException;

/**
 * Open descriptors of the directories in use. Each is opened by its one name in its parent's, as a directory and not through a link, so
 * none ever leads outside the root. Between {@link #trim} calls descriptors that were handed out stay open.
 */
final class DirectoryHandles implements AutoCloseable {
    private static final int KEPT = 128;
    private static final int FLAGS = Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;

    private final Posix posix;
    private final int root;
    private final Map<Node.Directory, Integer> open = new LinkedHashMap<>(16, 0.75f, true);

    DirectoryHandles(Posix posix, ByteString root) throws PosixException {
        this.posix = posix;
        this.root = posix.openat(Fcntl.AT_FDCWD, root, FLAGS, 0);
    }

    int of(Node.Directory directory) throws PosixException {
        if (directory.isRoot()) {
            return root;
        }
        Integer known = open.get(directory);
        if (known != null) {
            return known;
        }
        int descriptor = posix.openat(of(directory.parent()), directory.name(), FLAGS, 0);
        open.put(directory, descriptor);
        return descriptor;
    }

    /** Before a directory is removed. */
    void release(Node.Directory directory) throws PosixException {
        Integer descriptor = open.remove(directory);
        if (descriptor != null) {
            posix.close(descriptor);
        }
    }

    /** Closes those used longest ago. */
    void trim() throws PosixException {
        Iterator<Integer> eldest = open.values().iterator();
        while (open.size() > KEPT) {
            int descriptor = eldest.next();
            eldest.remove();
            posix.close(descriptor);
        }
    }

    @Override
    public void close() throws PosixException {
        PosixException first = null;
        for (int descriptor : open.values()) {
            try {
                posix.close(descriptor);
            } catch (PosixException e) {
                first = e;
            }
        }
        open.clear();
        posix.close(root);
        if (first != null) {
            throw first;
        }
    }
}
