// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.io.IOException;
import java.nio.file.Path;
import org.plurality.cache.BoundedFile;

/**
 * Reads a small regular file that another user may have made. Anything else is an {@link org.plurality.cache.NotADocumentException}; what keeps
 * this user from reading it is an {@link java.nio.file.AccessDeniedException}. Any other {@link IOException} says nothing of the file.
 */
@FunctionalInterface
public interface LeaseReader {
    byte[] read(Path file, int mostBytes) throws IOException;

    /**
     * Without native calls. Follows no link and opens no pipe; but one that is put in a file's place between the look and the open would
     * make it wait, so it is for files that only this user, or who owns the cache, can replace.
     */
    static byte[] readOwn(Path file, int mostBytes) throws IOException {
        return BoundedFile.read(file, mostBytes);
    }
}
