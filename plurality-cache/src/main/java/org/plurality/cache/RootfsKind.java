// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;

/** How an entry keeps its root filesystem. */
public enum RootfsKind {
    /** An unpacked directory tree. */
    DIR("dir", "rootfs"),
    /** One squashfs file: kind to the metadata servers of parallel filesystems. */
    SQUASHFS("squashfs", "rootfs.squashfs");

    private final String label;
    private final String fileName;

    RootfsKind(String label, String fileName) {
        this.label = label;
        this.fileName = fileName;
    }

    /** The name in options and documents. */
    public String label() {
        return label;
    }

    String fileName() {
        return fileName;
    }

    static RootfsKind parse(String label) throws IOException {
        for (RootfsKind kind : values()) {
            if (kind.label.equals(label)) {
                return kind;
            }
        }
        throw new IOException("\"kind\" is '" + label + "', neither dir nor squashfs");
    }
}
