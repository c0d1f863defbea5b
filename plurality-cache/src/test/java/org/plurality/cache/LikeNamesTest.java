// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

class LikeNamesTest {
    @TempDir
    private Path root;

    @Test
    void sameImageOfAnotherRegistryComesFirst() throws PluralityException {
        record("registry.example:5000/group/minbase:12", "registry.example:5000/group/minbase:13", "debian:12");
        assertThat(like("minbase:12")).containsExactly("registry.example:5000/group/minbase:12");
    }

    @Test
    void otherTagsAreNamedWhereNoneIsTheSame() throws PluralityException {
        record("debian:12", "debian:13", "registry.example/debian:trixie", "ubuntu:24.04");
        assertThat(like("debian:11")).containsExactly("debian:12", "debian:13", "registry.example/debian:trixie");
    }

    @Test
    void namesWithoutLikenessAndCachesWithoutNamesGiveNone() throws PluralityException {
        assertThat(like("debian:11")).isEmpty();
        record("debian:12");
        assertThat(like("bian:12")).isEmpty();
    }

    private void record(String... names) throws PluralityException {
        Cache cache = Cache.openOrCreate(root.resolve("cache"));
        for (String name : names) {
            cache.record(ImageReference.parse(name), Platform.current(), SampleEntry.digest(name), Instant.EPOCH);
        }
    }

    private List<String> like(String name) {
        return LikeNames.of(ImageReference.parse(name), new CacheLayout(root.resolve("cache")), 3);
    }
}
