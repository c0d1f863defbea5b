// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.plurality.bundle.ContainerSpec.Overlay;
import org.plurality.bundle.UserIds;
import org.plurality.cache.Entry;
import org.plurality.cache.RootfsKind;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Gives a new container its root filesystem. The entry is read only; what is made belongs to the user, who can write and delete all of it.
 *
 * <p>A copy shares its blocks with the entry where the filesystem can ({@code FICLONE}, through {@code cp --reflink=auto}) and takes room of its own
 * elsewhere. An overlay takes none, and needs the entry as long as the container is kept.
 */
final class RootfsFiller {
    private RootfsFiller() {}

    static void copy(Entry entry, Container container) throws PluralityException {
        String action = "cannot copy the image into " + container.name();
        if (entry.document().kind() == RootfsKind.SQUASHFS) {
            run(
                    action,
                    List.of(
                            "/usr/bin/unsquashfs",
                            "-no-xattrs",
                            "-no-progress",
                            "-quiet",
                            "-d",
                            container.rootfs().toString(),
                            entry.rootfs().toString()));
        } else {
            run(
                    action,
                    List.of(
                            "/bin/cp",
                            "-a",
                            "--reflink=auto",
                            "--no-preserve=ownership",
                            "--",
                            entry.rootfs().toString(),
                            container.rootfs().toString()));
        }
        run(
                action,
                List.of("/bin/chmod", "-R", "u+rwX", "--", container.rootfs().toString()));
    }

    private static void run(String action, List<String> command) throws PluralityException {
        HostCommand.Outcome outcome = HostCommand.run(command);
        if (outcome.status() == 0) {
            return;
        }
        String said = outcome.output().toLowerCase(Locale.ROOT);
        for (String reason : List.of("No space left on device", "Disk quota exceeded")) {
            if (said.contains(reason.toLowerCase(Locale.ROOT))) {
                throw ContainerStore.unusable(action, new IOException(reason));
            }
        }
        throw new PluralityException(
                FailureKind.STORAGE,
                action + ": " + outcome.firstLine(),
                "check the entry with 'plurality-stagein inspect' and the filesystem of the container");
    }

    /**
     * An empty layer over the entry.
     *
     * @param place where the container will lie
     * @throws PluralityException (USAGE) when there can be none, with the reason
     */
    static Overlay overlay(Entry entry, Container draft, Path place, UserIds ids) throws PluralityException {
        String action = "cannot lay an overlay over the image for " + draft.name();
        String hint = "create it without --overlay: it gets a copy";
        if (entry.document().kind() != RootfsKind.DIR) {
            throw new PluralityException(FailureKind.USAGE, action + ": it is staged as squashfs", hint);
        }
        try {
            long owner =
                    ((Integer) Files.getAttribute(entry.rootfs(), "unix:uid", LinkOption.NOFOLLOW_LINKS)).longValue();
            if (owner != ids.uid()) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        action + ": the image in " + entry.layout().root()
                                + " is not yours, and could not be changed through one",
                        hint);
            }
            Files.createDirectory(draft.rootfs());
            Files.createDirectory(draft.overlay());
            Files.createDirectory(draft.overlay().resolve("upper"));
            Files.createDirectory(draft.overlay().resolve("work"));
            probe(
                    action,
                    hint,
                    new Overlay(
                            entry.rootfs(),
                            draft.overlay().resolve("upper"),
                            draft.overlay().resolve("work")),
                    draft);
            Path overlay = new Container(draft.name(), place).overlay();
            return new Overlay(entry.rootfs(), overlay.resolve("upper"), overlay.resolve("work"));
        } catch (IllegalArgumentException e) {
            throw new PluralityException(FailureKind.USAGE, action + ": " + e.getMessage(), hint, e);
        } catch (IOException e) {
            throw ContainerStore.unusable(action, e);
        }
    }

    /** Whether kernel and filesystem do it is found out by doing it. */
    private static void probe(String action, String hint, Overlay overlay, Container draft) throws PluralityException {
        HostCommand.Outcome outcome = HostCommand.run(List.of(
                "/usr/bin/unshare",
                "--user",
                "--map-root-user",
                "--mount",
                "/bin/mount",
                "-t",
                "overlay",
                "-o",
                String.join(",", overlay.options()),
                "overlay",
                draft.rootfs().toString()));
        if (outcome.status() != 0) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    action + ": the kernel refuses one on the filesystem of the container (" + outcome.firstLine()
                            + ")",
                    hint + "; or name a directory on a local disk with PLURALITY_CONTAINERS");
        }
    }
}
