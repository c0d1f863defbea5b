// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

/** Constants of {@code fcntl.h} on Linux. Two of them differ between x86-64 and aarch64. */
public final class Fcntl {
    public static final int AT_FDCWD = -100;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_DIRECTORY;
    public static final int O_NOFOLLOW;

    static {
        // arch/arm64/include/uapi/asm/fcntl.h against include/uapi/asm-generic/fcntl.h
        boolean aarch64 = "aarch64".equals(System.getProperty("os.arch"));
        O_DIRECTORY = aarch64 ? 0x4000 : 0x10000;
        O_NOFOLLOW = aarch64 ? 0x8000 : 0x20000;
    }

    private Fcntl() {}
}
