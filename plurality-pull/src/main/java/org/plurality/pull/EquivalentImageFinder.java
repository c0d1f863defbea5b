// SPDX-License-Identifier: Apache-2.0
package org.plurality.pull;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.EntryDocument;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageConfig;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.image.ManifestResolver;
import org.plurality.image.RuntimeConfig;
import org.plurality.reference.Digest;

/**
 * Finds an image that is staged already under another manifest's digest. One image has as many manifests as there are
 * ways to compress its layers; a daemon or archive has none at all, and one is made for it. What makes two images the
 * same is the diffIds of their layers and what their configurations say to a runtime: then the trees are equal, too.
 * Costs one small read per entry of the cache.
 */
final class EquivalentImageFinder {
    private final Cache cache;
    private final ImageReader source;

    EquivalentImageFinder(Cache cache, ImageReader source) {
        this.cache = cache;
        this.source = source;
    }

    /** By what the place says without a look at the image. */
    Optional<Entry> byId() throws PluralityException {
        Optional<Digest> id = source.imageId();
        if (id.isEmpty()) {
            return Optional.empty();
        }
        for (Digest digest : cache.digests()) {
            Optional<Entry> entry = readable(digest);
            if (entry.isPresent()
                    && (entry.get().document().configDigest().equals(id.get())
                            || entry.get().document().digest().equals(id.get()))) {
                return entry;
            }
        }
        return Optional.empty();
    }

    /** By the image's configuration, which this reads. */
    Optional<Entry> byContent(ManifestResolver.Resolution resolution) throws PluralityException {
        Manifest manifest =
                resolution.image().isPresent() ? resolution.image().get() : source.manifest(resolution.digest());
        if (!(manifest instanceof Manifest.Image image)) {
            return Optional.empty();
        }
        byte[] bytes = source.config(image.config());
        try {
            List<Digest> diffIds = ImageConfig.parse(bytes).diffIds();
            if (diffIds.size() != image.layers().size()) {
                // Its configuration is that of another image.
                return Optional.empty();
            }
            RuntimeConfig wanted = RuntimeConfig.parse(bytes);
            for (Digest digest : cache.digests()) {
                Optional<Entry> entry = readable(digest);
                if (entry.isPresent()
                        && diffIds.equals(diffIds(entry.get().document()))
                        && wanted.equals(RuntimeConfig.parse(
                                Files.readAllBytes(entry.get().config())))) {
                    return entry;
                }
            }
        } catch (IOException e) {
            // Staging it in says what is wrong with it.
        }
        return Optional.empty();
    }

    /** Those that are damaged are nobody's twin. */
    private Optional<Entry> readable(Digest digest) {
        try {
            return cache.find(digest);
        } catch (PluralityException e) {
            // 'list' and 'verify' tell of it.
            return Optional.empty();
        }
    }

    private static List<Digest> diffIds(EntryDocument document) {
        return document.layers().stream().map(EntryDocument.Layer::diffId).toList();
    }
}
