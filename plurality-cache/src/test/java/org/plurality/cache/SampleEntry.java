// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/** Publishes small images for tests of this and other modules. */
public final class SampleEntry {
    private SampleEntry() {}

    public static Digest digest(String name) {
        return Digest.sha256(name.getBytes(UTF_8));
    }

    public static EntryDocument document(Digest digest, String publication) {
        return new EntryDocument(
                digest,
                List.of("docker.io/library/sample:latest"),
                Platform.current(),
                digest("config"),
                List.of(new EntryDocument.Layer(digest("blob"), digest("diff"), 42)),
                RootfsKind.DIR,
                5,
                2,
                publication,
                Instant.ofEpochMilli(1_767_225_600_000L),
                "somebody");
    }

    /** Publishes an image whose root filesystem has one file, {@code hello}. */
    public static Entry publish(Cache cache, Digest digest, String configuration)
            throws IOException, PluralityException {
        try (Publication publication = cache.begin()) {
            CacheLayout layout = cache.layout();
            Files.createDirectory(layout.rootfs(publication.directory(), RootfsKind.DIR));
            Files.writeString(
                    layout.rootfs(publication.directory(), RootfsKind.DIR).resolve("hello"), "hello");
            Files.writeString(layout.config(publication.directory()), configuration);
            Files.writeString(layout.manifest(publication.directory()), "{}");
            return publication.publish(document(digest, publication.nonce()));
        }
    }
}
