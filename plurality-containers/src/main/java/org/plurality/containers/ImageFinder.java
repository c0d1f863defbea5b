// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plurality.advice.ImageFile;
import org.plurality.cache.Entry;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.launch.JobContext;
import org.plurality.launch.StagedImage;
import org.plurality.reference.Platform;

/**
 * Brings the image of a new container into the cache: from the Docker daemon when that has it, else it is there already, else it is pulled. A
 * name with another transport in front is looked for there only.
 *
 * @param stageIn for what is not in the cache
 * @param caches in the order in which they are searched
 * @param pull whether a registry may be asked
 * @param daemonNamed whether a setting says where the Docker daemon is
 * @param environment of the process, for the daemon's address
 * @param notes what was tried goes there
 */
public record ImageFinder(
        StageInCommand stageIn,
        Platform platform,
        List<Path> caches,
        boolean pull,
        boolean daemonNamed,
        Map<String, String> environment,
        Notes notes) {
    private static final String DAEMON = "docker-daemon:";
    private static final String REGISTRY = "docker://";

    /** Transports of {@code plurality-stagein} that read what is on this host. */
    private static final List<String> LOCAL =
            List.of(DAEMON, "docker-archive:", "oci:", "oci-archive:", "sif:", "squashfs:", "dir:");

    /** What is said on the way. */
    @FunctionalInterface
    public interface Notes {
        /** @param detail whether only who looks for a fault wants to know */
        void say(boolean detail, String text) throws PluralityException;
    }

    /** @return with a lease of this process on it */
    public Entry find(String image) throws PluralityException {
        if (ImageFile.isPath(image)) {
            return lease(stageIn.pull(image).toString());
        }
        for (String transport : LOCAL) {
            if (image.startsWith(transport)) {
                return lease(stageIn.pull(image).toString());
            }
        }
        String daemon = "";
        if (!image.startsWith(REGISTRY) && !image.startsWith("sha256:") && hasDaemon()) {
            try {
                notes.say(true, "asking the Docker daemon for " + image);
                Entry entry = lease(stageIn.pull(DAEMON + image).toString());
                notes.say(false, "from the Docker daemon: " + image);
                return entry;
            } catch (PluralityException e) {
                if (e.kind() == FailureKind.INTERRUPTED || e.kind() == FailureKind.STORAGE) {
                    throw e;
                }
                notes.say(true, e.getMessage());
                daemon = e.getMessage();
            }
        }
        try {
            Entry entry = lease(image);
            notes.say(true, "in the cache: " + entry.directory());
            return entry;
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.NOT_FOUND) {
                throw e;
            }
        }
        if (!pull) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot find " + image + ": neither the Docker daemon nor the cache has it"
                            + (daemon.isEmpty()
                                    ? " (no daemon: DOCKER_HOST is not set, and there is no socket of one)"
                                    : " (" + daemon + ")"),
                    "without --nopull (and ENV_NOPULL) it would be pulled; or: plurality pull " + image);
        }
        notes.say(false, "pulling " + image);
        return lease(stageIn.pull(image).toString());
    }

    /** Whether it is worth asking: starting {@code plurality-stagein} for nothing costs a third of a second. */
    private boolean hasDaemon() {
        if (daemonNamed || !environment.getOrDefault("DOCKER_HOST", "").isEmpty()) {
            return true;
        }
        List<Path> sockets =
                new ArrayList<>(List.of(Path.of("/var/run/docker.sock"), Path.of("/run/podman/podman.sock")));
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!runtime.isEmpty()) {
            sockets.add(Path.of(runtime, "docker.sock"));
            sockets.add(Path.of(runtime, "podman", "podman.sock"));
        }
        for (Path socket : sockets) {
            if (Files.isWritable(socket)) {
                return true;
            }
        }
        return false;
    }

    private Entry lease(String image) throws PluralityException {
        try {
            return StagedImage.lease(
                    image,
                    platform,
                    caches,
                    JobContext.of(Map.of(), ProcessHandle.current().pid()));
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot take a lease: " + PluralityException.reasonOf(e),
                    "check that /proc is mounted on this host",
                    e);
        }
    }
}
