// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;

/** What a user names to stage in, spelled as containers-transports(5) has it. {@code toString} gives a spelling that parses. */
public sealed interface ImageSource {
    /** An image in a registry, spoken to over the distribution API: {@code docker://}, the default. */
    record InRegistry(ImageReference reference) implements ImageSource {
        @Override
        public String toString() {
            return reference.toString();
        }
    }

    /**
     * An image that a Docker daemon, or what speaks its Engine API, has: {@code docker-daemon:NAME[:TAG]}.
     *
     * @param name as the user wrote it, for the daemon to understand: a name, or an image's id as {@code sha256:…}
     */
    record DockerDaemon(String name) implements ImageSource {
        @Override
        public String toString() {
            return "docker-daemon:" + name;
        }
    }

    /**
     * A file that {@code docker save} or the like wrote: {@code docker-archive:PATH[:NAME[:TAG]]}.
     *
     * @param file null for standard input
     * @param name of one image in it, or {@code @} and its place from 0; null when there is only one
     */
    record DockerArchive(@Nullable Path file, @Nullable String name) implements ImageSource {
        @Override
        public String toString() {
            return "docker-archive:" + (file == null ? "-" : file) + (name == null ? "" : ":" + name);
        }
    }

    /**
     * A directory in the OCI image layout: {@code oci:PATH[:TAG]}.
     *
     * @param tag what the index calls it; null when there is only one
     */
    record OciLayout(Path directory, @Nullable String tag) implements ImageSource {
        @Override
        public String toString() {
            return "oci:" + directory + (tag == null ? "" : ":" + tag);
        }
    }

    /** The same in a tar file: {@code oci-archive:PATH[:TAG]}. */
    record OciArchive(Path file, @Nullable String tag) implements ImageSource {
        @Override
        public String toString() {
            return "oci-archive:" + file + (tag == null ? "" : ":" + tag);
        }
    }

    /** A directory that is a root filesystem: {@code dir:PATH}. */
    record Directory(Path directory) implements ImageSource {
        @Override
        public String toString() {
            return "dir:" + directory;
        }
    }

    /** A squashfs file that is a root filesystem: {@code squashfs:PATH}. */
    record Squashfs(Path file) implements ImageSource {
        @Override
        public String toString() {
            return "squashfs:" + file;
        }
    }

    /** An image of Singularity or Apptainer: {@code sif:PATH}. */
    record Sif(Path file) implements ImageSource {
        @Override
        public String toString() {
            return "sif:" + file;
        }
    }

    /** Names of transports that other tools know. None is a host with a port: that has only digits after its colon. */
    Set<String> OTHER_TRANSPORTS = Set.of("containers-storage", "library", "oras", "shub", "http", "https", "file");

    /**
     * Relative paths stay relative. The name of a transport with a colon after it is that transport: an image of such a name is written with
     * {@code docker://}.
     *
     * @throws PluralityException (USAGE) when it is none, or of a transport that is not read here
     */
    static ImageSource parse(String text) throws PluralityException {
        try {
            int colon = text.indexOf(':');
            String rest = text.substring(colon + 1);
            return switch (colon < 0 ? "" : text.substring(0, colon)) {
                case "docker-daemon" -> new DockerDaemon(present(rest, "name"));
                case "docker-archive" -> dockerArchive(rest);
                case "oci" -> new OciLayout(path(beforeColon(rest)), afterColon(rest));
                case "oci-archive" -> new OciArchive(path(beforeColon(rest)), afterColon(rest));
                case "dir" -> new Directory(path(rest));
                case "squashfs" -> new Squashfs(path(rest));
                case "sif" -> new Sif(path(rest));
                default -> inRegistry(text);
            };
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the source '" + text + "': " + e.getMessage(),
                    ImageReference.inLowerCase(text)
                            .map(lower -> "write it in lower case: " + lower)
                            .orElse("write it like alpine:3.20, registry.example.org:5000/group/name:tag, or"
                                    + " docker-archive:image.tar"),
                    e);
        }
    }

    private static ImageSource inRegistry(String text) throws PluralityException {
        if (text.startsWith("docker://")) {
            return new InRegistry(ImageReference.parse(text.substring("docker://".length())));
        }
        int colon = text.indexOf(':');
        String transport = colon < 0 ? "" : text.substring(0, colon);
        if (OTHER_TRANSPORTS.contains(transport) && text.indexOf('/', colon) >= 0) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the source '" + text + "': images are not read from " + transport + ": here",
                    "name one of docker:// docker-daemon: docker-archive: oci: oci-archive: dir: squashfs: sif:;"
                            + " 'skopeo copy' or 'apptainer pull' makes these of others");
        }
        return new InRegistry(ImageReference.parse(text));
    }

    private static DockerArchive dockerArchive(String rest) {
        String file = beforeColon(rest);
        return new DockerArchive(file.equals("-") ? null : path(file), afterColon(rest));
    }

    private static Path path(String text) {
        try {
            return Path.of(present(text, "path"));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("it is no path", e);
        }
    }

    private static String present(String text, String what) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("it names no " + what);
        }
        return text;
    }

    private static String beforeColon(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? text : text.substring(0, colon);
    }

    private static @Nullable String afterColon(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? null : present(text.substring(colon + 1), "image after its colon");
    }
}
