// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.HostMounts;
import org.plurality.bundle.MountPoints;
import org.plurality.bundle.UserIds;
import org.plurality.cache.Entry;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * What has to be mounted before an image can be looked at: a squashfs file, a writable layer. The launcher's script does it, in a user and a
 * mount namespace ({@code libexec/mounts}), because a JVM cannot enter one: it is asked by the file {@code mounts} in the launch's directory and the line
 * {@code mount} on standard output, and answers with the file {@code mounted}, which holds the pid of a process in those namespaces.
 */
final class RootMounts {
    private static final long LOCAL_MAX = 16L << 30;
    private static final long TMPFS_SIZE = 1L << 30;
    private static final int POLL_MILLIS = 1;

    private final Settings settings;
    private final Map<String, String> environment;
    private final Path directory;

    RootMounts(Settings settings, Map<String, String> environment, Path directory) {
        this.settings = settings;
        this.environment = environment;
        this.directory = directory;
    }

    /**
     * @param runtime that will make the container
     * @param owner of the launch: when it ends, nobody will answer
     * @param launcher where the script listens
     * @throws PluralityException when the request cannot be met; what the mounting itself fails with, the script says
     */
    ImageRoot mount(Entry entry, Path runtime, UserIds ids, long owner, PrintStream launcher)
            throws IOException, PluralityException {
        boolean squashfs = entry.document().kind() == RootfsKind.SQUASHFS;
        boolean tmpfs = settings.isOn(Key.WRITABLE_TMPFS);
        Optional<String> overlay = settings.value(Key.OVERLAY);
        if (tmpfs && overlay.isPresent()) {
            throw usage("cannot write to two places: both --writable-tmpfs and --overlay were given", "choose one");
        }
        if (settings.isOn(Key.LOCAL) && !squashfs) {
            throw usage(
                    "cannot copy " + entry.document().digest() + " to this node: it is staged as a directory",
                    "stage it in as one file: plurality-stagein pull --format squashfs");
        }
        boolean writable = tmpfs || overlay.isPresent();
        // What crun makes can be entered only by a namespace's root, which one is in a namespace of one's own.
        boolean crun = runtime.getFileName().toString().contains("crun");
        if (!squashfs && !writable && !crun) {
            return ImageRoot.unpacked(entry.rootfs());
        }
        KeyValueFile request = new KeyValueFile();
        if (squashfs) {
            request.add("squashfs", entry.rootfs().toString())
                    .add("program", squashfuse().toString());
            copy(entry, request);
        } else {
            if (writable) {
                requireOwn(entry.rootfs(), ids);
            }
            request.add("lower", entry.rootfs().toString());
        }
        if (tmpfs) {
            request.add("tmpfs", Long.toString(settings.bytes(Key.WRITABLE_TMPFS_SIZE, TMPFS_SIZE)));
        } else if (overlay.isPresent()) {
            request.add("overlay", layer(overlay.get()).toString());
        }
        for (String place : List.of("image", "root", "writable")) {
            Files.createDirectories(directory.resolve(place));
        }
        request.write(directory.resolve("mounts"));
        launcher.println("mount");
        launcher.flush();
        String process = answer(owner);
        Path path = directory.resolve(writable ? "root" : "image");
        Path there = Path.of("/proc", process);
        Path seen = there.resolve("root").resolve(Path.of("/").relativize(path));
        MountPoints points =
                writable ? MountPoints.IN_IMAGE : squashfs ? MountPoints.ON_IMAGE : MountPoints.BESIDE_IMAGE;
        return new ImageRoot(path, seen, writable, true, there.resolve("mountinfo"), points);
    }

    private Path squashfuse() throws PluralityException {
        for (String name : List.of("squashfuse_ll", "squashfuse")) {
            Path found = Preflight.find(name, environment);
            if (found != null) {
                return found;
            }
        }
        throw new PluralityException(
                FailureKind.OTHER,
                "cannot mount the image: it is staged as squashfs, and there is no squashfuse_ll on this node",
                "install squashfuse on the compute nodes (Debian: apt-get install squashfuse), or stage it in as a"
                        + " directory: plurality-stagein pull --format dir");
    }

    /** Where the file is on this node already, or that it is to be copied. */
    private void copy(Entry entry, KeyValueFile request) throws IOException, PluralityException {
        if (!settings.isOn(Key.LOCAL)) {
            return;
        }
        long bytes = Files.size(entry.rootfs());
        String name = entry.document().digest().hex() + ".squashfs";
        for (Path place : places()) {
            Path given = place.resolve(name);
            if (Files.isRegularFile(given) && Files.size(given) == bytes) {
                request.add("local", given.toString());
                return;
            }
        }
        long most = settings.bytes(Key.LOCAL_MAX, LOCAL_MAX);
        if (bytes > most) {
            throw usage(
                    "cannot copy the image to this node: it has " + bytes + " bytes, more than the " + most
                            + " that are allowed",
                    "run it without --local, or raise local_max in plurality.toml or PLURALITY_LOCAL_MAX");
        }
        long free = Files.getFileStore(directory).getUsableSpace();
        if (bytes > free) {
            throw usage(
                    "cannot copy the image to this node: it has " + bytes + " bytes, and " + directory.getParent()
                            + " has room for " + free,
                    "run it without --local, or name a larger directory on this node with PLURALITY_RUN_DIR");
        }
        request.add("copy", directory.resolve("local.squashfs").toString());
    }

    /** Where a copy may have been brought: by {@code libexec/broadcast} for this job, or for all that its user runs here. */
    private List<Path> places() {
        Path run = directory.resolveSibling(".").normalize();
        String job = environment.getOrDefault("SLURM_JOB_ID", "");
        return job.matches("[0-9]+") ? List.of(run.resolve("local-s" + job), run) : List.of(run);
    }

    /** In a user namespace only the own files of a lower layer can be changed. */
    private static void requireOwn(Path rootfs, UserIds ids) throws IOException, PluralityException {
        if (!Files.getAttribute(rootfs, "unix:uid").equals((int) ids.uid())) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot make the image writable: its files in " + rootfs + " belong to another user",
                    "use an image that is staged as squashfs (plurality-stagein pull --format squashfs), or stage it"
                            + " into your own cache");
        }
    }

    private static Path layer(String chosen) throws IOException, PluralityException {
        Path layer = Path.of(chosen).toAbsolutePath().normalize();
        Path existing = layer;
        while (!Files.exists(existing)) {
            existing = existing.resolveSibling("");
        }
        @Nullable String network = HostMounts.read().networkFilesystem(existing.toRealPath());
        if (network != null) {
            throw usage(
                    "cannot keep changes in " + layer + ": it is on " + network
                            + ", and an overlay's upper layer works on local filesystems only",
                    "choose a directory on this node, such as one in /tmp, with --overlay, or use --writable-tmpfs");
        }
        if (Files.exists(layer) && !Files.isWritable(layer)) {
            throw usage("cannot keep changes in " + layer + ": it is not writable", "choose another --overlay");
        }
        try {
            return Files.createDirectories(layer);
        } catch (IOException e) {
            throw usage(
                    "cannot keep changes in " + layer + ": " + PluralityException.reasonOf(e),
                    "choose another --overlay");
        }
    }

    private String answer(long owner) throws IOException, PluralityException {
        Path mounted = directory.resolve("mounted");
        Path alive = Path.of("/proc", Long.toString(owner));
        while (Files.exists(alive)) {
            if (Files.exists(mounted)) {
                String text = new String(Files.readAllBytes(mounted), StandardCharsets.US_ASCII);
                if (text.endsWith("\n")) {
                    return text.strip();
                }
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        throw new PluralityException(
                FailureKind.OTHER, "cannot mount the image: the launch was broken off", "run it again");
    }

    private static PluralityException usage(String message, String hint) {
        return new PluralityException(FailureKind.USAGE, message, hint);
    }
}
