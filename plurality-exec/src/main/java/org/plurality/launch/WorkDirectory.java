// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.MountRequest;
import org.plurality.bundle.RootfsView;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Where the program starts: where it was told to, else where the rank is, else where the image wants it, else in the root. */
final class WorkDirectory {
    private final RootfsView image;
    private final List<MountRequest> mounts;

    WorkDirectory(RootfsView image, List<? extends MountRequest> mounts) {
        this.image = image;
        this.mounts = List.copyOf(mounts);
    }

    /**
     * @param chosen by the user, who is told when it is not there
     * @param tried directories of which the first that exists is taken, if the user chose none
     * @param current of the rank
     * @param wanted by the image, which may be anything
     */
    String choose(Optional<String> chosen, List<String> tried, Path current, String wanted)
            throws IOException, PluralityException {
        if (chosen.isPresent()) {
            Path path = Path.of(chosen.get());
            if (!path.isAbsolute() || !exists(path.normalize())) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot start in " + chosen.get() + ": there is no such directory in the container",
                        "give an absolute path of the image, or bring it in with --bind " + chosen.get());
            }
            return path.normalize().toString();
        }
        for (String directory : tried) {
            Path path = Path.of(directory).normalize();
            if (path.isAbsolute() && exists(path)) {
                return path.toString();
            }
        }
        if (mountAbove(current) != null && exists(current)) {
            return current.toString();
        }
        if (wanted.startsWith("/") && wanted.indexOf('\n') < 0 && wanted.indexOf('\0') < 0) {
            Path path = Path.of(wanted).normalize();
            // A path into /proc or /dev of the host could be a way out of the container; no honest image has one.
            Path resolved = image.locate(path).resolved();
            if (mountAbove(path) == null && mountAbove(resolved) == null && exists(path)) {
                return path.toString();
            }
        }
        return "/";
    }

    private boolean exists(Path path) throws IOException {
        MountRequest above = mountAbove(path);
        if (above instanceof Bind bind) {
            return Files.isDirectory(bind.source().resolve(bind.destination().relativize(path)));
        }
        if (above != null) {
            return above.destination().equals(path);
        }
        RootfsView.Location location = image.locate(path);
        return location.isComplete() && image.isDirectory(location.existing());
    }

    private @Nullable MountRequest mountAbove(Path path) {
        MountRequest deepest = null;
        for (MountRequest mount : mounts) {
            if (path.startsWith(mount.destination())
                    && (deepest == null
                            || mount.destination().getNameCount()
                                    >= deepest.destination().getNameCount())) {
                deepest = mount;
            }
        }
        return deepest;
    }
}
