// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.failure.PluralityException;

/** Checks a cache that this user only reads, and that may not exist yet. */
public final class SiteCacheDoctor {
    private static final String AREA = "site caches";
    private static final String CHECK = "cache";

    private final Path root;

    /** @param root a directory that {@code site_caches} names */
    public SiteCacheDoctor(Path root) {
        this.root = root;
    }

    public Finding finding() {
        try {
            Optional<Cache> cache = Cache.open(root);
            if (cache.isEmpty()) {
                return Finding.problem(
                        AREA,
                        CHECK,
                        "there is none in " + root,
                        "mend site_caches, mount its filesystem, or make it: plurality-stagein init --site --cache "
                                + root);
            }
            String owner = Files.getOwner(root).getName();
            if (!CacheAccess.anybodyMayLease(cache.get().layout())) {
                return Finding.note(
                        AREA,
                        CHECK,
                        root + ", of " + owner + "; others take no leases in it",
                        "its owner opens it with: plurality-stagein init --site --cache " + root);
            }
            return Finding.ok(AREA, CHECK, root + ", of " + owner + "; everybody takes leases in it");
        } catch (PluralityException e) {
            return Finding.problem(AREA, CHECK, e.getMessage(), e.hint());
        } catch (IOException e) {
            return Finding.problem(
                    AREA,
                    CHECK,
                    "cannot look at " + root + ": " + PluralityException.reasonOf(e),
                    "let everybody read it: plurality-stagein init --site --cache " + root);
        }
    }
}
