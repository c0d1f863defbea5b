// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.plurality.cache.CacheLayout;
import org.plurality.failure.PluralityException;

/** How much lies below {@code blobs/}: layers as registries keep them, and ones that are being fetched. */
record BlobFiles(long bytes, long files) {

    static BlobFiles count(CacheLayout layout) throws PluralityException {
        long[] sums = new long[2];
        try {
            Files.walkFileTree(layout.blobs(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sums[0] += attributes.size();
                    sums[1]++;
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw PluralityException.storage("cannot list " + layout.blobs(), e);
        }
        return new BlobFiles(sums[0], sums[1]);
    }
}
