// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.plurality.posix.Fcntl;
import org.plurality.posix.Posix;

/**
 * Whether all files of a tree could be stored, asked file by file: before Linux 5.8 {@code syncfs} says nothing of what it could not write
 * (syncfs(2)), and kernels of that age are on many clusters. After a flush each costs an open, an fsync that has nothing to do, and a close.
 */
final class StoredFiles {
    private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");
    private static final Pattern NUMBERS = Pattern.compile("^(\\d{1,4})\\.(\\d{1,4})");
    private static final int FLAGS = Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;

    private final Posix posix;
    private final DiskBackend disk;

    StoredFiles(Posix posix, DiskBackend disk) {
        this.posix = posix;
        this.disk = disk;
    }

    /** Whether the kernel's {@code syncfs} tells of everything that it could not write; not when that cannot be known. */
    static boolean areToldBySyncfs() {
        try {
            return areToldBySyncfs(Files.readString(RELEASE));
        } catch (IOException e) {
            return false;
        }
    }

    /** @param release as uname has it, {@code 4.18.0-553.el8.x86_64} */
    static boolean areToldBySyncfs(String release) {
        Matcher numbers = NUMBERS.matcher(release);
        if (!numbers.find()) {
            return false;
        }
        int major = Integer.parseInt(numbers.group(1));
        return major > 5 || (major == 5 && Integer.parseInt(numbers.group(2)) >= 8);
    }

    /** @throws IOException when one could not be stored */
    void check(Node.Directory directory) throws IOException {
        int descriptor = disk.descriptor(directory);
        for (Node child : directory.children()) {
            if (child instanceof Node.Leaf leaf && leaf.inode() instanceof Inode.RegularFile) {
                check(posix.openat(descriptor, leaf.name(), FLAGS, 0));
            }
        }
        for (Node child : directory.children()) {
            if (child instanceof Node.Directory below) {
                check(below);
                disk.release(below);
            }
        }
    }

    private void check(int file) throws IOException {
        try {
            posix.fsync(file);
        } finally {
            posix.close(file);
        }
    }
}
