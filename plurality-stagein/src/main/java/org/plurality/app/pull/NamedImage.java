// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.pull;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.advice.ImageFile;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageSource;
import org.plurality.reference.ImageReference;
import org.plurality.remote.conf.RegistriesConf;

/**
 * What a user named, once {@code registries.conf} completed it.
 *
 * @param sources where it may be, the first to be tried first
 * @param name under which it is to be found besides its own: what a short name stands for without that file, as {@code plurality-exec} reads
 *     it; or null
 */
public record NamedImage(
        List<ImageSource> sources, @Nullable ImageReference name) {
    public NamedImage {
        sources = List.copyOf(sources);
    }

    public static NamedImage of(String text, RegistriesConf conf) throws PluralityException {
        if (ImageFile.isPath(text)) {
            return new NamedImage(List.of(file(text)), null);
        }
        refuseFile(text);
        ImageSource source = ImageSource.parse(text);
        if (!(source instanceof ImageSource.InRegistry in) || text.startsWith("docker://")) {
            return new NamedImage(List.of(source), null);
        }
        List<ImageSource> sources = new ArrayList<>();
        boolean isUsual = true;
        for (ImageReference candidate : conf.candidates(text)) {
            isUsual &= candidate.equals(in.reference());
            sources.add(new ImageSource.InRegistry(candidate));
        }
        return new NamedImage(sources, isUsual ? null : in.reference());
    }

    /** A path is no image's name: the file says what it is. */
    private static ImageSource file(String path) throws PluralityException {
        ImageFile file = ImageFile.at(path).orElse(null);
        if (file == null || file.source() == null) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the source '" + path + "': "
                            + (file == null ? "there is no such file" : "it is no image that is known by its content"),
                    "name an image, a SIF or squashfs file, or say what it is: docker-archive:, oci-archive:, oci: or dir: before the path");
        }
        return ImageSource.parse(file.source());
    }

    /** What is both a file and a name in a registry may be meant as either. */
    private static void refuseFile(String text) throws PluralityException {
        if (text.indexOf('.') > 0) {
            ImageFile file = ImageFile.at(text).orElse(null);
            if (file != null && file.source() != null && !file.source().startsWith("dir:")) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot tell whether " + text + " is the file here or an image in a registry",
                        "write ./" + text + " for the file, docker://" + text + " for the registry's");
            }
        }
    }
}
