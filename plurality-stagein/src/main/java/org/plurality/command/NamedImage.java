package org.plurality.command;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;
import org.plurality.registries.RegistriesConf;
import org.plurality.source.ImageSource;

/**
 * What a user named, once {@code registries.conf} completed it.
 *
 * @param sources where it may be, the first to be tried first
 * @param name under which it is to be found besides its own: what a short name stands for without that file, as {@code plurality-exec} reads
 *     it; or null
 */
record NamedImage(List<ImageSource> sources, @Nullable ImageReference name) {
    NamedImage {
        sources = List.copyOf(sources);
    }

    static NamedImage of(String text, RegistriesConf conf) throws PluralityException {
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
}
