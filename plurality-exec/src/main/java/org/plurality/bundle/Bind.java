package org.plurality.bundle;

import java.nio.file.Path;

/**
 * A file or directory of the host that is wanted in the container.
 *
 * @param source on the host, absolute
 * @param destination in the container, absolute
 * @param readOnly whether the container may not write there
 * @param recursive whether mounts below the source come along
 * @param reason why it is there, for people
 */
public record Bind(Path source, Path destination, boolean readOnly, boolean recursive, String reason) {
    public Bind {
        if (!source.isAbsolute() || !destination.isAbsolute()) {
            throw new IllegalArgumentException("a bind's paths are absolute: " + source + ":" + destination);
        }
        destination = destination.normalize();
    }

    /**
     * {@code SOURCE[:DESTINATION[:ro|rw]]} as people write it.
     *
     * @throws IllegalArgumentException with what is wrong
     */
    public static Bind parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length > 3 || parts[0].isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' is not SOURCE[:DESTINATION[:ro|rw]]");
        }
        String mode = parts.length == 3 ? parts[2] : "rw";
        if (!mode.equals("ro") && !mode.equals("rw")) {
            throw new IllegalArgumentException("'" + mode + "' in '" + text + "' is neither ro nor rw");
        }
        Path source = Path.of(parts[0]).toAbsolutePath().normalize();
        Path destination = parts.length > 1 && !parts[1].isEmpty() ? Path.of(parts[1]) : source;
        if (!destination.isAbsolute()) {
            throw new IllegalArgumentException(
                    "the destination '" + destination + "' in '" + text + "' is not absolute");
        }
        return new Bind(source, destination, mode.equals("ro"), true, "--bind");
    }
}
