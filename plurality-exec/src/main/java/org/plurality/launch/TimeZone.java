// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.plurality.bundle.HostTools;
import org.plurality.bundle.RootfsView;

/**
 * The host's time zone for an image in which {@code /etc/localtime} cannot be covered: where it is a link, a mount would change the zone that it leads to,
 * and where it is missing, all of {@code /etc} would have to be bound anew.
 */
final class TimeZone {
    private static final String ZONES = "/usr/share/zoneinfo/";

    private TimeZone() {}

    /** A value for {@code TZ}, when nothing else says what the zone is. */
    static Optional<String> of(Map<String, String> host, RootfsView image, Path localtime) throws IOException {
        if (host.containsKey("TZ")
                || !Files.isSymbolicLink(localtime)
                || image.isRegularFile(Path.of("/etc/localtime"))) {
            return Optional.empty();
        }
        String target = localtime
                .resolveSibling(Files.readSymbolicLink(localtime))
                .normalize()
                .toString();
        if (!target.startsWith(ZONES)) {
            return Optional.empty();
        }
        String zone = target.substring(ZONES.length());
        if (zone.equals("Etc/UTC") || zone.equals("UTC")) {
            return Optional.empty();
        }
        boolean known = image.locate(Path.of(target)).isComplete();
        return Optional.of(known ? zone : ":" + HostTools.MOUNT_POINT + target);
    }
}
