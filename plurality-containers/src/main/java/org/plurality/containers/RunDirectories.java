// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.plurality.bundle.UserIds;
import org.plurality.cache.DurableFiles;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * The node-local directories of running containers: the bundle as it runs, and the runtime's state. The only class that spells them.
 *
 * <pre>
 * named/NAME-HASH/config.json   HASH tells containers of one name in two places apart
 * named/NAME-HASH/runc.log
 * named/NAME-HASH/runc/NAME/state.json
 * </pre>
 */
public final class RunDirectories {
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path base;
    private final UserIds ids;

    private RunDirectories(Path base, UserIds ids) {
        this.base = base;
        this.ids = ids;
    }

    /** @throws PluralityException (USAGE) when the setting is no absolute path */
    public static RunDirectories of(Settings settings, Map<String, String> environment, UserIds ids)
            throws PluralityException {
        String set = settings.value(Key.RUN_DIR).orElse("/tmp/plurality-" + ids.uid());
        if (set.startsWith("~/")) {
            set = environment.getOrDefault("HOME", "/") + set.substring(1);
        }
        Path base = Path.of(set);
        if (!base.isAbsolute()) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the run directory " + base + ": it is not absolute",
                    "check PLURALITY_RUN_DIR and 'run_dir' in plurality.toml");
        }
        return new RunDirectories(base.normalize(), ids);
    }

    Path of(Container container) {
        return base.resolve("named")
                .resolve(container.name() + "-"
                        + Integer.toHexString(container.directory().toString().hashCode()));
    }

    /** Makes a container's directory anew, empty. */
    Path prepare(Container container) throws PluralityException {
        Path directory = of(container);
        try {
            if (!Files.isDirectory(base, LinkOption.NOFOLLOW_LINKS)) {
                Path parent = base.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(base, PRIVATE);
            }
            // A directory that somebody else put there in our name could make us run what they like.
            if (ids.uid() != owner(base)) {
                throw new PluralityException(
                        FailureKind.STORAGE,
                        "cannot use " + base + ": it is not yours",
                        "name another directory on this node with PLURALITY_RUN_DIR");
            }
            Files.createDirectories(directory.resolveSibling("."), PRIVATE);
            DurableFiles.deleteTree(directory);
            return Files.createDirectory(directory, PRIVATE);
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot make " + directory + ": " + PluralityException.reasonOf(e),
                    "free space on this node, or name a directory with PLURALITY_RUN_DIR",
                    e);
        }
    }

    static long owner(Path path) throws IOException {
        return Integer.toUnsignedLong((Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS));
    }

    /** Removes what a run left; whether that succeeds matters to nobody. */
    void remove(Container container) {
        try {
            DurableFiles.deleteTree(of(container));
        } catch (IOException e) {
            // On a node's own disk, small, and in the way of nothing: the next run removes it.
        }
    }

    static Path config(Path directory) {
        return directory.resolve("config.json");
    }

    static Path runtimeLog(Path directory) {
        return directory.resolve("runc.log");
    }

    static Path runtimeRoot(Path directory) {
        return directory.resolve("runc");
    }

    static Path runtimeState(Path directory, ContainerName name) {
        return runtimeRoot(directory).resolve(name.value()).resolve("state.json");
    }
}
