// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The options of a bind mount in {@code config.json}.
 *
 * <p>No bind lets a program gain capabilities by a set-user-id bit or a file capability, not even those of the
 * container's own user namespace. Read-only and nosuid hold for all that is mounted below the source, where the
 * kernel can say so ({@code mount_setattr(2)}, Linux 5.12).
 *
 * @param mounts that the runtime will find
 * @param recursiveAttributes whether the kernel has {@code mount_setattr}
 */
record BindOptions(HostMounts mounts, boolean recursiveAttributes) {

    static BindOptions here(HostMounts mounts) {
        return new BindOptions(mounts, isAtLeast(System.getProperty("os.version", ""), 5, 12));
    }

    /** @param source of the bind, without links */
    List<String> of(Bind bind, Path source) {
        // A cache or a bundle may lie below the source: a recursive bind would copy every mount made so far into
        // itself.
        boolean recursive = bind.recursive() && mounts.hasMountBelow(source);
        List<String> options = new ArrayList<>();
        options.add(recursive ? "rbind" : "bind");
        if (bind.readOnly()) {
            options.addAll(readOnly(source));
            if (recursive && recursiveAttributes) {
                options.add("rro");
                options.add("rnosuid");
            }
        } else if (recursiveAttributes) {
            if (!mounts.isNosuid(source, recursive)) {
                options.add("rnosuid");
            }
        } else {
            // A remount has to name all flags that the kernel has locked.
            Set<String> flags = new LinkedHashSet<>(List.of("nosuid"));
            flags.addAll(mounts.lockedFlags(source));
            if (mounts.isReadOnly(source)) {
                flags.add("ro");
            }
            options.addAll(flags);
        }
        return List.copyOf(options);
    }

    /** Whether something below the source of a read-only bind stays writable on this kernel. */
    boolean leavesWritable(Bind bind, Path source) {
        return bind.readOnly() && bind.recursive() && !recursiveAttributes && mounts.hasMountBelow(source);
    }

    /** Returns options that were written elsewhere, with those that this host needs besides. */
    List<String> fitted(List<String> own, Path source) {
        Set<String> fitted = new LinkedHashSet<>(own);
        boolean below = mounts.hasMountBelow(source);
        if (below && fitted.remove("bind")) {
            // The kernel refuses to show what a mount hides.
            fitted.add("rbind");
        }
        if (fitted.contains("ro")) {
            fitted.addAll(mounts.lockedFlags(source));
            if (below && recursiveAttributes) {
                fitted.add("rro");
            }
        }
        return List.copyOf(fitted);
    }

    /** Returns the options for a part of an image, below which nothing is mounted. */
    List<String> ofImage(Path source) {
        Set<String> options = new LinkedHashSet<>(List.of("bind", "ro", "nosuid", "nodev"));
        options.addAll(mounts.lockedFlags(source));
        return List.copyOf(options);
    }

    private List<String> readOnly(Path source) {
        Set<String> flags = new LinkedHashSet<>(List.of("ro", "nosuid"));
        flags.addAll(mounts.lockedFlags(source));
        return List.copyOf(flags);
    }

    /** @param release such as {@code 5.14.0-427.el9} */
    static boolean isAtLeast(String release, int major, int minor) {
        String[] parts = release.split("[^0-9]", 3);
        if (parts.length < 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            return false;
        }
        int found = Integer.parseInt(parts[0]);
        return found > major || (found == major && Integer.parseInt(parts[1]) >= minor);
    }
}
