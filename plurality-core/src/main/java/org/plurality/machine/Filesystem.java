// SPDX-License-Identifier: Apache-2.0
package org.plurality.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A mounted filesystem, as listed in {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)).
 *
 * @param type such as {@code nfs4} or {@code fuse.glusterfs}, in lower case
 * @param source device or server
 * @param options options of this mount, without those of the filesystem
 */
public record Filesystem(String type, String source, Path mountPoint, List<String> options) {
    private static final Set<String> SHARED = Set.of(
            "9p",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "dvs",
            "fhgfs",
            "fuse.beegfs",
            "fuse.ceph-fuse",
            "fuse.glusterfs",
            "fuse.juicefs",
            "fuse.lizardfs",
            "fuse.moosefs",
            "fuse.quobyte",
            "fuse.sshfs",
            "fuse.weka",
            "gfs2",
            "gpfs",
            "lustre",
            "mmfs",
            "nfs",
            "nfs3",
            "nfs4",
            "ocfs2",
            "orangefs",
            "panfs",
            "pvfs2",
            "smb3",
            "wekafs");
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    public Filesystem {
        options = List.copyOf(options);
    }

    /** @param file an existing file */
    public static Filesystem of(Path file) throws IOException {
        return of(file.toRealPath(), Files.readString(MOUNTS, StandardCharsets.ISO_8859_1));
    }

    /** Returns the innermost mount that contains the file; of several mounts on one point, the last is on top. */
    static Filesystem of(Path file, String mounts) throws IOException {
        Filesystem best = null;
        for (String line : mounts.split("\n", -1)) {
            String[] fields = line.split(" ", -1);
            int dash = Arrays.asList(fields).indexOf("-");
            if (dash < 6 || fields.length < dash + 3) {
                continue;
            }
            Path point = Path.of(plain(fields[4]));
            boolean holds = file.startsWith(point);
            if (holds
                    && (best == null
                            || point.getNameCount() >= best.mountPoint().getNameCount())) {
                best = new Filesystem(
                        fields[dash + 1].toLowerCase(Locale.ROOT),
                        plain(fields[dash + 2]),
                        point,
                        List.of(fields[5].split(",", -1)));
            }
        }
        if (best == null) {
            throw new IOException("no mount holds it");
        }
        return best;
    }

    /**
     * Returns whether it is a parallel or network filesystem, whose metadata server suffers from a tree of small
     * files.
     */
    public boolean isShared(List<String> more) {
        return SHARED.contains(type) || more.contains(type);
    }

    /** Decodes blanks and similar characters, which are written as three octal digits. */
    private static String plain(String field) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\'
                    && i + 3 < field.length()
                    && field.substring(i + 1, i + 4).matches("[0-7]{3}")) {
                plain.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
