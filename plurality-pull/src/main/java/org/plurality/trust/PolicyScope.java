// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.image.ImageSource;
import org.plurality.reference.ImageReference;

/**
 * Where a policy looks for what it says of an image.
 *
 * @param transport as policies spell it
 * @param keys below the transport, the most specific first, without the empty one
 */
record PolicyScope(String transport, List<String> keys) {
    PolicyScope {
        keys = List.copyOf(keys);
    }

    static PolicyScope of(ImageSource source) {
        return switch (source) {
            case ImageSource.InRegistry in -> new PolicyScope("docker", registryKeys(in.reference()));
            case ImageSource.DockerDaemon daemon -> new PolicyScope("docker-daemon", List.of(daemon.name()));
            case ImageSource.DockerArchive archive -> new PolicyScope("docker-archive", pathKeys(archive.file(), null));
            case ImageSource.OciLayout layout -> new PolicyScope("oci", pathKeys(layout.directory(), layout.tag()));
            case ImageSource.OciArchive archive ->
                new PolicyScope("oci-archive", pathKeys(archive.file(), archive.tag()));
            case ImageSource.Directory directory -> new PolicyScope("dir", pathKeys(directory.directory(), null));
            case ImageSource.Squashfs squashfs -> new PolicyScope("squashfs", pathKeys(squashfs.file(), null));
            case ImageSource.Sif sif -> new PolicyScope("sif", pathKeys(sif.file(), null));
        };
    }

    /** Transports whose scopes are paths, perhaps with a name after a colon. */
    private static final Set<String> OF_PATHS =
            Set.of("dir", "oci", "oci-archive", "docker-archive", "squashfs", "sif");

    /**
     * Refuses a scope that no image can have, and that would do nothing.
     *
     * @param scope empty for all images of the transport
     */
    static void requireFit(String transport, String scope) throws IOException {
        if (scope.isEmpty() || !OF_PATHS.contains(transport)) {
            return;
        }
        try {
            Path path = Path.of(scope);
            if (path.isAbsolute()
                    && path.getNameCount() > 0
                    && path.normalize().toString().equals(scope)) {
                return;
            }
        } catch (InvalidPathException e) {
            // Refused below.
        }
        throw new IOException("the scope \"" + scope + "\" of \"" + transport
                + "\" is not an absolute path without \".\", \"..\" and a slash at its end");
    }

    private static List<String> registryKeys(ImageReference reference) {
        List<String> keys = new ArrayList<>();
        String name = reference.registry() + "/" + reference.repository();
        if (reference.digest() != null) {
            keys.add(name + "@" + reference.digest());
        }
        if (reference.tag() != null) {
            keys.add(name + ":" + reference.tag());
        }
        for (String prefix = name; prefix.length() > reference.registry().length(); ) {
            keys.add(prefix);
            prefix = prefix.substring(0, prefix.lastIndexOf('/'));
        }
        keys.add(reference.registry());
        String host = reference.registry();
        int colon = host.lastIndexOf(':');
        String domain = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        for (int dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
            keys.add("*" + domain.substring(dot));
        }
        return keys;
    }

    private static List<String> pathKeys(@Nullable Path file, @Nullable String tag) {
        List<String> keys = new ArrayList<>();
        if (file != null) {
            Path path = file.toAbsolutePath().normalize();
            if (tag != null) {
                keys.add(path + ":" + tag);
            }
            for (Path at = path; at != null && at.getNameCount() > 0; at = at.getParent()) {
                keys.add(at.toString());
            }
        }
        return keys;
    }
}
