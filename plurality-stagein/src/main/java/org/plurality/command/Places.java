package org.plurality.command;

import org.plurality.cache.Scratch;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;
import org.plurality.progress.Progress;
import org.plurality.pull.ImagePlaces;
import org.plurality.pull.PullRequest;
import org.plurality.registry.Registry;
import org.plurality.source.ImageSource;

/** Opens images wherever the command line names them. */
final class Places implements ImagePlaces {
    private final Registry.Access registries;

    Places(Registry.Access registries) {
        this.registries = registries;
    }

    @Override
    public ImageReader open(PullRequest request, Scratch scratch, Progress progress) throws PluralityException {
        return switch (request.source()) {
            case ImageSource.InRegistry in -> Registry.of(in.reference(), registries);
            default ->
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the source '" + request.source() + "': images are not read from there here",
                        "name an image in a registry: [docker://][HOST[:PORT]/]NAME[:TAG][@DIGEST]; 'skopeo copy'"
                                + " brings others there");
        };
    }
}
