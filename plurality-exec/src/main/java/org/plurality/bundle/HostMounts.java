// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The host's mounts and their flags. A mount that is made read-only in a user namespace must keep {@code nosuid}, {@code nodev} and {@code
 * noexec} of the mount it comes from: the kernel locks them and answers EPERM otherwise ({@code mount_namespaces(7)}).
 */
public final class HostMounts {
    private record Mount(String point, String type, List<String> flags, boolean readOnly) {}

    private static final Set<String> NETWORK = Set.of(
            "9p",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "fuse.beegfs",
            "fuse.ceph",
            "fuse.glusterfs",
            "fuse.sshfs",
            "fuse.weka",
            "gpfs",
            "lustre",
            "ncpfs",
            "nfs",
            "nfs4",
            "orangefs",
            "panfs",
            "pvfs2",
            "smb3",
            "virtiofs",
            "wekafs");

    private final List<Mount> mounts;

    private HostMounts(List<Mount> mounts) {
        this.mounts = mounts;
    }

    /** Those that this process finds. */
    public static HostMounts read() throws IOException {
        return read(Path.of("/proc/self/mountinfo"));
    }

    /** @param mountInfo of a process: {@code /proc/PID/mountinfo} */
    public static HostMounts read(Path mountInfo) throws IOException {
        return parse(new String(Files.readAllBytes(mountInfo), StandardCharsets.UTF_8));
    }

    /** @param mountinfo text of {@code /proc/PID/mountinfo} */
    static HostMounts parse(String mountinfo) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : mountinfo.split("\n", -1)) {
            String[] fields = line.split(" ", 7);
            if (fields.length == 7) {
                List<String> flags = new ArrayList<>();
                boolean readOnly = false;
                for (String flag : fields[5].split(",", -1)) {
                    if (flag.equals("nosuid") || flag.equals("nodev") || flag.equals("noexec")) {
                        flags.add(flag);
                    }
                    readOnly |= flag.equals("ro");
                }
                mounts.add(new Mount(unescape(fields[4]), type(fields[6]), flags, readOnly));
            }
        }
        return new HostMounts(mounts);
    }

    /** The flags that a bind of this path has to keep. */
    public List<String> lockedFlags(Path path) {
        return over(path).flags;
    }

    /** Whether a path lies on a mount that is read-only. */
    boolean isReadOnly(Path path) {
        return over(path).readOnly;
    }

    /** Whether set-user-id bits and file capabilities have no effect at a path already, and below it if asked. */
    boolean isNosuid(Path path, boolean below) {
        String text = path.toString();
        for (Mount mount : mounts) {
            if (below && isBelow(mount.point, text) && !mount.flags.contains("nosuid")) {
                return false;
            }
        }
        return over(path).flags.contains("nosuid");
    }

    /** The type of the filesystem that a path is on when other nodes see it too, else null. */
    public @Nullable String networkFilesystem(Path path) {
        String type = over(path).type;
        return NETWORK.contains(type) ? type : null;
    }

    private Mount over(Path path) {
        String text = path.toString();
        Mount best = new Mount("", "", List.of(), false);
        for (Mount mount : mounts) {
            // The later of two mounts on one point hides the earlier.
            if (mount.point.length() >= best.point.length() && isBelow(text, mount.point)) {
                best = mount;
            }
        }
        return best;
    }

    /** After optional fields and a hyphen: {@code type source options}. */
    private static String type(String rest) {
        int hyphen = rest.startsWith("- ") ? 0 : rest.indexOf(" - ") + 1;
        return rest.substring(hyphen).split(" ", 3)[1];
    }

    /** Whether something is mounted below this path, so that a bind has to be recursive to show it. */
    public boolean hasMountBelow(Path path) {
        String text = path.toString();
        for (Mount mount : mounts) {
            if (!mount.point.equals(text) && isBelow(mount.point, text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBelow(String path, String point) {
        return point.equals("/") || path.equals(point) || path.startsWith(point + "/");
    }

    /** The kernel writes blanks, tabs, line ends and backslashes as three octal digits. */
    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
